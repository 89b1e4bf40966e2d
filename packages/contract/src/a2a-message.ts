// The older envelope between an orchestrator and agents, as it comes in and goes out: a message that names its two ends, in words of its own.
import { z } from "zod";
import { id, json, jsonObject, text } from "./json.ts";

/** The name of the control plane in it. */
export const ORCHESTRATOR = "MainOrchestrator";
export const a2aEnvelope = z.strictObject({
  sender: id,
  receiver: id,
  messageType: z.enum(["request", "response"]),
  /** By which a response finds the request it answers, when it does not say `metadata.correlation_id`. */
  sessionId: text(200).min(1).optional(),
  content: jsonObject,
  metadata: jsonObject.default({}),
});
export type A2aEnvelope = z.output<typeof a2aEnvelope>;
export const a2aEnvelopeQuery = z.strictObject({
  /** How long a request waits for its answer before the receipt says that it is on its way. */
  waitMs: z.coerce.number().int().min(0).max(25_000).default(25_000),
});
export const a2aReceipt = z.object({
  sender: z.string(),
  receiver: z.string(),
  message_type: z.enum(["request", "response"]),
  session_id: z.string().nullable(),
  /** Of an answer: `status` (`success`), `response`, `data`. Of a receipt: `status` (`delivered`, `pending`, `timed_out`, `undeliverable`). */
  content: z.record(z.string(), json),
  metadata: z.record(z.string(), json),
});
export type A2aReceipt = z.infer<typeof a2aReceipt>;
