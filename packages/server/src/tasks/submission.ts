// A task on its way in: its rows, made before any transaction begins.
import { createHash } from "node:crypto";
import {
  type AnswerShape,
  DEFAULT_PROJECT,
  type Json,
  type ParsedTaskInput,
  type PlanTemplate,
  priorities,
  Refusal,
  type Role,
  type StepCheck,
  type TaskBudget,
  type WorkspaceMode,
} from "@baton/contract";
import { type About, toAbout } from "../conflicts/conflicts.ts";
import type { Candidates, Part, PlannedStep } from "../planning/pattern.ts";
import { firstLine, toPlan } from "../planning/plan.ts";
import { parseRouteKey, toRouteKey } from "../routing/route-key.ts";
import type { Spoken } from "../sessions/sessions.ts";
import { toNamedOpenings, toPlanOpening, whyAsked } from "./asked.ts";
import type { Opening } from "./draft.ts";
import { DEFAULT_RETRIES, queueKey } from "./task-machine.ts";
import { openLineCount } from "./slots.ts";
import type { NewStepRow } from "./step-rows.ts";
import type { NewTaskRow } from "./task-rows.ts";

/** For work that goes on in a workspace of another task: there, and with the conversation of this attempt. */
export interface GivenPlace {
  workspaceId: string;
  attemptId?: string;
}
/** What of a task nobody searches by; stored as JSON. */
export interface TaskSpec {
  payload?: Json;
  files?: string[];
  language?: string;
  repository?: string;
  workspace?: WorkspaceMode;
  gates?: ParsedTaskInput["gates"];
  place?: GivenPlace;
  metadata?: Record<string, Json>;
  constraints?: ParsedTaskInput["constraints"];
  dependsOn?: string[];
  requirements?: string[];
  tools?: string[];
  coordination?: NonNullable<ParsedTaskInput["coordination"]>;
  planReview?: true;
  /** `resumes`: the step whose agent goes on with a conversation of its own, where it has one. */
  session?: { id: string; resumes?: string };
  planReason: string;
}
/** What of a step nobody searches by. Absent description: the task's. */
export interface StepSpec {
  title?: string;
  description?: string;
  requirements: string[];
  tools?: string[];
  agent?: string;
  needs?: string[];
  continues?: string;
  input?: Json;
  timeoutMs?: number;
  /** Absent: the default. */
  retries?: number;
  /** Absent: it fails its task. */
  onFailure?: "absorb";
  outputSchema?: Record<string, Json>;
  check?: StepCheck;
  gates?: ParsedTaskInput["gates"];
  workspace?: WorkspaceMode;
  answers?: AnswerShape;
  part?: Part;
  role?: Role;
  round?: number;
}
export interface Submission {
  task: NewTaskRow;
  steps: NewStepRow[];
  needs: { task_id: string; step_id: string; needs_step_id: string }[];
  dependsOn: string[];
  /** What people are asked before it begins. */
  approvals: Opening[];
  budget: TaskBudget | undefined;
  /** The files it says it is about. */
  about: About | undefined;
  /** What it says in its session. */
  spoken?: Spoken;
  /** A turn with it was refused by the store, which may have kept it all the same: the connection broke before it could say. */
  perhapsWritten?: boolean;
  /** It was to wait for work on the same files when a turn with it was written last. */
  isHeldBack?: boolean;
  /** About how many bytes it writes. */
  size: number;
}

/** @throws Refusal `bad_input` when the steps are no plan or the deadline has passed. */
export function toSubmission(
  input: ParsedTaskInput,
  id: string,
  now: number,
  candidates: Candidates,
  idempotencyKey: string | undefined,
  template?: PlanTemplate,
  { session, place }: { session?: { holder: string | undefined } | undefined; place?: GivenPlace | undefined } = {},
): Submission {
  const plan = toPlan(input, candidates, template);
  const deadline = input.constraints.deadline === undefined ? null : Date.parse(input.constraints.deadline);
  if (deadline !== null && deadline <= now) {
    const issue = { path: "body.constraints.deadline", message: `has passed; it is ${new Date(now).toISOString()} here` };
    throw new Refusal("bad_input", `${issue.path} ${issue.message}.`, { issues: [issue] });
  }
  const priority = priorities.indexOf(input.priority);
  const maxRunning = input.constraints.maxAgents ?? null;
  const resumes = session ? firstStepOf(plan.steps) : undefined;
  const spec = JSON.stringify({
    ...toTaskSpec({ ...input, requirements: plan.requirements }, plan.reason),
    ...(session ? { session: { id: input.sessionId, resumes } } : {}),
    ...(place ? { place } : {}),
  });
  const title = input.title ?? firstLine(input.description);
  const project_id = input.projectId === undefined || input.projectId === DEFAULT_PROJECT ? null : input.projectId;
  const about = { id, title, description: input.description, project_id };
  const files = toAbout(input);
  // A plan that an agent makes is reviewed when there is one.
  const review = input.planReview && plan.pattern !== "planned" ? "open" : null;
  const names = input.constraints.requiredApprovals ?? [];
  const waitingFor = whyAsked(review, names);
  const inLine = openLineCount(maxRunning);
  const steps = plan.steps.map((step, position): NewStepRow => {
    const begins = step.needs.length === 0 && input.dependsOn.length === 0;
    const row = toStepRow(step, { ...about, priority }, position, step.needs.length, begins ? "held" : "blocked", now);
    if (step.id === resumes && session?.holder !== undefined) row.route_key = withHolder(row.route_key, session.holder);
    if (begins && waitingFor === null) row.status = inLine(row.route_key);
    return row;
  });
  return {
    task: {
      id,
      title,
      description: input.description,
      type: input.type,
      priority,
      status: waitingFor ? "waiting" : "queued",
      pattern: plan.pattern,
      project_id,
      session_id: input.sessionId ?? null,
      spec,
      waiting: waitingFor && JSON.stringify(waitingFor),
      max_running: maxRunning,
      steps_total: steps.length,
      steps_left: steps.length,
      tasks_needed: 0,
      deadline_at: deadline,
      idempotency_key: idempotencyKey ?? null,
      request_hash: idempotencyKey === undefined ? null : hashOf(input),
      created_at: now,
      started_at: null,
      review,
      approvals_needed: names.length,
      declares: files === undefined ? null : 1,
    },
    steps,
    needs: plan.steps.flatMap((step) => step.needs.map((need) => ({ task_id: id, step_id: step.id, needs_step_id: need }))),
    dependsOn: [...new Set(input.dependsOn)],
    approvals: [
      ...(review === null ? [] : [toPlanOpening(about, input.constraints, plan.steps, now)]),
      ...toNamedOpenings(about, input.constraints, names, now),
    ],
    budget: input.constraints.budget,
    about: files,
    ...(session && input.sessionId !== undefined
      ? { spoken: { kind: "asked" as const, sessionId: input.sessionId, taskId: id, content: input.description } }
      : {}),
    size: input.description.length + spec.length + 40 * (files?.paths.length ?? 0) + steps.reduce((sum, step) => sum + step.spec.length, 500),
  };
}

