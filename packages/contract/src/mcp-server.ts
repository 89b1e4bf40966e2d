// A server of tools that speaks MCP, as an agent is told to reach it: a command to start, or an address.
import { z } from "zod";
import { httpUrl, label, text } from "./json.ts";

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
