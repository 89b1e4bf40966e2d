// One session under change: found or refused, open or closed, and locked while it is changed.
import { Refusal, type SessionSummary } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { type Clock, iso } from "../std/clock.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import { lockSessions, type SessionRow, selectSession } from "./session-rows.ts";

export interface SessionsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  events: EventLog;
  settings: SessionSettings;
}
export interface SessionSettings {
  /** After how long without a turn a session expires. */
  sessionIdleMs: number;
  /** How long an expired session can be read. */
  sessionRetentionMs: number;
}
/** One that has more is full: a new one is the better place to go on. */
const MAX_TURNS = 10_000;

/** @throws Refusal `not_found`. */
export async function getSessionRow({ db }: Pick<SessionsWorld, "db">, id: string): Promise<SessionRow> {
  const row = await selectSession(db, id);
  if (!row) throw notFound(id);
  return row;
}
const notFound = (id: string): Refusal =>
  new Refusal("not_found", `There is no session ${id}. POST /api/v1/sessions begins one; a task without a sessionId belongs to none.`);
/** @throws Refusal `conflict` when nothing more may be said in it. */
export function refuseClosed(world: Pick<SessionsWorld, "clock" | "settings">, row: SessionRow): void {
  const { status, reason } = standing(world, row);
  if (status === "expired") throw new Refusal("conflict", `Session ${row.id} takes nothing more. ${reason} Begin a new one.`);
  if (row.turns >= MAX_TURNS) throw new Refusal("conflict", `Session ${row.id} is full: it has ${row.turns} turns. Begin a new one.`);
}
/** Whether it is open, and why. */
export function standing({ clock, settings }: Pick<SessionsWorld, "clock" | "settings">, row: SessionRow): Pick<SessionSummary, "status" | "reason"> {
  const endsAt = row.last_activity_at + settings.sessionIdleMs;
  if (row.expired_at === null && endsAt > clock.now()) return { status: "active", reason: `It expires at ${iso(endsAt)} if nothing more is said.` };
  const expiredAt = row.expired_at ?? endsAt;
  return {
    status: "expired",
    reason: `Nothing was said since ${iso(row.last_activity_at)}, so that it expired; it can be read until ${iso(expiredAt + settings.sessionRetentionMs)}.`,
  };
}
/** A transaction on one session, which nobody else changes meanwhile. */
export const change = (world: SessionsWorld, id: string, work: (tx: Tx, row: SessionRow) => Promise<NewEvent[]>): Promise<void> =>
  write(world, async (tx) => {
    const [row] = await lockSessions(tx, [id]);
    if (!row) throw notFound(id);
    return work(tx, row);
  });
export async function write({ db, events }: Pick<SessionsWorld, "db" | "events">, work: (tx: Tx) => Promise<NewEvent[]>): Promise<void> {
  const last = await tryAgain(db, () => db.transaction(async (tx) => events.append(tx, await work(tx))));
  if (last > 0) events.committed();
}
