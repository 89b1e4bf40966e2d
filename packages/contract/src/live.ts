// What is said over the socket `/api/v1/live`, both ways: following events from a cursor, and dial-in agents taking work.
// Every frame is one JSON object with a `type`. A frame that is not understood is answered with `problem` and changes nothing.
import { z } from "zod";
import { capability } from "./agent.ts";
import { event } from "./event.ts";
import { answer, question } from "./approval.ts";
import { id, jsonObject, label, text } from "./json.ts";
import { problem } from "./refusal.ts";
import { acknowledgement, deliveredMessage, message, messageInput } from "./message.ts";
import { progress, toldOutcome } from "./task.ts";
import { work } from "./work.ts";
import { toldUpdate } from "./update.ts";

export const LIVE_PATH = "/api/v1/live";
/** What a browser offers as subprotocols, as it cannot send headers: the first is agreed to, the second carries its key in base64url. */
export const LIVE_PROTOCOL = "baton.live";
export const BEARER_PROTOCOL = "baton.bearer.";
const held = z.strictObject({ attemptId: id, fence: z.number().int().min(0).max(2_147_483_647) });

export const clientFrame = z.discriminatedUnion("type", [
  /** Follow events after `after` (default: from now) that match every filter given. */
  z.strictObject({
    type: z.literal("subscribe"),
    id,
    after: z.number().int().min(0).optional(),
    taskId: id.optional(),
    agentId: id.optional(),
    events: text(60).optional(),
  }),
  z.strictObject({ type: z.literal("unsubscribe"), id }),
  /** I am this agent and ready for work. Creates the agent if its name is new, else updates what is given. */
  z.strictObject({
    type: z.literal("agent.attach"),
    agent: z.strictObject({
      name: id,
      description: text(4000).optional(),
      type: text(100).optional(),
      capabilities: z
        .array(
          z.union([label, z.strictObject({ name: label, proficiency: z.number().min(0).max(1).optional(), technologies: z.array(label).max(100).optional() })]),
        )
        .max(200)
        .optional(),
      maxConcurrentTasks: z.number().int().min(1).max(100_000).optional(),
      metadata: jsonObject.optional(),
    }),
    /** Attempts this agent still works on, from before the connection broke. */
    holding: z.array(held).max(10_000).default([]),
  }),
  z.strictObject({ type: z.literal("agent.detach") }),
  /** The work arrived and is begun: a delivery counts only from here. */
  z.strictObject({ type: z.literal("attempt.accepted"), ...held.shape }),
  z.strictObject({ type: z.literal("attempt.progressed"), ...held.shape, progress }),
  /** What it does and says on the way, in order. */
  z.strictObject({ type: z.literal("attempt.updated"), ...held.shape, updates: z.array(toldUpdate).min(1).max(200) }),
  /** Asks a person; answered by `attempt.answered`. Sent again with the same `askId` after a reconnect. */
  z.strictObject({ type: z.literal("attempt.asked"), ...held.shape, askId: id, question }),
  /** Sent again until `attempt.recorded` answers. */
  z.strictObject({ type: z.literal("attempt.ended"), ...held.shape, outcome: toldOutcome }),
  /**
   * Send me my messages, at most `window` that I have not settled. `holding`: ids I have already, from before the connection broke; all else
   * that was handed out to me before comes again.
   */
  z.strictObject({
    type: z.literal("messages.take"),
    window: z.number().int().min(1).max(100).default(32),
    holding: z.array(id).max(1000).default([]),
  }),
  /** What became of messages; sent again until `messages.settled` answers. */
  z.strictObject({ type: z.literal("messages.settle"), ...acknowledgement.shape }),
  /** Sent again, with the id its message has, until `message.stored` or `message.refused` answers with its `ref`. */
  z.strictObject({ type: z.literal("message.send"), ref: id, message: messageInput }),
  z.strictObject({ type: z.literal("ping") }),
]);
export type ClientFrame = z.input<typeof clientFrame>;

export const serverFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("subscribed"), id: z.string(), after: z.number().int() }),
  z.object({ type: z.literal("event"), id: z.string(), event }),
  /** The reader was too slow: nothing is lost, subscribe again after `after`. */
  z.object({ type: z.literal("lagged"), id: z.string(), after: z.number().int() }),
  z.object({
    type: z.literal("agent.attached"),
    agentId: z.string(),
    name: z.string(),
    capabilities: z.array(capability),
    /** What the agent said it holds and still may finish; with the fence to use from now on. */
    resumed: z.array(z.object({ attemptId: z.string(), fence: z.number().int() })),
    /** What it holds and must drop: it was ended, cancelled or given to another. */
    dropped: z.array(z.object({ attemptId: z.string(), reason: z.string() })),
  }),
  z.object({ type: z.literal("attempt.start"), work }),
  z.object({ type: z.literal("attempt.cancel"), attemptId: z.string(), reason: z.string() }),
  z.object({ type: z.literal("attempt.answered"), attemptId: z.string(), askId: z.string(), answer }),
  z.object({ type: z.literal("attempt.recorded"), attemptId: z.string(), accepted: z.boolean(), reason: z.string() }),
  z.object({ type: z.literal("message"), message: deliveredMessage }),
  /** It is stored what became of these. */
  z.object({ type: z.literal("messages.settled"), ids: z.array(z.string()) }),
  z.object({ type: z.literal("message.stored"), ref: z.string(), message }),
  z.object({ type: z.literal("message.refused"), ref: z.string(), problem }),
  z.object({ type: z.literal("pong") }),
  z.object({ type: z.literal("problem"), problem }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;
