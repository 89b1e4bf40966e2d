// Messages: what agents and people send each other. Written before it is acknowledged to its sender; delivered at least once, until its
// recipient acknowledges it or it becomes a dead letter with a reason. The states of a delivery are told in lane-machine.ts.
//
// Promised: a message that was acknowledged to its sender is never lost, short of losing the store. One that its recipient acknowledged is
// never handed out again. What one sender sends to one recipient with one priority is handed out in the order it was written.
// Not promised: that a recipient sees a message only once; its id tells repetitions.
import {
  ALL_PROJECTS,
  type Acknowledgement,
  type DeliveredMessage,
  type Delivery,
  type Message,
  type ParsedMessageInput,
  Refusal,
  type RouteAnswer,
  type RouteParsed,
} from "@baton/contract";
import type { Scope } from "../store/scope.ts";
import { countDead, type DeliveryRow, selectDead, selectDeliveries, selectDeliveriesOfMessage, selectOpen, updateDeliveries } from "./delivery-rows.ts";
import { addToLanes, lockLanes, sumLanes } from "./lane-rows.ts";
import { findAddress } from "./mailboxes.ts";
import type { MessagesWorld } from "./messages-world.ts";
import { type MessageRow, selectMessage, selectMessagePage, selectMessages } from "./message-rows.ts";
import { toDelivered, toDelivery, toMessage, tryOpen } from "./payload.ts";
import { passStages } from "./stages.ts";
import { speaksAs, type Voice } from "./voice.ts";

export type { MessageSettings, MessagesWorld, Messaging } from "./messages-world.ts";
export { openMessaging } from "./messaging.ts";
export { tellHub } from "./hub-told.ts";
export { openFeeds } from "./feeds.ts";
export { extendInHand, listReady } from "./in-hand.ts";
export { assertMayHear, assertMayRead, assertMayRedeliver, assertMaySubscribe, assertMayTake, assertPerson, type Voice } from "./voice.ts";
export { addSigningKey, getSigning, getSigningKey, removeSigningKey, retireSigningKey, setSigning } from "./signing/signing.ts";
export { createMessageRule, getMessageRule, listMessageRules, removeMessageRule, replaceMessageRule } from "./rules/rules.ts";
export { createMailbox, createSubscription, getMailbox, listMailboxes, listSubscriptions, removeMailbox, removeSubscription } from "./mailboxes.ts";

/**
 * When it resolves, the message is stored for everybody it goes to. A message with a known id and the same content is that message.
 * @throws Refusal `bad_input`, `not_found` for a recipient nobody knows, `too_large`, `too_many_requests`, `idempotency_mismatch`,
 * `conflict` for an answer that comes too late, `forbidden` for one by somebody else, a sender that is not who speaks, or a signature that is missing or none, `unavailable`.
 */
export async function sendMessage(world: MessagesWorld, input: ParsedMessageInput, voice: Voice): Promise<{ message: Message; created: boolean }> {
  const { messaging } = world;
  const draft = await passStages(world, input, voice);
  const { message, created } = await messaging.post.send(draft);
  if (draft.target.to === "asker") messaging.wakes.wake([`request ${draft.target.requestId}`]);
  return { message: toMessage(world.seal, message), created };
}

/** Takes messages, waited for if there are none; they are the recipient's until `leaseMs` is over. @throws Refusal `not_found`. */
export async function receiveMessages(
  world: MessagesWorld,
  name: string,
  { limit, waitMs, leaseMs }: RouteParsed<"receiveMessages", "query">,
): Promise<DeliveredMessage[]> {
  const { post, wakes, pollMs } = world.messaging;
  const recipientId = await findAddress(world, name);
  const until = world.clock.now() + waitMs;
  for (;;) {
    const stop = new AbortController();
    const left = Math.max(0, until - world.clock.now());
    // Before it looks, so that what comes in between is not missed.
    const woken = wakes.wait(recipientId, Math.min(left, Math.max(pollMs, 50)), stop.signal);
    const items = await post.receive({ recipientId, limit, leaseMs });
    if (items.length > 0 || left === 0) {
      stop.abort();
      return items;
    }
    await woken;
  }
}
/** @throws Refusal `not_found`. */
export async function acknowledgeMessages(world: MessagesWorld, name: string, { done, failed }: Acknowledgement): Promise<RouteAnswer<"acknowledgeMessages">> {
  const recipientId = await findAddress(world, name);
  const unknown = await world.messaging.post.settle({ recipientId, done, failed });
  return { settled: done.length + failed.length - unknown.length, unknown };
}

