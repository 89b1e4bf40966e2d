// Writing what is handed out: of each recipient's lanes that are ready, the most urgent first, each in its order. Many recipients together:
// a broadcast is taken by thousands at the same moment.
import type { DeliveredMessage, Message } from "@baton/contract";
import type { Seal } from "../std/seal.ts";
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import { byLane, keyOf, toKey } from "./by-lane.ts";
import { type DeliveryRow, selectAllQueued, selectQueued } from "./delivery-rows.ts";
import { type Change, mergeLanes, standingOf } from "./lane-machine.ts";
import { type LaneRow, lockReady, lockReadyOf, toInHand, updateLanes } from "./lane-rows.ts";
import { type MessageRow, selectMessages } from "./message-rows.ts";
import { toDelivered, tryOpen } from "./payload.ts";
import { type SettleWorld, writeChanges } from "./write-settles.ts";

export interface Reception {
  recipientId: string;
  limit: number;
  leaseMs: number;
}
export interface ReceiveWorld extends SettleWorld {
  seal: Seal;
  /** A message written just now, if it is at hand. */
  recent(id: string): MessageRow | undefined;
}
export interface WrittenReceives {
  items: DeliveredMessage[][];
  events: NewEvent[];
  /** Who may take more. */
  woken: string[];
}
const MAX_LANES = 20;
/** Handed out at once; one message always may be. */
const MAX_BYTES = 16 << 20;
/** Lanes with less than this waiting are read together. */
const FEW = 50;
const UNREADABLE = "Its payload cannot be opened: it was sealed under another key, or altered.";
const EXPIRED = "Nobody took it before it expired.";

