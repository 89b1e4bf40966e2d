// Budgets: how much tasks, agents, projects and everything together may spend. Their counters are kept by whoever begins and ends attempts,
// in the same transactions; here they are made, changed, removed and shown. Several may be about one attempt: all must have room.
import { ALL_PROJECTS, type Budget, type BudgetPatch, DEFAULT_PROJECT, type Page, type ParsedBudgetInput, Refusal, type TaskBudget } from "@baton/contract";
import { freeParked, getKnownAgent, type Registry } from "../agents/agents.ts";
import type { EventLog, NewEvent } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import type { Scope } from "../store/scope.ts";
import { limitBudget, periodOf, renew } from "./account.ts";
import {
  type BudgetFilter,
  type BudgetRow,
  countBudgets,
  deleteBudget,
  insertBudgets,
  KINDS,
  lockBudgets,
  type NewBudgetRow,
  selectBudget,
  selectBudgetPage,
  updateBudgets,
} from "./budget-rows.ts";
import { eventDataOf, NANOS, toBudget } from "./budget-words.ts";
import { BUDGETS_CHANNEL, type StandingBudgets } from "./standing.ts";

export { charge, fit, hasRoom, hold, limitBudget, type NoRoom, renew, roomIn, type Want, warnOf } from "./account.ts";
export {
  type Amount,
  type BudgetRow,
  deleteBudget,
  insertBudgets,
  type Kind,
  KINDS,
  lockBudgets,
  nextToRenew,
  selectBudget,
  selectToTry,
  updateBudgets,
} from "./budget-rows.ts";
export { describeAmount, describeBudget, describeRenewal, eventDataOf, isTaskOwn, NANOS, toBudget } from "./budget-words.ts";
export { BUDGETS_CHANNEL, openStandingBudgets, type StandingBudgets } from "./standing.ts";

export interface BudgetsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  events: EventLog;
  registry: Registry;
  budgets: StandingBudgets;
}
/** What a budget is about, and whose it is by that. */
type Subject = Pick<BudgetRow, "subject" | "project">;
type Limits = Partial<Record<"usd" | "tokens" | "seconds" | "attempts", number | null | undefined>>;
const toUnits = (value: number | null | undefined, unit: number): number | null => (value === undefined || value === null ? null : Math.round(value * unit));
const toRow = (id: string, name: string, { subject, project }: Subject, period: string, given: Limits & { warnAt: number }, now: number): NewBudgetRow => ({
  id,
  name,
  subject,
  project,
  period,
  limit_usd: toUnits(given.usd, NANOS),
  limit_tokens: toUnits(given.tokens, 1),
  limit_ms: toUnits(given.seconds, 1000),
  limit_attempts: toUnits(given.attempts, 1),
  warn_at: given.warnAt,
  ...periodOf(period, now),
  created_at: now,
  updated_at: now,
});
export const toTaskBudgetId = (taskId: string): string => `task:${taskId}`;
/** The row of what a task brings along. */
export const toTaskBudgetRow = (task: { id: string; project_id: string | null }, given: TaskBudget, now: number): NewBudgetRow => {
  const id = toTaskBudgetId(task.id);
  return toRow(id, id, { subject: id, project: task.project_id ?? DEFAULT_PROJECT }, "total", given, now);
};

async function getRow({ db }: Pick<BudgetsWorld, "db">, idOrName: string): Promise<BudgetRow> {
  const row = await selectBudget(db, idOrName);
  if (!row) throw new Refusal("not_found", `There is no budget ${idOrName}. GET /api/v1/budgets lists them.`);
  return row;
}
const asOf = (row: BudgetRow, now: number): Budget => {
  renew(row, now);
  return toBudget(row);
};
/** By id or name. @throws Refusal `not_found`. */
export const getBudget = async (world: Pick<BudgetsWorld, "db" | "clock">, idOrName: string): Promise<Budget> =>
  asOf(await getRow(world, idOrName), world.clock.now());
export async function listBudgets(
  world: Pick<BudgetsWorld, "db" | "clock" | "registry">,
  within: Scope,
  { limit, offset, scope, subject }: { limit: number; offset: number; scope?: Budget["scope"] | undefined; subject?: string | undefined },
): Promise<Page<Budget>> {
  const known = subject === undefined || scope === "task" || scope === "project" ? undefined : world.registry.find(subject);
  const filter: BudgetFilter = { scope, subject: known?.row.id ?? subject };
  const [rows, total] = await Promise.all([selectBudgetPage(world.db, within, filter, limit, offset), countBudgets(world.db, within, filter)]);
  const now = world.clock.now();
  return { items: rows.map((row) => asOf(row, now)), total, limit, offset };
}

