// What moves a task as a whole: from one status to another, and to its failure by something that is no step of it (its time ran out, a person
// said no).
import type { Failure, TaskStatus } from "@baton/contract";
import type { Tx } from "../store/db.ts";
import { countMove, type Draft } from "./draft.ts";
import { type LockedTask, setTaskStatus, settleTasks } from "./task-rows.ts";
import { answerSession } from "./session-notes.ts";
import { stopTasks } from "./turn-settle.ts";

export async function moveTo(
  tx: Tx,
  task: LockedTask,
  to: TaskStatus,
  draft: Draft,
  change: { paused?: number; completed_at?: number | null } = {},
): Promise<void> {
  countMove(draft, task.status as TaskStatus, to);
  await setTaskStatus(tx, task.id, to, change.paused ?? task.paused, change.completed_at ?? null);
}
/** @param why of its steps that had not ended. */
export async function failTask(
  tx: Tx,
  task: LockedTask,
  { kind, detail, stepId = null }: Omit<Failure, "stepId"> & Partial<Failure>,
  why: string,
  now: number,
  draft: Draft,
): Promise<void> {
  const failure: Failure = { kind, detail, stepId };
  await settleTasks(tx, [{ id: task.id, status: "failed", steps_left: task.steps_left, result: null, failure: JSON.stringify(failure), completed_at: now }]);
  answerSession(draft, task, { result: null, failure: JSON.stringify(failure) });
  countMove(draft, task.status as TaskStatus, "failed");
  draft.events.push({ type: "task.failed", taskId: task.id, data: { ...failure } });
  await stopTasks(tx, [task.id], "cancelled", why, now, draft);
}
