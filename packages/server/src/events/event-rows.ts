// SQL of the log.
import type { Event, EventType } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Reader, Tx } from "../store/db.ts";
import { eachOf, join, type Scalar, sql } from "../store/sql.ts";

/** A fact about to be written: its number and time are given when it is. */
export interface NewEvent {
  type: EventType;
  taskId?: string | undefined;
  stepId?: string | undefined;
  attemptId?: string | undefined;
  agentId?: string | undefined;
  data?: Record<string, unknown> | undefined;
}
export interface EventFilter {
  type?: string | undefined;
  taskId?: string | undefined;
  agentId?: string | undefined;
}
interface EventRow {
  seq: number;
  at: number;
  type: EventType;
  task_id: string | null;
  step_id: string | null;
  attempt_id: string | null;
  agent_id: string | null;
  data: string;
}
const COLUMNS = { back: "int", type: "text", task_id: "text", step_id: "text", attempt_id: "text", agent_id: "text", data: "text" } as const;

/** Takes `count` numbers. From here until commit every other writer of events waits: do it last. @returns the last number. */
export async function takeNumbers(tx: Tx, count: number): Promise<number> {
  const head = await tx.all<{ seq: number }>(sql`update event_head set seq = seq + ${count} where one = 1 returning seq`);
  return (head[0] as { seq: number }).seq;
}
/** Writes them under the numbers just taken; needs no answer of `takeNumbers`, so that both can travel together. */
export function insertEvents(tx: Tx, at: number, events: readonly NewEvent[]): Promise<number> {
  const items = events.map((event, index) => ({
    back: events.length - 1 - index,
    type: event.type as Scalar,
    task_id: event.taskId ?? null,
    step_id: event.stepId ?? null,
    attempt_id: event.attemptId ?? null,
    agent_id: event.agentId ?? null,
    data: event.data === undefined ? "{}" : JSON.stringify(event.data),
  }));
  return tx.run(sql`insert into events (seq, at, type, task_id, step_id, attempt_id, agent_id, data)
    select h.seq - x.back, ${at}, x.type, x.task_id, x.step_id, x.attempt_id, x.agent_id, x.data from event_head h, ${eachOf("x", COLUMNS, items)} where h.one = 1`);
}
export async function selectEvents(db: Reader, after: number, limit: number, filter: EventFilter): Promise<Event[]> {
  const conditions = [sql`seq > ${after}`];
  if (filter.taskId !== undefined) conditions.push(sql`task_id = ${filter.taskId}`);
  if (filter.agentId !== undefined) conditions.push(sql`agent_id = ${filter.agentId}`);
  // Not by `like`: it has wildcards of its own, and on SQLite no case.
  const prefix = filter.type?.endsWith(".*") ? filter.type.slice(0, -1) : undefined;
  if (prefix !== undefined) conditions.push(sql`substr(type, 1, ${prefix.length}) = ${prefix}`);
  else if (filter.type !== undefined) conditions.push(sql`type = ${filter.type}`);
  const found = await db.all<EventRow>(
    sql`select seq, at, type, task_id, step_id, attempt_id, agent_id, data from events where ${join(conditions, " and ")} order by seq limit ${limit}`,
  );
  return found.map(toEvent);
}
export async function selectHead(db: Reader): Promise<number> {
  const head = await db.all<{ seq: number }>(sql`select seq from event_head where one = 1`);
  return head[0]?.seq ?? 0;
}
const toEvent = (row: EventRow): Event => ({
  seq: row.seq,
  at: iso(row.at),
  type: row.type,
  taskId: row.task_id,
  stepId: row.step_id,
  attemptId: row.attempt_id,
  agentId: row.agent_id,
  data: JSON.parse(row.data),
});
