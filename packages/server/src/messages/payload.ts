// Between the stored row and the wire's message, and how a payload is written in the store.
import { createHash } from "node:crypto";
import { type DeliveredMessage, type Delivery, type Json, MAX_PAYLOAD_BYTES, type Message, Refusal } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { DeliveryRow } from "./delivery-rows.ts";
import type { MessageRow } from "./message-rows.ts";
import { priorityOf } from "./urgency.ts";

/** @throws Refusal `too_large`. */
export function writePayload(payload: Json): Pick<MessageRow, "payload" | "encoding"> {
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PAYLOAD_BYTES) throw new Refusal("too_large", `The payload has ${bytes} bytes as JSON; a message may have ${MAX_PAYLOAD_BYTES}.`);
  return { payload: text, encoding: "json" };
}
/** What makes two messages of one id the same: all that the sender said. */
export const hashOf = (said: unknown): string => createHash("sha256").update(JSON.stringify(said)).digest("base64url");

export const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  seq: row.seq,
  senderId: row.sender_id,
  recipientId: row.recipient_id,
  messageType: row.message_type,
  pattern: row.pattern,
  priority: priorityOf(row.priority),
  topic: row.topic,
  payload: JSON.parse(row.payload),
  metadata: JSON.parse(row.metadata),
  correlationId: row.correlation_id,
  replyTo: row.reply_to,
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  recipients: row.recipients,
  request: row.request_state === null ? null : { state: row.request_state, answerBy: iso(row.answer_by ?? 0), responseId: row.response_id },
});
export const toDelivery = (row: DeliveryRow): Delivery => ({
  id: String(row.seq),
  recipientId: row.recipient_id,
  state: row.state,
  retryCount: Math.max(0, row.state === "queued" ? row.tries : row.tries - 1),
  reason: row.reason,
});
export const toDelivered = (message: MessageRow, delivery: DeliveryRow): DeliveredMessage => ({ ...toMessage(message), delivery: toDelivery(delivery) });
