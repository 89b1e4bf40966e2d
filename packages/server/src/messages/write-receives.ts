// Writing what is handed out: of the recipient's lanes that are ready, the most urgent first, each in its order.
import type { DeliveredMessage } from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import { byLane, keyOf } from "./by-lane.ts";
import { type DeliveryRow, selectQueued, updateDeliveries } from "./delivery-rows.ts";
import { type Change, mergeLanes, standingOf } from "./lane-machine.ts";
import { type LaneRow, lockReady, updateLanes } from "./lane-rows.ts";
import { type MessageRow, selectMessages } from "./message-rows.ts";
import { toDelivered } from "./payload.ts";
import { type SettleWorld, writeChanges } from "./write-settles.ts";

export interface Reception {
  recipientId: string;
  limit: number;
  leaseMs: number;
}
export interface WrittenReceive {
  items: DeliveredMessage[];
  events: NewEvent[];
  /** There may be more. */
  more: boolean;
}
const MAX_LANES = 20;
const EXPIRED = "Nobody took it before it expired.";

export async function writeReceive(world: SettleWorld, tx: Tx, { recipientId, limit, leaseMs }: Reception, now: number): Promise<WrittenReceive> {
  const lanes = await lockReady(tx, recipientId, Math.min(limit, MAX_LANES));
  if (lanes.length === 0) return { items: [], events: [], more: false };
  const share = Math.max(1, Math.ceil((2 * limit) / lanes.length));
  const queues = await Promise.all(lanes.map((lane) => selectQueued(tx, lane, share)));
  const expired = queues.flat().filter(({ expires_at }) => expires_at <= now);
  const live = queues.map((queue) => queue.filter(({ expires_at }) => expires_at > now));
  const chosen = mergeLanes(live, limit);
  const events = await writeChanges(world, tx, expired.map(toExpired), new Map(expired.map((row) => [row.seq, row])), now);
  const handed = chosen.map((row): DeliveryRow & { state: "handed" } => ({ ...row, state: "handed", tries: row.tries + 1 }));
  if (handed.length > 0) await updateDeliveries(tx, handed);
  const touched = countByLane(lanes, handed, expired);
  if (touched.length > 0)
    await updateLanes(
      tx,
      touched.map(({ lane, gone, given }) => {
        const counts = { waiting: lane.waiting - gone - given, handed: given, restUntil: null, dueAt: now + leaseMs };
        const { state, dueAt } = standingOf(counts, now);
        const { recipient_id, sender_id, priority } = lane;
        return { recipient_id, sender_id, priority, state, waiting: counts.waiting, handed: given, due_at: dueAt, rest_until: null };
      }),
      now,
    );
  const messages = handed.length === 0 ? new Map<string, MessageRow>() : await selectMessages(tx, [...new Set(handed.map((row) => row.message_id))]);
  const items = handed.flatMap((row) => {
    const message = messages.get(row.message_id);
    return message ? [toDelivered(message, row)] : [];
  });
  return { items, events, more: lanes.length === MAX_LANES || handed.length === limit || expired.length > 0 };
}
export const toExpired = ({ seq, tries }: DeliveryRow): Change => ({ seq, state: "dead", tries, reason: EXPIRED });
function countByLane(lanes: readonly LaneRow[], handed: readonly DeliveryRow[], expired: readonly DeliveryRow[]) {
  const given = byLane(handed);
  const gone = byLane(expired);
  return lanes
    .map((lane) => ({ lane, given: given.get(keyOf(lane))?.length ?? 0, gone: gone.get(keyOf(lane))?.length ?? 0 }))
    .filter((one) => one.given + one.gone > 0);
}
