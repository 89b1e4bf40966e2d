// SQL of steps: what they need, the lines in which ready ones stand, and how they end.
import type { Reader, Tx } from "../store/db.ts";
import { eachOf, oneOf, rows, skipLocked, sql } from "../store/sql.ts";

const notLocked = skipLocked("task_steps");

export interface StepRow {
  task_id: string;
  step_id: string;
  position: number;
  status: string;
  spec: string;
  needs_left: number;
  route_key: string;
  /** Ready steps are taken in this order: when it became ready, minus a head start for priority. */
  queue_key: number;
  run_at: number | null;
  attempt: number;
  retries_left: number;
  losses: number;
  reason: string | null;
  output: string | null;
  artifacts: string | null;
  started_at: number | null;
  completed_at: number | null;
  feedback: string | null;
  told: string | null;
  dropped: number | null;
  /** While it waits: the budget it waits for; null: for somebody who can take it. */
  budget_id: string | null;
}
export type NewStepRow = Pick<
  StepRow,
  "task_id" | "step_id" | "position" | "status" | "spec" | "needs_left" | "route_key" | "queue_key" | "attempt" | "retries_left" | "started_at"
>;

const STEP = {
  task_id: "text",
  step_id: "text",
  position: "int",
  status: "text",
  spec: "text",
  needs_left: "int",
  route_key: "text",
  queue_key: "int",
  attempt: "int",
  retries_left: "int",
  started_at: "int",
} as const;

export const insertSteps = (tx: Tx, steps: readonly NewStepRow[]): Promise<number> =>
  tx.run(sql`insert into task_steps (task_id, step_id, position, status, spec, needs_left, route_key, queue_key, attempt, retries_left, losses, started_at)
    select task_id, step_id, position, status, spec, needs_left, route_key, queue_key, attempt, retries_left, 0, started_at from ${eachOf("x", STEP, steps)}`);
export const insertStepNeeds = (tx: Tx, needs: readonly { task_id: string; step_id: string; needs_step_id: string }[]): Promise<number> =>
  tx.run(
    sql`insert into step_needs (task_id, step_id, needs_step_id) select task_id, step_id, needs_step_id from ${eachOf("x", { task_id: "text", step_id: "text", needs_step_id: "text" }, needs)}`,
  );
export const selectSteps = (db: Reader, taskId: string): Promise<StepRow[]> =>
  db.all(sql`select * from task_steps where task_id = ${taskId} order by position`);
/** Of these steps, or of all. */
export const selectOutputs = (db: Reader, taskId: string, ids: readonly string[] | "all"): Promise<{ step_id: string; output: string }[]> =>
  db.all(
    ids === "all"
      ? sql`select step_id, output from task_steps where task_id = ${taskId} and status = 'completed' and output is not null`
      : sql`select step_id, output from task_steps where task_id = ${taskId} and step_id ${oneOf(ids)} and status = 'completed' and output is not null`,
  );
/** Outputs of the steps nobody needs: what the plan came to. */
export const selectResults = (tx: Tx, taskId: string): Promise<{ step_id: string; output: string }[]> =>
  tx.all(sql`select s.step_id, s.output from task_steps s where s.task_id = ${taskId} and s.status = 'completed' and s.output is not null
    and not exists (select 1 from step_needs n where n.task_id = s.task_id and n.needs_step_id = s.step_id) order by s.position`);

/** Keys that have a ready step (or one that waits for somebody), found by skipping through the index: the cost is per key, not per step. */
export async function selectKeys(db: Reader, status: "ready" | "waiting"): Promise<string[]> {
  const found = await db.all<{ k: string }>(
    status === "ready"
      ? sql`with recursive keys(k) as (select min(route_key) from task_steps where status = 'ready'
          union all select (select min(route_key) from task_steps where status = 'ready' and route_key > k) from keys where k is not null) select k from keys where k is not null`
      : sql`with recursive keys(k) as (select min(route_key) from task_steps where status = 'waiting' and budget_id is null
          union all select (select min(route_key) from task_steps where status = 'waiting' and budget_id is null and route_key > k) from keys where k is not null) select k from keys where k is not null`,
  );
  return found.map((row) => row.k);
}
export interface ReadyStep
  extends Pick<StepRow, "task_id" | "step_id" | "position" | "queue_key" | "attempt" | "retries_left" | "losses" | "route_key" | "feedback" | "told"> {
  step_spec: string;
  title: string;
  description: string;
  type: string;
  task_spec: string;
  task_status: string;
  project_id: string | null;
  max_running: number | null;
  steps_total: number;
  deadline_at: number | null;
}
/** The first ready steps of one kind, locked; what another server is just taking is passed over. */
export const lockReady = (tx: Tx, routeKey: string, limit: number): Promise<ReadyStep[]> =>
  tx.all(sql`select s.task_id, s.step_id, s.position, s.queue_key, s.attempt, s.retries_left, s.losses, s.route_key, s.feedback, s.told, s.spec as step_spec,
      t.title, t.description, t.type, t.spec as task_spec, t.status as task_status, t.project_id, t.max_running, t.steps_total, t.deadline_at
    from task_steps s join tasks t on t.id = s.task_id where s.status = 'ready' and s.route_key = ${routeKey} order by s.queue_key limit ${limit}${skipLocked("s, t")}`);
