// Messages: what agents and people send each other. A message is kept once; everybody it goes to has a delivery of it, which is open until
// it is acknowledged or becomes a dead letter.
import { z } from "zod";
import { id, instant, instantIn, json, jsonObject, label, milliseconds, text } from "./json.ts";
import { signature, signatureInput } from "./signature.ts";

export const messagePatterns = ["point_to_point", "broadcast", "pub_sub", "request_response"] as const;
/** Most urgent first. */
export const messagePriorities = ["critical", "high", "normal", "low"] as const;
export type MessagePriority = (typeof messagePriorities)[number];
/** Of the payload as JSON. */
export const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;
const priorityIn = z.preprocess((value) => (typeof value === "string" ? value.toLowerCase() : value), z.enum(messagePriorities));

const SEGMENT = "[^\\s\\p{C}/?#*.]+";
/** Up to eight names with dots between them, such as `builds.main.failed`. */
export const topic = z
  .string()
  .max(200)
  .regex(new RegExp(`^${SEGMENT}(\\.${SEGMENT}){0,7}$`, "u"), "must be one to eight names with dots between them, without spaces and / ? # *");
/** A topic in which `*` stands for any one name, or at its end for all that follow: `*`, `builds.*`, `builds.*.failed`. */
export const topicPattern = z
  .string()
  .max(200)
  .regex(
    new RegExp(`^(${SEGMENT}|\\*)(\\.(${SEGMENT}|\\*)){0,7}$`, "u"),
    "must be a topic; * stands for one name, and at the end for all that follow, without spaces and / ? #",
  );

const content = {
  /** The sender's own number for it: sent again with the same id and content, it is the same message. */
  id: id.optional(),
  /** Default: who calls. Only an operator without credentials may say another: an agent's id or name, a mailbox, or any other name. */
  senderId: id.optional(),
  /** An open set, such as `task_request`, `status_update` or `coordination_message`. */
  messageType: label.default("coordination_message"),
  priority: priorityIn.default("normal"),
  payload: json.default({}),
  /** Sealed in the store, and told only to who takes the message, and to who asked for it. Its `metadata` is neither. */
  sensitive: z.boolean().default(false),
  metadata: jsonObject.default({}),
  /** What it belongs to. In a `request_response` without `recipientId`: the id of the request it answers. */
  correlationId: id.optional(),
  /** Where answers go, if not to the sender: an agent or a mailbox. */
  replyTo: id.optional(),
  /** What is not delivered by then becomes a dead letter. At most the retention (168 h unless set), which is the default. */
  expiresAt: instantIn.optional(),
  /** The same, counted from now. */
  ttlMs: milliseconds.min(1).optional(),
  /** By a key of the agent that sends it. A signed message has an `id`, and names `replyTo` by id. */
  signature: signatureInput.optional(),
};
export const messageInput = z.strictObject({
  ...content,
  /** An agent's id or name, or a mailbox. */
  recipientId: id.optional(),
  topic: topic.optional(),
  /** Default: by what is given: `recipientId`, `topic`, or neither, which is `broadcast`. */
  pattern: z.enum(messagePatterns).optional(),
  /** Of a request: until when it may be answered. Default 30 s. */
  timeoutMs: milliseconds
    .min(1)
    .max(7 * 86_400_000)
    .optional(),
});
export type ParsedMessageInput = z.output<typeof messageInput>;
export const broadcastInput = z.strictObject(content);

