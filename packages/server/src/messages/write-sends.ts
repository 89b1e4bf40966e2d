// Writing messages: recipients are looked up, the message is written once, and each recipient gets a delivery at the end of its lane.
// All of it in the caller's transaction, so that a message and the change that caused it are written together or not at all.
import { ALL_PROJECTS, Refusal } from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import type { Seal } from "../std/seal.ts";
import type { Tx } from "../store/db.ts";
import { covers, type Scope } from "../store/scope.ts";
import { selectAllMailboxes, selectMailboxes, selectSubscribers, type SubscriptionRow } from "./address-rows.ts";
import { insertDeliveries, type LaneKey } from "./delivery-rows.ts";
import type { Draft } from "./draft.ts";
import type { Addressed, Place } from "./addressed.ts";
import { addToLanes } from "./lane-rows.ts";
import { closeRequests, insertMessages, lockRequests, type MessageRow, type NewMessageRow, selectMessages } from "./message-rows.ts";
import { saysTheSame } from "./payload.ts";
import { holdToPolicies, type PolicyWorld, readPolicies } from "./hold-to-policies.ts";
import { patternsOf } from "./topics.ts";
import { priorityOf, queueKeyOf } from "./urgency.ts";

export interface SendWorld extends PolicyWorld {
  /** Of all agents. */
  agents(): Place[];
  /** An agent's, by its id or name. */
  placeOf(idOrName: string): Place | undefined;
  retentionMs: number;
  seal: Seal;
}
export interface Sent {
  message: MessageRow;
  /** False: it had been sent before. */
  created: boolean;
}
export interface WrittenSends {
  answers: (Sent | Refusal)[];
  events: NewEvent[];
  /** Who has something new. */
  woken: string[];
  /** Deliveries of requests that are settled by their answers. */
  answered: { message_id: string; recipient_id: string }[];
  /** What is new, by id. */
  stored: ReadonlyMap<string, MessageRow>;
}
/** Written, and not yet in anybody's lane. */
export interface PreparedSends {
  addressed: readonly (Addressed | Refusal)[];
  /** By id: of several that say they are one message, the one that is written. */
  firsts: ReadonlyMap<string, Addressed>;
  fresh: ReadonlyMap<string, MessageRow>;
  known: ReadonlyMap<string, MessageRow>;
}

/** Requests that are answered are locked here. */
export async function addressSends(world: SendWorld, tx: Tx, drafts: readonly Draft[]): Promise<(Addressed | Refusal)[]> {
  if (drafts.length === 0) return [];
  const [addressed, policies] = await Promise.all([addressAll(world, tx, drafts), readPolicies(world, tx, drafts)]);
  return holdToPolicies(world, policies, addressed, drafts);
}
export async function insertSends(world: SendWorld, tx: Tx, addressed: readonly (Addressed | Refusal)[], now: number): Promise<PreparedSends> {
  const firsts = new Map<string, Addressed>();
  for (const one of addressed) if (!(one instanceof Refusal) && !firsts.has(one.draft.row.id)) firsts.set(one.draft.row.id, one);
  const items = [...firsts.values()].map((one) => toRow(world, one, now));
  const written = new Map(items.length === 0 ? [] : (await insertMessages(tx, items)).map(({ id, seq }) => [id, seq]));
  const fresh = new Map(
    items.flatMap((item) => (written.has(item.id) ? [[item.id, { ...item, seq: written.get(item.id) as number, response_id: null }]] : [])),
  );
  const old = items.flatMap(({ id }) => (written.has(id) ? [] : [id]));
  return { addressed, firsts, fresh, known: old.length === 0 ? new Map() : await selectMessages(tx, old) };
}
/** Into the lanes of those they go to. */
export function deliverSends(world: SendWorld, tx: Tx, { addressed, firsts, fresh, known }: PreparedSends, now: number): WrittenSends {
  const goers = [...firsts.values()].filter(({ draft }) => fresh.has(draft.row.id));
  deliver(tx, goers, now);
  const closing = goers.flatMap(({ draft, answers }) => (answers ? [{ id: answers.id, response_id: draft.row.id }] : []));
  if (closing.length > 0) tx.leave(closeRequests(tx, closing));
  return {
    answers: addressed.map((one) => {
      if (one instanceof Refusal) return one;
      const message = (fresh.get(one.draft.row.id) ?? known.get(one.draft.row.id)) as MessageRow;
      if (!saysTheSame(world.seal, message, one.draft.hash)) return reused(message.id);
      return { message, created: fresh.has(message.id) && firsts.get(message.id) === one };
    }),
    events: goers.map((one) => toSent(one)),
    woken: [...new Set(goers.flatMap(({ recipients }) => recipients))],
    answered: goers.flatMap(({ draft, answers }) => (answers ? [{ message_id: answers.id, recipient_id: draft.row.sender_id }] : [])),
    stored: fresh,
  };
}
const reused = (id: string): Refusal =>
  new Refusal("idempotency_mismatch", `There is a message ${id} already, and it says something else. Give another id for another message.`);

