// The part of a turn that writes what attempts came to, and what follows for steps and tasks.
import type { Failure, TaskStatus } from "@baton/contract";
import { isGrowing } from "../planning/patterns.ts";
import { toDecided, withdrawOfTasks } from "../approvals/approvals.ts";
import type { AgentIndex } from "../routing/agent-index.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import type { Tx } from "../store/db.ts";
import { endAttempts, signalStop } from "./attempt-rows.ts";
import { addLoad, countMove, type Draft, type Sign } from "./draft.ts";
import { chargeHolds, type Holder } from "./ledger.ts";
import type { Estimates, Hold } from "./spending.ts";
import { growPlan } from "./grow-plan.ts";
import { bindContinued, releaseSteps, releaseTask, startDependents } from "./release.ts";
import { type Ending, firstOfEach, toChange, toCompletion } from "./ending.ts";
import { attemptState, type Happening, judge, toResult, type Verdict } from "./task-machine.ts";
import { countDownSteps, endSteps, selectResults, settleSteps, type StepChange, tellSteps } from "./step-rows.ts";
import { answerSession, noteConversation } from "./session-notes.ts";
import type { StepSpec } from "./submission.ts";
import { isHeld, lockTasks, settleTasks, type TaskEnd, type LockedTask } from "./task-rows.ts";

export interface SettleWorld {
  index: AgentIndex;
  random(): number;
  estimates: Estimates;
}
export interface Settled {
  accepted: boolean;
  reason: string;
}

/** One answer per ending: refused when the lease is no longer the writer's (and that is recorded). */
export async function settleEndings(world: SettleWorld, tx: Tx, worker: string, endings: readonly Ending[], now: number, draft: Draft): Promise<Settled[]> {
  // Tasks first, in the order of their ids; attempts, steps and loads after: no two servers wait in a circle.
  const locking = lockTasks(tx, [...new Set(endings.map((one) => one.taskId))]);
  const ends = endings.map((one) => ({
    id: one.attemptId,
    fence: one.fence,
    state: attemptState(one.happening),
    outcome: toOutcomeText(one.happening),
    ended_at: now,
  }));
  // What completed needs nothing of its task to be written: it goes along, so that nobody waits for one answer to ask for the next.
  const completions = new Map(firstOfEach(endings).flatMap((one) => (one.happening.ok ? [[one, toCompletion(one, one.happening, now)]] : [])));
  const ending = endAttempts(tx, worker, ends);
  const completing = completions.size === 0 ? [] : settleSteps(tx, [...completions.values()]);
  const [locked, ended, completed] = await Promise.all([locking, ending, completing]);
  const tasks = new Map(locked.map((task) => [task.id, task]));
  const held = new Map(ended.map((row) => [row.id, row.fence]));
  // Each counts once, under its own fence.
  const accepted = new Set(endings.filter((one) => held.get(one.attemptId) === one.fence && held.delete(one.attemptId)));
  for (const one of endings) {
    if (accepted.has(one)) noteEnd(draft, one, now);
    else draft.events.push({ type: "attempt.refused", ...ids(one), data: { fence: one.fence, reason: "the lease was no longer held" } });
  }
  const holds = new Map(ended.flatMap(({ id, hold }) => (hold === null ? [] : [[id, JSON.parse(hold) as Hold] as const])));
  if (holds.size > 0)
    chargeHolds(
      tx,
      draft,
      [...accepted].flatMap((one) => toHolder(one, holds.get(one.attemptId), now)),
      world.estimates,
    );
  const verdicts = new Map([...accepted].map((one) => [one, judge(one.happening, { ...one, sendBack: newsOf(one) }, world.random())]));
  const changeFor = (one: Ending, verdict: Verdict): StepChange =>
    verdict.step === "completed" ? (completions.get(one) as StepChange) : toChange(world.index, one, verdict, tasks.get(one.taskId) as LockedTask, now);
  const changeOf = new Map([...verdicts].map(([one, verdict]) => [one, changeFor(one, verdict)]));
  const others = [...changeOf].flatMap(([one, change]) => (completions.has(one) ? [] : [change]));
  const moved = [...completed, ...(others.length === 0 ? [] : await settleSteps(tx, others))];
  // An older attempt of a step that was cancelled and is tried again ends without effect.
  const effective = moved.length === accepted.size ? [...accepted] : movedOf(changeOf, new Set(moved.map(toStepKey)));
  tellWhatWasWrong(tx, effective, verdicts);
  await endTasks(world, tx, effective, verdicts, changeOf, tasks, now, draft);
  return endings.map((one) =>
    accepted.has(one) ? { accepted: true, reason: "" } : { accepted: false, reason: "This attempt was ended, or given to another, before." },
  );
}

const movedOf = (changeOf: Map<Ending, StepChange>, moved: Set<string>): Ending[] =>
  [...changeOf].filter(([, change]) => moved.has(toStepKey(change))).map(([one]) => one);

