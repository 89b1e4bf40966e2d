// Pipeline: ordered stages, each fed with what the one before produced, which must fit its contract (outputSchema) first. It stops at the
// first stage that fails. Its plan is whole from the beginning.
import { newStep, outputOf, type Pattern, type PlannedStep } from "./pattern.ts";

export const pipeline: Pattern = {
  plan: (task) => {
    const stages = task.requirements.length > 0 ? task.requirements.map((key) => [key]) : [[]];
    const steps = chain(
      stages.map((requirements, at) =>
        newStep(`stage-${at + 1}`, task, { title: requirements.join(", ") || task.title, requirements, onFailure: "fail", part: "stage" }),
      ),
    );
    const last = steps.at(-1);
    if (last && task.coordination.outputSchema) last.outputSchema = task.coordination.outputSchema;
    return { reason: `${steps.length === 1 ? "One stage" : `${steps.length} stages, one for each requirement in the order given`}.`, steps };
  },
  grow: () => undefined,
};
/** Each after the one before, with its output as input unless it says otherwise. */
export const chain = (steps: readonly PlannedStep[]): PlannedStep[] =>
  steps.map((step, at) => {
    const before = steps[at - 1];
    return before
      ? { ...step, needs: [...new Set([before.id, ...step.needs])], input: step.input ?? (isPlain(before.id) ? outputOf(before.id) : undefined) }
      : step;
  });
/** Ids that can stand in a path; a stage after another one gets its output by id, as steps do. */
const isPlain = (id: string): boolean => !/['\\]/.test(id);
