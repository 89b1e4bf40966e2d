// What happens to messages by themselves: what was not acknowledged in time comes back, what rested may go, what nobody took or answered in
// time ends, and what is older than the retention is removed. Looked at by indexes on the times, never by reading what is not due.
import type { EventLog, NewEvent } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db, Tx } from "../store/db.ts";
import { byLane, keyOf, toKey } from "./by-lane.ts";
import { deleteDeliveries, type DeliveryRow, selectDeliveries, selectExpired, selectRemovable } from "./delivery-rows.ts";
import { standingOf } from "./lane-machine.ts";
import { deleteIdleLanes, isAnyDue, lockDue, lockLanes, updateLanes } from "./lane-rows.ts";
import { deleteForsaken, deleteUnread, giveUpRequests, isAnyUnanswered, selectUnanswered } from "./message-rows.ts";
import type { Wakes } from "./wakes.ts";
import { toExpired } from "./write-receives.ts";
import { giveBack, writeChanges } from "./write-settles.ts";

export interface SweepWorld {
  db: Db;
  clock: Clock;
  log: Log;
  events: EventLog;
  wakes: Wakes;
  retentionMs: number;
}
const AT_ONCE = 200;
const SILENT = "It was not acknowledged in time.";

/** Once through all that is due. @returns whether there may be more. */
export async function sweep(world: SweepWorld): Promise<boolean> {
  const now = world.clock.now();
  const parts = [
    (await isAnyDue(world.db, now)) && ((tx: Tx) => sweepLanes(world, tx, now)),
    (await selectExpired(world.db, now, 1)).length > 0 && ((tx: Tx) => sweepExpired(world, tx, now)),
    (await isAnyUnanswered(world.db, now)) && ((tx: Tx) => sweepRequests(tx, now)),
  ];
  let more = false;
  for (const part of parts) {
    if (part === false) continue;
    const { events, woken, count } = await world.db.transaction(async (tx) => {
      const done = await part(tx);
      if (done.events.length > 0) await world.events.append(tx, done.events);
      return done;
    });
    if (events.length > 0) world.events.committed();
    world.wakes.wake(woken);
    more ||= count === AT_ONCE;
  }
  return more;
}
interface Swept {
  events: NewEvent[];
  woken: string[];
  count: number;
}
async function sweepLanes(world: SweepWorld, tx: Tx, now: number): Promise<Swept> {
  const lanes = await lockDue(tx, now, AT_ONCE);
  const silent = await giveBack(
    world,
    tx,
    lanes.filter(({ state }) => state === "handed"),
    { reason: SILENT, rests: true },
    now,
  );
  const rested = lanes.filter(({ state }) => state === "resting");
  if (rested.length > 0)
    await updateLanes(
      tx,
      rested.map(({ head_key: _, ...lane }) => {
        const { state, dueAt } = standingOf({ ...lane, restUntil: null, dueAt: null }, now);
        return { ...lane, state, due_at: dueAt, rest_until: null };
      }),
      now,
    );
  return { events: silent.events, woken: [...silent.woken, ...rested.map(({ recipient_id }) => recipient_id)], count: lanes.length };
}
async function sweepExpired(world: SweepWorld, tx: Tx, now: number): Promise<Swept> {
  const found = await selectExpired(tx, now, AT_ONCE);
  const lanes = await lockLanes(tx, [...new Map(found.map((row) => [keyOf(row), toKey(row)])).values()]);
  const isDead = (row: DeliveryRow): boolean => row.state === "queued" && row.expires_at <= now;
  const dead = (
    await selectDeliveries(
      tx,
      found.map(({ seq }) => seq),
    )
  ).filter(isDead);
  const events = await writeChanges(world, tx, dead.map(toExpired), new Map(dead.map((row) => [row.seq, row])), now);
  const gone = byLane(dead);
  await updateLanes(
    tx,
    lanes.map(({ head_key: _, ...lane }) => {
      const waiting = lane.waiting - (gone.get(keyOf(lane))?.length ?? 0);
      const { state, dueAt } = standingOf({ ...lane, waiting, restUntil: lane.rest_until, dueAt: lane.due_at }, now);
      return { ...lane, waiting, state, due_at: dueAt };
    }),
    now,
  );
  return { events, woken: [], count: found.length };
}
async function sweepRequests(tx: Tx, now: number): Promise<Swept> {
  const ids = await selectUnanswered(tx, now, AT_ONCE);
  const given = ids.length === 0 ? [] : await giveUpRequests(tx, ids, "timed_out");
  const events = given.map(
    ({ id, recipient_id, project }): NewEvent => ({ type: "message.timed_out", data: { projectId: project, messageId: id, recipientId: recipient_id } }),
  );
  return { events, woken: given.map(({ id }) => `request ${id}`), count: ids.length };
}
/** Removes what is older than the retention. @returns how much. */
export async function removeOld(world: SweepWorld): Promise<number> {
  const now = world.clock.now();
  let removed = 0;
  for (;;) {
    const old = await selectRemovable(world.db, now, AT_ONCE);
    const count = await world.db.transaction(async (tx) => {
      if (old.length > 0) {
        await deleteDeliveries(
          tx,
          old.map(({ seq }) => seq),
        );
        await deleteForsaken(tx, [...new Set(old.map(({ message_id }) => message_id))]);
      }
      return old.length + (await deleteUnread(tx, now, AT_ONCE)) + (await deleteIdleLanes(tx, now - world.retentionMs, AT_ONCE));
    });
    removed += count;
    if (count < AT_ONCE) return removed;
  }
}
