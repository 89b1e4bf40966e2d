// The tools a model is offered: those of its registration's tool servers and of the servers found for the step, called only when they may be.
import type { Json, McpServer, Permissions, ToolKind } from "@baton/contract";
import type { Tool } from "@modelcontextprotocol/client";
import { parseAgentJson, toStorableJson } from "../agent-text.ts";
import type { AttemptContext, HandedServer } from "../connector.ts";
import { permit } from "../permit.ts";
import { type Failure, fail } from "../time-limit.ts";
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
  server: string;
  tool: Tool;
  call: ToolServer["call"];
}
/** As many as services take. */
const MAX_OFFERED = 128;
const MAX_NAME = 64;
const MAX_RESULT = 200_000;
/** Arguments that name files, by which rules with paths are applied. */
const PATH_ARGUMENT = /^(paths?|files?|file_?paths?|file_?name|directory|dir|folder|cwd|source|destination|root)$/i;

export async function openToolbox(
  world: ToolServersWorld,
  servers: readonly (McpServer | HandedServer)[],
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
  const reading = readingOf(servers, running);
  if (reading && !tools.has(reading.tool.name)) tools.set(reading.tool.name, reading);
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
      if (tools.size < MAX_OFFERED - 1 && !tools.has(name)) tools.set(name, { server: server.name, tool, call: server.call });
    }
  }
  return tools;
}
/** Models call tools and read no resources: those that were handed over are read by one tool of ours. */
function readingOf(servers: readonly (McpServer | HandedServer)[], running: readonly ToolServer[]): Found | undefined {
  const handed = servers.flatMap((server) => ("handed" in server ? server.handed.resources.map(({ uri }) => [uri, server.name] as const) : []));
  if (handed.length === 0) return undefined;
  const serverOf = new Map(handed);
  const uri = { type: "string" as const, enum: [...serverOf.keys()] };
  return {
    server: [...new Set(serverOf.values())].join(", "),
    tool: {
      name: "read_resource",
      description: "Reads one of the resources at hand.",
      inputSchema: { type: "object", properties: { uri }, required: ["uri"] },
      annotations: { readOnlyHint: true },
    },
    call: async (_, args) => {
      const name = serverOf.get(String(args["uri"]));
      return running.find((server) => server.name === name)?.read(String(args["uri"])) ?? fail("agent_error", "There is no such resource.");
    },
  };
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
  const title = `Call ${found.tool.name} of ${found.server}`;
  const permission = await permit(
    permissions,
    cwd,
    {
      toolKind,
      paths: pathsIn(given),
      title,
      tool: `${found.tool.name} of ${found.server}`,
      detail: { tool: found.tool.name, server: found.server, arguments: given },
    },
    context,
  );
  if (!permission.allowed) return end("denied", `The call was not allowed: ${permission.why}.`);
  context.onUpdate({ kind: "tool", callId, status: "running" });
  const result = await found.call(found.tool.name, given, (done) => context.onProgress(done));
  if (isFailure(result)) return end("failed", `The tool failed: ${result.detail}`);
  return end(result.isError === true ? "failed" : "completed", `${result.isError === true ? "The tool reports an error: " : ""}${toWords(result)}`);
}

function kindOf({ annotations }: Tool): ToolKind {
  if (annotations?.readOnlyHint === true) return "read";
  return annotations?.destructiveHint === true ? "execute" : "other";
}
const pathsIn = (given: Record<string, Json>): string[] =>
  Object.entries(given).flatMap(([name, value]) => (PATH_ARGUMENT.test(name) ? [value].flat().filter((path): path is string => typeof path === "string") : []));
