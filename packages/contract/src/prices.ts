// What an agent's tokens cost, for agents that count tokens and do not say what they cost.
import { z } from "zod";

const perMillion = z.number().min(0).max(1_000_000);
export const prices = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be three capital letters such as USD")
    .default("USD"),
  /** For a million tokens. */
  input: perMillion,
  output: perMillion,
});
export type Prices = z.infer<typeof prices>;
