// A person's word on a plan that waits for it: as it is, or with these steps instead.
import { z } from "zod";
import { MAX_STEPS, stepInput } from "./task.ts";

export const editedPlan = z.strictObject({ steps: z.array(stepInput).min(1).max(MAX_STEPS) });
export const planDecision = z.union([z.strictObject({ approve: z.literal(true) }), editedPlan]);
export type PlanDecision = z.infer<typeof planDecision>;
