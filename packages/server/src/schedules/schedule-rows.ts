// SQL of schedules.
import { DEFAULT_PROJECT } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, within } from "../store/scope.ts";
import { forUpdate, join, type Sql, sql } from "../store/sql.ts";

export interface ScheduleRow {
  seq: number;
  id: string;
  name: string;
  /** null: the default one's. */
  project_id: string | null;
  cron: string | null;
  at: number | null;
  timezone: string;
  /** JSON of what is handed in. */
  task: string;
  catch_up: string;
  overlap: string;
  enabled: number;
  next_at: number | null;
  last_at: number | null;
  last_task_id: string | null;
  /** While a server hands in what is due: the time it found it due, which stays when another goes on with it, and until when others keep away. */
  claimed_at: number | null;
  claimed_until: number | null;
  created_at: number;
  updated_at: number;
}
/** What its events tell, so that those of its project hear them. */
export const eventDataOf = ({ id, name, project_id }: Pick<ScheduleRow, "id" | "name" | "project_id">) => ({
  scheduleId: id,
  name,
  projectId: project_id ?? DEFAULT_PROJECT,
});
export type NewScheduleRow = Omit<ScheduleRow, "seq" | "claimed_at" | "claimed_until">;
/** @returns false when the name is taken. */
export const insertSchedule = async (tx: Tx, row: NewScheduleRow): Promise<boolean> =>
  (await tx.run(sql`insert into schedules (id, name, project_id, cron, at, timezone, task, catch_up, overlap, enabled, next_at, last_at, last_task_id, created_at, updated_at)
    values (${row.id}, ${row.name}, ${row.project_id}, ${row.cron}, ${row.at}, ${row.timezone}, ${row.task}, ${row.catch_up}, ${row.overlap}, ${row.enabled}, ${row.next_at}, ${row.last_at}, ${row.last_task_id},
      ${row.created_at}, ${row.updated_at}) on conflict do nothing`)) === 1;
export const updateSchedule = (tx: Tx, row: ScheduleRow): Promise<number> =>
  tx.run(sql`update schedules set cron = ${row.cron}, at = ${row.at}, timezone = ${row.timezone}, task = ${row.task}, catch_up = ${row.catch_up}, overlap = ${row.overlap},
    enabled = ${row.enabled}, next_at = ${row.next_at}, claimed_at = null, claimed_until = null, updated_at = ${row.updated_at} where id = ${row.id}`);
const isFree = (now: number): Sql => sql`(claimed_until is null or claimed_until <= ${now})`;
/** Of several servers one, until then. What it is to hand in is told by the time it was claimed first: whoever goes on after it died hands in the same. */
export const claimDue = async (tx: Tx, { id, next_at }: ScheduleRow, now: number, until: number): Promise<ScheduleRow | undefined> =>
  (
    await tx.all<ScheduleRow>(sql`update schedules set claimed_at = coalesce(claimed_at, ${now}), claimed_until = ${until}
      where id = ${id} and next_at = ${next_at} and enabled = 1 and ${isFree(now)} returning *`)
  )[0];
/** It goes on being due, for whoever looks next. */
export const releaseDue = (tx: Tx, { id, next_at }: ScheduleRow): Promise<number> =>
  tx.run(sql`update schedules set claimed_until = null where id = ${id} and next_at = ${next_at}`);
/** Only by whoever still finds it due at that time: of several servers one. */
export const moveOn = async (tx: Tx, id: string, dueAt: number, to: Pick<ScheduleRow, "next_at" | "last_at" | "last_task_id">): Promise<boolean> =>
  (await tx.run(
    sql`update schedules set next_at = ${to.next_at}, last_at = ${to.last_at}, last_task_id = ${to.last_task_id}, claimed_at = null, claimed_until = null where id = ${id} and next_at = ${dueAt}`,
  )) === 1;
export const deleteSchedule = async (tx: Tx, id: string): Promise<ScheduleRow | undefined> =>
  (await tx.all<ScheduleRow>(sql`delete from schedules where id = ${id} returning *`))[0];
export const lockSchedule = async (tx: Tx, id: string): Promise<ScheduleRow | undefined> =>
  (await tx.all<ScheduleRow>(sql`select * from schedules where id = ${id}${forUpdate}`))[0];
export const selectSchedule = async (db: Reader, idOrName: string): Promise<ScheduleRow | undefined> =>
  (
    await db.all<ScheduleRow>(
      sql`select * from schedules where id = ${idOrName} or name = ${idOrName} order by case when id = ${idOrName} then 0 else 1 end limit 1`,
    )
  )[0];
const where = (scope: Scope): Sql => join([sql`where 1 = 1`, ...within(scope, sql`project_id`)], " and ");
export const selectSchedulePage = (db: Reader, scope: Scope, limit: number, offset: number): Promise<ScheduleRow[]> =>
  db.all(sql`select * from schedules ${where(scope)} order by seq limit ${limit} offset ${offset}`);
export const countSchedules = async (db: Reader, scope: Scope): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from schedules ${where(scope)}`))[0]?.n ?? 0;
export const selectDue = (db: Reader, now: number, limit: number): Promise<ScheduleRow[]> =>
  db.all(sql`select * from schedules where enabled = 1 and next_at <= ${now} and ${isFree(now)} order by next_at limit ${limit}`);
/** But for those that somebody is handing in: they are looked at with every poll. */
export const selectNextDue = async (db: Reader): Promise<number | undefined> =>
  (await db.all<{ at: number | null }>(sql`select min(next_at) as at from schedules where enabled = 1 and next_at is not null and claimed_until is null`))[0]
    ?.at ?? undefined;
