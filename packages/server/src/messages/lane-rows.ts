// SQL of lanes. A lane's row is locked before any of its deliveries changes; many are always locked in the order of their keys.
import type { Reader, Tx } from "../store/db.ts";
import { oneOf, rows, skipLocked, sql } from "../store/sql.ts";
import type { LaneKey } from "./delivery-rows.ts";
import type { LaneStanding } from "./lane-machine.ts";

export interface LaneRow extends LaneKey {
  state: LaneStanding["state"];
  waiting: number;
  handed: number;
  /** Which deliveries of it somebody has: `,1,2,3,`, nobody any: null. */
  in_hand: string | null;
  head_key: number | null;
  due_at: number | null;
  /** For how long what is in hand was taken: so long it stays, from the last sign of life. */
  lease_ms: number | null;
  rest_until: number | null;
}
const KEY = { recipient_id: "text", sender_id: "text", priority: "int" } as const;
const COLUMNS = sql`recipient_id, sender_id, priority, state, waiting, handed, in_hand, head_key, due_at, lease_ms, rest_until`;

/** As the row keeps it. */
export const toInHand = (seqs: readonly number[]): string | null => (seqs.length === 0 ? null : `,${seqs.join(",")},`);
export const inHandOf = ({ in_hand }: Pick<LaneRow, "in_hand">): number[] => in_hand?.slice(1, -1).split(",").map(Number) ?? [];

/** More waits in each; a lane that was empty is ready now. Locks them. */
export const addToLanes = (tx: Tx, items: readonly (LaneKey & { waiting: number; head_key: number })[], now: number): Promise<LaneRow[]> =>
  tx.all(sql`insert into message_lanes as l (recipient_id, sender_id, priority, state, waiting, handed, head_key, touched_at)
    select recipient_id, sender_id, priority, 'ready', waiting, 0, head_key, ${now} from ${rows("x", { ...KEY, waiting: "int", head_key: "int" }, items)}
    where true order by recipient_id, sender_id, priority
    on conflict (recipient_id, sender_id, priority) do update set waiting = l.waiting + excluded.waiting, touched_at = excluded.touched_at,
      head_key = coalesce(l.head_key, excluded.head_key), state = case when l.state = 'empty' then 'ready' else l.state end
    returning ${COLUMNS}`);
/** Locks them. Those that are not there are not answered. */
export const lockLanes = (tx: Tx, keys: readonly LaneKey[]): Promise<LaneRow[]> =>
  tx.all(sql`insert into message_lanes as l (recipient_id, sender_id, priority, state, waiting, handed, touched_at)
    select recipient_id, sender_id, priority, 'empty', 0, 0, 0 from ${rows("x", KEY, keys)} where true order by recipient_id, sender_id, priority
    on conflict (recipient_id, sender_id, priority) do update set touched_at = l.touched_at returning ${COLUMNS}`);
/** The most urgent lanes of a recipient that may be handed out; those that others look at are passed over. */
export const lockReady = (tx: Tx, recipientId: string, limit: number): Promise<LaneRow[]> =>
  tx.all(
    sql`select ${COLUMNS} from message_lanes l where recipient_id = ${recipientId} and state = 'ready' order by head_key limit ${limit}${skipLocked("l")}`,
  );
/** The same for many recipients at once. */
export const lockReadyOf = (tx: Tx, recipientIds: readonly string[], limit: number): Promise<LaneRow[]> =>
  tx.all(sql`select ${COLUMNS} from message_lanes l where state = 'ready' and (recipient_id, sender_id, priority) in
    (select recipient_id, sender_id, priority from (select recipient_id, sender_id, priority, row_number() over (partition by recipient_id order by head_key) as place
      from message_lanes where state = 'ready' and recipient_id ${oneOf(recipientIds)}) ranked where place <= ${limit}) order by head_key${skipLocked("l")}`);
/** Of these recipients, those that have something to be handed out. */
export const selectReadyOf = async (db: Reader, recipientIds: readonly string[]): Promise<string[]> =>
  (
    await db.all<{ recipient_id: string }>(sql`select distinct recipient_id from message_lanes where state = 'ready' and recipient_id ${oneOf(recipientIds)}`)
  ).map(({ recipient_id }) => recipient_id);
/** What these have in hand is theirs for longer; lanes that somebody changes just now are renewed by that. */
export const extendHanded = (tx: Tx, recipientIds: readonly string[], dueAt: number): Promise<number> =>
  tx.run(sql`update message_lanes set due_at = ${dueAt} where state = 'handed' and (recipient_id, sender_id, priority) in
    (select recipient_id, sender_id, priority from message_lanes l where state = 'handed' and recipient_id ${oneOf(recipientIds)}${skipLocked("l")})`);
export const lockDue = (tx: Tx, now: number, limit: number): Promise<LaneRow[]> =>
  tx.all(
    sql`select ${COLUMNS} from message_lanes l where state in ('handed', 'resting') and due_at <= ${now} order by due_at limit ${limit}${skipLocked("l")}`,
  );
export const isAnyDue = async (db: Reader, now: number): Promise<boolean> =>
  (await db.all(sql`select 1 as due from message_lanes where state in ('handed', 'resting') and due_at <= ${now} limit 1`)).length > 0;
/** Lanes of these recipients that have something handed out. */
export const selectHandedLanes = (tx: Reader, recipientIds: readonly string[], limit: number): Promise<LaneRow[]> =>
  tx.all(sql`select ${COLUMNS} from message_lanes where recipient_id ${oneOf(recipientIds)} and state <> 'empty' and handed > 0 limit ${limit}`);
/** `head_key` is read from what waits now, where nothing is in hand: write the deliveries first. */
export const updateLanes = (tx: Tx, items: readonly Omit<LaneRow, "head_key">[], now: number): Promise<number> =>
  tx.run(sql`update message_lanes set state = x.state, waiting = x.waiting, handed = x.handed, in_hand = x.in_hand, due_at = x.due_at, lease_ms = x.lease_ms, rest_until = x.rest_until, touched_at = ${now},
      head_key = case when x.handed = 0 then (select d.queue_key from message_deliveries d where d.recipient_id = message_lanes.recipient_id
        and d.sender_id = message_lanes.sender_id and d.priority = message_lanes.priority and d.state = 'queued' order by d.seq limit 1) end
    from ${rows("x", { ...KEY, state: "text", waiting: "int", handed: "int", in_hand: "text", due_at: "int", lease_ms: "int", rest_until: "int" }, items)}
    where message_lanes.recipient_id = x.recipient_id and message_lanes.sender_id = x.sender_id and message_lanes.priority = x.priority`);
export const deleteIdleLanes = (tx: Tx, before: number, limit: number): Promise<number> =>
  tx.run(sql`delete from message_lanes where state = 'empty' and touched_at < ${before} and (recipient_id, sender_id, priority) in
    (select recipient_id, sender_id, priority from message_lanes where state = 'empty' and touched_at < ${before} order by touched_at limit ${limit})`);
export const sumLanes = async (db: Reader): Promise<{ queued: number; handed: number; recipients: number }> => {
  const [sums] = await db.all<{ queued: number | null; handed: number | null; recipients: number }>(
    sql`select sum(waiting) as queued, sum(handed) as handed, count(distinct recipient_id) as recipients from message_lanes where state <> 'empty'`,
  );
  return { queued: Number(sums?.queued ?? 0), handed: Number(sums?.handed ?? 0), recipients: sums?.recipients ?? 0 };
};
