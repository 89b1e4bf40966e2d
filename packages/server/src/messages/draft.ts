// What a sender said, made ready to be written: checked as far as it can be without the store.
import { type ParsedMessageInput, patternOf, Refusal, type Signature } from "@baton/contract";
import type { MessageRow } from "./message-rows.ts";
import type { Seal } from "../std/seal.ts";
import type { Scope } from "../store/scope.ts";
import { hashOf, keptSignature, writePayload } from "./payload.ts";
import type { Voice } from "./who-speaks.ts";
import { rankOf } from "./urgency.ts";

export type Target = { to: "one"; name: string } | { to: "all" } | { to: "topic"; topic: string } | { to: "asker"; requestId: string };
/** A message whose recipients are not looked up yet. */
export interface Draft {
  row: Omit<MessageRow, "seq" | "project" | "recipient_id" | "recipients" | "response_id" | "remove_at" | "request_state">;
  /** Of what was said; the row keeps that of a sensitive message sealed. */
  hash: string;
  /** Of the payload as JSON. */
  bytes: number;
  target: Target;
  /** Whom it may go to, beside those that all projects share. */
  reach: Scope;
  asks: boolean;
  signature: Signature | undefined;
  /** This server heard it from the agent itself. */
  vouched: boolean;
  /** Of who calls. */
  role: string;
}
export interface DraftWorld {
  now: number;
  retentionMs: number;
  seal: Seal;
  newId(): string;
  /** An agent's id where the name is an agent's. */
  addressOf(name: string): string;
  reachOf(senderId: string, voice: Pick<Voice, "scope">): Scope;
}
/** What was said, with who said it. */
export interface Heard {
  input: ParsedMessageInput;
  senderId: string;
  voice: Pick<Voice, "role" | "vouched" | "scope">;
  signature: Signature | undefined;
}
const DEFAULT_ANSWER_MS = 30_000;

const wrong = (path: string, message: string): Refusal => new Refusal("bad_input", `body.${path}: ${message}`, { issues: [{ path: `body.${path}`, message }] });

/** @throws Refusal `bad_input`, `too_large`. */
export function toDraft(world: DraftWorld, { input, senderId, voice, signature }: Heard): Draft {
  const { now } = world;
  const target = targetOf(input);
  const asks = input.pattern === "request_response" && target.to === "one";
  if (input.timeoutMs !== undefined && !asks) throw wrong("timeoutMs", "is only for requests: pattern request_response with a recipientId");
  const { bytes, ...payload } = writePayload(world.seal, input.payload, input.sensitive);
  const { sensitive, signature: _, ...said } = input;
  const hash = hashOf({ ...said, senderId, ...(sensitive ? { sensitive } : {}) });
  const answerBy = asks ? now + (input.timeoutMs ?? DEFAULT_ANSWER_MS) : null;
  return {
    hash,
    bytes,
    target,
    reach: world.reachOf(senderId, voice),
    asks,
    signature,
    vouched: voice.vouched ?? false,
    role: voice.role,
    row: {
      id: input.id ?? world.newId(),
      sender_id: senderId,
      message_type: input.messageType,
      pattern: patternOf(input),
      priority: rankOf(input.priority),
      topic: input.topic ?? null,
      ...payload,
      metadata: JSON.stringify(input.metadata),
      correlation_id: input.correlationId ?? null,
      reply_to: input.replyTo === undefined ? null : world.addressOf(input.replyTo),
      signature: signature === undefined ? null : keptSignature(world.seal, signature, sensitive),
      sensitive: sensitive ? 1 : 0,
      created_at: now,
      expires_at: Math.min(expiryOf(input, now) ?? Infinity, answerBy ?? Infinity, now + world.retentionMs),
      content_hash: sensitive ? world.seal.seal(hash) : hash,
      answer_by: answerBy,
    },
  };
}
function targetOf({ pattern, recipientId, topic, correlationId }: ParsedMessageInput): Target {
  if (recipientId !== undefined && topic !== undefined) throw wrong("topic", "give either recipientId or topic, and not both");
  if (recipientId !== undefined) {
    if (pattern === "broadcast" || pattern === "pub_sub") throw wrong("recipientId", `a ${pattern} names no recipient`);
    return { to: "one", name: recipientId };
  }
  if (topic !== undefined) {
    if (pattern !== undefined && pattern !== "pub_sub") throw wrong("topic", `a ${pattern} has no topic`);
    return { to: "topic", topic };
  }
  if (pattern === "request_response") {
    if (correlationId === undefined) throw wrong("recipientId", "a request needs a recipientId; an answer needs correlationId, the id of the request");
    return { to: "asker", requestId: correlationId };
  }
  if (pattern === "point_to_point") throw wrong("recipientId", "a point_to_point message needs a recipientId");
  if (pattern === "pub_sub") throw wrong("topic", "a pub_sub message needs a topic");
  return { to: "all" };
}
function expiryOf({ expiresAt, ttlMs }: ParsedMessageInput, now: number): number | undefined {
  if (expiresAt !== undefined && ttlMs !== undefined) throw wrong("ttlMs", "give either expiresAt or ttlMs, and not both");
  if (ttlMs !== undefined) return now + ttlMs;
  if (expiresAt === undefined) return undefined;
  const at = Date.parse(expiresAt);
  if (at <= now) throw wrong("expiresAt", "this time has passed");
  return at;
}
