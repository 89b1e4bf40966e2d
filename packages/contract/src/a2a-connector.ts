// An agent that speaks Agent2Agent, as it is told how to reach it. Protocol 1.0, and 0.3 where its card says so.
import { z } from "zod";
import { httpUrl, jsonObject, text } from "./json.ts";
import { prices } from "./prices.ts";

export const a2aProtocols = ["a2a", "envelope"] as const;
export const a2aConnector = z.strictObject({
  kind: z.literal("a2a"),
  /** Where its card is found: the agent's base address, or the address of the card itself (ends with `.json`). With `envelope`, where messages go. */
  url: httpUrl,
  /** The card's path below `url`; default `/.well-known/agent-card.json`. */
  cardPath: text(2000).optional(),
  /** `envelope`: one POST of `{sender, receiver, message_type, session_id, content, metadata}` and one answer like it, instead of Agent2Agent. */
  protocol: z.enum(a2aProtocols).default("a2a"),
  /** Sent with every call; `${NAME}` is filled from the agent's environment, then from what the server lends to agents. */
  headers: z.record(z.string().max(200), text(8000)).default({}),
  /** Follow its work as a stream. Default: what its card says. */
  stream: z.boolean().optional(),
  /** Have it call this server when a task moves, where it does not stream. The server needs BATON_PUBLIC_URL. */
  push: z.boolean().default(false),
  /** What its tokens cost, for agents that count them. */
  prices: prices.optional(),
});
/** What such an agent sends when a task moves: in 1.0 one of these, in 0.3 the task itself. */
export const a2aNotification = z.looseObject({
  task: jsonObject.optional(),
  message: jsonObject.optional(),
  statusUpdate: jsonObject.optional(),
  artifactUpdate: jsonObject.optional(),
  id: text(500).optional(),
  contextId: text(2000).optional(),
});
export type A2aConnector = z.infer<typeof a2aConnector>;
