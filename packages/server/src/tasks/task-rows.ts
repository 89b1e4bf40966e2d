// SQL of tasks and what they need of each other.
import { DEFAULT_PROJECT } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, within } from "../store/scope.ts";
import { eachOf, forUpdate, join, oneOf, type Sql, sql } from "../store/sql.ts";
import { isTerminal } from "./task-machine.ts";

export interface TaskRow {
  seq: number;
  id: string;
  title: string;
  description: string;
  type: string;
  /** 0 background … 4 critical. */
  priority: number;
  status: string;
  pattern: string;
  project_id: string | null;
  session_id: string | null;
  spec: string;
  waiting: string | null;
  failure: string | null;
  result: string | null;
  paused: number;
  /** Steps that may be ready or running at once; null: any number. */
  max_running: number | null;
  steps_total: number;
  steps_left: number;
  /** Tasks it depends on that have not completed. */
  tasks_needed: number;
  deadline_at: number | null;
  idempotency_key: string | null;
  request_hash: string | null;
  created_at: number;
  started_at: number | null;
  completed_at: number | null;
  grow_at: number | null;
  /** `open` while its plan waits for a person. */
  review: string | null;
  /** Of the approvals it requires, how many are not given. */
  approvals_needed: number;
  /** 1: what it is about is kept to be looked up. */
  declares: number | null;
  /** JSON: for whom it waits, as they are about the same files. */
  in_the_way: string | null;
  /** 1: it waits for nobody on that account. */
  passes: number | null;
}
export type NewTaskRow = Omit<TaskRow, "seq" | "waiting" | "failure" | "result" | "paused" | "completed_at" | "grow_at" | "in_the_way" | "passes"> & {
  waiting: string | null;
};
const TASK = {
  id: "text",
  title: "text",
  description: "text",
  type: "text",
  priority: "int",
  status: "text",
  pattern: "text",
  project_id: "text",
  session_id: "text",
  spec: "text",
  waiting: "text",
  max_running: "int",
  steps_total: "int",
  steps_left: "int",
  tasks_needed: "int",
  deadline_at: "int",
  idempotency_key: "text",
  request_hash: "text",
  created_at: "int",
  started_at: "int",
  review: "text",
  approvals_needed: "int",
  declares: "int",
} as const;
/** @returns the ids that are new; the others' id or idempotency key was there already. */
export async function insertTasks(tx: Tx, tasks: readonly NewTaskRow[]): Promise<Map<string, number>> {
  const inserted = await tx.all<{
    id: string;
    seq: number;
  }>(sql`insert into tasks (id, title, description, type, priority, status, pattern, project_id, session_id, spec, waiting, paused, max_running,
      steps_total, steps_left, tasks_needed, deadline_at, idempotency_key, request_hash, created_at, started_at, review, approvals_needed, declares)
    select id, title, description, type, priority, status, pattern, project_id, session_id, spec, waiting, 0, max_running, steps_total, steps_left, tasks_needed, deadline_at, idempotency_key, request_hash, created_at, started_at, review, approvals_needed, declares
    from ${eachOf("x", TASK, tasks)} where true on conflict do nothing returning id, seq`);
  return new Map(inserted.map((row) => [row.id, row.seq]));
}
export const insertTaskNeeds = (tx: Tx, needs: readonly { task_id: string; needs_task_id: string }[]): Promise<number> =>
  tx.run(
    sql`insert into task_needs (task_id, needs_task_id) select task_id, needs_task_id from ${eachOf("x", { task_id: "text", needs_task_id: "text" }, needs)}`,
  );
export const updateCounts = (tx: Tx, deltas: readonly { status: string; n: number }[]): Promise<number> =>
  tx.run(
    sql`insert into task_counts (status, n) select status, n from ${eachOf("x", { status: "text", n: "int" }, deltas)} where true on conflict (status) do update set n = task_counts.n + excluded.n`,
  );

export const selectTask = async (db: Reader, id: string): Promise<TaskRow | undefined> =>
  (
    await db.all<TaskRow>(/^\d{1,15}$/.test(id) ? sql`select * from tasks where id = ${id} or seq = ${Number(id)}` : sql`select * from tasks where id = ${id}`)
  )[0];
