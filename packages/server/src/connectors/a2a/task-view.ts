// What is known of an agent's task from everything it has said so far, whether it was streamed, polled or answered. What is new is told.
//
// States: unknown, submitted, working -> go on. input-required, auth-required -> it waits for us, once for each time it says so.
// completed, failed, canceled, rejected -> ended: the first of them counts, and nothing that comes after it.
import { type Artifact, type Message, type StreamResponse, type Task, TaskState, type TaskStatus } from "@a2a-js/sdk";
import type { Progress, Update } from "@baton/contract";
import { appendParts, toText, toWholeText } from "./parts.ts";
import { readFraction, readUsage, type Usage } from "./told-metadata.ts";

const ENDED = [TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED, TaskState.TASK_STATE_REJECTED];
const ASKING = [TaskState.TASK_STATE_INPUT_REQUIRED, TaskState.TASK_STATE_AUTH_REQUIRED];
const MAX_TEXT = 1_000_000;
const MAX_MESSAGE = 4_000;

export interface Telling {
  onProgress(progress: Progress): void;
  onUpdate(update: Update): void;
}
export interface TaskView {
  taskId(): string | undefined;
  contextId(): string | undefined;
  state(): TaskState;
  /** What it said last of how it stands. */
  statusMessage(): Message | undefined;
  /** Its answer, when it answered without a task. */
  reply(): Message | undefined;
  artifacts(): Artifact[];
  usage(): Usage | undefined;
  hasEnded(): boolean;
  /** It waits for something that it was not given yet. */
  isAsking(): boolean;
  /** What it waits for is on its way. */
  answered(): void;
  takeIn(event: StreamResponse): void;
  /** How the task stands as a whole: what was heard of its artifacts before gives way. */
  takeTask(task: Task): void;
}

export function openTaskView(telling: Telling): TaskView {
  let [taskId, contextId] = [undefined as string | undefined, undefined as string | undefined];
  let status: TaskStatus | undefined;
  let reply: Message | undefined;
  let usage: Usage | undefined;
  let answeredKey = "";
  let toldKey = "";
  let artifacts = new Map<string, Artifact>();
  /** How much of an artifact's text was told. */
  const toldLength = new Map<string, number>();

  const state = (): TaskState => status?.state ?? TaskState.TASK_STATE_UNSPECIFIED;
  const hasEnded = (): boolean => reply !== undefined || ENDED.includes(state());
  const tellText = (text: string): void => {
    for (let at = 0; at < text.length; at += MAX_TEXT) telling.onUpdate({ kind: "text", text: text.slice(at, at + MAX_TEXT).toWellFormed() });
  };
  const takeUsage = (metadata: Record<string, unknown> | undefined): void => {
    const told = readUsage(metadata);
    if (told === undefined || (told.inputTokens === usage?.inputTokens && told.outputTokens === usage.outputTokens)) return;
    usage = told;
    telling.onUpdate({ kind: "usage", ...told, cost: null });
  };
  const takeStatus = (given: TaskStatus | undefined, metadata: Record<string, unknown> | undefined): void => {
    if (given === undefined) return;
    status = given;
    const { message } = given;
    takeUsage(message?.metadata);
    const text = message === undefined ? "" : toText(message.parts);
    const fraction = readFraction(metadata) ?? readFraction(message?.metadata);
    const key = `${message?.messageId ?? ""}|${fraction}|${text}`;
    if (key === toldKey || (text === "" && fraction === undefined)) return;
    toldKey = key;
    telling.onProgress({ ...(fraction === undefined ? {} : { fraction }), ...(text === "" ? {} : { message: text.slice(0, MAX_MESSAGE).toWellFormed() }) });
    if (text !== "") tellText(`${text}\n`);
  };
  /** Whole, or whole again: what is longer than what was told of it is told from there. */
  const takeArtifact = (artifact: Artifact, key = artifact.artifactId): void => {
    artifacts.set(key, artifact);
    const text = toWholeText(artifact.parts);
    tellText(text.slice(toldLength.get(key) ?? 0));
    toldLength.set(key, text.length);
  };
  const appendArtifact = (artifact: Artifact, key = artifact.artifactId): void => {
    const known = artifacts.get(key);
    if (known === undefined) return takeArtifact(artifact);
    const text = toWholeText(artifact.parts);
    appendParts(known.parts, artifact.parts);
    tellText(text);
    toldLength.set(key, (toldLength.get(key) ?? 0) + text.length);
  };
  const takeTask = (task: Task): void => {
    if (reply !== undefined || (hasEnded() && task.status?.state !== state())) return;
    taskId = task.id || taskId;
    contextId = task.contextId || contextId;
    artifacts = new Map();
    for (const [at, artifact] of task.artifacts.entries()) takeArtifact(artifact, artifact.artifactId || `#${at}`);
    takeUsage(task.metadata);
    takeStatus(task.status, task.metadata);
  };
  /** By which one time of asking is told from another. Empty: nothing tells. */
  const askingKey = (): string => `${status?.message?.messageId ?? ""}${status?.timestamp ?? ""}`;

  function takeIn({ payload }: StreamResponse): void {
    if (payload === undefined || hasEnded()) return;
    if (payload.$case === "task") return takeTask(payload.value);
    const { value } = payload;
    taskId = value.taskId || taskId;
    contextId = value.contextId || contextId;
    takeUsage(value.metadata);
    if (payload.$case === "statusUpdate") return takeStatus(payload.value.status, payload.value.metadata);
    if (payload.$case === "message") {
      reply = payload.value;
      return tellText(toText(payload.value.parts));
    }
    const { artifact, append } = payload.value;
    if (artifact !== undefined) (append ? appendArtifact : takeArtifact)(artifact);
  }

  return {
    taskId: () => taskId,
    contextId: () => contextId,
    state,
    statusMessage: () => status?.message,
    reply: () => reply,
    artifacts: () => [...artifacts.values()],
    usage: () => usage,
    hasEnded,
    isAsking: () => ASKING.includes(state()) && (answeredKey === "" || askingKey() !== answeredKey),
    answered: () => {
      answeredKey = askingKey();
      if (answeredKey === "") status = { state: TaskState.TASK_STATE_WORKING, message: undefined, timestamp: undefined };
    },
    takeIn,
    takeTask,
  };
}
