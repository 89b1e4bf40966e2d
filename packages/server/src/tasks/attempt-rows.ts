// SQL of attempts and of the servers that hold their leases.
import type { Reader, Tx } from "../store/db.ts";
import { eachOf, forUpdate, join, oneOf, rows, skipLocked, sql } from "../store/sql.ts";
import { type Scope, within } from "../store/scope.ts";

/** What another server asks the worker of an attempt to do. */
export const SIGNAL = { none: 0, takeUp: 1, stop: 2, restart: 3 } as const;

/** Attempts of one task are one range of ids, in the order of the plan. */
export const toAttemptId = (taskId: string, position: number, number: number): string => `${taskId}.${position}.${number}`;
const rangeOf = (taskId: string) => ({ task_id: taskId, first: `${taskId}.`, last: `${taskId}/` });

export interface AttemptRow {
  id: string;
  task_id: string;
  step_id: string;
  number: number;
  fence: number;
  agent_id: string;
  worker: string;
  state: string;
  signal: number;
  assignment: string;
  progress: string | null;
  outcome: string | null;
  /** JSON of what budgets hold for it, or of what it came to; null: no budget knows of it. */
  hold: string | null;
  started_at: number;
  ended_at: number | null;
}
export type NewAttemptRow = Pick<AttemptRow, "id" | "task_id" | "step_id" | "number" | "agent_id" | "worker" | "signal" | "assignment" | "hold" | "started_at">;
const NEW = {
  id: "text",
  task_id: "text",
  step_id: "text",
  number: "int",
  agent_id: "text",
  worker: "text",
  signal: "int",
  assignment: "text",
  hold: "text",
  started_at: "int",
} as const;

export const insertAttempts = (tx: Tx, attempts: readonly NewAttemptRow[]): Promise<number> =>
  tx.run(sql`insert into attempts (id, task_id, step_id, number, fence, agent_id, worker, state, signal, assignment, hold, started_at)
    select id, task_id, step_id, number, 1, agent_id, worker, 'running', signal, assignment, hold, started_at from ${eachOf("x", NEW, attempts)}`);
/**
 * Ends the attempts whose lease the writer still holds: same worker, same fence, still running. @returns those.
 * The worker comes with each row: as one value, SQLite would walk all that runs under it instead of looking up each id.
 */
export const endAttempts = (
  tx: Tx,
  worker: string,
  ends: readonly { id: string; fence: number; state: string; outcome: string; ended_at: number }[],
): Promise<{ id: string; fence: number; hold: string | null }[]> =>
  tx.all(sql`update attempts set state = x.state, outcome = x.outcome, ended_at = x.ended_at, signal = 0
    from ${eachOf(
      "x",
      { id: "text", fence: "int", worker: "text", state: "text", outcome: "text", ended_at: "int" },
      ends.map((end) => ({ ...end, worker })),
    )}
    where attempts.id = x.id and attempts.fence = x.fence and attempts.worker = x.worker and attempts.state = 'running' returning attempts.id, attempts.fence, attempts.hold`);
export const writeHolds = (tx: Tx, holds: readonly { id: string; hold: string }[]): Promise<number> =>
  tx.run(sql`update attempts set hold = x.hold from ${eachOf("x", { id: "text", hold: "text" }, holds)} where attempts.id = x.id`);
/** What is held for an attempt that this worker still carries out, locked. */
export const lockHold = async (tx: Tx, id: string, fence: number, worker: string): Promise<string | undefined> =>
  (
    await tx.all<{ hold: string | null }>(
      sql`select hold from attempts where id = ${id} and fence = ${fence} and worker = ${worker} and state = 'running'${forUpdate}`,
    )
  )[0]?.hold ?? undefined;
/** Of the agent's newest attempts, those that completed, with what they told. */
export const selectRecent = (db: Reader, agentId: string, limit: number): Promise<{ route_key: string; outcome: string; ms: number }[]> =>
  db.all(sql`select s.route_key, a.outcome, a.ended_at - a.started_at as ms
    from (select task_id, step_id, state, outcome, started_at, ended_at from attempts where agent_id = ${agentId} order by started_at desc limit ${limit}) a
    join task_steps s on s.task_id = a.task_id and s.step_id = a.step_id where a.state = 'completed' order by a.started_at desc`);
/** Takes over an attempt that an agent still works on; whoever held it before is fenced off. */
export const adoptAttempt = async (tx: Tx, worker: string, id: string, fence: number, agentId: string): Promise<AttemptRow | undefined> =>
  (
    await tx.all<AttemptRow>(sql`update attempts set worker = ${worker}, fence = fence + 1, signal = 0
      where id = ${id} and fence = ${fence} and agent_id = ${agentId} and state = 'running' and signal <> ${SIGNAL.stop} returning *`)
  )[0];
