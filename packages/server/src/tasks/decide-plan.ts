// A person's word on a plan that waits for it. With other steps, those that have not begun are replaced; what has been done stays.
import { MAX_STEPS, type PlanDecision, Refusal, type StepInput } from "@baton/contract";
import { isGrowing } from "../planning/patterns.ts";
import { toGivenSteps } from "../planning/plan.ts";
import { closePlanApproval, toDecided } from "../approvals/approvals.ts";
import type { Tx } from "../store/db.ts";
import { type CommandWorld, command, getTaskRow, refuseEnded } from "./commands.ts";
import { checkChecks, refuseChecks } from "./check-checks.ts";
import { checkPlaces } from "./work-place.ts";
import { goOnApproved } from "./approval-settled.ts";
import { deleteUnbegun, insertStepNeeds, insertSteps, selectSteps } from "./step-rows.ts";
import { type TaskSpec, toStepRow } from "./submission.ts";
import { growTask, type LockedTask, type TaskRow } from "./task-rows.ts";

/** @param mayCheck as for a task that is handed in. @throws Refusal `conflict` when no plan of it waits; `bad_input` when the steps are no plan; `forbidden`. */
export async function decidePlan(
  world: CommandWorld,
  id: string,
  decision: PlanDecision,
  decidedBy: string,
  { mayCheck = false }: { mayCheck?: boolean } = {},
): Promise<void> {
  const row = await getTaskRow(world, id);
  if ("steps" in decision) {
    refuseChecks(decision, mayCheck);
    await checkChecks(world, decision.steps);
    await checkPlaces(world, JSON.parse(row.spec) as TaskSpec, decision.steps);
  }
  await command(world, id, async (tx, task, draft, now) => {
    refuseEnded(task, "reviewed");
    if (task.review !== "open") throw new Refusal("conflict", `No plan of task ${task.id} waits for a person; it is ${task.status}.`);
    const steps = "steps" in decision ? await replaceSteps(tx, row, task, decision.steps, now) : task.steps_total;
    const closed = await closePlanApproval(tx, task.id, { state: "approved", comment: null, by: decidedBy, at: now });
    draft.events.push(...closed.map(toDecided));
    draft.events.push({ type: "plan.approved", taskId: task.id, data: { decidedBy, edited: "steps" in decision, steps } });
    await goOnApproved(tx, { ...task, review: null }, now, draft);
  });
}
async function replaceSteps(tx: Tx, row: TaskRow, task: LockedTask, given: readonly StepInput[], now: number): Promise<number> {
  if (isGrowing(task.pattern) && task.pattern !== "planned")
    throw new Refusal("conflict", `The steps of a task of the pattern ${task.pattern} follow from one another; approve it as it is, or cancel it.`);
  const { tools = [] } = JSON.parse(row.spec) as TaskSpec;
  const steps = toGivenSteps({ ...row, tools }, given);
  const kept = (await selectSteps(tx, task.id)).filter((step) => step.attempt > 0);
  const taken = kept.find((step) => steps.some(({ id }) => id === step.step_id));
  if (taken) {
    const issue = { path: "body.steps", message: `${taken.step_id} is the id of a step that was done already` };
    throw new Refusal("bad_input", `${issue.path}: ${issue.message}.`, { issues: [issue] });
  }
  if (kept.length + steps.length > MAX_STEPS) throw new Refusal("bad_input", `A task has at most ${MAX_STEPS} steps.`);
  // What needs nothing comes after what was done, so that the plan's own step is not taken for an end of it.
  const rooted = steps.map((step) =>
    step.needs.length > 0 || kept.length === 0 ? step : { ...step, needs: kept.map(({ step_id }) => step_id), input: step.input ?? "$.task.payload" },
  );
  const done = new Set(kept.map(({ step_id }) => step_id));
  const first = Math.max(-1, ...kept.map(({ position }) => position)) + 1;
  const rows = rooted.map((step, at) => {
    const left = step.needs.filter((need) => !done.has(need)).length;
    return toStepRow(step, row, first + at, left, left > 0 ? "blocked" : "held", now);
  });
  await deleteUnbegun(tx, task.id);
  await insertSteps(tx, rows);
  const needs = rooted.flatMap((step) => step.needs.map((need) => ({ task_id: task.id, step_id: step.id, needs_step_id: need })));
  if (needs.length > 0) await insertStepNeeds(tx, needs);
  await growTask(tx, task.id, kept.length + steps.length, steps.length, null);
  return steps.length;
}
