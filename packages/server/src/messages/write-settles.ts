// Writing what became of deliveries: under the locks of their lanes, by the rules of lane-machine.ts.
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import { byLane, keyOf, toKey } from "./by-lane.ts";
import { acknowledge, type DeliveryRow, type LaneKey, selectDeliveriesOf, selectKept, selectLanesOf, updateDeliveries } from "./delivery-rows.ts";
import { type Change, type Failed, giveBackLane, type LaneChange, settleLane, standingOf } from "./lane-machine.ts";
import { inHandOf, type LaneRow, lockLanes, toInHand, updateLanes } from "./lane-rows.ts";
import { giveUpRequests } from "./message-rows.ts";

export interface Settlement {
  recipientId: string;
  done: readonly string[];
  failed: readonly ({ id: string } & Failed)[];
}
export interface SettleWorld {
  retentionMs: number;
}
export interface WrittenSettles {
  /** Ids, for each settlement, that were not open for its recipient. */
  unknown: string[][];
  events: NewEvent[];
  /** Who may have something to be handed out now. */
  woken: string[];
}
const pairOf = (messageId: string, recipientId: string): string => JSON.stringify([messageId, recipientId]);

export async function writeSettles(world: SettleWorld, tx: Tx, settlements: readonly Settlement[], now: number): Promise<WrittenSettles> {
  const named = settlements.flatMap(({ recipientId, done, failed }) =>
    [...done, ...failed.map(({ id }) => id)].map((message_id) => ({ message_id, recipient_id: recipientId })),
  );
  if (named.length === 0) return { unknown: settlements.map(() => []), events: [], woken: [] };
  const distinct = [...new Map(named.map((one) => [pairOf(one.message_id, one.recipient_id), one])).values()];
  const keys = await selectLanesOf(tx, distinct);
  const { lanes, handed, rows } = keys.length === 0 ? { lanes: [], handed: [], rows: [] } : await lockNamed(tx, keys, distinct);
  // A late word of what was taken before and came back to the queue still counts.
  const open = new Map(
    rows.filter(({ state, tries }) => state === "handed" || (state === "queued" && tries > 0)).map((row) => [pairOf(row.message_id, row.recipient_id), row]),
  );
  const done = new Set<number>();
  const failed = new Map<number, Failed>();
  const late: DeliveryRow[] = [];
  for (const { recipientId, ...settlement } of settlements) {
    for (const id of settlement.done) {
      const row = open.get(pairOf(id, recipientId));
      if (row?.state === "queued" && !done.has(row.seq)) late.push(row);
      if (row) done.add(row.seq);
    }
    for (const { id, ...failure } of settlement.failed) {
      const row = open.get(pairOf(id, recipientId));
      if (row && !done.has(row.seq)) failed.set(row.seq, failure);
    }
  }
  const written = await writeLanes(world, tx, lanes, handed, late, (rows) => settleLane(rows, done, failed, now), now);
  const unknown = settlements.map(({ recipientId, done: ids, failed: some }) =>
    [...ids, ...some.map(({ id }) => id)].filter((id) => !open.has(pairOf(id, recipientId))),
  );
  return { ...written, unknown };
}
const asHanded = (row: DeliveryRow): DeliveryRow => ({ ...row, state: "handed", tries: row.tries + 1 });
/** Locks the lanes; from then on nobody else changes what is in them. @returns with what is in hand of them, and with those named. */
async function lockNamed(tx: Tx, keys: readonly LaneKey[], named: readonly { message_id: string; recipient_id: string }[]) {
  const [lanes, kept] = await Promise.all([lockLanes(tx, keys), selectDeliveriesOf(tx, named)]);
  const inHand = new Set(lanes.flatMap(inHandOf));
  const rows = kept.map((row) => (inHand.has(row.seq) ? asHanded(row) : row));
  for (const { seq } of rows) inHand.delete(seq);
  const others = inHand.size === 0 ? [] : (await selectKept(tx, [...inHand])).map(asHanded);
  const handed = [...rows.filter(({ state }) => state === "handed"), ...others].sort((a, b) => a.seq - b.seq);
  return { lanes, handed, rows };
}
/** What is in hand of lanes that are locked, in order. */
async function selectHanded(tx: Tx, lanes: readonly LaneRow[]): Promise<DeliveryRow[]> {
  const seqs = lanes.flatMap(inHandOf);
  return seqs.length === 0 ? [] : (await selectKept(tx, seqs)).map(asHanded);
}