function toHolder(one: Ending, hold: Hold | undefined, now: number): Holder[] {
  if (!hold) return [];
  const { happening } = one;
  const isLost = !happening.ok && happening.kind === "lost";
  const told = happening.ok || (happening.kind !== "lost" && happening.kind !== "released") ? happening : {};
  const ran = one.neverRan ? "never" : isLost ? "lost" : happening.ok ? "completed" : "ended";
  const { requirements } = parseRouteKey(one.routeKey);
  return [{ attemptId: one.attemptId, agentId: one.agentId, requirements, hold, told, ms: now - one.startedAt - (one.askedMs ?? 0), ran }];
}
const newsOf = ({ sendBack, told }: Ending): string | undefined => (sendBack && !told.includes(sendBack.failure) ? sendBack.feedback : undefined);
function tellWhatWasWrong(tx: Tx, effective: readonly Ending[], verdicts: Map<Ending, Verdict>): void {
  const told = effective.flatMap((one) => {
    const verdict = verdicts.get(one);
    if (verdict?.step !== "ready" || verdict.feedback === undefined || !one.sendBack) return [];
    const told = JSON.stringify([...one.told, one.sendBack.failure]);
    return [{ task_id: one.taskId, step_id: one.stepId, feedback: verdict.feedback, told }];
  });
  if (told.length > 0) tx.leave(tellSteps(tx, told));
}
function noteEnd(draft: Draft, one: Ending, now: number): void {
  const durationMs = now - one.startedAt;
  const state = attemptState(one.happening);
  const counted = state === "completed" || state === "failed";
  addLoad(draft, one.agentId, {
    active: -1,
    completed: state === "completed" ? 1 : 0,
    failed: state === "failed" ? 1 : 0,
    durationMs: counted ? durationMs : 0,
    ...toSigns(one),
  });
  const data = one.happening.ok ? { durationMs } : { durationMs, kind: one.happening.kind, detail: clip(one.happening.detail) };
  draft.events.push({ type: `attempt.${state}`, ...ids(one), data });
}
function noteOutput(draft: Draft, { taskId, stepId }: Ending, output: string): void {
  const known = draft.outputs.get(taskId) ?? new Map<string, string>();
  draft.outputs.set(taskId, known.set(stepId, output));
}
/** An agent that answers can be reached, also when its answer is that it failed. */
function toSigns({ happening }: Ending): { signs?: Sign[] } {
  if (happening.ok) return { signs: [{ kind: "answered" }] };
  const { kind, detail } = happening;
  if (kind === "quota") return { signs: [{ kind: "no_quota", until: happening.until === undefined ? undefined : Date.parse(happening.until), detail }] };
  if (kind === "timeout" || kind === "unavailable") return { signs: [{ kind: "unreachable" }] };
  return kind === "agent_error" || kind === "invalid_response" || kind === "gate" ? { signs: [{ kind: "answered" }] } : {};
}
/** Parsed only of steps that fail. */
const isAbsorbed = ({ stepSpec }: Ending): boolean => stepSpec.includes('"absorb"') && (JSON.parse(stepSpec) as StepSpec).onFailure === "absorb";
const toStepKey = (row: Pick<StepChange, "task_id" | "step_id" | "attempt">): string => `${row.task_id}\n${row.step_id}\n${row.attempt}`;
const ids = (one: Ending) => ({ taskId: one.taskId, stepId: one.stepId, attemptId: one.attemptId, agentId: one.agentId });
const clip = (text: string): string => (text.length > 1000 ? `${text.slice(0, 1000)}…` : text);
const toOutcomeText = (happening: Happening): string => {
  if (happening.ok) {
    // The output lives with the step; an attempt keeps the rest.
    const { output: _, artifacts: __, ...rest } = happening;
    return JSON.stringify(rest);
  }
  if (happening.kind === "lost" || happening.kind === "released") return JSON.stringify({ ok: false, kind: "unavailable", detail: happening.detail });
  return JSON.stringify(happening);
};

