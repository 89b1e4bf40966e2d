// How well each pattern of cooperation does, by the tasks that were carried out with it.
import { z } from "zod";
import { instantIn } from "./json.ts";

/** Of the tasks one may see, so many of the newest are looked at. */
export const MOST_COUNTED = 10_000;
const figures = {
  tasks: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
  /** completed / (completed + failed), 0..1; null before the first has ended so. */
  successRate: z.number().nullable(),
  /** Of those that completed, from the beginning of the first step; null before the first. */
  averageDurationMs: z.number().nullable(),
};
export const coordinationFiguresQuery = z.strictObject({
  /** Tasks that were handed in since then, and before `until`. */
  since: instantIn.optional(),
  until: instantIn.optional(),
});
export const coordinationFigures = z.object({
  /** Most used first. */
  patterns: z.array(z.object({ pattern: z.string(), ...figures, averageSteps: z.number() })),
  total: z.object(figures),
  /** There are older tasks, which are not counted. */
  isPartial: z.boolean(),
});
export type CoordinationFigures = z.infer<typeof coordinationFigures>;
