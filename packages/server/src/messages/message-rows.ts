// SQL of messages themselves: what was said, kept once however many it goes to.
import type { Message } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { eachOf, forUpdate, join, oneOf, rows, type Sql, skipLocked, sql } from "../store/sql.ts";

export interface MessageRow {
  seq: number;
  id: string;
  sender_id: string;
  recipient_id: string | null;
  /** `*`: of none. */
  project: string;
  message_type: string;
  pattern: Message["pattern"];
  priority: number;
  topic: string | null;
  payload: string;
  encoding: string;
  metadata: string;
  correlation_id: string | null;
  reply_to: string | null;
  signature: string | null;
  sensitive: number;
  created_at: number;
  expires_at: number;
  recipients: number;
  content_hash: string;
  request_state: "waiting" | "answered" | "timed_out" | "undeliverable" | null;
  answer_by: number | null;
  response_id: string | null;
  remove_at: number | null;
}
const COLUMNS = {
  id: "text",
  sender_id: "text",
  recipient_id: "text",
  project: "text",
  message_type: "text",
  pattern: "text",
  priority: "int",
  topic: "text",
  payload: "text",
  encoding: "text",
  metadata: "text",
  correlation_id: "text",
  reply_to: "text",
  signature: "text",
  sensitive: "int",
  created_at: "int",
  expires_at: "int",
  recipients: "int",
  content_hash: "text",
  request_state: "text",
  answer_by: "int",
  remove_at: "int",
  ord: "int",
} as const;

export type NewMessageRow = Omit<MessageRow, "seq" | "response_id">;
/** In the order given. @returns those that were new. */
export const insertMessages = (tx: Tx, items: readonly NewMessageRow[]): Promise<{ id: string; seq: number }[]> =>
  tx.all(sql`insert into messages (id, sender_id, recipient_id, project, message_type, pattern, priority, topic, payload, encoding, metadata, correlation_id, reply_to, signature, sensitive,
      created_at, expires_at, recipients, content_hash, request_state, answer_by, remove_at)
    select id, sender_id, recipient_id, project, message_type, pattern, priority, topic, payload, encoding, metadata, correlation_id, reply_to, signature, sensitive,
      created_at, expires_at, recipients, content_hash, request_state, answer_by, remove_at
    from ${eachOf(
      "x",
      COLUMNS,
      items.map((item, ord) => ({ ...item, ord })),
    )} where true order by ord on conflict (id) do nothing returning id, seq`);
export const selectMessage = async (db: Reader, id: string): Promise<MessageRow | undefined> =>
  (await db.all<MessageRow>(sql`select * from messages where id = ${id}`))[0];
export const selectMessages = async (db: Reader, ids: readonly string[]): Promise<Map<string, MessageRow>> =>
  new Map((await db.all<MessageRow>(sql`select * from messages where id ${oneOf(ids)}`)).map((row) => [row.id, row]));
export interface MessageFilter {
  scope: Scope;
  before?: number | undefined;
  senderId?: string | undefined;
  recipientId?: string | undefined;
  topic?: string | undefined;
  correlationId?: string | undefined;
}
export const selectMessagePage = (
  db: Reader,
  { scope, before, senderId, recipientId, topic, correlationId }: MessageFilter,
  limit: number,
): Promise<MessageRow[]> => {
  const conditions: Sql[] = [sql`seq < ${before ?? Number.MAX_SAFE_INTEGER}`, ...withinNamed(scope, sql`project`)];
  // Said once more, so that the index is used.
  if (scope.projects !== "all") conditions.push(sql`project <> '*'`);
  if (senderId !== undefined) conditions.push(sql`sender_id = ${senderId}`);
  if (recipientId !== undefined) conditions.push(sql`recipient_id = ${recipientId}`);
  if (topic !== undefined) conditions.push(sql`topic = ${topic}`);
  if (correlationId !== undefined) conditions.push(sql`correlation_id = ${correlationId}`);
  return db.all(sql`select * from messages where ${join(conditions, " and ")} order by seq desc limit ${limit}`);
};

/** Requests, kept from being answered twice while this transaction lasts. */
export const lockRequests = async (tx: Tx, ids: readonly string[]): Promise<Map<string, MessageRow>> =>
  new Map((await tx.all<MessageRow>(sql`select * from messages where id ${oneOf(ids)} order by id${forUpdate}`)).map((row) => [row.id, row]));
export const closeRequests = (tx: Tx, items: readonly { id: string; response_id: string }[]): Promise<number> =>
  tx.run(sql`update messages set request_state = 'answered', response_id = x.response_id
    from ${rows("x", { id: "text", response_id: "text" }, items)} where messages.id = x.id and messages.request_state = 'waiting'`);
export const giveUpRequests = (
  tx: Tx,
  ids: readonly string[],
  state: "timed_out" | "undeliverable",
): Promise<{ id: string; recipient_id: string; project: string }[]> =>
  tx.all(sql`update messages set request_state = ${state} where id ${oneOf(ids)} and request_state = 'waiting' returning id, recipient_id, project`);
export const selectUnanswered = async (tx: Tx, now: number, limit: number): Promise<string[]> =>
  (
    await tx.all<{ id: string }>(
      sql`select id from messages m where request_state = 'waiting' and answer_by <= ${now} order by answer_by limit ${limit}${skipLocked("m")}`,
    )
  ).map(({ id }) => id);
export const isAnyUnanswered = async (db: Reader, now: number): Promise<boolean> =>
  (await db.all(sql`select 1 as one from messages where request_state = 'waiting' and answer_by <= ${now} limit 1`)).length > 0;
export const deleteUnread = (tx: Tx, now: number, limit: number): Promise<number> =>
  tx.run(
    sql`delete from messages where seq in (select seq from messages where remove_at is not null and remove_at <= ${now} order by remove_at limit ${limit})`,
  );
/** Of these, those that nobody has a delivery of any more. */
export const deleteForsaken = (tx: Tx, ids: readonly string[]): Promise<number> =>
  tx.run(sql`delete from messages where id ${oneOf(ids)} and not exists (select 1 from message_deliveries d where d.message_id = messages.id)`);