export const requestStates = ["waiting", "answered", "timed_out", "undeliverable"] as const;
export const message = z.object({
  id: z.string(),
  seq: z.number().int(),
  senderId: z.string(),
  recipientId: z.string().nullable(),
  messageType: z.string(),
  pattern: z.enum(messagePatterns),
  priority: z.enum(messagePriorities),
  topic: z.string().nullable(),
  /** Null where it is withheld. */
  payload: json,
  sensitive: z.boolean(),
  /** Why the payload is not told here. */
  withheld: z.string().optional(),
  metadata: jsonObject,
  correlationId: z.string().nullable(),
  replyTo: z.string().nullable(),
  /** Verified when it was sent. Null: it was not signed, or what it says is withheld. */
  signature: signature.nullable(),
  createdAt: instant,
  expiresAt: instant,
  /** How many it went to. */
  recipients: z.number().int(),
  /** Only of requests. */
  request: z.object({ state: z.enum(requestStates), answerBy: instant, responseId: z.string().nullable() }).nullable(),
});
export type Message = z.infer<typeof message>;
export const messageQuery = z.strictObject({
  /** Messages with a smaller seq: the `nextCursor` of the page before. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  senderId: id.optional(),
  recipientId: id.optional(),
  topic: topic.optional(),
  correlationId: id.optional(),
});
/** Newest first; `nextCursor` is null on the last page. */
export const messagePage = z.object({ items: z.array(message), nextCursor: z.number().int().nullable() });

/** `queued`: waits to be handed out. `handed`: given out, and not acknowledged yet. */
export const deliveryStates = ["queued", "handed", "acknowledged", "dead"] as const;
export const delivery = z.object({
  /** Of this one recipient's copy: what a dead letter is named by. */
  id: z.string(),
  recipientId: z.string(),
  state: z.enum(deliveryStates),
  /** How often it was handed out before. */
  retryCount: z.number().int(),
  /** Why it is dead, or what went wrong the last time. */
  reason: z.string().nullable(),
});
export type Delivery = z.infer<typeof delivery>;
export const deliveredMessage = z.object({ ...message.shape, delivery });
export type DeliveredMessage = z.infer<typeof deliveredMessage>;
export const deliveryPage = z.object({ items: z.array(deliveredMessage), nextCursor: z.number().int().nullable() });
export const deadLetterQuery = z.strictObject({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  recipientId: id.optional(),
});

export const receiveQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(10),
  /** How long to wait for one when there is none. */
  waitMs: z.coerce.number().int().min(0).max(25_000).default(0),
  /** Until when they must be acknowledged; then they are handed out again. Whoever acknowledges some of what one sender sent has 30 s for the rest. */
  leaseMs: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
});
export const receivedMessages = z.object({ items: z.array(deliveredMessage) });
export const acknowledgement = z.strictObject({
  /** Ids of messages that were taken care of. */
  done: z.array(id).max(1000).default([]),
  /** Those that could not be: handed out again after a while, and dead letters after some tries, or at once when `final`. */
  failed: z
    .array(z.strictObject({ id, reason: text(1000).default(""), final: z.boolean().default(false) }))
    .max(1000)
    .default([]),
});
export type Acknowledgement = z.output<typeof acknowledgement>;
/** Ids that were not open for this recipient: unknown, or settled before. */
export const acknowledged = z.object({ settled: z.number().int(), unknown: z.array(z.string()) });
export const oneAcknowledgement = z.strictObject({ recipientId: id });

export const responseQuery = z.strictObject({ waitMs: z.coerce.number().int().min(0).max(25_000).default(0) });
export const messageResponse = z.object({ state: z.enum(requestStates), response: message.nullable() });

export const mailboxInput = z.strictObject({
  name: id,
  description: text(1000).default(""),
  /** Whose it is: nobody of others sends to it. Default: one of yours; of who is in all projects it is one that all share. */
  projectId: text(200).optional(),
});
export const mailbox = z.object({
  id: z.string(),
  seq: z.number().int(),
  name: z.string(),
  description: z.string(),
  /** Null: all projects share it. */ projectId: z.string().nullable(),
  createdAt: instant,
});
export type Mailbox = z.infer<typeof mailbox>;
export const subscriptionInput = z.strictObject({ subscriberId: id, topic: topicPattern });
export const subscription = z.object({ id: z.string(), seq: z.number().int(), subscriberId: z.string(), topic: z.string(), createdAt: instant });
export type Subscription = z.infer<typeof subscription>;
export const subscriptionQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.coerce.number().int().min(0).default(0),
  subscriberId: id.optional(),
  topic: topicPattern.optional(),
});
export const subscriptionPage = z.object({ items: z.array(subscription), nextCursor: z.number().int() });
export const messageStats = z.object({
  queued: z.number().int(),
  handed: z.number().int(),
  deadLetters: z.number().int(),
  /** Of recipients with something open. */
  recipients: z.number().int(),
  /** What every message passes before it is written, in this order. */
  stages: z.array(z.string()),
});
