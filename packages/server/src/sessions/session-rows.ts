// SQL of sessions.
import { DEFAULT_PROJECT } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, within } from "../store/scope.ts";
import { forUpdate, join, oneOf, rows, skipLocked, type Sql, sql } from "../store/sql.ts";

export interface SessionRow {
  seq: number;
  id: string;
  title: string | null;
  /** null: the default one's. */
  project_id: string | null;
  user_id: string | null;
  /** JSON. */
  metadata: string;
  window_turns: number;
  window_tokens: number;
  /** How many it has. */
  turns: number;
  /** Bytes of turns that no summary stands for. */
  open_bytes: number;
  summary: string | null;
  summary_upto: number;
  summary_at: number | null;
  /** 1 when a summary should be made. */
  summary_due: number | null;
  /** The task that makes one. */
  summary_task: string | null;
  summary_task_upto: number | null;
  created_at: number;
  last_activity_at: number;
  expired_at: number | null;
}
export type NewSessionRow = Pick<SessionRow, "id" | "title" | "project_id" | "user_id" | "metadata" | "window_turns" | "window_tokens" | "created_at">;
export type SessionOf = Pick<SessionRow, "id" | "project_id">;
/** What all its events tell, so that those of its project hear them. */
export const eventDataOf = ({ id, project_id }: SessionOf) => ({ sessionId: id, projectId: project_id ?? DEFAULT_PROJECT });
/** @returns false when the id is taken. */
export const insertSession = async (tx: Tx, row: NewSessionRow): Promise<boolean> =>
  (await tx.run(sql`insert into sessions (id, title, project_id, user_id, metadata, window_turns, window_tokens, turns, open_bytes, summary_upto, created_at, last_activity_at)
    values (${row.id}, ${row.title}, ${row.project_id}, ${row.user_id}, ${row.metadata}, ${row.window_turns}, ${row.window_tokens}, 0, 0, 0, ${row.created_at}, ${row.created_at}) on conflict do nothing`)) ===
  1;
export const selectSession = async (db: Reader, id: string): Promise<SessionRow | undefined> =>
  (await db.all<SessionRow>(sql`select * from sessions where id = ${id}`))[0];
/** In the order of ids, so that two servers never wait for each other. */
export const lockSessions = (tx: Tx, ids: readonly string[]): Promise<SessionRow[]> =>
  tx.all(sql`select * from sessions where id ${oneOf(ids)} order by id${forUpdate}`);
export interface SessionFilter {
  userId?: string | undefined;
  status?: "active" | "expired" | undefined;
}
export function selectSessionPage(
  db: Reader,
  scope: Scope,
  { userId, status }: SessionFilter,
  before: number | undefined,
  limit: number,
): Promise<SessionRow[]> {
  const conditions: Sql[] = [sql`seq < ${before ?? Number.MAX_SAFE_INTEGER}`, ...within(scope, sql`project_id`)];
  if (userId !== undefined) conditions.push(sql`user_id = ${userId}`);
  if (status !== undefined) conditions.push(status === "active" ? sql`expired_at is null` : sql`expired_at is not null`);
  return db.all(sql`select * from sessions where ${join(conditions, " and ")} order by seq desc limit ${limit}`);
}
const STATE = {
  id: "text",
  turns: "int",
  open_bytes: "int",
  summary: "text",
  summary_upto: "int",
  summary_at: "int",
  summary_due: "int",
  summary_task: "text",
  summary_task_upto: "int",
  last_activity_at: "int",
} as const;
/** What turns change. */
export const updateStates = (tx: Tx, sessions: readonly SessionRow[]): Promise<number> =>
  tx.run(sql`update sessions set turns = x.turns, open_bytes = x.open_bytes, summary = x.summary, summary_upto = x.summary_upto, summary_at = x.summary_at,
      summary_due = x.summary_due, summary_task = x.summary_task, summary_task_upto = x.summary_task_upto, last_activity_at = x.last_activity_at
    from ${rows("x", STATE, sessions)} where sessions.id = x.id`);
export const updateDetails = (tx: Tx, row: SessionRow): Promise<number> =>
  tx.run(
    sql`update sessions set title = ${row.title}, metadata = ${row.metadata}, window_turns = ${row.window_turns}, window_tokens = ${row.window_tokens} where id = ${row.id}`,
  );
export async function deleteSessions(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.run(sql`delete from sessions where id ${oneOf(ids)}`);
  await tx.run(sql`delete from session_turns where session_id ${oneOf(ids)}`);
  await tx.run(sql`delete from session_pins where session_id ${oneOf(ids)}`);
  await tx.run(sql`delete from session_conversations where session_id ${oneOf(ids)}`);
}
/** Those in which nothing was said since then, the longest silent first. */
export const expireIdle = (tx: Tx, before: number, now: number, limit: number): Promise<SessionOf[]> =>
  tx.all(sql`update sessions set expired_at = ${now}, summary_due = null where id in (select id from sessions where expired_at is null and last_activity_at < ${before}
    order by last_activity_at limit ${limit}${skipLocked("sessions")}) and expired_at is null and last_activity_at < ${before} returning id, project_id`);
export const selectExpired = (tx: Tx, before: number, limit: number): Promise<SessionOf[]> =>
  tx.all(
    sql`select id, project_id from sessions where expired_at is not null and expired_at < ${before} order by expired_at limit ${limit}${skipLocked("sessions")}`,
  );
export const selectToSummarize = (db: Reader, limit: number): Promise<SessionRow[]> =>
  db.all(sql`select * from sessions where summary_due = 1 order by id limit ${limit}`);
