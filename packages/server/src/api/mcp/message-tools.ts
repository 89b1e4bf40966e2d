// The tools by which an agent at work sends and reads messages, as the agent it is. What it may not is told as the tool's error.
import { type DeliveredMessage, type Json, messageInput, messagePriorities, parse, Refusal } from "@baton/contract";
import { type CallToolResult, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { ToolCaller, ToolsDoor } from "./tools-door.ts";

const SECOND_MS = 1000;
const MAX_WAIT_SECONDS = 20;
const waitSeconds = z.number().int().min(0).max(MAX_WAIT_SECONDS);
const INSTRUCTIONS =
  "Messages between the agents and people who work here. Answer a message that has `answer_by` with send_message and `answers`. Acknowledge what you have taken care of: it comes again otherwise.";

export function openMessageTools(door: ToolsDoor, caller: ToolCaller, version: string): McpServer {
  const server = new McpServer({ name: "baton", version, title: "Baton" }, { instructions: INSTRUCTIONS });
  server.registerTool(
    "list_recipients",
    {
      description: "Whom messages can be sent to: agents with what they can do, and mailboxes of people.",
      inputSchema: z.strictObject({}),
      annotations: { readOnlyHint: true },
    },
    () => told(async () => ({ recipients: await door.recipients(caller) })),
  );
  server.registerTool(
    "send_message",
    {
      description: "Sends a message: to one, to a topic, as the answer to one you got, or, with ask, as a question whose answer is waited for.",
      inputSchema: z.strictObject({
        message: z.union([z.string(), z.record(z.string(), z.unknown())]).describe("Text, or a JSON object."),
        to: z.string().optional().describe("Name or id of an agent or mailbox."),
        topic: z.string().optional().describe("Instead of `to`: everybody who subscribed to it gets it."),
        answers: z.string().optional().describe("Instead of `to`: the id of the message this answers."),
        ask: z.boolean().optional().describe("Wants an answer. Only with `to`."),
        wait_seconds: waitSeconds.optional().describe("How long to wait for the answer here; get_answer waits on."),
        type: z.string().optional().describe("Such as status_update or task_request."),
        priority: z.enum(messagePriorities).optional(),
      }),
    },
    (given) => told(() => send(door, caller, given)),
  );
  server.registerTool(
    "get_answer",
    {
      description: "What was answered to a question that was sent with ask.",
      inputSchema: z.strictObject({ id: z.string(), wait_seconds: waitSeconds.default(0) }),
      annotations: { readOnlyHint: true },
    },
    ({ id, wait_seconds }) => told(() => answerTo(door, caller, id, wait_seconds)),
  );
  server.registerTool(
    "read_messages",
    {
      description: "Your messages, most urgent first. They come again after a minute unless they are acknowledged.",
      inputSchema: z.strictObject({ limit: z.number().int().min(1).max(50).default(10), wait_seconds: waitSeconds.default(0) }),
    },
    ({ limit, wait_seconds }) => told(async () => ({ messages: (await door.receive(caller, { limit, waitMs: wait_seconds * SECOND_MS })).map(toShown) })),
  );
  server.registerTool(
    "acknowledge_messages",
    {
      description: "Says that messages are taken care of, so that they do not come again.",
      inputSchema: z.strictObject({ ids: z.array(z.string()).min(1).max(200) }),
      annotations: { idempotentHint: true },
    },
    ({ ids }) => told(() => door.acknowledge(caller, { done: ids, failed: [] })),
  );
  return server;
}

interface Given {
  message: string | Record<string, unknown>;
  to?: string | undefined;
  topic?: string | undefined;
  answers?: string | undefined;
  ask?: boolean | undefined;
  wait_seconds?: number | undefined;
  type?: string | undefined;
  priority?: (typeof messagePriorities)[number] | undefined;
}
async function send(door: ToolsDoor, caller: ToolCaller, given: Given): Promise<object> {
  const { to, topic, answers, ask = false } = given;
  if ([to, topic, answers].filter((one) => one !== undefined).length !== 1)
    throw new Refusal("bad_input", "Say who gets it: `to`, `topic` or `answers`, one of them.");
  if (ask && to === undefined) throw new Refusal("bad_input", "`ask` needs `to`: one who answers.");
  const said = {
    payload: given.message,
    ...(to === undefined ? {} : { recipientId: to }),
    ...(topic === undefined ? {} : { topic }),
    ...(answers === undefined ? {} : { correlationId: answers }),
    ...(ask || answers !== undefined ? { pattern: "request_response" } : {}),
    ...(ask ? { timeoutMs: 60 * 60 * SECOND_MS } : {}),
    ...(given.type === undefined ? {} : { messageType: given.type }),
    ...(given.priority === undefined ? {} : { priority: given.priority }),
  };
  const sent = await door.send(caller, parse(messageInput, said, "message"));
  if (!ask) return { id: sent.id, recipients: sent.recipients };
  return { id: sent.id, ...(await answerTo(door, caller, sent.id, given.wait_seconds ?? 0)) };
}
async function answerTo(door: ToolsDoor, caller: ToolCaller, id: string, seconds: number): Promise<object> {
  const { state, response } = await door.answerTo(caller, id, seconds * SECOND_MS);
  return { state, ...(response === null ? {} : { from: response.senderId, answer: response.payload }) };
}
/** What a model needs of it. */
function toShown({ id, senderId, messageType, priority, topic, payload, correlationId, createdAt, request }: DeliveredMessage): Record<string, Json> {
  return {
    id,
    from: senderId,
    type: messageType,
    priority,
    sent_at: createdAt,
    message: payload,
    ...(topic === null ? {} : { topic }),
    ...(correlationId === null ? {} : { about: correlationId }),
    ...(request?.state === "waiting" ? { answer_by: request.answerBy } : {}),
  };
}
async function told(work: () => Promise<object>): Promise<CallToolResult> {
  try {
    return { content: [{ type: "text", text: JSON.stringify(await work()) }] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { isError: true, content: [{ type: "text", text: error.message }] };
  }
}
