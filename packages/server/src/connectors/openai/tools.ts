// The tools a model is offered: those of its registration's tool servers and of the servers found for the step, called only when they may be.
import type { Json, McpServer, Permissions, ToolKind } from "@baton/contract";
import type { Tool } from "@modelcontextprotocol/client";
import { parseAgentJson, toStorableJson } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { permit } from "../permit.ts";
import type { Failure } from "../time-limit.ts";
import { toWords } from "../tool-result.ts";
import { isFailure, openToolServer, type Surroundings, type ToolServer, type ToolServersWorld } from "../tool-servers.ts";
import { isObject, type OfferedTool, type ToolCall } from "./turn.ts";
import { misfits } from "../../std/json-schema.ts";

export interface Toolbox {
  offered: OfferedTool[];
  /** What is told to the model of a call. Never rejects. */
  run(call: ToolCall, callId: string): Promise<string>;
  close(): Promise<void>;
}
interface Found {
  server: ToolServer;
  tool: Tool;
}
/** As many as services take. */
const MAX_OFFERED = 128;
const MAX_NAME = 64;
const MAX_RESULT = 200_000;
/** Arguments that name files, by which rules with paths are applied. */
const PATH_ARGUMENT = /^(paths?|files?|file_?paths?|file_?name|directory|dir|folder|cwd|source|destination|root)$/i;

export async function openToolbox(
  world: ToolServersWorld,
  servers: readonly McpServer[],
  around: Surroundings,
  permissions: Permissions | undefined,
  context: AttemptContext,
): Promise<Toolbox | Failure> {
  const opened = await Promise.all(servers.map((server) => openToolServer(world, server, around)));
  const running = opened.flatMap((server) => (isFailure(server) ? [] : [server]));
  const close = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.close()));
  };
  const failure = opened.find((server) => isFailure(server));
  if (failure !== undefined) {
    await close();
    return failure;
  }
  const tools = named(running);
  return {
    offered: [...tools].map(([name, { tool }]) => ({
      name,
      description: (tool.description ?? tool.title ?? "").slice(0, 4_000),
      parameters: toStorableJson(JSON.parse(JSON.stringify(tool.inputSchema)) as Json),
    })),
    run: (call, callId) => run(tools, call, callId, around.cwd, permissions, context),
    close,
  };
}

/** Under names that services take; where two servers have a tool of one name, the later is told apart by its server's. */
function named(servers: readonly ToolServer[]): Map<string, Found> {
  const tools = new Map<string, Found>();
  for (const server of servers) {
    for (const tool of server.tools) {
      const plain = nameFor(tool.name);
      const name = tools.has(plain) ? nameFor(`${server.name}_${tool.name}`) : plain;
      if (tools.size < MAX_OFFERED && !tools.has(name)) tools.set(name, { server, tool });
    }
  }
  return tools;
}
const nameFor = (name: string): string => name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, MAX_NAME);

async function run(
  tools: ReadonlyMap<string, Found>,
  call: ToolCall,
  callId: string,
  cwd: string,
  permissions: Permissions | undefined,
  context: AttemptContext,
): Promise<string> {
  const found = tools.get(call.name);
  const toolKind = found === undefined ? "other" : kindOf(found.tool);
  const parsed = call.arguments.trim() === "" ? { ok: true as const, value: {} } : parseAgentJson(call.arguments);
  context.onUpdate({ kind: "tool", callId, title: call.name.slice(0, 4_000), toolKind, status: "pending", ...(parsed.ok ? { input: parsed.value } : {}) });
  const end = (status: "completed" | "failed" | "denied", output: string): string => {
    const told = output.length <= MAX_RESULT ? output : `${output.slice(0, MAX_RESULT).toWellFormed()}\n[${output.length - MAX_RESULT} characters more]`;
    context.onUpdate({ kind: "tool", callId, status, output: told.slice(0, MAX_RESULT) });
    return told;
  };
  if (found === undefined) return end("failed", `There is no tool ${JSON.stringify(call.name)}.`);
  if (!parsed.ok) return end("failed", `The arguments cannot be read: the text ${parsed.problem}.`);
  const given = parsed.value;
  if (!isObject(given)) return end("failed", "The arguments must be an object.");
  const problems = misfits(found.tool.inputSchema, given);
  if (problems.length > 0) return end("failed", `The arguments do not fit the tool: ${problems.join("; ")}.`);
  const title = `Call ${found.tool.name} of ${found.server.name}`;
  const permission = await permit(
    permissions,
    cwd,
    { toolKind, paths: pathsIn(given), title, detail: { tool: found.tool.name, server: found.server.name, arguments: given } },
    context,
  );
  if (!permission.allowed) return end("denied", `The call was not allowed: ${permission.why}.`);
  context.onUpdate({ kind: "tool", callId, status: "running" });
  const result = await found.server.call(found.tool.name, given, (done) => context.onProgress(done));
  if (isFailure(result)) return end("failed", `The tool failed: ${result.detail}`);
  return end(result.isError === true ? "failed" : "completed", `${result.isError === true ? "The tool reports an error: " : ""}${toWords(result)}`);
}

function kindOf({ annotations }: Tool): ToolKind {
  if (annotations?.readOnlyHint === true) return "read";
  return annotations?.destructiveHint === true ? "execute" : "other";
}
const pathsIn = (given: Record<string, Json>): string[] =>
  Object.entries(given).flatMap(([name, value]) => (PATH_ARGUMENT.test(name) ? [value].flat().filter((path): path is string => typeof path === "string") : []));

/** Both, the registration's first; one that has the name of an earlier one is left out. */
export const serversFor = (own: readonly McpServer[], found: readonly McpServer[]): McpServer[] => {
  const names = new Set(own.map((server) => server.name));
  return [...own, ...found.filter((server) => !names.has(server.name))];
};
