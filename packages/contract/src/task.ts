// A task: what a person asks for. Its plan is data: steps and what each needs. An attempt is one try of one step by one agent.
import { z } from "zod";
import { approvalConstraints } from "./approval.ts";
import { assignment } from "./assignment.ts";
import { budget, taskBudget } from "./budget.ts";
import { coordination, coordinationView, patterns } from "./coordination.ts";
import { id, instant, instantIn, json, jsonObject, label, milliseconds, pageQuery, text } from "./json.ts";
import { toolNames } from "./mcp-server.ts";
import { workGates } from "./gate.ts";
import { stepCheck, stepCheckView } from "./step-check.ts";
import { toldCount } from "./update.ts";
import { workspaceMode } from "./workspace.ts";

export const priorities = ["background", "low", "normal", "high", "critical"] as const;
export type Priority = (typeof priorities)[number];
const priorityAliases: Record<string, Priority> = { medium: "normal", urgent: "critical", emergency: "critical" };
/** A name, an alias (medium, urgent, emergency) or a rank 0..4. */
export const priorityIn = z.preprocess((value) => {
  if (typeof value === "number") return priorities[value] ?? value;
  if (typeof value !== "string") return value;
  const name = value.toLowerCase();
  return Object.hasOwn(priorityAliases, name) ? priorityAliases[name] : name;
}, z.enum(priorities));

export const MAX_STEPS = 1000;

export const stepInput = z.strictObject({
  id,
  title: label.optional(),
  description: text(100_000).optional(),
  requirements: z.array(label).max(50).default([]),
  /** Tools it needs, by capability or by a tool server's name: it goes to an agent that can be handed them. Default: the task's. */
  tools: toolNames.optional(),
  /** An agent's id or name; nobody else may take the step. */
  agent: id.optional(),
  /** Ids of steps that must have completed first. */
  needs: z.array(id).max(MAX_STEPS).default([]),
  /** An earlier step: this one is for the agent that did it, which goes on with the same conversation where it keeps them. */
  continues: id.optional(),
  /** Strings that start with `$.` are JSONPath over {task, steps}: `$.steps.inspect.output.languages`. Default: the outputs of `needs`. */
  input: json.optional(),
  timeoutMs: milliseconds
    .min(10)
    .max(7 * 86_400_000)
    .optional(),
  /** Tries after the first, for time-outs and unavailability only. */
  retries: z.number().int().min(0).max(20).optional(),
  /** JSON Schema its output must fit: what does not is sent back to the same agent once, with what is wrong, and then fails the step. */
  outputSchema: jsonObject.optional(),
  /** A command that must succeed before it counts as done. */
  check: stepCheck.optional(),
  /** Gates that its work tree must pass, besides those of the task, before it counts as done: it needs a workspace. What fails goes back to its agent, each failure once. */
  gates: workGates.optional(),
  /** Where it is worked on. Default: the task's. */
  workspace: workspaceMode.optional(),
  /** `absorb`: when it fails the task goes on without it, and those who need it get null for its output. */
  onFailure: z.enum(["fail", "absorb"]).default("fail"),
});
export type StepInput = z.infer<typeof stepInput>;

export const constraints = z.strictObject({
  deadline: instantIn.optional(),
  /** A year at the most: added to now, it must still be a date. */
  estimatedDurationMs: milliseconds.max(366 * 86_400_000).optional(),
  /** Steps of this task that may run at once. One that waits for an agent keeps no other from running. */
  maxAgents: z.number().int().min(1).max(MAX_STEPS).optional(),
  ...approvalConstraints,
  /** What it may spend; spent, it fails. */
  budget: taskBudget.optional(),
});