async function endTasks(
  world: SettleWorld,
  tx: Tx,
  effective: readonly Ending[],
  verdicts: Map<Ending, Verdict>,
  changeOf: Map<Ending, StepChange>,
  tasks: Map<string, LockedTask>,
  now: number,
  draft: Draft,
): Promise<void> {
  const completedSteps: { task_id: string; step_id: string }[] = [];
  const ends = new Map<string, TaskEnd>();
  const outputs = new Map<string, string | null>();
  const slotsFreed = new Map<string, LockedTask>();
  for (const one of effective) {
    const task = tasks.get(one.taskId) as LockedTask;
    const verdict = verdicts.get(one) as Verdict;
    const end = ends.get(task.id) ?? { id: task.id, status: task.status, steps_left: task.steps_left, result: null, failure: null, completed_at: null };
    if (verdict.step === "completed") {
      end.steps_left--;
      end.by = one.agentId;
      noteConversation(draft, one, task);
      const output = changeOf.get(one)?.output ?? null;
      outputs.set(task.id, output);
      if (task.steps_total > 1 || isGrowing(task.pattern)) {
        completedSteps.push({ task_id: task.id, step_id: one.stepId });
        if (output !== null) noteOutput(draft, one, output);
      }
    } else if (verdict.step === "failed") {
      const absorbed = isAbsorbed(one);
      if (absorbed) {
        end.steps_left--;
        completedSteps.push({ task_id: task.id, step_id: one.stepId });
      } else end.failure ??= JSON.stringify({ kind: verdict.failure, detail: verdict.reason, stepId: one.stepId } satisfies Failure);
      const data = { kind: verdict.failure, detail: clip(verdict.reason), ...(absorbed ? { absorbed } : {}) };
      draft.events.push({ type: "step.failed", taskId: task.id, stepId: one.stepId, data });
    } else {
      if (verdict.step === "ready" && task.paused === 0) draft.ready.add((changeOf.get(one) as StepChange).route_key);
      draft.events.push({ type: "step.retrying", taskId: task.id, stepId: one.stepId, data: { reason: clip(verdict.reason) } });
      if (task.max_running !== null) slotsFreed.set(task.id, task);
      continue;
    }
    ends.set(task.id, end);
  }
  await followUp(world, tx, ends, completedSteps, outputs, tasks, now, draft);
  for (const task of slotsFreed.values()) if (!ends.has(task.id) && !isHeld(task)) await releaseTask(tx, task, now, draft);
}
/** What follows for tasks from steps that ended: plans grow, tasks end, steps and tasks that waited begin. */
export async function followUp(
  world: Pick<SettleWorld, "index">,
  tx: Tx,
  ends: Map<string, TaskEnd>,
  completedSteps: { task_id: string; step_id: string }[],
  outputs: Map<string, string | null>,
  tasks: Map<string, LockedTask>,
  now: number,
  draft: Draft,
): Promise<void> {
  for (const end of ends.values()) {
    const task = tasks.get(end.id) as LockedTask;
    if (isGrowing(task.pattern) && end.failure === null) {
      const settling = new Set(completedSteps.filter((step) => step.task_id === task.id).map((step) => step.step_id));
      const grown = await growPlan(world.index, tx, task, end, settling, now, draft);
      for (const step_id of grown?.dropped ?? []) completedSteps.push({ task_id: task.id, step_id });
    }
    await closeIfEnded(tx, end, task, outputs, now);
  }
  const changed = [...ends.values()];
  if (changed.length > 0) tx.leave(settleTasks(tx, changed));
  noteTasks(draft, changed, tasks);
  const failed = changed.filter((end) => end.status === "failed").map((end) => end.id);
  if (failed.length > 0) await stopTasks(tx, failed, "skipped", "Another step of the task failed first.", now, draft);
  const going = completedSteps.filter((step) => ends.get(step.task_id)?.completed_at === null);
  for (const step of going) draft.perhapsWaiting.add(step.task_id);
  if (going.length > 0)
    await releaseSteps(
      tx,
      await bindContinued(tx, await countDownSteps(tx, going)),
      going.map((step) => tasks.get(step.task_id) as LockedTask),
      now,
      draft,
    );
  const completed = changed.filter((end) => end.status === "completed").map((end) => end.id);
  if (completed.length > 0) await startDependents(tx, completed, now, draft);
}
async function closeIfEnded(tx: Tx, end: TaskEnd, task: LockedTask, outputs: Map<string, string | null>, now: number): Promise<void> {
  if (end.completed_at !== null) return;
  if (end.failure !== null) Object.assign(end, { status: "failed", completed_at: now });
  else if (end.steps_left === 0) {
    const result = task.steps_total === 1 ? (outputs.get(task.id) ?? null) : toResult(await selectResults(tx, task.id));
    Object.assign(end, { status: "completed", completed_at: now, result });
  }
}
function noteTasks(draft: Draft, changed: readonly TaskEnd[], tasks: Map<string, LockedTask>): void {
  for (const end of changed) {
    if (end.completed_at === null) continue;
    const task = tasks.get(end.id) as LockedTask;
    answerSession(draft, task, end);
    countMove(draft, task.status as TaskStatus, end.status as TaskStatus);
    const data = end.failure === null ? { durationMs: end.completed_at - task.created_at } : JSON.parse(end.failure);
    draft.events.push({ type: end.status === "completed" ? "task.completed" : "task.failed", taskId: end.id, data });
  }
}
/** Ends what of these tasks has not ended: nothing more begins, what runs is told to stop. */
export async function stopTasks(tx: Tx, taskIds: readonly string[], status: "skipped" | "cancelled", reason: string, now: number, draft: Draft): Promise<void> {
  await endSteps(tx, taskIds, status, now, reason);
  draft.events.push(...(await withdrawOfTasks(tx, taskIds, now)).map(toDecided));
  draft.stopped.push(...(await signalStop(tx, taskIds)));
}
