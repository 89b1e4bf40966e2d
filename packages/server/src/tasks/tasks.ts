// Tasks: handed in, planned, carried out, ended. A task is queued until its first step begins, then executing; it is waiting
// when nothing of it can go on by itself, and says what for; paused while somebody wants it so; and ends completed, failed or
// cancelled, once. What writes all this down is the turn; what it means is in task-machine.
import {
  type Assignment,
  type Attempt,
  DEFAULT_PROJECT,
  type Page,
  type ParsedTaskInput,
  parse,
  type Preview,
  priorities,
  type Priority,
  Refusal,
  type ReviewInput,
  taskInput,
  type Task,
  type TaskResult,
  taskStatuses,
  type TaskSummary,
  type TaskInput,
} from "@baton/contract";
import { getKnownAgent } from "../agents/agents.ts";
import { selectBudget, toBudget, toTaskBudgetId } from "../budgets/budgets.ts";
import { isGrowing } from "../planning/patterns.ts";
import type { Candidates } from "../planning/pattern.ts";
import { toPlan } from "../planning/plan.ts";
import type { Demand } from "../routing/agent-index.ts";
import { toAssignment, toFacts, whyNobody } from "../routing/assignment.ts";
import { findFor } from "../routing/found-tools.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import { type Entered, enterSession } from "../sessions/sessions.ts";
import type { Scope } from "../store/scope.ts";
import { type JsonSchema, schemaProblem } from "../std/json-schema.ts";
import { pathIssues } from "../std/json-path.ts";
import { countRunning, selectAttemptBy, selectAttemptsOfAgent, selectAttemptsOfTask, selectServers } from "./attempt-rows.ts";
import { toCandidates } from "./candidates.ts";
import { type CommandWorld, getTaskRow } from "./commands.ts";
import { checkChecks, refuseChecks } from "./check-checks.ts";
import { type Rework, toReviewTask, toReworkTask } from "./review.ts";
import { checkPlaces } from "./work-place.ts";
import { isTerminal } from "./task-machine.ts";
import { firstStepOf, type GivenPlace, routeKeyOf, toSubmission } from "./submission.ts";
import { selectSteps } from "./step-rows.ts";
import { countTasks, type OpenNeed, selectCounts, selectOpenNeeds, selectTaskByKey, selectTaskPage, type TaskFilter, type TaskRow } from "./task-rows.ts";
import { toAttempt, toSummary, toTask, toTaskResult } from "./to-task.ts";

export { cancelTask, type CommandWorld as TasksWorld, getTaskRow, pauseTask, resumeTask, retryTask } from "./commands.ts";
export { type Dispatcher, type DispatcherSettings, openDispatcher } from "./dispatcher.ts";
export { decideApproval, decideNamed } from "./decide-approval.ts";
export { decidePlan } from "./decide-plan.ts";
export { setTaskBudget } from "./set-task-budget.ts";
export { openPlanLibrary } from "./plan-library.ts";
export { CHECK_RIGHT, refuseChecks } from "./check-checks.ts";
export { openDialinDoor } from "./dialin-door.ts";
export { giveBackWork } from "./restart-agent.ts";
export { isTerminal } from "./task-machine.ts";
export { checkpointAgent, checkpointWork, getAgentCheckpoint, listAgentCheckpoints, rollBackAgent } from "./checkpoints.ts";
export { getCoordinationFigures } from "./coordination-figures.ts";
export { listUpdates } from "./updates.ts";
export { tellPerformance } from "./performance.ts";

