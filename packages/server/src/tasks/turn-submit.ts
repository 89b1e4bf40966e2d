// The part of a turn that takes tasks in.
import { priorities, Refusal } from "@baton/contract";
import type { Tx } from "../store/db.ts";
import { countMove, type Draft } from "./draft.ts";
import type { Submission } from "./submission.ts";
import type { Sight } from "../conflicts/conflicts.ts";
import { noteFiles, undoHold } from "./in-the-way.ts";
import type { Begun } from "./turn-begin.ts";
import type { Choice } from "./turn-claim.ts";
import { insertBudgets, toTaskBudgetRow } from "../budgets/budgets.ts";
import { describeOpen } from "./task-machine.ts";
import { openLineCount } from "./slots.ts";
import { insertStepNeeds, insertSteps } from "./step-rows.ts";
import { insertTaskNeeds, insertTasks, isAsked, lockTasks, selectTaskByKey, selectTasks, type LockedTask, type NewTaskRow, type TaskRow } from "./task-rows.ts";

export interface Accepted {
  id: string;
  seq: number;
  /** False: the same request with the same idempotency key had been accepted before. */
  created: boolean;
}
/** One answer per submission, in order; a refusal concerns only its own. Steps in `begun` are stored as running. @returns also those that were. */
export async function insertSubmissions(
  tx: Tx,
  submissions: readonly Submission[],
  begun: Begun,
  now: number,
  draft: Draft,
  sight: Sight,
): Promise<{ answers: (Accepted | Refusal)[]; started: Choice[] }> {
  for (const one of submissions) undoHold(one);
  const refused = await resolveDependencies(tx, submissions);
  const fresh = submissions.filter((one) => !refused.has(one));
  const beginning = new Set(fresh.filter((one) => one.steps.some((step) => begun.has(step))));
  const toRow = (one: Submission): NewTaskRow => (beginning.has(one) ? { ...one.task, status: "executing", started_at: now } : one.task);
  const seqs = fresh.length === 0 ? new Map<string, number>() : await insertTasks(tx, fresh.map(toRow));
  const taken = new Set<string>();
  const inserted = fresh.filter((one) => seqs.has(one.task.id) && !taken.has(one.task.id) && taken.add(one.task.id));
  const foreseen = await noteFiles(tx, sight, inserted, seqs, now);
  insertParts(tx, inserted, begun, now);
  const started: Choice[] = [];
  for (const one of inserted) {
    const { task, steps } = one;
    draft.events.push({
      type: "task.submitted",
      taskId: task.id,
      data: { title: task.title, priority: priorities[task.priority], steps: steps.length, pattern: task.pattern },
    });
    countMove(draft, undefined, beginning.has(one) ? "executing" : (task.status as "queued"));
    if (one.spoken) draft.spoken.push(one.spoken);
    if (task.status === "waiting") draft.events.push({ type: "task.waiting", taskId: task.id, data: JSON.parse(task.waiting as string) });
    draft.opened.push(...one.approvals);
    for (const step of steps) {
      const choice = begun.get(step);
      if (choice) started.push(choice);
      else if (step.status === "ready") draft.ready.add(step.route_key);
    }
  }
  draft.events.push(...foreseen);
  const insertedSet = new Set(inserted);
  const repeated = submissions.filter((one) => !refused.has(one) && !insertedSet.has(one));
  const earlier = repeated.length === 0 ? new Map<Submission, Accepted | Refusal>() : await findEarlier(tx, repeated);
  const answers = submissions.map((one) => refused.get(one) ?? earlier.get(one) ?? { id: one.task.id, seq: seqs.get(one.task.id) as number, created: true });
  return { answers, started };
}

