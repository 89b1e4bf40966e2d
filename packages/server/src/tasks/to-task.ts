// From rows to the wire's task, with every status put into words.
import {
  type Artifact,
  type Attempt,
  type Budget,
  type Event,
  type Outcome,
  priorities,
  type Step,
  type StepCheck,
  type StepCheckView,
  type Task,
  type TaskResult,
  type TaskStatus,
  type TaskSummary,
  type WaitingFor,
} from "@baton/contract";
import type { AgentIndex } from "../routing/agent-index.ts";
import { toAssignment, whyNobody } from "../routing/assignment.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import { iso, isoOrNull } from "../std/clock.ts";
import type { AttemptRow } from "./attempt-rows.ts";
import { checksTold } from "./checks-told.ts";
import { toCoordination } from "./to-coordination.ts";
import type { StepSpec, TaskSpec } from "./submission.ts";
import type { StepRow } from "./step-rows.ts";
import { describeOpen } from "./task-machine.ts";
import { toConflictWait } from "./in-the-way.ts";
import { isAsked, type OpenNeed, type TaskRow } from "./task-rows.ts";

export interface TaskParts {
  row: TaskRow;
  /** What it depends on that has not completed; looked up while it waits. */
  openNeeds: OpenNeed[];
  steps: StepRow[];
  attempts: AttemptRow[];
  /** How its plan grew. */
  growth: Event[];
  /** Its own, if it has one. */
  budget: Budget | null;
}

/** @param expectedMs what whoever handed the task in expects it to take; used where the agent has no record. */
export function toAttempt(row: AttemptRow, step?: StepRow, expectedMs?: number): Attempt {
  const outcome = row.outcome === null ? null : JSON.parse(row.outcome);
  // The output of the attempt that completed a step is kept with the step.
  const full = outcome?.ok === true ? { ...outcome, output: step?.output && step.attempt === row.number ? JSON.parse(step.output) : null } : outcome;
  return {
    id: row.id,
    taskId: row.task_id,
    stepId: row.step_id,
    number: row.number,
    fence: row.fence,
    agentId: row.agent_id,
    state: row.state as Attempt["state"],
    assignment: toAssignment(JSON.parse(row.assignment), expectedMs),
    progress: row.progress === null ? null : JSON.parse(row.progress),
    startedAt: iso(row.started_at),
    endedAt: isoOrNull(row.ended_at),
    durationMs: row.ended_at === null ? null : row.ended_at - row.started_at,
    outcome: full,
  };
}

export function toSummary(row: TaskRow, openNeeds: readonly OpenNeed[]): TaskSummary {
  const waitingFor = waitingOf(row, openNeeds);
  const spec = JSON.parse(row.spec) as TaskSpec;
  return {
    id: row.id,
    seq: row.seq,
    title: row.title,
    description: row.description,
    type: row.type,
    requirements: spec.requirements ?? [],
    tools: spec.tools ?? [],
    priority: priorities[row.priority] ?? "normal",
    pattern: row.pattern,
    projectId: row.project_id,
    sessionId: row.session_id,
    status: row.status as TaskStatus,
    reason: waitingFor?.detail ?? reasonOf(row),
    waitingFor,
    failure: row.failure === null ? null : JSON.parse(row.failure),
    stepsTotal: row.steps_total,
    stepsDone: row.steps_total - row.steps_left,
    createdAt: iso(row.created_at),
    startedAt: isoOrNull(row.started_at),
    completedAt: isoOrNull(row.completed_at),
  };
}
/** Of what it depends on the store is asked anew: some may have completed since, or failed. */
function waitingOf(row: TaskRow, openNeeds: readonly OpenNeed[]): WaitingFor | null {
  if (row.status !== "waiting") return null;
  if (openNeeds.length > 0) return { kind: "dependency", detail: describeOpen(openNeeds) };
  if (!isAsked(row) && row.in_the_way !== null) return toConflictWait(row);
  return row.waiting === null ? null : JSON.parse(row.waiting);
}
function reasonOf(row: TaskRow): string {
  const done = `${row.steps_total - row.steps_left} of ${row.steps_total} ${row.steps_total === 1 ? "step" : "steps"} done`;
  switch (row.status as TaskStatus) {
    case "queued":
      return "In line for an agent.";
    case "executing":
      return `${done}.`;
    case "waiting":
      return "Waits.";
    case "paused":
      return `Paused by somebody; ${done}. Resume to go on.`;
    case "completed":
      return `${done}.`;
    case "failed":
      return row.failure === null ? "It failed." : (JSON.parse(row.failure) as { detail: string }).detail;
    case "cancelled":
      return `Cancelled with ${done}.`;
    case "planning":
      return "Its plan is being made.";
  }
}