export const taskInput = z.strictObject({
  id: id.optional(),
  title: label.optional(),
  description: text(100_000).min(1),
  type: text(50).default("general"),
  requirements: z.array(label).max(50).default([]),
  /** Tools that whoever works on it needs, by capability or by a tool server's name. */
  tools: toolNames.default([]),
  priority: priorityIn.default("normal"),
  pattern: z.enum(patterns).optional(),
  coordination: coordination.optional(),
  /** A plan of the library, such as code-review, whose inputs are in `inputs`. */
  plan: id.optional(),
  inputs: jsonObject.optional(),
  /** Who plans it: `agent` for whoever has the capability planning, or an agent's id or name. */
  planning: id.optional(),
  /** It waits with its plan until a person approves it, or gives other steps. */
  planReview: z.boolean().default(false),
  steps: z.array(stepInput).min(1).max(MAX_STEPS).optional(),
  payload: json.optional(),
  /** What it is about, files and directories, relative to the root of its `repository`: a preview tells who works on them already. */
  files: z.array(text(4000)).max(10_000).optional(),
  language: text(100).optional(),
  /** For workspaces: the absolute path of a git repository on the server. */
  repository: text(4000).optional(),
  /** Gates that the work tree must pass whenever a step of it ends that worked in one, before the step counts as done. */
  gates: workGates.optional(),
  /** Where its steps are worked on. Default: `none`. */
  workspace: workspaceMode.optional(),
  projectId: text(200).optional(),
  /** A session: the description becomes a turn of it, the result another, and its agents are told what was said before. */
  sessionId: id.optional(),
  dependsOn: z.array(id).max(200).default([]),
  constraints: constraints.default({}),
  metadata: jsonObject.default({}),
});
export type TaskInput = z.input<typeof taskInput>;
export type ParsedTaskInput = z.output<typeof taskInput>;

export const taskStatuses = ["queued", "planning", "executing", "waiting", "paused", "completed", "failed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];
export const stepStatuses = ["blocked", "ready", "delayed", "waiting", "held", "running", "completed", "failed", "skipped", "cancelled"] as const;
export type StepStatus = (typeof stepStatuses)[number];
export const attemptStates = ["running", "completed", "failed", "lost", "cancelled"] as const;
export type AttemptState = (typeof attemptStates)[number];

export const waitingFor = z.object({ kind: z.enum(["approval", "agent", "conflict", "quota", "budget", "dependency", "schedule"]), detail: z.string() });
export type WaitingFor = z.infer<typeof waitingFor>;
export const failureKinds = ["timeout", "agent_error", "gate", "unroutable", "budget", "internal"] as const;
export const failure = z.object({ kind: z.enum(failureKinds), detail: z.string(), stepId: z.string().nullable() });
export type Failure = z.infer<typeof failure>;

export const artifact = z.object({
  type: z.enum(["file", "log", "report"]).default("file"),
  name: z.string().max(500),
  description: z.string().max(2000).optional(),
  mediaType: z.string().max(200).optional(),
  /** Inline text of a small artifact. */
  content: z.string().max(1_000_000).optional(),
});
export type Artifact = z.infer<typeof artifact>;
export const usage = z.object({ inputTokens: z.number().int().nullable(), outputTokens: z.number().int().nullable() });
export const money = z.object({ amount: z.number(), currency: z.string() });
export const progress = z.strictObject({
  /** 0..1, when the agent can tell. */
  fraction: z.number().min(0).max(1).optional(),
  message: text(4000).optional(),
});
export type Progress = z.infer<typeof progress>;

/**
 * Why an attempt did not succeed. `timeout` and `unavailable` may be tried again. `quota`: the agent has used up what it may for now; it is
 * parked until then and the step goes elsewhere, or waits. `budget`: what may be spent on it is spent. `gate`: a check of what it did failed. The others end the step.
 */
export const outcomeFailures = ["timeout", "unavailable", "quota", "agent_error", "invalid_response", "gate", "limit", "budget", "cancelled"] as const;
export type OutcomeFailure = (typeof outcomeFailures)[number];
/** What came of an attempt. A failure of an agent is data, never an exception. */
export type Outcome =
  | ({ ok: true; output: Json; artifacts?: Artifact[] | undefined } & Spent)
  /** `until`: with `quota`, when the agent may be asked again, if it said so. */
  | ({ ok: false; kind: OutcomeFailure; detail: string; until?: string | undefined } & Spent);
interface Spent {
  usage?: z.infer<typeof usage> | undefined;
  cost?: z.infer<typeof money> | undefined;
  /** By which the agent can be asked to go on from here, for agents that keep conversations. Opaque to everybody but its connector. */
  conversation?: string | undefined;
}
type Json = z.infer<typeof json>;
const spent = { usage: usage.optional(), cost: money.optional(), conversation: z.string().max(2000).optional() };
export const outcome = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), output: json, artifacts: z.array(artifact).max(100).optional(), ...spent }),
  z.object({ ok: z.literal(false), kind: z.enum(outcomeFailures), detail: text(20_000), until: instantIn.optional(), ...spent }),
]);
/** As an agent tells it. */
export const toldSpent = z.object({
  usage: z.object({ inputTokens: toldCount, outputTokens: toldCount }).optional().catch(undefined),
  cost: money.optional().catch(undefined),
});
export const toldOutcome = z.discriminatedUnion("ok", [outcome.options[0].extend(toldSpent.shape), outcome.options[1].extend(toldSpent.shape)]);