export const transferAttempts = (tx: Tx, worker: string, ids: readonly string[]): Promise<number> =>
  tx.run(
    sql`update attempts set worker = ${worker}, signal = case when signal = ${SIGNAL.stop} then signal else ${SIGNAL.none} end where id ${oneOf(ids)} and state = 'running'`,
  );
/** The cross join tells SQLite to begin with the tasks: from the running attempts it would try each against each task. */
export const signalStop = (tx: Tx, taskIds: readonly string[]): Promise<{ id: string; worker: string }[]> =>
  tx.all(sql`update attempts set signal = ${SIGNAL.stop} where id in (select a.id from ${rows("x", { task_id: "text", first: "text", last: "text" }, taskIds.map(rangeOf))}
    cross join attempts a where a.id >= x.first and a.id < x.last and a.task_id = x.task_id and a.state = 'running') and state = 'running' returning id, worker`);
/** As `signalStop`, for some steps of one task. */
export const signalStopSteps = (tx: Tx, taskId: string, stepIds: readonly string[]): Promise<{ id: string; worker: string }[]> =>
  tx.all(sql`update attempts set signal = ${SIGNAL.stop} where id >= ${`${taskId}.`} and id < ${`${taskId}/`} and task_id = ${taskId} and step_id ${oneOf(stepIds)}
    and state = 'running' returning id, worker`);
/** What an agent works on is to be given back; what is to end anyhow, or was taken up by nobody yet, is left. */
export const signalRestart = (tx: Tx, agentId: string): Promise<{ id: string; worker: string }[]> =>
  tx.all(
    sql`update attempts set signal = ${SIGNAL.restart} where agent_id = ${agentId} and state = 'running' and signal = ${SIGNAL.none} returning id, worker`,
  );
/** Who had each step last, and what its tries came to; the choices behind them stay where they are. */
export const selectTriers = (tx: Tx, taskId: string): Promise<Pick<AttemptRow, "step_id" | "number" | "agent_id" | "outcome" | "started_at">[]> =>
  tx.all(
    sql`select step_id, number, agent_id, outcome, started_at from attempts where id >= ${`${taskId}.`} and id < ${`${taskId}/`} and task_id = ${taskId} order by number`,
  );
export const takeUpSignalled = (tx: Tx, worker: string): Promise<AttemptRow[]> =>
  tx.all(sql`update attempts set signal = 0 where worker = ${worker} and state = 'running' and signal = ${SIGNAL.takeUp} returning *`);
export const selectSignalled = (db: Reader, worker: string): Promise<{ id: string; signal: number }[]> =>
  db.all(sql`select id, signal from attempts where worker = ${worker} and state = 'running' and signal <> ${SIGNAL.none}`);
/** @returns the attempts that still run: what comes too late is not written. */
export const updateProgress = (tx: Tx, items: readonly { id: string; fence: number; progress: string }[]): Promise<{ id: string }[]> =>
  tx.all(sql`update attempts set progress = x.progress from ${eachOf("x", { id: "text", fence: "int", progress: "text" }, items)}
    where attempts.id = x.id and attempts.fence = x.fence and attempts.state = 'running' returning attempts.id`);
export const selectRunningOf = (db: Reader, worker: string, limit: number): Promise<{ id: string; task_id: string }[]> =>
  db.all(sql`select id, task_id from attempts where worker = ${worker} and state = 'running' limit ${limit}`);
export const lockRunning = (tx: Tx, worker: string, ids: readonly string[]): Promise<AttemptRow[]> =>
  tx.all(sql`select * from attempts where id ${oneOf(ids)} and worker = ${worker} and state = 'running' order by id${forUpdate}`);
export async function countRunningOf(db: Reader, worker: string): Promise<number> {
  const found = await db.all<{ n: number }>(sql`select count(*) as n from attempts where worker = ${worker} and state = 'running'`);
  return found[0]?.n ?? 0;
}
/** A worker under which attempts run though its lease is gone altogether; the cost is per worker, not per attempt. */
export async function selectGoneWorker(db: Reader): Promise<string | undefined> {
  const found = await db.all<{ w: string }>(sql`with recursive workers(w) as (select min(worker) from attempts where state = 'running'
      union all select (select min(worker) from attempts where state = 'running' and worker > w) from workers where w is not null)
    select w from workers where w is not null and not exists (select 1 from servers where servers.id = workers.w) limit 1`);
  return found[0]?.w;
}
export const selectAttempt = async (db: Reader, id: string): Promise<AttemptRow | undefined> =>
  (await db.all<AttemptRow>(sql`select * from attempts where id = ${id}`))[0];