async function addressAll(world: SendWorld, tx: Tx, drafts: readonly Draft[]): Promise<(Addressed | Refusal)[]> {
  const requestIds = drafts.flatMap(({ target }) => (target.to === "asker" ? [target.requestId] : []));
  const requests = requestIds.length === 0 ? new Map<string, MessageRow>() : await lockRequests(tx, requestIds);
  const names = [...new Set(drafts.flatMap((draft) => namesOf(draft, requests)))];
  const topics = new Set(drafts.flatMap(({ target }) => (target.to === "topic" ? [target.topic] : [])));
  const [found, subscribers, everybody] = await Promise.all([
    names.length === 0 ? [] : selectMailboxes(tx, names),
    topics.size === 0 ? [] : selectSubscribers(tx, [...new Set([...topics].flatMap(patternsOf))]),
    drafts.some(({ target }) => target.to === "all") ? selectAllMailboxes(tx) : undefined,
  ]);
  const mailboxes = new Map(found.map(({ name, project }) => [name, project]));
  const toAll = everybody === undefined ? [] : [...world.agents(), ...everybody.map(({ name, project }) => ({ id: name, project }))];
  const find = (name: string): Place | undefined => {
    const project = mailboxes.get(name);
    return project === undefined ? world.placeOf(name) : { id: name, project };
  };
  return drafts.map((draft) => {
    const { target, row, reach } = draft;
    const reached = ({ id, project }: Place): boolean => id !== row.sender_id && isReached(reach, project);
    const project = (reach.projects === "all" ? undefined : reach.projects[0]) ?? ALL_PROJECTS;
    if (target.to === "all") return { draft, project, recipients: toAll.filter(reached).map(({ id }) => id) };
    if (target.to === "topic") return { draft, project, recipients: subscribersOf(target.topic, subscribers, reached) };
    if (target.to === "asker") return addressAnswer(draft, requests.get(target.requestId), find);
    const replyTo = row.reply_to === null ? undefined : find(row.reply_to);
    if (replyTo && !isReached(reach, replyTo.project)) return unknown(row.reply_to as string);
    const place = find(target.name);
    if (place === undefined || !isReached(reach, place.project)) return unknown(target.name);
    return { draft, project: place.project === ALL_PROJECTS ? project : place.project, recipients: [place.id] };
  });
}
/** What belongs to another project is as if it were not there. */
const isReached = (reach: Scope, project: string): boolean => project === ALL_PROJECTS || covers(reach, project);
const unknown = (name: string): Refusal =>
  new Refusal("not_found", `There is no agent or mailbox ${name}. GET /api/v1/agents and GET /api/v1/mailboxes list them.`);