function insertParts(tx: Tx, inserted: readonly Submission[], begun: Begun, now: number): void {
  if (inserted.length === 0) return;
  const steps = inserted.flatMap((one) => one.steps.map((step) => (begun.has(step) ? { ...step, status: "running", attempt: 1, started_at: now } : step)));
  const needs = inserted.flatMap((one) => one.needs);
  const taskNeeds = inserted.flatMap((one) => one.dependsOn.map((needed) => ({ task_id: one.task.id, needs_task_id: needed })));
  tx.leave(insertSteps(tx, steps));
  if (needs.length > 0) tx.leave(insertStepNeeds(tx, needs));
  if (taskNeeds.length > 0) tx.leave(insertTaskNeeds(tx, taskNeeds));
  const budgets = inserted.flatMap(({ task, budget }) => (budget ? [toTaskBudgetRow(task, budget, now)] : []));
  if (budgets.length > 0) tx.leave(insertBudgets(tx, budgets));
}

/** Locks the tasks others depend on, counts those that have not completed, and refuses what depends on nothing known. */
async function resolveDependencies(tx: Tx, submissions: readonly Submission[]): Promise<Map<Submission, Refusal>> {
  const refused = new Map<Submission, Refusal>();
  const wanted = new Set(submissions.flatMap((one) => one.dependsOn));
  if (wanted.size === 0) return refused;
  const known = new Map((await lockTasks(tx, [...wanted])).map((task) => [task.id, task]));
  for (const one of submissions) {
    if (one.dependsOn.length === 0) continue;
    const missing = one.dependsOn.findIndex((id) => !known.has(id));
    if (missing >= 0) {
      const issue = { path: `body.dependsOn[${missing}]`, message: `there is no task ${one.dependsOn[missing]}` };
      refused.set(one, new Refusal("bad_input", `${issue.path}: ${issue.message}.`, { issues: [issue] }));
      continue;
    }
    const open = one.dependsOn.map((id) => known.get(id) as LockedTask).filter((task) => task.status !== "completed");
    one.task.tasks_needed = open.length;
    if (open.length > 0) {
      one.task.status = "waiting";
      if (!isAsked(one.task)) one.task.waiting = JSON.stringify({ kind: "dependency", detail: describeOpen(open) });
    } else if (!isAsked(one.task)) {
      // At an earlier try of this turn some may still have been open.
      Object.assign(one.task, { status: "queued", waiting: null });
      const inLine = openLineCount(one.task.max_running);
      for (const step of one.steps) if (step.needs_left === 0) step.status = inLine(step.route_key);
    }
  }
  return refused;
}
async function findEarlier(tx: Tx, repeated: readonly Submission[]): Promise<Map<Submission, Accepted | Refusal>> {
  const keys = repeated.flatMap((one) => one.task.idempotency_key ?? []);
  const byKey = new Map((keys.length === 0 ? [] : await selectTaskByKey(tx, keys)).map((task) => [task.idempotency_key, task]));
  const byId = new Map(
    (
      await selectTasks(
        tx,
        repeated.map((one) => one.task.id),
      )
    ).map((task) => [task.id, task]),
  );
  return new Map(repeated.map((one) => [one, answerTo(one, byKey.get(one.task.idempotency_key), byId.get(one.task.id))]));
}
function answerTo({ task, perhapsWritten }: Submission, sameKey: TaskRow | undefined, sameId: TaskRow | undefined): Accepted | Refusal {
  if (perhapsWritten && sameId?.created_at === task.created_at) return { id: sameId.id, seq: sameId.seq, created: true };
  if (task.idempotency_key === null || !sameKey) {
    return new Refusal(
      "conflict",
      `There is a task ${task.id} already (${sameId?.status ?? "submitted just now"}). Leave the id out, choose another, or send an Idempotency-Key to repeat a request safely.`,
    );
  }
  if (sameKey.request_hash !== task.request_hash) {
    return new Refusal("idempotency_mismatch", `This Idempotency-Key was used for task ${sameKey.id} with another request. Use a new key for a new request.`);
  }
  return { id: sameKey.id, seq: sameKey.seq, created: false };
}