/** An attempt by this agent, in whatever state. */
export const selectAttemptBy = async (db: Reader, id: string, agentId: string): Promise<AttemptRow | undefined> =>
  (await db.all<AttemptRow>(sql`select * from attempts where id = ${id} and agent_id = ${agentId}`))[0];
export const selectAttemptsOfTask = (db: Reader, taskId: string): Promise<AttemptRow[]> =>
  db.all(sql`select * from attempts where id >= ${`${taskId}.`} and id < ${`${taskId}/`} and task_id = ${taskId} order by started_at, number`);
/** Of attempts that began from then until before then, and completed or failed, by agent. */
export const selectPerformance = (
  db: Reader,
  scope: Scope,
  agentIds: readonly string[],
  from: number,
  to: number,
): Promise<{ agent_id: string; attempts: number; completed: number; ms: number }[]> =>
  db.all(sql`select agent_id, count(*) as attempts, sum(case when state = 'completed' then 1 else 0 end) as completed, sum(ended_at - started_at) as ms
    from attempts where ${join(
      [
        sql`agent_id ${oneOf(agentIds)} and started_at >= ${from} and started_at < ${to} and state in ('completed', 'failed')`,
        ...within(scope, sql`(select t.project_id from tasks t where t.id = attempts.task_id)`),
      ],
      " and ",
    )} group by agent_id`);
export function selectAttemptsOfAgent(db: Reader, scope: Scope, agentId: string, limit: number): Promise<AttemptRow[]> {
  const conditions = [sql`agent_id = ${agentId}`, ...within(scope, sql`(select t.project_id from tasks t where t.id = attempts.task_id)`)];
  return db.all(sql`select * from attempts where ${join(conditions, " and ")} order by started_at desc limit ${limit}`);
}
/** The newest attempt that completed a step: who did it, and what of its outcome is kept. */
export const selectCompletedAttempt = async (db: Reader, taskId: string, stepId: string): Promise<Pick<AttemptRow, "agent_id" | "outcome"> | undefined> =>
  (
    await db.all<Pick<AttemptRow, "agent_id" | "outcome">>(sql`select agent_id, outcome from attempts where id >= ${`${taskId}.`} and id < ${`${taskId}/`}
      and task_id = ${taskId} and step_id = ${stepId} and state = 'completed' order by number desc limit 1`)
  )[0];
/** How many attempts of the agent began after `since`, and when the first of them did. */
export async function countBegun(tx: Tx, agentId: string, since: number): Promise<{ n: number; first: number | null }> {
  const found = await tx.all<{ n: number; first: number | null }>(
    sql`select count(*) as n, min(started_at) as first from attempts where agent_id = ${agentId} and started_at > ${since}`,
  );
  return found[0] ?? { n: 0, first: null };
}
export async function countRunning(db: Reader): Promise<number> {
  const found = await db.all<{ n: number }>(sql`select count(*) as n from attempts where state = 'running'`);
  return found[0]?.n ?? 0;
}

export const insertServer = (tx: Tx, id: string, name: string, now: number, leaseUntil: number): Promise<number> =>
  tx.run(sql`insert into servers (id, name, started_at, lease_until) values (${id}, ${name}, ${now}, ${leaseUntil})
    on conflict (id) do update set lease_until = excluded.lease_until`);
/** @returns false when the lease was ended by others. */
export const renewServer = async (tx: Tx, id: string, leaseUntil: number): Promise<boolean> =>
  (await tx.run(sql`update servers set lease_until = ${leaseUntil} where id = ${id}`)) === 1;
export const expireServers = (tx: Tx, except: string, now: number): Promise<number> =>
  tx.run(sql`update servers set lease_until = ${now - 1} where id <> ${except} and lease_until >= ${now}`);
export const deleteServer = (tx: Tx, id: string): Promise<number> => tx.run(sql`delete from servers where id = ${id}`);
export const selectServers = (db: Reader): Promise<{ id: string; name: string; lease_until: number }[]> =>
  db.all(sql`select id, name, lease_until from servers`);
export const lockExpired = (tx: Tx, now: number): Promise<{ id: string }[]> =>
  tx.all(sql`select id from servers where lease_until < ${now} limit 1${skipLocked("servers")}`);
