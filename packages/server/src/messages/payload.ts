// Between the stored row and the wire's message, and how a payload is written in the store.
import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { type DeliveredMessage, type Delivery, type Json, MAX_PAYLOAD_BYTES, type Message, Refusal, type Signature } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import type { DeliveryRow } from "./delivery-rows.ts";
import type { MessageRow } from "./message-rows.ts";
import { priorityOf } from "./urgency.ts";

/** How a payload is written: as JSON, deflated when that makes it shorter, sealed when it is sensitive; both in this order. */
const encodings = { plain: "json", packed: "packed", sealed: "sealed", both: "packed sealed" } as const;
const PACK_FROM_BYTES = 1024;
/** Fast rather than small: a payload of 10 MB holds up the server while it is packed. */
const LEVEL = 1;
/** What of a long payload is packed first, to see whether it helps. */
const PROBE_BYTES = 64 * 1024;

/** @returns the text to keep, how it is written, and the bytes that it has as JSON. @throws Refusal `too_large`. */
export function writePayload(seal: Seal, payload: Json, sensitive: boolean): Pick<MessageRow, "payload" | "encoding"> & { bytes: number } {
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PAYLOAD_BYTES) throw new Refusal("too_large", `The payload has ${bytes} bytes as JSON; a message may have ${MAX_PAYLOAD_BYTES}.`);
  const packed = bytes > PACK_FROM_BYTES ? pack(Buffer.from(text)) : undefined;
  const kept = packed ?? text;
  if (sensitive) return { payload: seal.seal(kept), encoding: packed === undefined ? encodings.sealed : encodings.both, bytes };
  return { payload: kept, encoding: packed === undefined ? encodings.plain : encodings.packed, bytes };
}
/** Undefined when it would not be shorter. */
function pack(json: Buffer): string | undefined {
  const shorter = (part: Buffer): string | undefined => {
    const text = deflateRawSync(part, { level: LEVEL }).toString("base64");
    return text.length < part.length ? text : undefined;
  };
  if (json.length > PROBE_BYTES && shorter(json.subarray(0, PROBE_BYTES)) === undefined) return undefined;
  return shorter(json);
}
/** @throws Error when it was sealed under another key or altered. */
export function readPayload(seal: Seal, { payload, encoding }: Pick<MessageRow, "payload" | "encoding">): Json {
  const kept = encoding === encodings.sealed || encoding === encodings.both ? seal.open(payload) : payload;
  const packed = encoding === encodings.packed || encoding === encodings.both;
  return JSON.parse(packed ? inflateRawSync(Buffer.from(kept, "base64"), { maxOutputLength: MAX_PAYLOAD_BYTES }).toString("utf8") : kept) as Json;
}
/** What makes two messages of one id the same: all that the sender said. */
export const hashOf = (said: unknown): string => createHash("sha256").update(JSON.stringify(said)).digest("base64url");
/** The same content as the stored one. The hash of a sensitive message is sealed too: short secrets could be guessed from it. */
export function saysTheSame(seal: Seal, stored: Pick<MessageRow, "content_hash" | "sensitive">, hash: string): boolean {
  if (stored.sensitive === 0) return stored.content_hash === hash;
  try {
    return seal.open(stored.content_hash) === hash;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** That of a sensitive message is sealed too: what was signed could be guessed, and the guess verified by it. */
export function keptSignature(seal: Seal, signature: Signature, sensitive: boolean): string {
  const text = JSON.stringify(signature);
  return sensitive ? seal.seal(text) : text;
}
const readSignature = (seal: Seal, { signature, sensitive }: MessageRow): Signature | null =>
  signature === null ? null : (JSON.parse(sensitive === 0 ? signature : seal.open(signature)) as Signature);
const toOpened = (seal: Seal, row: MessageRow): Message => ({ ...toEnvelope(row), payload: readPayload(seal, row), signature: readSignature(seal, row) });
/** Undefined: it was sealed under another key, or altered. */
export function tryOpen(seal: Seal, row: MessageRow): Message | undefined {
  try {
    return toOpened(seal, row);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
/** For who merely looks: a sensitive payload is not told. */
export const toMessage = (seal: Seal, row: MessageRow): Message =>
  row.sensitive === 0
    ? toOpened(seal, row)
    : { ...toEnvelope(row), payload: null, signature: null, withheld: "It is sensitive: told only to who takes the message, and to who asked." };
const toEnvelope = (row: MessageRow): Omit<Message, "payload" | "signature"> => ({
  id: row.id,
  seq: row.seq,
  senderId: row.sender_id,
  recipientId: row.recipient_id,
  messageType: row.message_type,
  pattern: row.pattern,
  priority: priorityOf(row.priority),
  topic: row.topic,
  sensitive: row.sensitive !== 0,
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
export const toDelivered = (message: Message, delivery: DeliveryRow): DeliveredMessage => ({ ...message, delivery: toDelivery(delivery) });