export const selectTasks = (db: Reader, ids: readonly string[]): Promise<TaskRow[]> => db.all(sql`select * from tasks where id ${oneOf(ids)}`);
export const selectTaskByKey = (db: Reader, keys: readonly string[]): Promise<TaskRow[]> =>
  db.all(sql`select * from tasks where idempotency_key ${oneOf(keys)}`);
/** What of a task decides what may follow; the texts stay where they are. */
export type LockedTask = Pick<
  TaskRow,
  | "id"
  | "title"
  | "status"
  | "priority"
  | "paused"
  | "max_running"
  | "steps_total"
  | "steps_left"
  | "tasks_needed"
  | "deadline_at"
  | "created_at"
  | "started_at"
  | "completed_at"
  | "pattern"
  | "review"
  | "approvals_needed"
  | "session_id"
  | "in_the_way"
>;
/** It waits for people, whatever else it waits for. */
export const isAsked = ({ review, approvals_needed }: Pick<TaskRow, "review" | "approvals_needed">): boolean => review === "open" || approvals_needed > 0;
/** It waits for people, or for work on the same files. */
export const isHeldBack = (task: Pick<TaskRow, "review" | "approvals_needed" | "in_the_way">): boolean => isAsked(task) || task.in_the_way !== null;
/** None of its steps may begin for now. */
export const isHeld = (task: Pick<TaskRow, "paused" | "review" | "approvals_needed" | "in_the_way">): boolean => task.paused === 1 || isHeldBack(task);
/** In the order of ids, so that two servers never wait for each other. */
export const lockTasks = (tx: Tx, ids: readonly string[]): Promise<LockedTask[]> =>
  tx.all(sql`select id, title, status, priority, paused, max_running, steps_total, steps_left, tasks_needed, deadline_at, created_at, started_at, completed_at, pattern, review, approvals_needed, session_id, in_the_way
    from tasks where id ${oneOf(ids)} order by id${forUpdate}`);
export const startTasks = (tx: Tx, now: number, ids: readonly string[]): Promise<number> =>
  tx.run(sql`update tasks set status = 'executing', waiting = null, started_at = coalesce(started_at, ${now}) where id ${oneOf(ids)}`);
/** Of these, those of which nothing has begun after all. */
export const unstartTasks = (tx: Tx, ids: readonly string[]): Promise<{ id: string }[]> =>
  tx.all(sql`update tasks set status = 'queued', started_at = null where id ${oneOf(ids)} and status = 'executing'
    and not exists (select 1 from task_steps s where s.task_id = tasks.id and s.attempt > 0) returning id`);

export interface TaskEnd {
  id: string;
  status: string;
  steps_left: number;
  result: string | null;
  failure: string | null;
  completed_at: number | null;
  /** The agent that did what completed it. */
  by?: string;
}
export const settleTasks = (tx: Tx, ends: readonly TaskEnd[]): Promise<number> =>
  tx.run(sql`update tasks set status = x.status, steps_left = x.steps_left, result = x.result, failure = x.failure, completed_at = x.completed_at, unsuccessful = case when x.status in ('failed', 'cancelled') then 1 else null end,
      waiting = case when x.completed_at is null then waiting else null end, paused = case when x.completed_at is null then paused else 0 end
    from ${eachOf(
      "x",
      { id: "text", status: "text", steps_left: "int", result: "text", failure: "text", completed_at: "int" },
      ends.map(({ by: _, ...end }) => end),
    )} where tasks.id = x.id`);

/** Counts down what waits for these tasks. @returns the tasks that wait for no other now, locked. */
export async function countDownTasks(tx: Tx, done: readonly string[]): Promise<LockedTask[]> {
  const counted = await tx.all<{ id: string; tasks_needed: number }>(sql`update tasks set tasks_needed = tasks_needed - d.n
    from (select task_id, count(*) as n from task_needs where needs_task_id ${oneOf(done)} group by task_id) d where tasks.id = d.task_id and tasks.tasks_needed > 0 returning id, tasks_needed`);
  const free = counted.filter((row) => row.tasks_needed === 0).map((row) => row.id);
  return free.length === 0 ? [] : lockTasks(tx, free);
}
/** Of these, the tasks in which nothing runs, is ready or will be by itself: they wait. */
export const markWaiting = (tx: Tx, ids: readonly string[], waiting: string): Promise<{ id: string; started_at: number | null }[]> =>
  tx.all(sql`update tasks set status = 'waiting', waiting = ${waiting} where id ${oneOf(ids)} and status in ('queued', 'executing')
    and not exists (select 1 from task_steps s where s.task_id = tasks.id and s.status in ('ready', 'running', 'delayed')) returning id, started_at`);
