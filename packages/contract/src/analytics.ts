// How agents did over a time, from the attempts that ended.
import { z } from "zod";
import { instant, instantIn } from "./json.ts";

/** Attempts that began in this time; by default the last 24 hours. */
export const performanceQuery = z.strictObject({ from: instantIn.optional(), to: instantIn.optional() });
const figures = {
  /** Attempts that completed or failed. Those that were cancelled or lost say nothing of who did them. */
  attempts: z.number().int(),
  completed: z.number().int(),
  /** Null without attempts, as is the duration. */
  successRate: z.number().nullable(),
  averageDurationMs: z.number().nullable(),
};
export const performance = z.object({
  from: instant,
  to: instant,
  ...figures,
  /** Those that had attempts. */
  agents: z.array(z.object({ agentId: z.string(), name: z.string(), ...figures })),
});
export type Performance = z.infer<typeof performance>;
