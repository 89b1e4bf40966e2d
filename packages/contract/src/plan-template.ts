// A plan of the library: steps for a common kind of work, with typed inputs whose values stand in its texts as {{name}}.
import { z } from "zod";
import { json, label, text } from "./json.ts";
import { MAX_STEPS, stepInput } from "./task.ts";

const name = z
  .string()
  .max(100)
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "must be letters, digits, - and _, beginning with a letter");
export const planInput = z.strictObject({
  type: z.enum(["string", "number", "boolean", "list"]).default("string"),
  description: text(1000).default(""),
  /** Absent: it must be given. */
  default: json.optional(),
  /** Only these. */
  allowed: z.array(json).min(1).max(100).optional(),
});
export type PlanInput = z.infer<typeof planInput>;
export const planTemplate = z.strictObject({
  name,
  title: label,
  description: text(4000).default(""),
  inputs: z.record(name, planInput).default({}),
  /** `when`: an input of type boolean; where it is false the step is left out, and nobody needs it. */
  steps: z
    .array(stepInput.extend({ when: name.optional() }))
    .min(1)
    .max(MAX_STEPS),
});
export type PlanTemplate = z.infer<typeof planTemplate>;
