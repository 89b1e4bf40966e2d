// Brakes: what stops an agent that runs away or cannot be reached, also when it says that it costs nothing.
import { z } from "zod";
import { milliseconds } from "./json.ts";

const DAY_MS = 86_400_000;
export const brakes = z.strictObject({
  /** Attempts it may begin within any minute, and within any hour; more wait. */
  attemptsPerMinute: z.number().int().min(1).max(100_000).optional(),
  attemptsPerHour: z.number().int().min(1).max(1_000_000).optional(),
  /** An attempt that uses more tokens than this within a minute is ended. Default 1,000,000. */
  tokensPerMinute: z.number().int().min(1).max(1_000_000_000).optional(),
  /** An attempt that makes the very same tool call this often in a row is ended. Default 25. */
  identicalCalls: z.number().int().min(2).max(10_000).optional(),
  /** An attempt that has begun to tell what it does, and then says nothing for so long, is ended. Default 15 minutes. */
  noProgressMs: milliseconds.min(1000).max(DAY_MS).optional(),
  /** After this many attempts in a row that timed out or found it unavailable it gets nothing for `openMs` (each time twice as long, up to 10 minutes), then one attempt to prove itself. Default 5 and 30 s. */
  circuit: z.strictObject({ failures: z.number().int().min(1).max(1000).default(5), openMs: milliseconds.min(100).max(DAY_MS).default(30_000) }).optional(),
});
export type Brakes = z.infer<typeof brakes>;
