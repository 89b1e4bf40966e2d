// SQL of deliveries: one recipient's copy of a message. Whoever changes one has locked its lane before (lane-rows.ts), whose row says which
// of them are in somebody's hands: handing out writes no delivery, and what comes of it is written once.
import type { Delivery } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { eachOf, join, joinByKey, oneOf, rows, type Sql, sql } from "../store/sql.ts";
import type { Change } from "./lane-machine.ts";

export interface LaneKey {
  recipient_id: string;
  sender_id: string;
  priority: number;
}
export interface DeliveryRow extends LaneKey {
  seq: number;
  message_id: string;
  /** Its message's. */
  project: string;
  queue_key: number;
  /** Of its payload as JSON; 0 in what older versions wrote. */
  bytes: number;
  state: Delivery["state"];
  tries: number;
  reason: string | null;
  expires_at: number;
  remove_at: number | null;
}
/** `handed` is what its lane says of one that is queued; this try counts. */
type KeptRow = DeliveryRow & { state: Exclude<DeliveryRow["state"], "handed"> };
const IN_HAND = sql`d.state = 'queued' and l.in_hand like '%,' || d.seq || ',%'`;
/** As whoever looks sees them. */
const SEEN = sql`select d.seq, d.message_id, d.project, d.recipient_id, d.sender_id, d.priority, d.queue_key, d.bytes, d.reason, d.expires_at, d.remove_at,
  case when ${IN_HAND} then 'handed' else d.state end as state, case when ${IN_HAND} then d.tries + 1 else d.tries end as tries
  from message_deliveries d left join message_lanes l on l.recipient_id = d.recipient_id and l.sender_id = d.sender_id and l.priority = d.priority`;
const KEY = { recipient_id: "text", sender_id: "text", priority: "int" } as const;
const OF_PAIR = "d.message_id = x.message_id and d.recipient_id = x.recipient_id";
const QUEUED_IN_LANE = "d.recipient_id = x.recipient_id and d.sender_id = x.sender_id and d.priority = x.priority and d.state = 'queued'";

/** In the order given: their numbers follow it. */
export const insertDeliveries = (
  tx: Tx,
  items: readonly Pick<DeliveryRow, "message_id" | "project" | "queue_key" | "bytes" | "expires_at" | keyof LaneKey>[],
): Promise<number> =>
  tx.run(sql`insert into message_deliveries (message_id, project, recipient_id, sender_id, priority, queue_key, bytes, state, tries, expires_at)
    select message_id, project, recipient_id, sender_id, priority, queue_key, bytes, 'queued', 0, expires_at
    from ${eachOf(
      "x",
      { message_id: "text", project: "text", ...KEY, queue_key: "int", bytes: "int", expires_at: "int", ord: "int" },
      items.map((item, ord) => ({ ...item, ord })),
    )} where true order by ord`);
type Pair = Pick<DeliveryRow, "message_id" | "recipient_id">;
const PAIR = { message_id: "text", recipient_id: "text" } as const;
/** As they are kept: what is in hand is queued here. */
export const selectDeliveriesOf = (db: Reader, items: readonly Pair[]): Promise<KeptRow[]> =>
  db.all(sql`select d.* from ${rows("x", PAIR, items)}${joinByKey("message_deliveries", "d", OF_PAIR)}`);
export const selectLanesOf = (db: Reader, items: readonly Pair[]): Promise<LaneKey[]> =>
  db.all(
    sql`select distinct d.recipient_id, d.sender_id, d.priority from ${rows("x", PAIR, items)}${joinByKey("message_deliveries", "d", OF_PAIR)} where d.state = 'queued'`,
  );
/** As they are kept, in order. */
export const selectKept = (db: Reader, seqs: readonly number[]): Promise<KeptRow[]> =>
  db.all(sql`select d.* from message_deliveries d where d.seq ${oneOf(seqs)} order by d.seq`);
