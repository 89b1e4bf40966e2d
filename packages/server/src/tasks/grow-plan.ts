// A plan that grows is carried out here: what its pattern asks for becomes rows, needs and counts in the transaction that settles the step
// which caused it. A pattern decides by how the steps stand, so whoever takes over finds what was added, and adds nothing twice.
import { type Failure, type Json, MAX_STEPS, type TaskStatus } from "@baton/contract";
import { describeAmount, KINDS, roomIn } from "../budgets/budgets.ts";
import { clip, type Growth, type PlannedStep, type StepState, type View } from "../planning/pattern.ts";
import { bulkOf, grow } from "../planning/patterns.ts";
import type { AgentIndex } from "../routing/agent-index.ts";
import { toCapabilityKey } from "../routing/capability.ts";
import type { Tx } from "../store/db.ts";
import { signalStopSteps, selectTriers } from "./attempt-rows.ts";
import { toCandidates } from "./candidates.ts";
import { countMove, type Draft } from "./draft.ts";
import { toPlanOpening, whyAsked } from "./asked.ts";
import { lockTaskBudget } from "./ledger.ts";
import { dropSteps, insertStepNeeds, insertSteps, type NewStepRow, selectStanding } from "./step-rows.ts";
import { type StepSpec, type TaskSpec, toStepRow } from "./submission.ts";
import { isTerminal } from "./task-machine.ts";
import { growTask, isHeld, type LockedTask, selectTasks, setAsked, type TaskEnd, type TaskRow } from "./task-rows.ts";

type Standing = Awaited<ReturnType<typeof selectStanding>>[number];
export interface Grown {
  /** Steps its plan does without: for those who need them they count as done. */
  dropped: string[];
  added: number;
}
/**
 * @param end how the task stands with what this transaction settled; what the growth changes of it is changed in it.
 * @param settling steps that end in this transaction and are counted down after this.
 */
export async function growPlan(
  index: AgentIndex,
  tx: Tx,
  task: LockedTask,
  end: TaskEnd,
  settling: ReadonlySet<string>,
  now: number,
  draft: Draft,
): Promise<Grown | undefined> {
  const [row] = await selectTasks(tx, [task.id]);
  if (!row) return undefined;
  const bulk = bulkOf(task.pattern);
  const overspent = await tellOverspent(tx, draft, row, now);
  let steps = await selectStanding(tx, task.id, bulk && `${bulk}-`);
  const look = async (): Promise<Growth | undefined> => grow(task.pattern, { ...(await toView(index, tx, row, steps, now)), overspent });
  let growth = await look();
  if (growth?.end && bulk !== undefined) {
    steps = await selectStanding(tx, task.id, undefined);
    growth = await look();
  }
  if (!growth) return undefined;
  return carryOut(tx, task, row, steps, withinBounds(growth, steps.length), end, settling, now, draft);
}
/** How its own budget is spent, if it is. */
async function tellOverspent(tx: Tx, draft: Draft, row: TaskRow, now: number): Promise<string | undefined> {
  const budget = row.spec.includes('"budget"') ? await lockTaskBudget(tx, draft, now, row.id) : undefined;
  const kind = budget && KINDS.find((one) => roomIn(budget, one) === 0);
  if (budget === undefined || kind === undefined) return undefined;
  return `The task's budget of ${describeAmount(kind, budget[`limit_${kind}`] as number)} is used up (${describeAmount(kind, budget[`used_${kind}`])}).`;
}
/** Patterns bound themselves; a plan beyond what one task may have is ended all the same. */
function withinBounds(growth: Growth, size: number): Growth {
  if (size + growth.add.length <= MAX_STEPS) return growth;
  const failure = `Its plan would grow to ${size + growth.add.length} steps; ${MAX_STEPS} is the most.`;
  return { add: [], cancel: [], end: { failure, kind: "gate" }, why: failure };
}
async function carryOut(
  tx: Tx,
  task: LockedTask,
  row: TaskRow,
  steps: readonly Standing[],
  growth: Growth,
  end: TaskEnd,
  settling: ReadonlySet<string>,
  now: number,
  draft: Draft,
): Promise<Grown> {
  const open = steps.filter(({ status }) => !isFinal(status)).map(({ step_id }) => step_id);
  const unwanted = growth.end && "result" in growth.end ? open : growth.cancel;
  const dropped = unwanted.length === 0 ? [] : (await dropSteps(tx, task.id, unwanted, clip(growth.why), now)).map(({ step_id }) => step_id);
  if (dropped.length > 0) draft.stopped.push(...(await signalStopSteps(tx, task.id, dropped)));
  const spec = JSON.parse(row.spec) as TaskSpec;
  if (task.pattern === "planned" && growth.add.length > 0 && spec.planReview) {
    holdForReview(tx, task, end, draft);
    draft.opened.push(toPlanOpening(row, spec.constraints ?? {}, growth.add, now));
  }
  const added = growth.end ? [] : toRows(task, row, steps, growth.add, new Set([...settling, ...dropped]), now);
  if (added.length > 0) tx.leave(insertSteps(tx, added));
  const needs = growth.add.flatMap((step) => step.needs.map((need) => ({ task_id: task.id, step_id: step.id, needs_step_id: need })));
  if (added.length > 0 && needs.length > 0) tx.leave(insertStepNeeds(tx, needs));
  for (const step of added) if (step.status === "ready") draft.ready.add(step.route_key);
  end.steps_left += added.length - dropped.length;
  if (growth.end && "result" in growth.end) Object.assign(end, { status: "completed", completed_at: now, result: JSON.stringify(growth.end.result) });
  else if (growth.end) end.failure = JSON.stringify({ kind: growth.end.kind, detail: growth.end.failure, stepId: null } satisfies Failure);
  tx.leave(growTask(tx, task.id, steps.length + added.length, end.steps_left, growth.end ? null : (growth.wakeAt ?? null)));
  if (added.length + dropped.length > 0 || growth.end)
    draft.events.push({
      type: "plan.grown",
      taskId: task.id,
      data: { added: added.map(({ step_id }) => step_id), cancelled: dropped, why: clip(growth.why, 1000) },
    });
  return { dropped, added: added.length };
}
/** The plan an agent made waits for a person, like any other. */
function holdForReview(tx: Tx, task: LockedTask, end: TaskEnd, draft: Draft): void {
  task.review = "open";
  const waitingFor = whyAsked(task.review, []);
  tx.leave(setAsked(tx, task, JSON.stringify(waitingFor)));
  if (task.paused === 1) return;
  countMove(draft, task.status as TaskStatus, "waiting");
  end.status = "waiting";
  draft.events.push({ type: "task.waiting", taskId: task.id, data: { ...waitingFor } });
}
const isFinal = (status: string): boolean => isTerminal(status) || status === "skipped";