export interface SubmitOptions {
  /** In a workspace of another task. */
  place?: GivenPlace | undefined;
  idempotencyKey?: string | undefined;
  /** Whoever hands it in may name commands that this server runs (`check`). Absent: they may not. */
  mayCheck?: boolean | undefined;
  /** The same of the commands that a repository's baton.yaml names for its workspaces: whoever may, lets everybody work there. Absent: they may not. */
  mayName?: boolean | undefined;
}
/** Stores the task and its plan; when it resolves, nothing short of losing the store loses it. @throws Refusal `bad_input`, `forbidden`, `conflict`, `idempotency_mismatch`, `unavailable`. */
export async function submitTask(
  world: CommandWorld,
  given: ParsedTaskInput,
  options: SubmitOptions = {},
): Promise<{ id: string; seq: number; created: boolean }> {
  const session = given.sessionId === undefined ? undefined : await enterSessionOnce(world, given.sessionId, options.idempotencyKey);
  const input = inProjectOf(session, given);
  checkReferences(input);
  refuseChecks(input, options.mayCheck ?? false);
  if (input.steps) await checkChecks(world, input.steps);
  await checkPlaces(world, input, input.steps ?? [], options.mayName);
  const template = input.plan === undefined ? undefined : world.plans.get(input.plan);
  const id = input.id ?? world.newId();
  return world.dispatcher.turn.submit(
    toSubmission(input, id, world.clock.now(), candidatesFor(world, input, session), options.idempotencyKey, template, {
      session,
      place: options.place,
    }),
  );
}
/** What is said in a conversation is for whoever answers there: its words do not ask for others. */
function candidatesFor(world: CommandWorld, input: ParsedTaskInput, session: Entered | undefined): Candidates {
  const candidates = toCandidates(world.registry.index, input.projectId);
  return session === undefined ? candidates : { ...candidates, named: () => [] };
}
/** Hands comments on lines of a work tree to whoever worked in it. @returns the id of the task that is made of them. */
export async function reviewWorkspace(world: CommandWorld, idOrTask: string, review: ReviewInput): Promise<string> {
  const { input, place } = await toReviewTask(world, idOrTask, review);
  return (await submitTask(world, input, { place })).id;
}
/** Gives work back to whoever did it, in the same work tree and conversation. @returns the id of the task. */
export async function giveBack(world: CommandWorld, workspaceId: string, rework: Rework): Promise<string> {
  const { input, place } = await toReworkTask(world, workspaceId, rework);
  return (await submitTask(world, input, { place })).id;
}
/** A request that is repeated is answered as it was at first, also when its session takes nothing more by now. */
async function enterSessionOnce(world: CommandWorld, id: string, idempotencyKey: string | undefined): Promise<Entered> {
  try {
    return await enterSession(world, id);
  } catch (error) {
    const [earlier] = error instanceof Refusal && idempotencyKey !== undefined ? await selectTaskByKey(world.db, [idempotencyKey]) : [];
    if (!earlier) throw error;
    return { project: earlier.project_id, holder: undefined };
  }
}
/** What is said in a session stays in its project. @throws Refusal `bad_input` for a task of another. */
function inProjectOf(session: Entered | undefined, input: ParsedTaskInput): ParsedTaskInput {
  if (!session) return input;
  const own = session.project ?? DEFAULT_PROJECT;
  if (input.projectId === undefined) return session.project === null ? input : { ...input, projectId: own };
  if (input.projectId === own) return input;
  const issue = { path: "body.sessionId", message: `is of project ${own}, and the task of ${input.projectId}` };
  throw new Refusal("bad_input", `${issue.path} ${issue.message}.`, { issues: [issue] });
}
/** For callers inside the program that hold unparsed input. */
export const submitUnparsed = (world: CommandWorld, input: TaskInput, options: SubmitOptions = {}) =>
  submitTask(world, parse(taskInput, input, "body"), options);

function checkReferences(input: ParsedTaskInput): void {
  const inputs = (input.steps ?? []).map((step) => step.input ?? null);
  const issues = pathIssues(inputs, "body.steps").map((issue) => ({ ...issue, path: issue.path.replace(/^(body\.steps\[\d+\])/, "$1.input") }));
  const { outputSchema } = input.coordination ?? {};
  const check = (schema: JsonSchema | undefined, path: string): void => {
    const message = schema && schemaProblem(schema);
    if (message) issues.push({ path, message });
  };
  check(outputSchema, "body.coordination.outputSchema");
  input.steps?.forEach((step, at) => check(step.outputSchema, `body.steps[${at}].outputSchema`));
  if (issues.length > 0) throw new Refusal("bad_input", `${issues[0]?.path} ${issues[0]?.message}.`, { issues });
}

/** The plan, and who would do each step now and why. Stores nothing. @throws Refusal as handing it in would, as far as it has to do with the plan. */
export async function previewTask(
  world: CommandWorld,
  given: ParsedTaskInput,
  { mayCheck = false }: Pick<SubmitOptions, "mayCheck"> = {},
): Promise<Omit<Preview, "conflicts">> {
  const session = given.sessionId === undefined ? undefined : await enterSession(world, given.sessionId);
  const input = inProjectOf(session, given);
  const holder = session?.holder;
  checkReferences(input);
  refuseChecks(input, mayCheck);
  const plan = toPlan(input, candidatesFor(world, input, session), input.plan === undefined ? undefined : world.plans.get(input.plan));
  const resumes = firstStepOf(plan.steps);
  const steps = plan.steps.map((step) => {
    const { id, title, description, requirements, tools, needs } = step;
    const taken = wouldTake(world, { ...parseRouteKey(routeKeyOf(step, input.projectId)), ...(id === resumes && holder !== undefined ? { holder } : {}) });
    const found = findFor(world.registry.index, step, taken.assignment?.agentId, input.projectId);
    return { id, title, description, requirements, tools, needs, ...found, ...taken };
  });
  return { pattern: plan.pattern, reason: plan.reason, steps };
}
function wouldTake(world: CommandWorld, demand: Demand): { assignment: Assignment | null; waitingFor: Preview["steps"][number]["waitingFor"] } {
  const { index } = world.registry;
  const choice = index.choose(demand);
  if (choice) return { assignment: toAssignment(toFacts(choice, demand, world.clock.now())), waitingFor: null };
  return {
    assignment: null,
    waitingFor: whyNobody(index, demand) ?? { kind: "agent", detail: `All ${index.capable(demand).length} agents that can do it are busy now.` },
  };
}