/** A conversation goes on in one place: with the step a plan begins with, if it begins with one. */
export function firstStepOf(steps: readonly PlannedStep[]): string | undefined {
  const [first, ...others] = steps.filter((step) => step.needs.length === 0);
  return others.length === 0 ? first?.id : undefined;
}
const withHolder = (key: string, holder: string): string => toRouteKey({ ...parseRouteKey(key), holder });
function toTaskSpec(input: ParsedTaskInput, planReason: string): TaskSpec {
  return {
    ...(input.payload === undefined ? {} : { payload: input.payload }),
    ...(input.files ? { files: input.files } : {}),
    ...(input.language === undefined ? {} : { language: input.language }),
    ...(input.repository === undefined ? {} : { repository: input.repository }),
    ...(input.workspace === undefined ? {} : { workspace: input.workspace }),
    ...(input.gates === undefined ? {} : { gates: input.gates }),
    ...(Object.keys(input.metadata).length > 0 ? { metadata: input.metadata } : {}),
    ...(Object.keys(input.constraints).length > 0 ? { constraints: input.constraints } : {}),
    ...(input.dependsOn.length > 0 ? { dependsOn: input.dependsOn } : {}),
    ...(input.requirements.length > 0 ? { requirements: input.requirements } : {}),
    ...(input.tools.length > 0 ? { tools: input.tools } : {}),
    ...(input.coordination ? { coordination: input.coordination } : {}),
    ...(input.planReview ? { planReview: true as const } : {}),
    planReason,
  };
}
export const toStepRow = (
  step: PlannedStep,
  task: Pick<NewTaskRow, "id" | "title" | "description" | "priority" | "project_id">,
  position: number,
  needsLeft: number,
  status: string,
  now: number,
): NewStepRow => ({
  task_id: task.id,
  step_id: step.id,
  position,
  status,
  spec: JSON.stringify(toStepSpec(step, task)),
  needs_left: needsLeft,
  route_key: routeKeyOf(step, task.project_id ?? undefined),
  queue_key: queueKey(now, task.priority),
  attempt: 0,
  retries_left: step.retries ?? DEFAULT_RETRIES,
  started_at: null,
});
export const routeKeyOf = ({ requirements, tools, agent, excluded, continues, preferred, role }: PlannedStep, project: string | undefined): string =>
  toRouteKey({
    requirements,
    tools,
    agent: agent ?? undefined,
    excluded,
    continues: preferred === undefined ? (continues ?? undefined) : undefined,
    preferred,
    role,
    project,
  });
/** @param task what the step has in common with its task is left out. */
function toStepSpec(step: PlannedStep, task: { title: string; description: string }): StepSpec {
  return {
    ...(step.title === task.title ? {} : { title: step.title }),
    ...(step.description === task.description ? {} : { description: step.description }),
    requirements: step.requirements,
    ...(step.tools.length > 0 ? { tools: step.tools } : {}),
    ...(step.agent === null ? {} : { agent: step.agent }),
    ...(step.needs.length > 0 ? { needs: step.needs } : {}),
    ...(step.continues === null ? {} : { continues: step.continues }),
    ...(step.input === undefined ? {} : { input: step.input }),
    ...(step.timeoutMs === null ? {} : { timeoutMs: step.timeoutMs }),
    ...(step.retries === null ? {} : { retries: step.retries }),
    ...(step.onFailure === "absorb" ? { onFailure: step.onFailure } : {}),
    ...(step.outputSchema === undefined ? {} : { outputSchema: step.outputSchema }),
    ...(step.check === undefined ? {} : { check: step.check }),
    ...(step.gates === undefined ? {} : { gates: step.gates }),
    ...(step.workspace === undefined ? {} : { workspace: step.workspace }),
    ...(step.answers === undefined ? {} : { answers: step.answers }),
    ...(step.part === undefined ? {} : { part: step.part }),
    ...(step.role === undefined ? {} : { role: step.role }),
    ...(step.round === undefined ? {} : { round: step.round }),
  };
}
/** Of the request as it was understood: the same request in another spelling is the same. */
const hashOf = (input: ParsedTaskInput): string => createHash("sha256").update(JSON.stringify(input)).digest("base64");