export const attempt = z.object({
  id: z.string(),
  taskId: z.string(),
  stepId: z.string(),
  number: z.number().int(),
  /** The lease's number: a writer with a smaller one is refused. */
  fence: z.number().int(),
  agentId: z.string(),
  state: z.enum(attemptStates),
  assignment,
  progress: progress.nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  durationMs: z.number().nullable(),
  outcome: outcome.nullable(),
});
export type Attempt = z.infer<typeof attempt>;

export const step = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  requirements: z.array(z.string()),
  tools: z.array(z.string()),
  agent: z.string().nullable(),
  needs: z.array(z.string()),
  continues: z.string().nullable(),
  status: z.enum(stepStatuses),
  /** Why it is so, in a sentence. */
  reason: z.string(),
  /** The command that must succeed before it counts as done, and how that stands; null: none. */
  check: stepCheckView.nullable(),
  output: json.nullable(),
  artifacts: z.array(artifact),
  attempts: z.array(attempt),
  startedAt: instant.nullable(),
  completedAt: instant.nullable(),
});
export type Step = z.infer<typeof step>;

export const taskSummary = z.object({
  id: z.string(),
  seq: z.number().int(),
  title: z.string(),
  description: z.string(),
  type: z.string(),
  requirements: z.array(z.string()),
  tools: z.array(z.string()),
  priority: z.enum(priorities),
  pattern: z.string(),
  projectId: z.string().nullable(),
  sessionId: z.string().nullable(),
  status: z.enum(taskStatuses),
  reason: z.string(),
  waitingFor: waitingFor.nullable(),
  failure: failure.nullable(),
  stepsTotal: z.number().int(),
  stepsDone: z.number().int(),
  createdAt: instant,
  startedAt: instant.nullable(),
  completedAt: instant.nullable(),
});
export type TaskSummary = z.infer<typeof taskSummary>;
export const task = taskSummary.extend({
  payload: json.nullable(),
  files: z.array(z.string()),
  language: z.string().nullable(),
  repository: z.string().nullable(),
  dependsOn: z.array(z.string()),
  constraints,
  metadata: jsonObject,
  steps: z.array(step),
  /** What the last steps of the plan produced: the output itself when there is one such step, else {stepId: output}. */
  result: json.nullable(),
  /** null while unknown, never 0 for unknown. */
  cost: money.nullable(),
  /** Its own, with what is used, reserved and left; null: it has none. */
  budget: budget.nullable(),
  /** Who does what in its pattern, and how its plan grew; null for tasks of one agent and of steps that were given. */
  coordination: coordinationView.nullable(),
});
export type Task = z.infer<typeof task>;

export const taskQuery = pageQuery.extend({
  /** A status, `active` (any that is not terminal), `in_progress` (executing), `pending` or `submitted` (queued), or several by comma. */
  status: text(200).optional(),
  priority: priorityIn.optional(),
  type: text(50).optional(),
  projectId: text(200).optional(),
  sessionId: id.optional(),
  q: text(200).optional(),
});
export const taskResult = z.object({
  taskId: z.string(),
  status: z.enum(taskStatuses),
  result: json.nullable(),
  failure: failure.nullable(),
  artifacts: z.array(artifact.extend({ stepId: z.string() })),
});
export type TaskResult = z.infer<typeof taskResult>;