export function toTask({ row, openNeeds, steps, attempts, growth, budget }: TaskParts, index: AgentIndex): Task {
  const spec = JSON.parse(row.spec) as TaskSpec;
  const summary = toSummary(row, openNeeds);
  const expected = spec.constraints?.estimatedDurationMs;
  const ofStep = (step: StepRow) => attempts.filter((attempt) => attempt.step_id === step.step_id);
  const views = steps.map((step) => toStep(step, row, ofStep(step), index, expected));
  return {
    ...summary,
    // Why it waits may have changed since it was written: another agent came, this one was paused.
    ...(summary.waitingFor?.kind === "agent" ? freshWaiting(steps, index, summary) : {}),
    ...(row.status === "queued" ? { reason: views.find((step) => step.status === "ready")?.reason ?? summary.reason } : {}),
    payload: spec.payload ?? null,
    files: spec.files ?? [],
    language: spec.language ?? null,
    repository: spec.repository ?? null,
    dependsOn: spec.dependsOn ?? [],
    constraints: spec.constraints ?? {},
    metadata: spec.metadata ?? {},
    steps: views,
    result: row.result === null ? null : JSON.parse(row.result),
    cost: totalCost(views),
    budget,
    coordination: toCoordination(row, steps, attempts, growth),
  };
}
function freshWaiting(steps: readonly StepRow[], index: AgentIndex, summary: TaskSummary): Pick<TaskSummary, "reason" | "waitingFor"> {
  const aside = steps.find((step) => step.status === "waiting");
  const now = aside && whyNobody(index, parseRouteKey(aside.route_key));
  return now ? { reason: now.detail, waitingFor: now } : { reason: summary.reason, waitingFor: summary.waitingFor };
}
function toStep(step: StepRow, task: TaskRow, attempts: AttemptRow[], index: AgentIndex, expectedMs: number | undefined): Step {
  const spec = JSON.parse(step.spec) as StepSpec;
  return {
    id: step.step_id,
    title: spec.title ?? task.title,
    description: spec.description ?? task.description,
    requirements: spec.requirements,
    tools: spec.tools ?? [],
    agent: spec.agent ?? null,
    needs: spec.needs ?? [],
    continues: spec.continues ?? null,
    status: step.status as Step["status"],
    reason: stepReason(step, task, attempts, index),
    check: spec.check ? toCheck(spec.check, step, attempts) : null,
    output: step.output === null ? null : JSON.parse(step.output),
    artifacts: artifactsOf(step),
    attempts: attempts.map((attempt) => toAttempt(attempt, step, task.steps_total === 1 ? expectedMs : undefined)),
    startedAt: isoOrNull(step.started_at),
    completedAt: isoOrNull(step.completed_at),
  };
}
function toCheck(check: StepCheck, { status, told }: StepRow, attempts: readonly AttemptRow[]): StepCheckView {
  const failures = attempts.flatMap(({ outcome }): string[] => {
    const ended = outcome === null ? undefined : (JSON.parse(outcome) as Outcome);
    return ended?.ok === false && ended.kind === "gate" ? [ended.detail] : [];
  });
  const state = status === "completed" ? "passed" : status === "failed" && failures.length > 0 ? "failed" : "open";
  return { ...check, state, told: checksTold(told === null ? [] : (JSON.parse(told) as string[])), lastFailure: failures.at(-1) ?? null };
}
const artifactsOf = (step: StepRow): Artifact[] => (step.artifacts === null ? [] : JSON.parse(step.artifacts));
function stepReason(step: StepRow, task: TaskRow, attempts: readonly AttemptRow[], index: AgentIndex): string {
  const latest = attempts.at(-1);
  const agent = latest ? (JSON.parse(latest.assignment) as { agentName: string }).agentName : undefined;
  switch (step.status as Step["status"]) {
    case "blocked":
      return step.needs_left > 0
        ? `Waits for ${step.needs_left} ${step.needs_left === 1 ? "step" : "steps"} it needs.`
        : "Waits for the tasks its task depends on.";
    case "ready":
      return whyNobody(index, parseRouteKey(step.route_key))?.detail ?? `In line: ${describeLine(step, index)}.`;
    case "delayed":
    case "failed":
    case "skipped":
    case "cancelled":
      return step.reason ?? "";
    case "waiting":
      if (step.budget_id !== null) return step.reason ?? "";
      return whyNobody(index, parseRouteKey(step.route_key))?.detail ?? "Somebody can take it now.";
    case "held":
      if (isAsked(task)) return "Its task waits for people.";
      if (task.in_the_way !== null) return toConflictWait(task)?.detail ?? "";
      return task.paused === 1 ? "Its task is paused." : `Its task has as many steps going, or in line for the same agents, as it may (${task.max_running}).`;
    case "running":
      return `${agent ?? "An agent"} works on it (attempt ${step.attempt}).`;
    case "completed":
      return `Done by ${agent ?? "an agent"}${step.attempt > 1 ? ` in attempt ${step.attempt}` : ""}.`;
  }
}
function describeLine(step: StepRow, index: AgentIndex): string {
  const demand = parseRouteKey(step.route_key);
  const open = index.capable(demand).filter((id) => index.get(id)?.unavailable === null);
  const others = open.filter((id) => !demand.excluded?.includes(id));
  const capable = others.length > 0 ? others.length : open.length;
  return index.placesFor(demand, 1) > 0
    ? "an agent is free"
    : `${capable === 1 ? "the one agent" : `all ${capable} agents`} that may do it now ${capable === 1 ? "is" : "are"} busy`;
}
function totalCost(steps: readonly Step[]): Task["cost"] {
  const costs = steps.flatMap((step) => step.attempts.flatMap((attempt) => (attempt.outcome?.cost ? [attempt.outcome.cost] : [])));
  const first = costs[0];
  if (!first || costs.some((cost) => cost.currency !== first.currency)) return null;
  return { amount: costs.reduce((sum, cost) => sum + cost.amount, 0), currency: first.currency };
}
export function toTaskResult({ row, steps }: TaskParts): TaskResult {
  return {
    taskId: row.id,
    status: row.status as TaskStatus,
    result: row.result === null ? null : JSON.parse(row.result),
    failure: row.failure === null ? null : JSON.parse(row.failure),
    artifacts: steps.flatMap((step) => artifactsOf(step).map((artifact) => ({ ...artifact, stepId: step.step_id }))),
  };
}