/** The task, if all that runs of it waits for a person: then it waits too. */
export const markAsking = (tx: Tx, id: string, waiting: string): Promise<{ id: string }[]> =>
  tx.all(sql`update tasks set status = 'waiting', waiting = ${waiting} where id = ${id} and status = 'executing'
    and not exists (select 1 from task_steps s where s.task_id = tasks.id and (s.status in ('ready', 'delayed') or (s.status = 'running'
      and not exists (select 1 from approvals a where a.task_id = s.task_id and a.step_id = s.step_id and a.state = 'open')))) returning id`);
export const markUnwaiting = (tx: Tx, ids: readonly string[]): Promise<{ id: string; status: string }[]> =>
  tx.all(
    sql`update tasks set status = case when started_at is null then 'queued' else 'executing' end, waiting = null where id ${oneOf(ids)} and status = 'waiting' returning id, status`,
  );
export const selectOverdue = (db: Reader, now: number, limit: number): Promise<{ id: string }[]> =>
  db.all(sql`select id from tasks where deadline_at is not null and completed_at is null and deadline_at <= ${now} order by deadline_at limit ${limit}`);

export const setTaskStatus = (tx: Tx, id: string, status: string, paused: number, completedAt: number | null): Promise<number> =>
  tx.run(
    sql`update tasks set status = ${status}, paused = ${paused}, completed_at = ${completedAt}, unsuccessful = ${status === "cancelled" ? 1 : null} where id = ${id}`,
  );
/** As if it had just been handed in, but for what its steps completed. */
export const reopenTask = (tx: Tx, id: string, status: string, waiting: string | null, inTheWay: string | null): Promise<number> =>
  tx.run(sql`update tasks set status = ${status}, waiting = ${waiting}, in_the_way = ${inTheWay}, passes = null, paused = 0, completed_at = null, unsuccessful = null, failure = null, result = null, started_at = null,
      steps_left = (select count(*) from task_steps s where s.task_id = tasks.id and s.status <> 'completed' and s.dropped is null) where id = ${id}`);
/** What its plan grew by; `growAt`: when it is to be looked at again by itself. */
export const growTask = (tx: Tx, id: string, stepsTotal: number, stepsLeft: number, growAt: number | null): Promise<number> =>
  tx.run(sql`update tasks set steps_total = ${stepsTotal}, steps_left = ${stepsLeft}, grow_at = ${growAt} where id = ${id}`);
export const setTaskSpec = (tx: Tx, id: string, spec: string): Promise<number> => tx.run(sql`update tasks set spec = ${spec} where id = ${id}`);
/** What of people it waits for. */
export const setAsked = (
  tx: Tx,
  { id, review, approvals_needed }: Pick<TaskRow, "id" | "review" | "approvals_needed">,
  waiting: string | null,
): Promise<number> => tx.run(sql`update tasks set review = ${review}, approvals_needed = ${approvals_needed}, waiting = ${waiting} where id = ${id}`);
/** @param passes whether it waits for nobody on that account from now on. */
export const setInTheWay = (tx: Tx, id: string, inTheWay: string | null, passes: number | null): Promise<number> =>
  tx.run(sql`update tasks set in_the_way = ${inTheWay}, passes = ${passes} where id = ${id}`);
/** Tasks that wait for work on the same files, the oldest first. */
export const selectInTheWay = (db: Reader, limit: number): Promise<TaskRow[]> =>
  db.all(sql`select * from tasks where in_the_way is not null and completed_at is null order by seq limit ${limit}`);
export const setDeclares = (tx: Tx, id: string): Promise<number> => tx.run(sql`update tasks set declares = 1 where id = ${id}`);
export const selectToGrow = (db: Reader, now: number, limit: number): Promise<{ id: string }[]> =>
  db.all(sql`select id from tasks where grow_at is not null and grow_at <= ${now} order by grow_at limit ${limit}`);