export const selectStepOf = async (db: Reader, taskId: string, stepId: string): Promise<ReadyStep | undefined> =>
  (
    await db.all<ReadyStep>(sql`select s.task_id, s.step_id, s.position, s.queue_key, s.attempt, s.retries_left, s.losses, s.route_key, s.feedback, s.told, s.spec as step_spec,
      t.title, t.description, t.type, t.spec as task_spec, t.status as task_status, t.project_id, t.max_running, t.steps_total, t.deadline_at
    from task_steps s join tasks t on t.id = s.task_id where s.task_id = ${taskId} and s.step_id = ${stepId}`)
  )[0];
export const startSteps = (tx: Tx, now: number, steps: readonly { task_id: string; step_id: string; attempt: number }[]): Promise<number> =>
  tx.run(sql`update task_steps set status = 'running', attempt = x.attempt, started_at = coalesce(started_at, ${now}), reason = null
    from ${eachOf("x", { task_id: "text", step_id: "text", attempt: "int" }, steps)} where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id`);
/** For steps inserted as running in this transaction, and not begun after all. */
export const unstartSteps = (tx: Tx, steps: readonly { task_id: string; step_id: string }[]): Promise<number> =>
  tx.run(sql`update task_steps set status = 'ready', attempt = 0, started_at = null from ${eachOf("x", { task_id: "text", step_id: "text" }, steps)}
    where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id`);
export interface StepChange {
  task_id: string;
  step_id: string;
  attempt: number;
  /** The attempt's, which has been ended under this fence in the same transaction. */
  attempt_id: string;
  fence: number;
  status: string;
  output: string | null;
  artifacts: string | null;
  reason: string | null;
  run_at: number | null;
  route_key: string;
  /** null: as it is. */
  queue_key: number | null;
  retries_left: number;
  losses: number;
  completed_at: number | null;
}
const CHANGE = {
  task_id: "text",
  step_id: "text",
  attempt: "int",
  attempt_id: "text",
  fence: "int",
  status: "text",
  output: "text",
  artifacts: "text",
  reason: "text",
  run_at: "int",
  route_key: "text",
  queue_key: "int",
  retries_left: "int",
  losses: "int",
  completed_at: "int",
} as const;
/**
 * Writes what attempts came to; a step that is no longer in that attempt stays as it is and is not returned, nor does one whose attempt was not ended: so
 * that it can be issued together with the statement that ends attempts, before anybody knows which of them it ended.
 */
export const settleSteps = (tx: Tx, changes: readonly StepChange[]): Promise<{ task_id: string; step_id: string; attempt: number }[]> =>
  tx.all(sql`update task_steps set status = x.status, output = x.output, artifacts = x.artifacts, reason = x.reason, run_at = x.run_at, route_key = x.route_key, queue_key = coalesce(x.queue_key, task_steps.queue_key),
      retries_left = x.retries_left, losses = x.losses, completed_at = x.completed_at
    from ${eachOf("x", CHANGE, changes)} where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id and task_steps.attempt = x.attempt and task_steps.status = 'running'
      and exists (select 1 from attempts a where a.id = x.attempt_id and a.fence = x.fence and a.state <> 'running')
    returning task_steps.task_id, task_steps.step_id, task_steps.attempt`);
/** Counts down what waits for these steps. @returns the steps that wait for nothing more. */
export const countDownSteps = (
  tx: Tx,
  done: readonly { task_id: string; step_id: string }[],
): Promise<{ task_id: string; step_id: string; route_key: string }[]> =>
  tx
    .all<{ task_id: string; step_id: string; route_key: string; needs_left: number; status: string }>(sql`update task_steps set needs_left = needs_left - d.n
      from (select n.task_id, n.step_id, count(*) as n from step_needs n join ${rows("x", { task_id: "text", step_id: "text" }, done)} on n.task_id = x.task_id and n.needs_step_id = x.step_id group by n.task_id, n.step_id) d
      where task_steps.task_id = d.task_id and task_steps.step_id = d.step_id returning task_steps.task_id, task_steps.step_id, task_steps.route_key, task_steps.needs_left, task_steps.status`)
    .then((found) => found.filter((row) => row.needs_left === 0 && row.status === "blocked"));
