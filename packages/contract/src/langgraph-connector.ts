// An agent that is a graph on a LangGraph server, or on any other that speaks its part of the Agent Protocol: threads, runs, their streams.
import { z } from "zod";
import { httpUrl, json, jsonObject, label, milliseconds, text } from "./json.ts";
import { prices } from "./prices.ts";
import { authConfig } from "./template.ts";

/** What a run may stream. `messages-tuple` brings text as it is written, `updates` what each node did, `custom` what a node tells of its progress. */
export const langgraphStreamModes = ["messages-tuple", "messages", "updates", "custom", "values", "tasks", "debug", "events"] as const;

export const langgraphConnector = z.strictObject({
  kind: z.literal("langgraph"),
  /** The server's root, such as http://127.0.0.1:2024. */
  url: httpUrl,
  /** An assistant's id, or the name of a graph. */
  assistant: label,
  /**
   * What the graph's state begins with. Strings that start with `$.` are JSONPath over {prompt, persona, description, step_input, task, steps, context}.
   * Default: `{messages: [{role: "user", content: "$.prompt"}]}`.
   */
  input: json.optional(),
  /** JSONPath over the graph's state when it has ended. Default: what its last message says, or the whole state when it keeps no messages. */
  outputPath: text(500).optional(),
  /** Handed on as it is: `recursion_limit`, `tags`, `configurable`. */
  config: jsonObject.optional(),
  /** Handed on as it is, for graphs that declare a context. */
  context: jsonObject.optional(),
  streamMode: z.array(z.enum(langgraphStreamModes)).min(1).max(langgraphStreamModes.length).default(["messages-tuple", "updates", "custom"]),
  /** How long a person has to answer when the graph interrupts itself. */
  askTimeoutMs: milliseconds
    .min(1000)
    .max(7 * 86_400_000)
    .default(600_000),
  prices: prices.optional(),
  /** Values may hold `${ENV_NAME}` or `${secret:name}`, filled in when the server is called. */
  headers: z.record(z.string().max(200), text(8000)).default({}),
  auth: authConfig.optional(),
});
export type LanggraphConnector = z.infer<typeof langgraphConnector>;
