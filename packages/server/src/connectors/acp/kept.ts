// A conversation as it is remembered between attempts: the agent's id for it; where it works when nobody named a directory; what it has cost so
// far, for agents that tell only that. The id alone when there is no more to remember. Pure.
import { z } from "zod";

const kept = z.object({
  session: z.string().min(1).max(1_000),
  /** The name of a directory of its own. */
  place: z
    .string()
    .regex(/^[A-Za-z0-9][\w-]{0,199}$/)
    .optional(),
  cost: z.object({ amount: z.number().min(0), currency: z.string().max(10) }).optional(),
});
export type Kept = z.infer<typeof kept>;
/** The contract's bound. */
const MAX = 2_000;

export function writeKept(remembered: Kept): string | undefined {
  const text =
    remembered.place === undefined && remembered.cost === undefined && !remembered.session.startsWith("{") ? remembered.session : JSON.stringify(remembered);
  return text.length <= MAX ? text : undefined;
}
/** What cannot be understood is taken for a bare id: loading it will tell. */
export function readKept(text: string): Kept {
  if (!text.startsWith("{")) return { session: text };
  try {
    return kept.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return { session: text };
    throw error;
  }
}
