// A command that must succeed before a step counts as done: what an agent says of its work is not enough. Run by the server that carried the step
// out, as agents of kind `process` are; whoever may register those may name one.
import { z } from "zod";
import { milliseconds, text } from "./json.ts";

export const stepCheck = z.strictObject({
  /** A name on the PATH, an absolute path, or one relative to where it is run. Not read by a shell. */
  command: text(4000).min(1),
  args: z.array(text(8000)).max(200).default([]),
  timeoutMs: milliseconds.min(100).max(3_600_000).default(300_000),
  /** How often the same agent is told what failed and goes on with its conversation; each failure it is told of once. */
  maxFeedback: z.number().int().min(0).max(10).default(3),
});
export type StepCheck = z.infer<typeof stepCheck>;
/** A check as it stands. */
export const stepCheckView = stepCheck.extend({
  /** `open`: it has not passed, and its step has not ended. */
  state: z.enum(["open", "passed", "failed"]),
  /** How often the agent was told what failed. */
  told: z.number().int(),
  /** What it said the last time it failed; null: it never did. */
  lastFailure: z.string().nullable(),
});
export type StepCheckView = z.infer<typeof stepCheckView>;