async function readTask(world: CommandWorld, id: string) {
  const row = await getTaskRow(world, id);
  const [openNeeds, steps, attempts, growth, budget] = await Promise.all([
    findOpenNeeds(world, [row]),
    selectSteps(world.db, row.id),
    selectAttemptsOfTask(world.db, row.id),
    isGrowing(row.pattern) ? world.events.list({ taskId: row.id, type: "plan.grown", limit: 500 }) : { items: [] },
    row.spec.includes('"budget"') ? selectBudget(world.db, toTaskBudgetId(row.id)) : undefined,
  ]);
  return { budget: budget ? toBudget(budget) : null, row, openNeeds, steps, attempts, growth: growth.items };
}
/** Of those that wait for tasks they depend on. */
async function findOpenNeeds({ db }: CommandWorld, tasks: readonly TaskRow[]): Promise<OpenNeed[]> {
  const waiting = tasks.filter((task) => task.status === "waiting" && task.tasks_needed > 0);
  return waiting.length === 0
    ? []
    : selectOpenNeeds(
        db,
        waiting.map((task) => task.id),
      );
}
/** By id or seq. @throws Refusal `not_found`. */
export const getTask = async (world: CommandWorld, id: string): Promise<Task> => toTask(await readTask(world, id), world.registry.index);
export const getTaskResult = async (world: CommandWorld, id: string): Promise<TaskResult> => toTaskResult(await readTask(world, id));

export interface TaskQuery {
  limit: number;
  offset: number;
  status?: string | undefined;
  priority?: Priority | undefined;
  type?: string | undefined;
  projectId?: string | undefined;
  sessionId?: string | undefined;
  q?: string | undefined;
}
export async function listTasks(world: CommandWorld, scope: Scope, query: TaskQuery): Promise<Page<TaskSummary>> {
  const filter: TaskFilter = {
    scope,
    statuses: query.status === undefined ? undefined : toStatuses(query.status),
    priority: query.priority === undefined ? undefined : priorities.indexOf(query.priority),
    type: query.type,
    projectId: query.projectId,
    sessionId: query.sessionId,
    q: query.q,
  };
  const [rows, total] = await Promise.all([selectTaskPage(world.db, filter, query.limit, query.offset), countTasks(world.db, filter)]);
  const openNeeds = await findOpenNeeds(world, rows);
  const toItem = (row: TaskRow) =>
    toSummary(
      row,
      openNeeds.filter((need) => need.task_id === row.id),
    );
  return { items: rows.map(toItem), total, limit: query.limit, offset: query.offset };
}
/** What others call them. */
const statusAliases: Record<string, string> = { in_progress: "executing", pending: "queued", submitted: "queued" };
function toStatuses(given: string): string[] {
  return given.split(",").flatMap((word) => {
    const status = word.trim().toLowerCase();
    if (status === "active") return taskStatuses.filter((one) => !isTerminal(one));
    if (Object.hasOwn(statusAliases, status)) return [statusAliases[status] as string];
    if ((taskStatuses as readonly string[]).includes(status)) return [status];
    const issue = {
      path: "query.status",
      message: `${JSON.stringify(word)} is no status`,
      allowed: [...taskStatuses, "active", ...Object.keys(statusAliases)],
    };
    throw new Refusal("bad_input", `${issue.path}: ${issue.message}; allowed: ${issue.allowed.join(", ")}.`, { issues: [issue] });
  });
}
export async function listAgentAttempts(world: CommandWorld, scope: Scope, idOrName: string, limit: number): Promise<{ items: Attempt[] }> {
  const { row } = getKnownAgent(world, idOrName);
  return { items: (await selectAttemptsOfAgent(world.db, scope, row.id, limit)).map((attempt) => toAttempt(attempt)) };
}
/** Counts for the system's status. */
/** Whether this attempt of this agent runs, on whatever server. */
export const isCarriedOut = async ({ db }: Pick<CommandWorld, "db">, attemptId: string, agentId: string): Promise<boolean> =>
  (await selectAttemptBy(db, attemptId, agentId))?.state === "running";
export async function countWork(world: CommandWorld): Promise<{ tasks: Record<string, number>; attemptsRunning: number; servers: number }> {
  const now = world.clock.now();
  const [counts, attemptsRunning, servers] = await Promise.all([selectCounts(world.db), countRunning(world.db), selectServers(world.db)]);
  return {
    tasks: Object.fromEntries(counts.map(({ status, n }) => [status, n])),
    attemptsRunning,
    servers: servers.filter((server) => server.lease_until >= now).length,
  };
}