function toRows(
  task: LockedTask,
  row: TaskRow,
  steps: readonly Standing[],
  add: readonly PlannedStep[],
  later: ReadonlySet<string>,
  now: number,
): NewStepRow[] {
  const ended = new Set(steps.filter(({ status, step_id }) => isFinal(status) && !later.has(step_id)).map(({ step_id }) => step_id));
  const first = Math.max(-1, ...steps.map(({ position }) => position)) + 1;
  return add.map((step, at) => {
    const left = step.needs.filter((need) => !ended.has(need)).length;
    return toStepRow(step, row, first + at, left, left > 0 ? "blocked" : isHeld(task) || task.max_running !== null ? "held" : "ready", now);
  });
}

async function toView(index: AgentIndex, tx: Tx, row: TaskRow, steps: readonly Standing[], now: number): Promise<View> {
  const tried = new Map<string, Awaited<ReturnType<typeof selectTriers>>>();
  for (const one of await selectTriers(tx, row.id)) tried.set(one.step_id, [...(tried.get(one.step_id) ?? []), one]);
  const spec = JSON.parse(row.spec) as TaskSpec;
  const task = {
    title: row.title,
    description: row.description,
    requirements: [...new Set((spec.requirements ?? []).map(toCapabilityKey))],
    tools: [...new Set((spec.tools ?? []).map(toCapabilityKey))],
    payload: spec.payload ?? null,
    coordination: spec.coordination ?? {},
    maxAgents: row.max_running,
  };
  const views = steps.map((step): View["steps"][number] => {
    const stepSpec = JSON.parse(step.spec) as StepSpec;
    const attempts = tried.get(step.step_id) ?? [];
    return {
      id: step.step_id,
      part: stepSpec.part ?? "work",
      round: stepSpec.round ?? 0,
      title: stepSpec.title ?? row.title,
      description: stepSpec.description ?? row.description,
      requirements: stepSpec.requirements,
      input: stepSpec.input,
      status: stateOf(step.status),
      agent: attempts.at(-1)?.agent_id ?? null,
      output: step.output === null ? null : (JSON.parse(step.output) as Json),
      failure: step.status === "failed" ? (step.reason ?? "It failed.") : null,
      startedAt: attempts.at(-1)?.started_at ?? step.started_at,
      completedAt: step.completed_at,
      cost: costOf(attempts.flatMap(({ outcome }) => (outcome === null ? [] : [outcome]))),
    };
  });
  return { task, steps: views, candidates: toCandidates(index, row.project_id), now };
}
const stateOf = (status: string): StepState =>
  status === "completed" || status === "failed" || status === "running" ? status : status === "cancelled" || status === "skipped" ? "cancelled" : "open";
/** What its tries cost together, as far as they said so, in the currency of the first. */
function costOf(outcomes: readonly string[]): View["steps"][number]["cost"] {
  const costs = outcomes.flatMap((outcome) => (JSON.parse(outcome) as { cost?: { amount: number; currency: string } }).cost ?? []);
  const [first] = costs;
  return first ? { currency: first.currency, amount: costs.reduce((sum, cost) => sum + (cost.currency === first.currency ? cost.amount : 0), 0) } : null;
}
