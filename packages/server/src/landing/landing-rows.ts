// SQL of landings and of the runs in which they are judged and moved together.
import type { Page } from "@baton/contract";
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { forUpdate, join, oneOf, sql } from "../store/sql.ts";

export interface LandingRow {
  seq: number;
  id: string;
  queue_id: string;
  repository: string;
  source: string;
  source_commit: string | null;
  target: string;
  method: string | null;
  /** JSON or null. */
  mode: string | null;
  message: string | null;
  /** JSON. */
  gates: string;
  task_id: string | null;
  /** Of its work tree, or task, or of who asked for it; `*`: of none. */
  project: string;
  state: string;
  reason: string;
  /** JSON or null. */
  failure: string | null;
  tries: number;
  run_id: string | null;
  verdict_id: string | null;
  commit_id: string | null;
  tree: string | null;
  previous: string | null;
  requested_by: string;
  /** Its place in the queue. */
  queued_at: number;
  created_at: number;
  updated_at: number;
  landed_at: number | null;
  link: string | null;
  /** Whose work it is. */
  workspace_id: string | null;
  /** JSON: a list. */
  returns: string;
  max_feedback: number;
  /** JSON: a list. */
  asked: string;
}
export const insertLanding = (tx: Tx, row: Omit<LandingRow, "seq">): Promise<number> =>
  tx.run(sql`insert into landings (id, queue_id, repository, source, source_commit, target, method, mode, message, gates, task_id, project, state, reason, failure, tries, run_id,
      verdict_id, commit_id, tree, previous, requested_by, queued_at, created_at, updated_at, landed_at, link, workspace_id, returns, max_feedback, asked)
    values (${row.id}, ${row.queue_id}, ${row.repository}, ${row.source}, ${row.source_commit}, ${row.target}, ${row.method}, ${row.mode}, ${row.message}, ${row.gates}, ${row.task_id},
      ${row.project}, ${row.state}, ${row.reason}, ${row.failure}, ${row.tries}, ${row.run_id}, ${row.verdict_id}, ${row.commit_id}, ${row.tree}, ${row.previous}, ${row.requested_by}, ${row.queued_at},
      ${row.created_at}, ${row.updated_at}, ${row.landed_at}, ${row.link}, ${row.workspace_id}, ${row.returns}, ${row.max_feedback}, ${row.asked})`);
/** All of it that may change. */
export const updateLanding = (tx: Tx, row: LandingRow): Promise<number> =>
  tx.run(sql`update landings set source_commit = ${row.source_commit}, state = ${row.state}, reason = ${row.reason}, failure = ${row.failure}, tries = ${row.tries}, run_id = ${row.run_id},
    verdict_id = ${row.verdict_id}, commit_id = ${row.commit_id}, tree = ${row.tree}, previous = ${row.previous}, queued_at = ${row.queued_at}, updated_at = ${row.updated_at},
    landed_at = ${row.landed_at}, link = ${row.link}, returns = ${row.returns}, asked = ${row.asked} where id = ${row.id}`);
export const selectLanding = async (db: Reader, id: string): Promise<LandingRow | undefined> =>
  (await db.all<LandingRow>(sql`select * from landings where id = ${id}`))[0];
export const lockLanding = async (tx: Tx, id: string): Promise<LandingRow | undefined> =>
  (await tx.all<LandingRow>(sql`select * from landings where id = ${id}${forUpdate}`))[0];
export const lockLandings = (tx: Tx, ids: readonly string[]): Promise<LandingRow[]> =>
  tx.all(sql`select * from landings where id ${oneOf(ids)} order by queued_at, seq${forUpdate}`);
export const selectQueued = (db: Reader, queueId: string, limit: number): Promise<LandingRow[]> =>
  db.all(sql`select * from landings where queue_id = ${queueId} and state = 'queued' order by queued_at, seq limit ${limit}`);
export const lockUnderWay = (tx: Tx, queueId: string): Promise<LandingRow[]> =>
  tx.all(sql`select * from landings where queue_id = ${queueId} and state = 'judging' order by queued_at, seq${forUpdate}`);
export type PlacedLanding = LandingRow & { git_directory: string; mark: string };
/** Whose agents mend them. */
export const selectReturned = (db: Reader): Promise<PlacedLanding[]> =>
  db.all(
    sql`select l.*, q.git_directory, q.mark from landings l join landing_queues q on q.id = l.queue_id where l.state = 'returned' order by l.seq limit 200`,
  );
/** Of which somebody is asked. */
export const selectAsking = (db: Reader): Promise<PlacedLanding[]> =>
  db.all(sql`select l.*, q.git_directory, q.mark from landings l join landing_queues q on q.id = l.queue_id where l.state = 'asking' order by l.seq limit 200`);
export const countJudging = async (db: Reader, runId: string): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from landings where run_id = ${runId} and state = 'judging'`))[0]?.n ?? 0;
export interface LandingFilter {
  scope: Scope;
  repository?: string | undefined;
  states?: readonly string[] | undefined;
  taskId?: string | undefined;
}
export async function selectLandings(db: Reader, filter: LandingFilter, limit: number, offset: number): Promise<Page<LandingRow>> {
  const conditions = [
    ...withinNamed(filter.scope, sql`project`),
    ...(filter.repository === undefined ? [] : [sql`repository = ${filter.repository}`]),
    ...(filter.states === undefined ? [] : [sql`state ${oneOf(filter.states)}`]),
    ...(filter.taskId === undefined ? [] : [sql`task_id = ${filter.taskId}`]),
  ];
  const where = conditions.length === 0 ? sql`` : sql` where ${join(conditions, " and ")}`;
  const [items, total] = await Promise.all([
    db.all<LandingRow>(sql`select * from landings${where} order by seq desc limit ${limit} offset ${offset}`),
    countUpTo(db, sql`landings${where}`),
  ]);
  return { items, total, limit, offset };
}

/** What was judged and is being moved: written together with the verdict, before anything moves. */
export interface RunRow {
  id: string;
  queue_id: string;
  target: string;
  /** moving, done */
  state: string;
  /** JSON. */
  mode: string;
  base: string;
  tip: string;
  tree: string;
  verdict_id: string;
  /** JSON: a list. */
  landing_ids: string;
  created_at: number;
}
export const insertRun = (tx: Tx, row: RunRow): Promise<number> =>
  tx.run(sql`insert into landing_runs (id, queue_id, target, state, mode, base, tip, tree, verdict_id, landing_ids, created_at)
    values (${row.id}, ${row.queue_id}, ${row.target}, ${row.state}, ${row.mode}, ${row.base}, ${row.tip}, ${row.tree}, ${row.verdict_id}, ${row.landing_ids}, ${row.created_at})`);
export const endRun = (tx: Tx, id: string): Promise<number> => tx.run(sql`update landing_runs set state = 'done' where id = ${id}`);
export const selectMoving = async (db: Reader, queueId: string): Promise<RunRow | undefined> =>
  (await db.all<RunRow>(sql`select * from landing_runs where queue_id = ${queueId} and state = 'moving'`))[0];
