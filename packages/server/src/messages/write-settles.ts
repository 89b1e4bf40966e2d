// Writing what became of deliveries: under the locks of their lanes, by the rules of lane-machine.ts.
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import { byLane, keyOf, toKey } from "./by-lane.ts";
import { type DeliveryRow, selectDeliveriesOf, selectHanded, updateDeliveries } from "./delivery-rows.ts";
import { type Change, type Failed, giveBackLane, type LaneChange, settleLane, standingOf } from "./lane-machine.ts";
import { type LaneRow, lockLanes, updateLanes } from "./lane-rows.ts";
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
const LEASE_MS = 30_000;
const pairOf = (messageId: string, recipientId: string): string => JSON.stringify([messageId, recipientId]);
/** A late word of what was taken before and came back to the queue still counts. */
const isOpen = ({ state, tries }: DeliveryRow): boolean => state === "handed" || (state === "queued" && tries > 0);

export async function writeSettles(world: SettleWorld, tx: Tx, settlements: readonly Settlement[], now: number): Promise<WrittenSettles> {
  const named = settlements.flatMap(({ recipientId, done, failed }) =>
    [...done, ...failed.map(({ id }) => id)].map((message_id) => ({ message_id, recipient_id: recipientId })),
  );
  if (named.length === 0) return { unknown: settlements.map(() => []), events: [], woken: [] };
  const distinct = [...new Map(named.map((one) => [pairOf(one.message_id, one.recipient_id), one])).values()];
  const keys = new Map((await selectDeliveriesOf(tx, distinct)).map((row) => [keyOf(row), toKey(row)]));
  const lanes = keys.size === 0 ? [] : await lockLanes(tx, [...keys.values()]);
  // Read again under the locks: from here on nobody else changes them.
  const open = new Map((await selectDeliveriesOf(tx, distinct)).filter(isOpen).map((row) => [pairOf(row.message_id, row.recipient_id), row]));
  const handed = lanes.length === 0 ? [] : await selectHanded(tx, [...keys.values()]);
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

/** Lanes (locked) whose recipients are gone or silent: what they have goes back to the queue, but for what `stays` with them. */
export async function giveBack(
  world: SettleWorld,
  tx: Tx,
  lanes: readonly LaneRow[],
  { reason, rests, stays = () => false }: { reason: string; rests: boolean; stays?: (row: DeliveryRow) => boolean },
  now: number,
): Promise<Omit<WrittenSettles, "unknown">> {
  if (lanes.length === 0) return { events: [], woken: [] };
  const handed = await selectHanded(tx, lanes.map(toKey));
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
    changes.push(...decided.changes, ...taken.map(({ seq, tries }): Change => ({ seq, state: "acknowledged", tries, reason: null })));
    const counts = {
      handed: before.length - decided.changes.length,
      waiting: lane.waiting - taken.length + decided.changes.filter(({ state }) => state === "queued").length,
      restUntil: decided.restUntil ?? (lane.rest_until !== null && lane.rest_until > now ? lane.rest_until : null),
      // Who settles some of what it has is alive: the rest has its time anew.
      dueAt: Math.max(lane.due_at ?? 0, now + LEASE_MS),
    };
    const standing = standingOf(counts, now);
    return { ...toKey(lane), state: standing.state, due_at: standing.dueAt, waiting: counts.waiting, handed: counts.handed, rest_until: counts.restUntil };
  });
  const events = await writeChanges(world, tx, changes, rows, now);
  await updateLanes(tx, after, now);
  return { events, woken: [...new Set(after.filter(({ state }) => state === "ready").map(({ recipient_id }) => recipient_id))] };
}

/** What ends is kept for the retention; what ends badly is told, and ends the wait for an answer. */
export async function writeChanges(
  world: SettleWorld,
  tx: Tx,
  changes: readonly Change[],
  rows: ReadonlyMap<number, DeliveryRow>,
  now: number,
): Promise<NewEvent[]> {
  if (changes.length === 0) return [];
  await updateDeliveries(
    tx,
    changes.map(({ seq, state, tries, reason }) => ({
      seq,
      state,
      tries,
      reason,
      expires_at: rows.get(seq)?.expires_at ?? now,
      remove_at: state === "queued" ? null : now + world.retentionMs,
    })),
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
    data: { messageId: row.message_id, deliveryId: String(row.seq), senderId: row.sender_id, recipientId: row.recipient_id, reason },
  }));
}
