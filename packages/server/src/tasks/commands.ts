// What people do to a task under way: cancel, pause, resume, retry. Rare, so each is a transaction of its own.
import { Refusal, type WaitingFor } from "@baton/contract";
import { selectNamed } from "../approvals/approvals.ts";
import type { AgentIndex } from "../routing/agent-index.ts";
import type { Tx } from "../store/db.ts";
import { commitDraft, countMove, type Draft } from "./draft.ts";
import type { DispatcherWorld, Dispatcher } from "./dispatcher.ts";
import type { PlanLibrary } from "./plan-library.ts";
import { type ShownStep, toNamedOpenings, toPlanOpening, whyAsked } from "./asked.ts";
import { moveTo } from "./move-task.ts";
import { releaseTask } from "./release.ts";
import type { StepSpec, TaskSpec } from "./submission.ts";
import { DEFAULT_RETRIES, describeOpen, isTerminal } from "./task-machine.ts";
import { toEnd } from "./grow-due.ts";
import { holdReady, resetSteps, selectSteps, type StepRow } from "./step-rows.ts";
import { declareAgain, goOn, toConflictWait } from "./in-the-way.ts";
import { isHeldBack, lockTasks, type LockedTask, reopenTask, selectOpenNeeds, selectTask, selectTasks, setAsked, type TaskRow } from "./task-rows.ts";
import { followUp, stopTasks } from "./turn-settle.ts";

export type CommandWorld = DispatcherWorld & { dispatcher: Dispatcher; plans: PlanLibrary };

/** Finds by id or seq. @throws Refusal `not_found`. */
export async function getTaskRow(world: Pick<CommandWorld, "db">, id: string): Promise<TaskRow> {
  const row = await selectTask(world.db, id);
  if (!row) throw new Refusal("not_found", `There is no task ${id}.`);
  return row;
}
export async function command(world: CommandWorld, id: string, work: (tx: Tx, task: LockedTask, draft: Draft, now: number) => Promise<void>): Promise<void> {
  const { id: key } = await getTaskRow(world, id);
  const draft = await commitDraft(world, async (tx, draft) => {
    const [task] = await lockTasks(tx, [key]);
    if (task) await work(tx, task, draft, world.clock.now());
  });
  const ours = world.dispatcher.lease();
  world.dispatcher.attempts.stop(
    draft.stopped.filter((one) => one.worker === ours).map((one) => one.id),
    "cancelled",
  );
  if (draft.stopped.some((one) => one.worker !== ours)) world.dispatcher.callOthers();
  if (draft.ready.size > 0) world.dispatcher.turn.announce(draft.ready);
}
export const refuseEnded = (task: LockedTask, verb: string): void => {
  if (isTerminal(task.status))
    throw new Refusal(
      "conflict",
      `Task ${task.id} has ${task.status === "completed" ? "completed" : task.status === "failed" ? "failed" : "been cancelled"}; it cannot be ${verb} any more.`,
    );
};
/** Ends it: nothing more begins, agents at work are told to stop. @throws Refusal `conflict` when it has ended. */
export const cancelTask = (world: CommandWorld, id: string): Promise<void> =>
  command(world, id, async (tx, task, draft, now) => {
    if (task.status === "cancelled") return;
    refuseEnded(task, "cancelled");
    await moveTo(tx, task, "cancelled", draft, { completed_at: now, paused: 0 });
    await stopTasks(tx, [task.id], "cancelled", "The task was cancelled.", now, draft);
    draft.events.push({ type: "task.cancelled", taskId: task.id, data: { from: task.status } });
  });

/** Begins no further step; what runs finishes. @throws Refusal `conflict` when it has ended. */
export const pauseTask = (world: CommandWorld, id: string): Promise<void> =>
  command(world, id, async (tx, task, draft) => {
    refuseEnded(task, "paused");
    if (task.paused === 1) return;
    await holdReady(tx, task.id);
    await moveTo(tx, task, "paused", draft, { paused: 1 });
    draft.events.push({ type: "task.paused", taskId: task.id, data: {} });
  });

