// A server of tools as an agent: a step calls one of its tools.
import { z } from "zod";
import { json, label } from "./json.ts";
import { mcpServer } from "./mcp-server.ts";

export const mcpConnector = z.strictObject({
  kind: z.literal("mcp"),
  server: mcpServer,
  /** The tool a step calls when its input names none. Default: the one whose name is among the step's requirements, or the only one there is. */
  tool: label.optional(),
  /** The tool's arguments in the mapping language of templates, for inputs without `arguments`. Default: the whole input. */
  arguments: json.optional(),
});
export type McpConnector = z.infer<typeof mcpConnector>;