export const setRouteKey = (tx: Tx, taskId: string, stepId: string, routeKey: string): Promise<number> =>
  tx.run(sql`update task_steps set route_key = ${routeKey} where task_id = ${taskId} and step_id = ${stepId}`);
/** Steps of one task that may begin, in the order of the plan; of each line, with what stands in it already, no more than the task has slots free. */
export const selectStartable = (tx: Tx, taskId: string, slots: number | null): Promise<Pick<StepRow, "task_id" | "step_id" | "route_key">[]> =>
  tx.all(
    slots === null
      ? sql`select task_id, step_id, route_key from task_steps where task_id = ${taskId} and needs_left = 0 and status in ('blocked', 'held') order by position`
      : sql`select task_id, step_id, route_key from (select task_id, step_id, route_key, position, status,
          row_number() over (partition by route_key order by case when status in ('ready', 'waiting') then 0 else 1 end, position) as place
        from task_steps where task_id = ${taskId} and (status in ('ready', 'waiting') or (needs_left = 0 and status in ('blocked', 'held')))) line
      where status in ('blocked', 'held') and place <= ${slots} - (select count(*) from task_steps where task_id = ${taskId} and status = 'running') order by position`,
  );
/** Of tasks of which something runs. */
export const countRunning = (tx: Tx, taskIds: readonly string[]): Promise<{ task_id: string; n: number }[]> =>
  tx.all(sql`select task_id, count(*) as n from task_steps where task_id ${oneOf(taskIds)} and status = 'running' group by task_id`);
/** Takes steps out of their lines. */
export const holdSteps = (tx: Tx, steps: readonly { task_id: string; step_id: string }[]): Promise<number> =>
  tx.run(sql`update task_steps set status = 'held' from ${eachOf("x", { task_id: "text", step_id: "text" }, steps)}
    where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id and task_steps.status = 'ready'`);
export const setStepStatus = (tx: Tx, steps: readonly { task_id: string; step_id: string; status: string; queue_key: number }[]): Promise<number> =>
  tx.run(sql`update task_steps set status = x.status, queue_key = x.queue_key from ${eachOf("x", { task_id: "text", step_id: "text", status: "text", queue_key: "int" }, steps)}
    where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id`);

/** Everything of these tasks that has not begun will not begin; what runs is to be stopped. */
export async function endSteps(tx: Tx, taskIds: readonly string[], status: "skipped" | "cancelled", now: number, reason: string): Promise<void> {
  await tx.run(
    sql`update task_steps set status = ${status}, reason = ${reason}, completed_at = ${now} where task_id ${oneOf(taskIds)} and status in ('blocked', 'ready', 'delayed', 'waiting', 'held')`,
  );
  await tx.run(
    sql`update task_steps set status = 'cancelled', reason = ${reason}, completed_at = ${now} where task_id ${oneOf(taskIds)} and status = 'running'`,
  );
}
/** Ready steps nobody can take are set aside, so that they do not stand before others. */
export const parkReady = (tx: Tx, routeKey: string, limit: number): Promise<{ task_id: string }[]> =>
  tx.all(sql`update task_steps set status = 'waiting', budget_id = null where (task_id, step_id) in (select task_id, step_id from task_steps where status = 'ready' and route_key = ${routeKey} limit ${limit}${notLocked})
    returning task_id`);
export const unparkWaiting = (tx: Tx, routeKey: string, limit: number): Promise<{ task_id: string }[]> =>
  tx.all(sql`update task_steps set status = 'ready' where (task_id, step_id) in (select task_id, step_id from task_steps where status = 'waiting' and budget_id is null and route_key = ${routeKey} limit ${limit}${notLocked})
    returning task_id`);
/** Of these tasks, the steps that are set aside; `no_budget`: why, where one waits for a budget. */
export const selectSetAside = (tx: Tx, ids: readonly string[]): Promise<{ task_id: string; route_key: string; no_budget: string | null }[]> =>
  tx.all(
    sql`select task_id, min(route_key) as route_key, min(case when budget_id is null then null else reason end) as no_budget from task_steps where task_id ${oneOf(ids)} and status = 'waiting' group by task_id`,
  );
export const setAsideForBudget = (tx: Tx, steps: readonly { task_id: string; step_id: string; budget_id: string; reason: string }[]): Promise<number> =>
  tx.run(sql`update task_steps set status = 'waiting', budget_id = x.budget_id, reason = x.reason
    from ${eachOf("x", { task_id: "text", step_id: "text", budget_id: "text", reason: "text" }, steps)} where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id`);
