// The older envelope as a message and back: a request is put to its receiver and waited for, a response answers the request of its session.
import { type A2aEnvelope, type A2aReceipt, type Json, type Message, ORCHESTRATOR, type ParsedMessageInput, Refusal } from "@baton/contract";
import { EVERYWHERE } from "../store/scope.ts";
import { createMailbox } from "./mailboxes.ts";
import { getResponse, sendMessage } from "./messages.ts";
import { selectMessagePage } from "./message-rows.ts";
import type { MessagesWorld } from "./messages-world.ts";
import type { Voice } from "./voice.ts";

const LOOK_BACK = 500;

/** @throws Refusal as `sendMessage`. */
export async function passEnvelope(world: MessagesWorld, envelope: A2aEnvelope, voice: Voice, waitMs: number): Promise<A2aReceipt> {
  const { sender, receiver, messageType, sessionId, content } = envelope;
  const metadata = { ...envelope.metadata, ...(sessionId === undefined ? {} : { session_id: sessionId }) };
  if (sender === ORCHESTRATOR || receiver === ORCHESTRATOR) await openOwn(world);
  // It is no name anybody could own: who speaks for it is who calls, and answers go to its mailbox.
  const own = sender === ORCHESTRATOR && voice.kind !== "local" ? { replyTo: ORCHESTRATOR } : { senderId: sender };
  const base = { ...own, messageType, priority: "normal" as const, payload: content, metadata, sensitive: false };
  const send = async (input: ParsedMessageInput): Promise<Message> => (await sendMessage(world, input, voice)).message;
  if (messageType === "response") {
    const request = await requestOf(world, envelope);
    const sent = await send(request ? { ...base, pattern: "request_response", correlationId: request } : { ...base, recipientId: receiver });
    return receipt(envelope, sent, "delivered");
  }
  const asked = await send({ ...base, pattern: "request_response", recipientId: receiver });
  const { state, response } = await getResponse(world, asked.id, waitMs, voice);
  return response === null ? receipt(envelope, asked, state === "waiting" ? "pending" : state) : toAnswer(envelope, asked, response);
}
async function openOwn(world: MessagesWorld): Promise<void> {
  try {
    await createMailbox(world, { name: ORCHESTRATOR, description: "What is sent to the control plane itself." });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "name_taken")) throw error;
  }
}
/** The newest request that waits for this agent's answer in this session. */
async function requestOf(world: MessagesWorld, { sender, sessionId, metadata }: A2aEnvelope): Promise<string | undefined> {
  const named = metadata["correlation_id"];
  if (typeof named === "string") return named;
  const recipientId = world.registry.find(sender)?.row.id ?? sender;
  const rows = await selectMessagePage(world.db, { scope: EVERYWHERE, recipientId }, LOOK_BACK);
  return rows.find(
    (row) => row.request_state === "waiting" && sessionId !== undefined && (JSON.parse(row.metadata) as Record<string, Json>)["session_id"] === sessionId,
  )?.id;
}
const receipt = (envelope: A2aEnvelope, { id }: Message, status: string): A2aReceipt => ({
  sender: envelope.receiver,
  receiver: envelope.sender,
  message_type: "response",
  session_id: envelope.sessionId ?? null,
  content: { status, message_id: id },
  metadata: {},
});
function toAnswer(envelope: A2aEnvelope, asked: Message, response: Message): A2aReceipt {
  const { payload } = response;
  const isEnvelope = typeof payload === "object" && payload !== null && !Array.isArray(payload) && "status" in payload;
  const plain = typeof payload === "string" ? { response: payload, data: {} } : { response: "", data: payload };
  return {
    ...receipt(envelope, asked, "success"),
    content: isEnvelope ? payload : { status: "success", ...plain },
    metadata: { message_id: asked.id, correlation_id: asked.id, response_id: response.id },
  };
}
