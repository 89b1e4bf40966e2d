// What is noted for the session of a task, to be written with the turn: where a conversation goes on, and what came of what was asked.
import type { Failure } from "@baton/contract";
import type { Draft } from "./draft.ts";
import type { TaskSpec } from "./submission.ts";
import type { Happening } from "./task-machine.ts";
import type { LockedTask, TaskEnd } from "./task-rows.ts";

interface Ended {
  happening: Happening;
  taskSpec: string;
  stepId: string;
  taskId: string;
  agentId: string;
}
/** Where the conversation of its session goes on. */
export function noteConversation(draft: Draft, { happening, taskSpec, stepId, taskId, agentId }: Ended, { session_id: sessionId }: LockedTask): void {
  if (sessionId === null || !happening.ok || happening.conversation === undefined) return;
  const { session } = JSON.parse(taskSpec) as TaskSpec;
  if (session?.resumes === stepId) draft.spoken.push({ kind: "held", sessionId, taskId, agentId, conversation: happening.conversation });
}
/** What came of a task is said in its session. */
export function answerSession(
  draft: Draft,
  { id: taskId, session_id: sessionId }: LockedTask,
  { result, failure, by }: Pick<TaskEnd, "result" | "failure" | "by">,
): void {
  if (sessionId === null) return;
  const { detail = null } = failure === null ? {} : (JSON.parse(failure) as Failure);
  draft.spoken.push({ kind: "answered", sessionId, taskId, result, failure: detail, agentId: by });
}