function subjectOf(world: BudgetsWorld, { scope, agent, projectId = DEFAULT_PROJECT }: ParsedBudgetInput): Subject {
  if (scope === "project") return { subject: `project:${projectId}`, project: projectId };
  if (scope === "everything") return { subject: "everything", project: ALL_PROJECTS };
  const { row } = getKnownAgent(world, agent ?? "");
  return { subject: `agent:${row.id}`, project: row.project_id ?? ALL_PROJECTS };
}
function checkScope({ scope, agent, projectId }: ParsedBudgetInput): void {
  const subjects = [
    { path: "body.agent", is: "agent", given: agent },
    { path: "body.projectId", is: "project", given: projectId },
  ];
  for (const { path, is, given } of subjects) {
    if ((scope === is) === (given !== undefined)) continue;
    const message = `goes with scope ${is}, and only with it`;
    throw new Refusal("bad_input", `${path}: ${message}.`, { issues: [{ path, message }] });
  }
}
/** Counts attempts that begin from now on. @throws Refusal `bad_input`, `not_found` for its agent, `name_taken`. */
export async function createBudget(world: BudgetsWorld, input: ParsedBudgetInput): Promise<Budget> {
  checkScope(input);
  const row = toRow(world.newId(), input.name, subjectOf(world, input), input.period, input, world.clock.now());
  await change(world, async (tx) => {
    if ((await insertBudgets(tx, [row])) === 0)
      throw new Refusal("name_taken", `There is a budget named ${row.name} already. Choose another name, or PATCH that one.`);
    return { type: "budget.created", data: { ...eventDataOf(row), scope: input.scope } };
  });
  return getBudget(world, row.id);
}
/** What is given changes; what waited for it goes on as far as there is room now. @throws Refusal `not_found`, `bad_input`. */
export async function patchBudget(world: BudgetsWorld, idOrName: string, patch: BudgetPatch, saw?: Saw<Budget>): Promise<Budget> {
  const { id } = await getRow(world, idOrName);
  await changeRow(world, id, async (tx, row, now) => {
    const before = toBudget(row);
    if (patch.usd !== undefined) row.limit_usd = toUnits(patch.usd, NANOS);
    if (patch.tokens !== undefined) row.limit_tokens = toUnits(patch.tokens, 1);
    if (patch.seconds !== undefined) row.limit_ms = toUnits(patch.seconds, 1000);
    if (patch.attempts !== undefined) row.limit_attempts = toUnits(patch.attempts, 1);
    if (patch.warnAt !== undefined) row.warn_at = patch.warnAt;
    if (KINDS.every((kind) => row[`limit_${kind}`] === null)) {
      const message = "one limit must stay; remove the budget instead";
      throw new Refusal("bad_input", `body: ${message}.`, { issues: [{ path: "body", message }] });
    }
    limitBudget(row, now);
    await updateBudgets(tx, [row]);
    saw?.(before, toBudget(row));
    return { type: "budget.updated", ...taskOf(row), data: { ...eventDataOf(row), fields: Object.keys(patch) } };
  });
  return getBudget(world, id);
}
/** What waited for it goes on. @throws Refusal `not_found`. */
export async function removeBudget(world: BudgetsWorld, idOrName: string, saw?: Saw<Budget>): Promise<void> {
  const { id } = await getRow(world, idOrName);
  await changeRow(world, id, async (tx, row) => {
    saw?.(toBudget(row), undefined);
    const event: NewEvent = { type: "budget.removed", ...taskOf(row), data: eventDataOf(row) };
    if (row.waiting === 0) await deleteBudget(tx, row.id);
    // Whoever takes its steps back removes the row.
    else
      await updateBudgets(tx, [
        { ...row, name: `${row.name}#${row.id}`, subject: "", limit_usd: null, limit_tokens: null, limit_ms: null, limit_attempts: null, waiting: 2 },
      ]);
    return event;
  });
}
const taskOf = ({ subject }: BudgetRow): { taskId?: string } => (subject.startsWith("task:") ? { taskId: subject.slice("task:".length) } : {});

/** Locks it; an agent that got no work because of it gets work again. */
async function changeRow(world: BudgetsWorld, id: string, work: (tx: Tx, row: BudgetRow, now: number) => Promise<NewEvent>): Promise<void> {
  const { subject } = await getRow(world, id);
  const agentId = subject.startsWith("agent:") ? subject.slice("agent:".length) : undefined;
  const freed = await change(world, async (tx) => {
    // Loads before budgets, as whoever begins an attempt locks them.
    const loads = agentId === undefined ? [] : await freeParked(tx, agentId, "budget");
    const [row] = await lockBudgets(tx, [id], []);
    if (!row) throw new Refusal("not_found", `Budget ${id} was removed just now.`);
    const now = world.clock.now();
    renew(row, now);
    return { event: await work(tx, row, now), loads };
  });
  world.registry.putLoads(freed);
}
async function change<T>(world: BudgetsWorld, work: (tx: Tx) => Promise<NewEvent | { event: NewEvent; loads: T[] }>): Promise<T[]> {
  const loads = await tryAgain(world.db, () =>
    world.db.transaction(async (tx) => {
      const done = await work(tx);
      const { event, loads } = "event" in done ? done : { event: done, loads: [] };
      await world.events.append(tx, [event]);
      return loads;
    }),
  );
  world.events.committed();
  await world.budgets.refresh();
  world.db.notify(BUDGETS_CHANNEL);
  return loads;
}
