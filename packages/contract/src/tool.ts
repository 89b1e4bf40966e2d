// A tool or a resource of a registered tool server, as it is found and shown.
import { z } from "zod";
import { id, label, pageQuery } from "./json.ts";

export const tool = z.object({
  kind: z.enum(["tool", "resource"]),
  /** The agent that is the tool server. */
  serverId: z.string(),
  serverName: z.string(),
  name: z.string(),
  description: z.string(),
  /** Of a resource. */
  uri: z.string().nullable(),
  /** Why its server gives it to nobody now; null when it does. */
  unavailable: z.string().nullable(),
});
export type Tool = z.infer<typeof tool>;
/** `matches`: the words it was found by. `asked`: whoever takes the step is handed it. */
export const foundTool = tool.extend({ matches: z.string(), asked: z.boolean() });
export type FoundTool = z.infer<typeof foundTool>;

export const toolQuery = pageQuery.extend({
  /** A capability, a name, or words of a description. */
  match: label.optional(),
  /** Of this tool server. */
  server: id.optional(),
  /** That this agent may be handed. */
  agent: id.optional(),
});
export type ToolQuery = z.output<typeof toolQuery>;