/** The oldest of those that wait for this budget become ready. */
export const unparkBudgeted = (tx: Tx, budgetId: string, limit: number): Promise<{ task_id: string; route_key: string }[]> =>
  tx.all(sql`update task_steps set status = 'ready', budget_id = null, reason = null where (task_id, step_id) in
    (select task_id, step_id from task_steps where status = 'waiting' and budget_id = ${budgetId} order by queue_key limit ${limit}${notLocked}) returning task_id, route_key`);
export const isWaitedFor = async (tx: Tx, budgetId: string): Promise<boolean> =>
  (await tx.all<object>(sql`select 1 as one from task_steps where status = 'waiting' and budget_id = ${budgetId} limit 1`)).length > 0;
export const dueDelayed = (tx: Tx, now: number, limit: number): Promise<{ route_key: string }[]> =>
  tx.all(sql`update task_steps set status = 'ready', run_at = null where (task_id, step_id) in (select task_id, step_id from task_steps where status = 'delayed' and run_at <= ${now} order by run_at limit ${limit}${notLocked})
    returning route_key`);
export async function nextDelayed(db: Reader): Promise<number | undefined> {
  const found = await db.all<{ at: number | null }>(sql`select min(run_at) as at from task_steps where status = 'delayed'`);
  return found[0]?.at ?? undefined;
}
export const holdReady = (tx: Tx, taskId: string): Promise<number> =>
  tx.run(sql`update task_steps set status = 'held' where task_id = ${taskId} and status in ('ready', 'waiting', 'delayed')`);
/** Steps that did not complete wait anew for what they need; their tries count from the beginning. */
export const resetSteps = (tx: Tx, taskId: string, tries: readonly { step_id: string; retries_left: number }[]): Promise<number> =>
  tx.run(sql`update task_steps set status = 'blocked', reason = null, completed_at = null, started_at = null, run_at = null, retries_left = x.retries_left, losses = 0,
      feedback = null, told = null,
      needs_left = (select count(*) from step_needs n join task_steps d on d.task_id = n.task_id and d.step_id = n.needs_step_id
        where n.task_id = task_steps.task_id and n.step_id = task_steps.step_id and d.status <> 'completed' and d.dropped is null)
    from ${eachOf("x", { step_id: "text", retries_left: "int" }, tries)} where task_steps.task_id = ${taskId} and task_steps.step_id = x.step_id and task_steps.status <> 'completed' and task_steps.dropped is null`);

/** For steps sent back to do it again: what was wrong, and all that was told so far. */
export const tellSteps = (tx: Tx, sentBack: readonly { task_id: string; step_id: string; feedback: string; told: string }[]): Promise<number> =>
  tx.run(sql`update task_steps set feedback = x.feedback, told = x.told from ${eachOf("x", { task_id: "text", step_id: "text", feedback: "text", told: "text" }, sentBack)}
    where task_steps.task_id = x.task_id and task_steps.step_id = x.step_id`);
/** Steps their plan does without. What runs of them is to be stopped. @returns those that had not ended. */
export const dropSteps = (tx: Tx, taskId: string, ids: readonly string[], reason: string, now: number): Promise<{ step_id: string }[]> =>
  tx.all(sql`update task_steps set status = 'cancelled', dropped = 1, reason = ${reason}, completed_at = ${now}
    where task_id = ${taskId} and step_id ${oneOf(ids)} and status in ('blocked', 'ready', 'delayed', 'waiting', 'held', 'running') returning step_id`);
/** How a task's steps stand, for its plan to grow by; outputs of steps whose id begins like `without` are left out. */
export const selectStanding = (tx: Tx, taskId: string, without: string | undefined): Promise<Omit<StepRow, "artifacts" | "told">[]> =>
  tx.all(sql`select task_id, step_id, position, status, spec, needs_left, route_key, queue_key, run_at, attempt, retries_left, losses, reason,
      case when substr(step_id, 1, ${without?.length ?? 1}) = ${without ?? ""} then null else output end as output, started_at, completed_at, feedback, dropped, budget_id
    from task_steps where task_id = ${taskId} order by position`);
/** Steps nobody has begun, with what they need. */
export async function deleteUnbegun(tx: Tx, taskId: string): Promise<void> {
  await tx.run(sql`delete from step_needs where task_id = ${taskId} and step_id in (select step_id from task_steps where task_id = ${taskId} and attempt = 0)`);
  await tx.run(sql`delete from task_steps where task_id = ${taskId} and attempt = 0`);
}
