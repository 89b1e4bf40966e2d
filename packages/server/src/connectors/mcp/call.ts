// Which tool a step calls, and with what. Pure.
//
// The tool: `input.tool`; else the registration's; else the one whose name is among the step's requirements; else the only one there is.
// The arguments: `input.arguments`; else the registration's mapping, filled; else the input itself, without `tool`.
import type { Json, McpConnector, Work } from "@baton/contract";
import type { Tool } from "@modelcontextprotocol/client";
import { mapValue, toScope } from "../mapping.ts";
import { type Failure, fail } from "../time-limit.ts";
import { misfits } from "../../std/json-schema.ts";

export interface Call {
  tool: string;
  arguments: { [name: string]: Json };
}
const NAMES_SHOWN = 50;

export function toCall(tools: readonly Tool[], settings: McpConnector, work: Work): Call | Failure {
  const input = isObject(work.input) ? work.input : {};
  const tool = chooseTool(tools, typeof input["tool"] === "string" ? input["tool"] : settings.tool, work.requirements);
  if ("ok" in tool) return tool;
  const given = toArguments(settings, work, input);
  if (!isObject(given)) return fail("agent_error", `The arguments of the tool ${tool.name} must be an object, and are ${JSON.stringify(given).slice(0, 200)}.`);
  const problems = misfits(tool.inputSchema, given);
  if (problems.length > 0) return fail("agent_error", `The arguments do not fit the tool ${tool.name}: ${problems.join("; ")}.`);
  return { tool: tool.name, arguments: given };
}

function chooseTool(tools: readonly Tool[], named: string | undefined, requirements: readonly string[]): Tool | Failure {
  const names = tools.slice(0, NAMES_SHOWN).map((tool) => tool.name);
  const has = tools.length === 0 ? "it has none" : `it has ${names.join(", ")}${tools.length > NAMES_SHOWN ? ", …" : ""}`;
  if (named !== undefined)
    return tools.find((tool) => tool.name === named) ?? fail("agent_error", `The tool server has no tool ${JSON.stringify(named)}; ${has}.`);
  const wanted = new Set(requirements.map(blind));
  const [first, second] = tools.filter((tool) => wanted.has(blind(tool.name)));
  const [only, another] = tools;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined && only !== undefined && another === undefined) return only;
  return fail("agent_error", `Which tool to call is not said: neither the input nor the registration names one, nor does just one requirement; ${has}.`);
}
/** As capabilities are compared. */
const blind = (name: string): string => name.toLowerCase().replaceAll("_", "-");

function toArguments(settings: McpConnector, work: Work, input: { [name: string]: Json }): Json {
  if (input["arguments"] !== undefined) return input["arguments"];
  if (settings.arguments !== undefined) return mapValue(settings.arguments, toScope(work, {}));
  if (!isObject(work.input)) return work.input ?? {};
  const { tool: _, ...rest } = input;
  return rest;
}

const isObject = (value: Json): value is { [name: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);
