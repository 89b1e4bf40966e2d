// A server of tools that speaks MCP, as an agent is told to reach it: a command to start, or an address.
import { z } from "zod";
import { httpUrl, id, label, text } from "./json.ts";

export const mcpServer = z.union([
  z.strictObject({
    name: label,
    command: text(4000).min(1),
    args: z.array(text(8000)).max(200).default([]),
    env: z.record(z.string().max(200), text(32_000)).default({}),
  }),
  z.strictObject({ name: label, url: httpUrl, headers: z.record(z.string().max(200), text(8000)).default({}) }),
]);
export type McpServer = z.infer<typeof mcpServer>;

/** Kinds of agents that can be handed tool servers for a step, beside those of their own registration. */
export const toolTakers = ["acp", "claude", "openai"] as const;
/** Which of the registered tool servers an agent may be handed: any, none, or those of these ids and names. */
export const toolServers = z.union([z.enum(["any", "none"]), z.array(id).min(1).max(200)]);
export type ToolServers = z.infer<typeof toolServers>;
/** Capabilities or names by which tool servers are found for a step, all of which whoever does it is handed. */
export const toolNames = z.array(label).max(20);