/** Whoever asks twice in one go is answered in turn. */
export async function writeReceives(world: ReceiveWorld, tx: Tx, receptions: readonly Reception[], now: number): Promise<WrittenReceives> {
  const written: WrittenReceives = { items: receptions.map(() => []), events: [], woken: [] };
  let left = receptions.map((reception, at) => ({ reception, at }));
  while (left.length > 0) {
    const round = new Map<string, (typeof left)[number]>();
    for (const one of left) if (!round.has(one.reception.recipientId)) round.set(one.reception.recipientId, one);
    left = left.filter((one) => round.get(one.reception.recipientId) !== one);
    const { items, events, woken } = await writeRound(world, tx, new Map([...round].map(([id, { reception }]) => [id, reception])), now);
    for (const [id, { at }] of round) written.items[at] = items.get(id) ?? [];
    written.events.push(...events);
    written.woken.push(...woken);
  }
  return written;
}
interface Choice {
  lanes: LaneRow[];
  chosen: DeliveryRow[];
  expired: DeliveryRow[];
  leaseMs: number;
  more: boolean;
}
interface Given extends Choice {
  unreadable: DeliveryRow[];
}
async function writeRound(world: ReceiveWorld, tx: Tx, receptions: ReadonlyMap<string, Reception>, now: number) {
  const lanesOf = await lockLanesOf(tx, [...receptions.values()]);
  const queues = await queuesOf(tx, lanesOf, receptions);
  const choices = [...lanesOf].map(([id, lanes]): Choice => choose(lanes, queues, receptions.get(id) as Reception, now));
  const messages = await openAll(world, tx, choices);
  const given = choices.map((choice): Given => {
    const isUnreadable = (row: DeliveryRow): boolean => messages.get(row.message_id) === UNREADABLE;
    const unreadable = choice.chosen.filter(isUnreadable);
    return { ...choice, chosen: choice.chosen.filter((row) => !isUnreadable(row)), unreadable, more: choice.more || unreadable.length > 0 };
  });
  const gone = given.flatMap(({ expired, unreadable }) => [...expired, ...unreadable]);
  const changes = given.flatMap(({ expired, unreadable }) => [...expired.map(toExpired), ...unreadable.map(toUnreadable)]);
  const events = await writeChanges(world, tx, changes, new Map(gone.map((row) => [row.seq, row])), now);
  const handed = given.flatMap(({ chosen }) => chosen.map((row): DeliveryRow & { state: "handed" } => ({ ...row, state: "handed", tries: row.tries + 1 })));
  const touched = given.flatMap((one) => toTouched(one, now));
  if (touched.length > 0) tx.leave(updateLanes(tx, touched, now));
  const items = new Map<string, DeliveredMessage[]>();
  for (const row of handed) {
    const message = messages.get(row.message_id);
    if (message === undefined || message === UNREADABLE) continue;
    const own = items.get(row.recipient_id);
    if (own) own.push(toDelivered(message, row));
    else items.set(row.recipient_id, [toDelivered(message, row)]);
  }
  return { items, events, woken: given.flatMap(({ more, lanes }) => (more && lanes[0] ? [lanes[0].recipient_id] : [])) };
}
/** By id, those chosen. One that cannot be opened must not keep the others from being handed out. */
async function openAll({ seal, recent }: ReceiveWorld, tx: Tx, choices: readonly Choice[]): Promise<Map<string, Message | typeof UNREADABLE>> {
  const ids = [...new Set(choices.flatMap(({ chosen }) => chosen.map((row) => row.message_id)))];
  const atHand = ids.flatMap((id) => recent(id) ?? []);
  const others =
    atHand.length === ids.length
      ? []
      : [
          ...(
            await selectMessages(
              tx,
              ids.filter((id) => recent(id) === undefined),
            )
          ).values(),
        ];
  return new Map([...atHand, ...others].map((row) => [row.id, tryOpen(seal, row) ?? UNREADABLE]));
}
async function lockLanesOf(tx: Tx, receptions: readonly Reception[]): Promise<Map<string, LaneRow[]>> {
  const [first, ...others] = receptions;
  const lanes =
    first && others.length === 0
      ? await lockReady(tx, first.recipientId, Math.min(first.limit, MAX_LANES))
      : await lockReadyOf(
          tx,
          receptions.map(({ recipientId }) => recipientId),
          MAX_LANES,
        );
  const of = new Map<string, LaneRow[]>();
  for (const lane of lanes) of.set(lane.recipient_id, [...(of.get(lane.recipient_id) ?? []), lane]);
  return of;
}
/** By lane: the next ones, more than its share of what is wanted. */
async function queuesOf(tx: Tx, lanesOf: ReadonlyMap<string, LaneRow[]>, receptions: ReadonlyMap<string, Reception>): Promise<Map<string, DeliveryRow[]>> {
  const all = [...lanesOf.values()].flat();
  const short = all.filter(({ waiting }) => waiting < FEW);
  const queues = byLane(short.length === 0 ? [] : await selectAllQueued(tx, short.map(toKey)));
  for (const lane of all) {
    if (lane.waiting < FEW) continue;
    const { limit = 1 } = receptions.get(lane.recipient_id) ?? {};
    const share = Math.max(1, Math.ceil((2 * limit) / (lanesOf.get(lane.recipient_id)?.length ?? 1)));
    queues.set(keyOf(lane), await selectQueued(tx, lane, share));
  }
  return queues;
}
function choose(lanes: LaneRow[], queues: ReadonlyMap<string, DeliveryRow[]>, { limit, leaseMs }: Reception, now: number): Choice {
  const found = lanes.map((lane) => queues.get(keyOf(lane)) ?? []);
  const expired = found.flat().filter(({ expires_at }) => expires_at <= now);
  const merged = mergeLanes(
    found.map((queue) => queue.filter(({ expires_at }) => expires_at > now)),
    limit,
  );
  let bytes = 0;
  const chosen = merged.filter((row, at) => (bytes += row.bytes) <= MAX_BYTES || at === 0);
  return {
    lanes,
    chosen,
    expired,
    leaseMs,
    more: lanes.length === MAX_LANES || merged.length === limit || chosen.length < merged.length || expired.length > 0,
  };
}
export const toExpired = ({ seq, tries }: DeliveryRow): Change => ({ seq, state: "dead", tries, reason: EXPIRED });
const toUnreadable = ({ seq, tries }: DeliveryRow): Change => ({ seq, state: "dead", tries, reason: UNREADABLE });
function toTouched({ lanes, chosen, expired, unreadable, leaseMs }: Given, now: number) {
  const given = byLane(chosen);
  const gone = byLane([...expired, ...unreadable]);
  return lanes.flatMap((lane) => {
    const inHand = given.get(keyOf(lane)) ?? [];
    const handed = inHand.length;
    const waiting = lane.waiting - handed - (gone.get(keyOf(lane))?.length ?? 0);
    if (waiting === lane.waiting) return [];
    const { state, dueAt } = standingOf({ waiting, handed, restUntil: null, dueAt: now + leaseMs }, now);
    return [{ ...toKey(lane), state, waiting, handed, in_hand: toInHand(inHand.map(({ seq }) => seq)), due_at: dueAt, lease_ms: leaseMs, rest_until: null }];
  });
}