/** One that waits for work on the same files goes on without it. @throws Refusal `conflict` when it is not paused. */
export const resumeTask = (world: CommandWorld, id: string): Promise<void> =>
  command(world, id, async (tx, task, draft, now) => {
    refuseEnded(task, "resumed");
    if (task.paused === 0 && task.in_the_way !== null) return goOn(tx, task.id, { why: "Somebody said that it goes on.", passes: true }, now, draft);
    if (task.paused === 0) throw new Refusal("conflict", `Task ${task.id} is ${task.status}, not paused.`);
    const going: LockedTask = { ...task, paused: 0 };
    const waits = task.tasks_needed > 0 || isHeldBack(task);
    await moveTo(tx, task, waits ? "waiting" : task.started_at === null ? "queued" : "executing", draft, { paused: 0 });
    if (!waits) await releaseTask(tx, going, now, draft);
    draft.events.push({ type: "task.resumed", taskId: task.id, data: {} });
  });

/** Tries again what failed, was skipped or was cancelled; completed steps keep what they produced. @throws Refusal `conflict` unless it failed or was cancelled. */
export const retryTask = (world: CommandWorld, id: string): Promise<void> =>
  command(world, id, async (tx, task, draft, now) => {
    if (task.status !== "failed" && task.status !== "cancelled")
      throw new Refusal("conflict", `Task ${task.id} is ${task.status}; only failed and cancelled tasks can be tried again.`);
    if (task.deadline_at !== null && task.deadline_at <= now)
      throw new Refusal("conflict", `The deadline of task ${task.id} has passed. Submit it anew with another.`);
    const steps = await selectSteps(tx, task.id);
    await resetSteps(tx, task.id, steps.map(toTries));
    const again = await askAgain(tx, task, steps, now, draft);
    const open = await selectOpenNeeds(tx, [task.id]);
    const forTasks: WaitingFor | null = open.length === 0 ? null : { kind: "dependency", detail: describeOpen(open) };
    const inTheWay = await declareAgain(world, tx, task.id);
    const waitingFor = again ?? forTasks ?? toConflictWait({ in_the_way: inTheWay });
    const status = waitingFor ? "waiting" : "queued";
    countMove(draft, task.status, status);
    await reopenTask(tx, task.id, status, waitingFor && JSON.stringify(waitingFor), inTheWay);
    draft.events.push({ type: "task.retried", taskId: task.id, data: { from: task.status } });
    if (waitingFor) draft.events.push({ type: "task.waiting", taskId: task.id, data: { ...waitingFor } });
    else if ((await releaseTask(tx, { ...task, paused: 0 }, now, draft)) === 0) await lookAgain(world.registry.index, tx, task.id, now, draft);
  });
/** What of people it waits for anew: whatever they have not given. @returns why it waits for them, if it does. */
async function askAgain(tx: Tx, task: LockedTask, steps: readonly StepRow[], now: number, draft: Draft): Promise<WaitingFor | null> {
  const [row] = await selectTasks(tx, [task.id]);
  const constraints = row ? ((JSON.parse(row.spec) as TaskSpec).constraints ?? {}) : {};
  const given = new Set((await selectNamed(tx, task.id)).flatMap(({ state, name }) => (state === "approved" ? [name] : [])));
  const names = (constraints.requiredApprovals ?? []).filter((name) => !given.has(name));
  const waitingFor = whyAsked(task.review, names);
  if (!row || !waitingFor) return null;
  if (task.review === "open")
    draft.opened.push(
      toPlanOpening(
        row,
        constraints,
        steps.map((step) => toShown(step, row)),
        now,
      ),
    );
  draft.opened.push(...toNamedOpenings(row, constraints, names, now));
  await setAsked(tx, { ...task, approvals_needed: names.length }, JSON.stringify(waitingFor));
  return waitingFor;
}
function toShown({ step_id, spec }: StepRow, { title }: TaskRow): ShownStep {
  const step = JSON.parse(spec) as StepSpec;
  return { id: step_id, title: step.title ?? title, requirements: step.requirements, needs: step.needs ?? [] };
}
/** Nothing of it is to be done again: what its plan makes of that. */
async function lookAgain(index: AgentIndex, tx: Tx, id: string, now: number, draft: Draft): Promise<void> {
  const [task] = await lockTasks(tx, [id]);
  if (task) await followUp({ index }, tx, new Map([[id, toEnd(task)]]), [], new Map(), new Map([[id, task]]), now, draft);
}
const toTries = ({ step_id, spec }: StepRow) => ({ step_id, retries_left: (JSON.parse(spec) as StepSpec).retries ?? DEFAULT_RETRIES });