/** The lane's next ones; nothing of it is in hand. */
export const selectQueued = (tx: Tx, lane: LaneKey, limit: number): Promise<DeliveryRow[]> =>
  tx.all(sql`select d.* from message_deliveries d where d.recipient_id = ${lane.recipient_id} and d.sender_id = ${lane.sender_id} and d.priority = ${lane.priority}
    and d.state = 'queued' order by d.seq limit ${limit}`);
/** All that waits in these lanes, which should be little; nothing of them is in hand. */
export const selectAllQueued = (tx: Tx, lanes: readonly LaneKey[]): Promise<DeliveryRow[]> =>
  tx.all(sql`select d.* from ${rows("x", KEY, lanes)}${joinByKey("message_deliveries", "d", QUEUED_IN_LANE)} order by d.seq`);
export const selectDeliveries = (db: Reader, seqs: readonly number[]): Promise<DeliveryRow[]> => db.all(sql`${SEEN} where d.seq ${oneOf(seqs)} order by d.seq`);
export const updateDeliveries = (
  tx: Tx,
  items: readonly (Pick<DeliveryRow, "seq" | "tries" | "reason" | "remove_at" | "expires_at"> & { state: Change["state"] })[],
): Promise<number> =>
  tx.run(sql`update message_deliveries set state = x.state, tries = x.tries, reason = x.reason, remove_at = x.remove_at, expires_at = x.expires_at
    from ${eachOf("x", { seq: "int", state: "text", tries: "int", reason: "text", remove_at: "int", expires_at: "int" }, items)} where message_deliveries.seq = x.seq`);
/** Those that were in hand. */
export const acknowledge = (tx: Tx, seqs: readonly number[], removeAt: number): Promise<number> =>
  tx.run(sql`update message_deliveries set state = 'acknowledged', tries = tries + 1, reason = null, remove_at = ${removeAt} where seq ${oneOf(seqs)}`);
/** Nobody has them. */
export const selectExpired = (db: Reader, now: number, limit: number): Promise<DeliveryRow[]> =>
  db.all(sql`select d.* from message_deliveries d join message_lanes l on l.recipient_id = d.recipient_id and l.sender_id = d.sender_id and l.priority = d.priority
    where d.state = 'queued' and d.expires_at <= ${now} and not coalesce(${IN_HAND}, false) order by d.expires_at limit ${limit}`);
export const selectRemovable = (db: Reader, now: number, limit: number): Promise<{ seq: number; message_id: string }[]> =>
  db.all(sql`select seq, message_id from message_deliveries where remove_at is not null and remove_at <= ${now} order by remove_at limit ${limit}`);
/** Unless it was delivered again meanwhile. */
export const deleteDeliveries = (tx: Tx, seqs: readonly number[]): Promise<number> =>
  tx.run(sql`delete from message_deliveries where seq ${oneOf(seqs)} and remove_at is not null`);

export const selectOpen = (db: Reader, recipientId: string, after: number, limit: number): Promise<DeliveryRow[]> =>
  db.all(sql`${SEEN} where d.recipient_id = ${recipientId} and d.state = 'queued' and d.seq > ${after} order by d.seq limit ${limit}`);
export interface DeadFilter {
  scope: Scope;
  before?: number | undefined;
  recipientId?: string | undefined;
}
export const selectDead = (db: Reader, filter: DeadFilter, limit: number): Promise<DeliveryRow[]> => {
  const conditions: Sql[] = [sql`d.state = 'dead'`, ...withinNamed(filter.scope, sql`d.project`), sql`d.seq < ${filter.before ?? Number.MAX_SAFE_INTEGER}`];
  if (filter.recipientId !== undefined) conditions.push(sql`d.recipient_id = ${filter.recipientId}`);
  return db.all(sql`select d.* from message_deliveries d where ${join(conditions, " and ")} order by d.seq desc limit ${limit}`);
};
export const selectDeliveriesOfMessage = (db: Reader, messageId: string, limit: number): Promise<DeliveryRow[]> =>
  db.all(sql`${SEEN} where d.message_id = ${messageId} order by d.recipient_id limit ${limit}`);
export const countDead = async (db: Reader): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from message_deliveries where state = 'dead'`))[0]?.n ?? 0;