/** Lanes (locked) whose recipients are gone or silent: what they have goes back to the queue, but for what `stays` with them. */
export async function giveBack(
  world: SettleWorld,
  tx: Tx,
  lanes: readonly LaneRow[],
  { reason, rests, stays = () => false }: { reason: string; rests: boolean; stays?: (row: DeliveryRow) => boolean },
  now: number,
): Promise<Omit<WrittenSettles, "unknown">> {
  if (lanes.length === 0) return { events: [], woken: [] };
  const handed = await selectHanded(tx, lanes);
  return writeLanes(
    world,
    tx,
    lanes,
    handed,
    [],
    (rows) =>
      giveBackLane(
        rows.filter((row) => !stays(row)),
        reason,
        now,
        rests,
      ),
    now,
  );
}

async function writeLanes(
  world: SettleWorld,
  tx: Tx,
  lanes: readonly LaneRow[],
  handed: readonly DeliveryRow[],
  late: readonly DeliveryRow[],
  decide: (rows: readonly DeliveryRow[]) => LaneChange,
  now: number,
): Promise<Omit<WrittenSettles, "unknown">> {
  const handedIn = byLane(handed);
  const lateIn = byLane(late);
  const rows = new Map([...handed, ...late].map((row) => [row.seq, row]));
  const changes: Change[] = [];
  const after = lanes.map((lane) => {
    const before = handedIn.get(keyOf(lane)) ?? [];
    const decided = decide(before);
    const taken = lateIn.get(keyOf(lane)) ?? [];
    const gone = new Set(decided.changes.map(({ seq }) => seq));
    changes.push(...decided.changes, ...taken.map(({ seq, tries }): Change => ({ seq, state: "acknowledged", tries, reason: null })));
    const counts = {
      handed: before.length - decided.changes.length,
      waiting: lane.waiting - taken.length + decided.changes.filter(({ state }) => state === "queued").length,
      restUntil: decided.restUntil ?? (lane.rest_until !== null && lane.rest_until > now ? lane.rest_until : null),
      // Who settles some of what it has is alive: the rest has its time anew.
      dueAt: Math.max(lane.due_at ?? 0, now + (lane.lease_ms ?? 0)),
    };
    const standing = standingOf(counts, now);
    const in_hand = toInHand(inHandOf(lane).filter((seq) => !gone.has(seq)));
    return {
      ...toKey(lane),
      state: standing.state,
      due_at: standing.dueAt,
      lease_ms: lane.lease_ms,
      waiting: counts.waiting,
      handed: counts.handed,
      in_hand,
      rest_until: counts.restUntil,
    };
  });
  const events = await writeChanges(world, tx, changes, rows, now);
  tx.leave(updateLanes(tx, after, now));
  return { events, woken: [...new Set(after.filter(({ state }) => state === "ready").map(({ recipient_id }) => recipient_id))] };
}

/** It was in hand, did not count as a try, and waits again: nothing of its own row changes. */
const isAsBefore = ({ state, tries, reason }: Change, row: DeliveryRow | undefined): boolean =>
  row?.state === "handed" && state === "queued" && tries === row.tries - 1 && reason === row.reason;

/** What ends is kept for the retention; what ends badly is told, and ends the wait for an answer. */
export async function writeChanges(
  world: SettleWorld,
  tx: Tx,
  changes: readonly Change[],
  rows: ReadonlyMap<number, DeliveryRow>,
  now: number,
): Promise<NewEvent[]> {
  const acknowledged: number[] = [];
  const others: Change[] = [];
  for (const change of changes) {
    const row = rows.get(change.seq);
    if (change.state === "acknowledged" && row?.state === "handed") acknowledged.push(change.seq);
    else if (!isAsBefore(change, row)) others.push(change);
  }
  if (acknowledged.length > 0) tx.leave(acknowledge(tx, acknowledged, now + world.retentionMs));
  if (others.length > 0)
    tx.leave(
      updateDeliveries(
        tx,
        others.map((change) => ({
          ...change,
          expires_at: rows.get(change.seq)?.expires_at ?? now,
          remove_at: change.state === "queued" ? null : now + world.retentionMs,
        })),
      ),
    );
  const dead = changes.filter(({ state }) => state === "dead").map((change) => ({ ...change, row: rows.get(change.seq) as DeliveryRow }));
  if (dead.length === 0) return [];
  await giveUpRequests(
    tx,
    dead.map(({ row }) => row.message_id),
    "undeliverable",
  );
  return dead.map(({ row, reason }) => ({
    type: "message.dead_lettered",
    data: { projectId: row.project, messageId: row.message_id, deliveryId: String(row.seq), senderId: row.sender_id, recipientId: row.recipient_id, reason },
  }));
}