export async function nextToGrow(db: Reader): Promise<number | undefined> {
  const found = await db.all<{ at: number | null }>(sql`select min(grow_at) as at from tasks where grow_at is not null`);
  return found[0]?.at ?? undefined;
}
export interface OpenNeed {
  task_id: string;
  id: string;
  title: string;
  status: string;
}
/** What these tasks depend on that has not completed. */
export const selectOpenNeeds = (db: Reader, taskIds: readonly string[]): Promise<OpenNeed[]> =>
  db.all(sql`select n.task_id, t.id, t.title, t.status from task_needs n join tasks t on t.id = n.needs_task_id
    where n.task_id ${oneOf(taskIds)} and t.status <> 'completed' order by n.task_id, t.id`);

export interface TaskFilter {
  scope: Scope;
  statuses?: string[] | undefined;
  priority?: number | undefined;
  type?: string | undefined;
  projectId?: string | undefined;
  sessionId?: string | undefined;
  q?: string | undefined;
}
function conditionsOf(filter: TaskFilter): Sql[] {
  const conditions: Sql[] = within(filter.scope, sql`project_id`);
  if (filter.statuses) conditions.push(sql`status ${oneOf(filter.statuses)}`);
  // The parts of the table that have an index of their own.
  if (filter.statuses?.every((status) => !isTerminal(status))) conditions.push(sql`completed_at is null`);
  if (filter.statuses?.every((status) => status === "failed" || status === "cancelled")) conditions.push(sql`unsuccessful = 1`);
  if (filter.priority !== undefined) conditions.push(sql`priority = ${filter.priority}`);
  if (filter.type !== undefined) conditions.push(sql`type = ${filter.type}`);
  if (filter.projectId !== undefined) conditions.push(filter.projectId === DEFAULT_PROJECT ? sql`project_id is null` : sql`project_id = ${filter.projectId}`);
  if (filter.sessionId !== undefined) conditions.push(sql`session_id = ${filter.sessionId}`);
  if (filter.q !== undefined) {
    const pattern = `%${filter.q.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
    conditions.push(sql`(lower(title) like ${pattern} escape '\\' or lower(description) like ${pattern} escape '\\')`);
  }
  return conditions;
}
const where = (conditions: Sql[]): Sql => (conditions.length === 0 ? sql`` : sql`where ${join(conditions, " and ")}`);
export const selectTaskPage = (db: Reader, filter: TaskFilter, limit: number, offset: number): Promise<TaskRow[]> =>
  db.all(sql`select * from tasks ${where(conditionsOf(filter))} order by seq desc limit ${limit} offset ${offset}`);
/** Counted from the kept counts when only statuses are asked for; else by looking. */
export async function countTasks(db: Reader, filter: TaskFilter): Promise<number> {
  const { statuses, scope, ...others } = filter;
  const onlyStatuses = scope.projects === "all" && Object.values(others).every((value) => value === undefined);
  const found = onlyStatuses
    ? await db.all<{ n: number | null }>(
        statuses ? sql`select sum(n) as n from task_counts where status ${oneOf(statuses)}` : sql`select sum(n) as n from task_counts`,
      )
    : await db.all<{ n: number }>(sql`select count(*) as n from tasks ${where(conditionsOf(filter))}`);
  return Number(found[0]?.n ?? 0);
}
export const selectCounts = (db: Reader): Promise<{ status: string; n: number }[]> => db.all(sql`select status, n from task_counts where n <> 0`);

export interface PatternRow {
  pattern: string;
  tasks: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Of those that completed, together. */
  ms: number;
  steps: number;
  /** In the window or not. */
  looked_at: number;
}
/** Of the newest `limit` tasks, those handed in within the window, by pattern; most used first. */
export function selectPatternFigures(db: Reader, scope: Scope, { since, until }: { since: number; until: number }, limit: number): Promise<PatternRow[]> {
  const newest = sql`select pattern, status, steps_total, started_at, completed_at, case when created_at >= ${since} and created_at < ${until} then 1 else 0 end as counts
    from tasks ${where(within(scope, sql`project_id`))} order by seq desc limit ${limit}`;
  return db.all(sql`select pattern, count(*) as looked_at, sum(counts) as tasks, sum(case when status = 'completed' then counts else 0 end) as completed,
      sum(case when status = 'failed' then counts else 0 end) as failed, sum(case when status = 'cancelled' then counts else 0 end) as cancelled,
      sum(case when status = 'completed' then counts * (completed_at - coalesce(started_at, completed_at)) else 0 end) as ms, sum(counts * steps_total) as steps
    from (${newest}) t group by pattern order by tasks desc, pattern`);
}