function namesOf({ target, row }: Draft, requests: ReadonlyMap<string, MessageRow>): string[] {
  if (target.to === "one") return row.reply_to === null ? [target.name] : [target.name, row.reply_to];
  const request = target.to === "asker" ? requests.get(target.requestId) : undefined;
  return request ? [request.reply_to ?? request.sender_id, row.sender_id] : [];
}
type Subscribed = Pick<SubscriptionRow, "topic" | "subscriber_id" | "project">;
/** Each once, however many of its subscriptions match; nobody hears himself. */
function subscribersOf(topic: string, all: readonly Subscribed[], reached: (place: Place) => boolean): string[] {
  const patterns = new Set(patternsOf(topic));
  const hears = (one: Subscribed): boolean => patterns.has(one.topic) && reached({ id: one.subscriber_id, project: one.project });
  return [...new Set(all.filter(hears).map((one) => one.subscriber_id))];
}
function addressAnswer(draft: Draft, request: MessageRow | undefined, find: (name: string) => Place | undefined): Addressed | Refusal {
  const isThere = request && (request.recipient_id === draft.row.sender_id || isReached(draft.reach, request.project));
  if (!request || !isThere || request.request_state === null)
    return new Refusal("not_found", `There is no request ${draft.row.correlation_id} that could be answered.`);
  if (request.recipient_id !== draft.row.sender_id)
    return new Refusal("forbidden", `Request ${request.id} was put to ${request.recipient_id}; ${draft.row.sender_id} may not answer it.`);
  const again = request.response_id === draft.row.id;
  if (request.request_state !== "waiting" && !again)
    return new Refusal("conflict", `Request ${request.id} takes no answer any more: it is ${request.request_state.replace("_", " ")}.`);
  if (!again) request.response_id = draft.row.id;
  if (!again) request.request_state = "answered";
  // Who asked without a mailbox looks the answer up by the request.
  const asker = find(request.reply_to ?? request.sender_id);
  const hears = asker && (request.project === ALL_PROJECTS || isReached({ projects: [request.project] }, asker.project));
  return { draft, project: request.project, recipients: hears ? [asker.id] : [], answers: again ? undefined : request };
}

function toRow(world: SendWorld, { draft, project, recipients, answers }: Addressed, now: number): NewMessageRow {
  const named = draft.target.to === "one" ? recipients[0] : (answers?.reply_to ?? answers?.sender_id);
  return {
    ...draft.row,
    project,
    recipient_id: named ?? null,
    recipients: recipients.length,
    request_state: draft.asks ? "waiting" : null,
    remove_at: recipients.length === 0 ? now + world.retentionMs : null,
  };
}
function deliver(tx: Tx, all: readonly Addressed[], now: number): void {
  const lanes = new Map<string, LaneKey & { waiting: number; head_key: number }>();
  const deliveries = all.flatMap(({ draft: { row, bytes }, project, recipients }) =>
    recipients.map((recipient_id) => ({
      message_id: row.id,
      project,
      recipient_id,
      sender_id: row.sender_id,
      priority: row.priority,
      queue_key: queueKeyOf(row.priority, row.created_at),
      bytes,
      expires_at: row.expires_at,
    })),
  );
  for (const { recipient_id, sender_id, priority, queue_key } of deliveries) {
    const key = JSON.stringify([recipient_id, sender_id, priority]);
    const lane = lanes.get(key);
    if (lane) lane.waiting++;
    else lanes.set(key, { recipient_id, sender_id, priority, waiting: 1, head_key: queue_key });
  }
  if (deliveries.length === 0) return;
  // The lanes first: whoever holds them gives out the numbers behind which the next ones queue.
  tx.leave(addToLanes(tx, [...lanes.values()], now));
  tx.leave(insertDeliveries(tx, deliveries));
}
/** What the log says of it: who and to whom, not what. */
function toSent({ draft: { row, target }, project, recipients, withheld = 0 }: Addressed): NewEvent {
  const recipientId = target.to === "one" || target.to === "asker" ? (recipients[0] ?? null) : null;
  return {
    type: "message.sent",
    data: {
      projectId: project,
      messageId: row.id,
      senderId: row.sender_id,
      recipientId,
      messageType: row.message_type,
      pattern: row.pattern,
      priority: priorityOf(row.priority),
      topic: row.topic,
      correlationId: row.correlation_id,
      recipients: recipients.length,
      ...(withheld === 0 ? {} : { withheld }),
    },
  };
}
