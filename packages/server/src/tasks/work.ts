// What an agent is handed for an attempt: the step, its input with references to earlier outputs filled in, and the task's
// context. References are JSONPath over {task, steps: {<id>: {output}}}.
import type { Json, Work } from "@baton/contract";
import { iso } from "../std/clock.ts";
import { fill, isPath } from "../std/json-path.ts";
import type { Connector } from "../connectors/connector.ts";
import { readTaskContext } from "../sessions/sessions.ts";
import type { Reader } from "../store/db.ts";
import { selectAttemptBy, selectCompletedAttempt, toAttemptId } from "./attempt-rows.ts";
import type { StepSpec, TaskSpec } from "./submission.ts";
import { type ReadyStep, selectOutputs } from "./step-rows.ts";
import { DEFAULT_RETRIES } from "./task-machine.ts";

export interface WorkSource {
  attemptId: string;
  agentId: string;
  fence: number;
  number: number;
  outputs?: ReadonlyMap<string, string> | undefined;
  step: Pick<
    ReadyStep,
    "position" | "retries_left" | "task_id" | "step_id" | "step_spec" | "title" | "description" | "type" | "task_spec" | "deadline_at" | "feedback"
  >;
}
export async function toWork(db: Reader, source: WorkSource, now: number, defaultTimeoutMs: number, agentTimeoutMs: number | undefined): Promise<Work> {
  const { step } = source;
  const stepSpec = JSON.parse(step.step_spec) as StepSpec;
  const taskSpec = JSON.parse(step.task_spec) as TaskSpec;
  const needs = stepSpec.needs ?? [];
  const referred = stepSpec.input === undefined ? [] : referredSteps(stepSpec.input);
  const wanted = referred === "all" ? referred : [...new Set([...needs, ...referred])];
  const outputs = wanted.length > 0 ? await readOutputs(db, step.task_id, wanted, source.outputs) : new Map<string, Json>();
  const task = {
    id: step.task_id,
    title: step.title,
    description: step.description,
    type: step.type,
    payload: taskSpec.payload ?? null,
    files: taskSpec.files ?? [],
    language: taskSpec.language ?? null,
    repository: taskSpec.repository ?? null,
  };
  const session = needs.length > 0 || taskSpec.session === undefined ? undefined : await readSession(db, source, stepSpec, taskSpec.session);
  const conversation = (await readConversation(db, source, stepSpec.continues, taskSpec.place?.attemptId)) ?? session?.conversation;
  const needed = Object.fromEntries(needs.map((id) => [id, outputs.get(id) ?? null]));
  const scope = { task, steps: Object.fromEntries([...outputs].map(([id, output]) => [id, { output }])) };
  const timeoutMs = Math.min(stepSpec.timeoutMs ?? agentTimeoutMs ?? defaultTimeoutMs, Math.max(1, (step.deadline_at ?? Number.MAX_SAFE_INTEGER) - now));
  return {
    attemptId: source.attemptId,
    fence: source.fence,
    taskId: step.task_id,
    stepId: step.step_id,
    title: stepSpec.title ?? step.title,
    description: withFeedback(stepSpec.description ?? step.description, step.feedback),
    requirements: stepSpec.requirements,
    input: stepSpec.input === undefined ? (needs.length > 0 ? needed : (task.payload ?? null)) : fill(stepSpec.input, scope),
    context: { task, steps: needed, ...(session ? { session: session.context } : {}) },
    ...(conversation === undefined ? {} : { conversation }),
    ...(step.feedback === null ? {} : { feedback: step.feedback }),
    timeoutMs,
    deadlineAt: iso(now + timeoutMs),
  };
}
/** After a try that failed nobody counts on the conversation any more: a fresh one is begun with what was said. */
function readSession(db: Reader, { step, agentId }: WorkSource, { retries = DEFAULT_RETRIES }: StepSpec, session: NonNullable<TaskSpec["session"]>) {
  const resumes = session.resumes === step.step_id && step.retries_left >= retries;
  return readTaskContext(db, session.id, { taskId: step.task_id, agentId, resumes });
}
/** Of the answer that was sent back, of the step it continues, or of the work that was reviewed. A conversation is between one agent and us: another agent is not told of it. */
async function readConversation(
  db: Reader,
  { step, number, agentId }: WorkSource,
  continues: string | undefined,
  reviewed: string | undefined,
): Promise<string | undefined> {
  const sentBack = step.feedback === null ? undefined : await selectAttemptBy(db, toAttemptId(step.task_id, step.position, number - 1), agentId);
  const wasReviewed = async () => (reviewed === undefined ? undefined : selectAttemptBy(db, reviewed, agentId));
  const done = sentBack ?? (continues === undefined ? await wasReviewed() : await selectCompletedAttempt(db, step.task_id, continues));
  if (!done || done.agent_id !== agentId || done.outcome === null) return undefined;
  return (JSON.parse(done.outcome) as { conversation?: string }).conversation;
}
/** How what came meanwhile begins: it is no fault of what was answered before. */
export const NEWS = "Meanwhile: ";
function withFeedback(description: string, feedback: string | null): string {
  if (feedback === null) return description;
  return `${description}\n\n${feedback.startsWith(NEWS) ? "" : "Your answer before was not accepted: "}${feedback}`;
}
/** The steps whose outputs an input refers to; `all` when it looks further than at single ones. */
function referredSteps(input: Json): string[] | "all" {
  if (typeof input === "string") {
    if (!isPath(input) || /^\$\.task(?:[.[]|$)/.test(input)) return [];
    const id = /^\$\.steps(?:\.([\p{L}\p{N}_]+)|\['([^'\\]*)'\])/u.exec(input);
    return id ? [id[1] ?? id[2] ?? ""] : "all";
  }
  if (typeof input !== "object" || input === null) return [];
  const found = Object.values(input).map(referredSteps);
  return found.includes("all") ? "all" : (found as string[][]).flat();
}
/** @param known what need not be read */
async function readOutputs(db: Reader, taskId: string, ids: readonly string[] | "all", known: WorkSource["outputs"]): Promise<Map<string, Json>> {
  const unknown = ids === "all" ? ids : ids.filter((id) => known?.has(id) !== true);
  const rows = unknown.length === 0 ? [] : await selectOutputs(db, taskId, unknown);
  const found = new Map(rows.map(({ step_id, output }) => [step_id, output]));
  if (ids !== "all") for (const id of ids) if (known?.has(id)) found.set(id, known.get(id) as string);
  return new Map([...found].map(([id, output]) => [id, JSON.parse(output) as Json]));
}

/** For agents that take a description and nothing else: who they are to be, where a conversation begins, and what was said before stand before it. */
export function withPrefix(work: Work, { takesPersona, takesSession }: Pick<Connector, "takesPersona" | "takesSession">, persona: string | undefined): Work {
  const told = takesSession ? undefined : work.context.session?.text;
  const knows = takesPersona || work.conversation !== undefined;
  const prefix = [knows ? undefined : persona?.trimEnd(), told].filter((text) => text !== undefined && text !== "");
  return prefix.length === 0 ? work : { ...work, description: [...prefix, work.description].join("\n\n") };
}