/** Undefined: it is of none, or not there. */
export async function projectOfMessage({ db }: Pick<MessagesWorld, "db">, id: string): Promise<string | undefined> {
  const row = await selectMessage(db, id);
  return row && row.project !== ALL_PROJECTS ? row.project : undefined;
}
/** @throws Refusal `not_found`. */
export async function getMessage({ db, seal }: MessagesWorld, id: string): Promise<Message> {
  const row = await selectMessage(db, id);
  if (!row) throw new Refusal("not_found", `There is no message ${id}. GET /api/v1/messages lists them.`);
  return toMessage(seal, row);
}
export async function listMessages(world: MessagesWorld, scope: Scope, query: RouteParsed<"listMessages", "query">): Promise<RouteAnswer<"listMessages">> {
  const addressOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : (world.registry.find(name)?.row.id ?? name));
  const filter = { ...query, scope, senderId: addressOf(query.senderId), recipientId: addressOf(query.recipientId) };
  const rows = await selectMessagePage(world.db, filter, query.limit);
  return { items: rows.map((row) => toMessage(world.seal, row)), nextCursor: cursorOf(rows, query.limit) };
}
const cursorOf = (rows: readonly { seq: number }[], limit: number): number | null => (rows.length < limit ? null : (rows.at(-1)?.seq ?? null));
/** @throws Refusal `not_found`. */
export async function listDeliveries(world: MessagesWorld, id: string, limit: number): Promise<Delivery[]> {
  await getMessage(world, id);
  return (await selectDeliveriesOfMessage(world.db, id, limit)).map(toDelivery);
}
async function withMessages({ db, seal }: MessagesWorld, rows: readonly DeliveryRow[]): Promise<DeliveredMessage[]> {
  const messages = await selectMessages(
    db,
    rows.map(({ message_id }) => message_id),
  );
  return rows.flatMap((row) => {
    const message = messages.get(row.message_id);
    return message ? [toDelivered(toMessage(seal, message), row)] : [];
  });
}
/** What is open for it, as it arrived. @throws Refusal `not_found`. */
export async function listOpen(world: MessagesWorld, name: string, { after, limit }: { after: number; limit: number }) {
  const rows = await selectOpen(world.db, await findAddress(world, name), after, limit);
  return { items: await withMessages(world, rows), nextCursor: cursorOf(rows, limit) };
}
export async function listDeadLetters(world: MessagesWorld, scope: Scope, query: RouteParsed<"listDeadLetters", "query">) {
  const recipientId = query.recipientId === undefined ? undefined : await findAddress(world, query.recipientId);
  const rows = await selectDead(world.db, { scope, before: query.before, recipientId }, query.limit);
  return { items: await withMessages(world, rows), nextCursor: cursorOf(rows, query.limit) };
}
/** With all its tries and as much time as it had. @param id of the delivery. @throws Refusal `not_found`, `conflict` when it is not dead. */
export async function redeliverMessage(world: MessagesWorld, id: string): Promise<Delivery> {
  const now = world.clock.now();
  const seq = /^\d{1,15}$/.test(id) ? Number(id) : -1;
  const find = async (): Promise<DeliveryRow> => {
    const [row] = await selectDeliveries(world.db, [seq]);
    if (!row) throw new Refusal("not_found", `There is no dead letter ${id}. GET /api/v1/messages/dead-letters lists them.`);
    return row;
  };
  const known = await find();
  const message = await selectMessage(world.db, known.message_id);
  const lifeMs = message ? message.expires_at - message.created_at : world.messaging.retentionMs;
  await world.db.transaction(async (tx) => {
    await lockLanes(tx, [known]);
    const [row] = await selectDeliveries(tx, [seq]);
    if (row?.state !== "dead") throw new Refusal("conflict", `Delivery ${id} is no dead letter: it is ${row?.state ?? "gone"}.`);
    await updateDeliveries(tx, [{ seq, state: "queued", tries: 0, reason: null, remove_at: null, expires_at: now + lifeMs }]);
    await addToLanes(tx, [{ recipient_id: row.recipient_id, sender_id: row.sender_id, priority: row.priority, waiting: 1, head_key: row.queue_key }], now);
    const data = { projectId: row.project, messageId: row.message_id, deliveryId: id, senderId: row.sender_id, recipientId: row.recipient_id };
    await world.events.append(tx, [{ type: "message.redelivered", data }]);
  });
  world.events.committed();
  world.messaging.wakes.wake([known.recipient_id]);
  return toDelivery(await find());
}

/** What was answered, waited for if wanted. What is sensitive in it is told to who asked, and to nobody else. @throws Refusal `not_found`; `conflict` when it is no request. */
export async function getResponse(world: MessagesWorld, id: string, waitMs: number, voice: Voice): Promise<RouteAnswer<"getResponse">> {
  const until = world.clock.now() + waitMs;
  for (;;) {
    const left = Math.max(0, until - world.clock.now());
    const stop = new AbortController();
    const woken = world.messaging.wakes.wait(`request ${id}`, Math.min(left, Math.max(world.messaging.pollMs, 50)), stop.signal);
    const row = await selectMessage(world.db, id);
    if (row?.request_state === "waiting" && left > 0) {
      await woken;
      continue;
    }
    stop.abort();
    if (!row) throw new Refusal("not_found", `There is no message ${id}. GET /api/v1/messages lists them.`);
    if (row.request_state === null) throw new Refusal("conflict", `Message ${id} is no request: its pattern is ${row.pattern}.`);
    return { state: row.request_state, response: row.response_id === null ? null : await responseOf(world, row, row.response_id, voice) };
  }
}
async function responseOf(world: MessagesWorld, request: MessageRow, id: string, voice: Voice): Promise<Message> {
  const row = await selectMessage(world.db, id);
  const opened = row && speaksAs(world, voice, request.sender_id) ? tryOpen(world.seal, row) : undefined;
  return opened ?? getMessage(world, id);
}
export async function messageStats({ db, messaging }: MessagesWorld): Promise<RouteAnswer<"getMessageStats">> {
  const [sums, deadLetters] = await Promise.all([sumLanes(db), countDead(db)]);
  return { ...sums, deadLetters, stages: messaging.stages.map(({ name }) => name) };
}
