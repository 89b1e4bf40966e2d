// Tool servers (MCP) for as long as an attempt lasts: opened, asked what they have, called, and closed, so that none outlives its attempt.
// By the official SDK; both generations of the protocol are spoken, as the server prefers. A server may ask the person behind the attempt
// (elicitation); a model of ours (sampling) and folders of ours (roots) are not offered.
import { createRequire } from "node:module";
import { type Agent, type Json, MAX_JSON_DEPTH, type McpServer, type Progress, Refusal } from "@baton/contract";
import {
  type CallToolResult,
  Client,
  type JsonSchemaType,
  type JsonSchemaValidator,
  type ProgressCallback,
  type Tool,
  type Transport,
} from "@modelcontextprotocol/client";
import { isDeeperThan, toStorableText } from "./agent-text.ts";
import { findProgram, type Programs, SAFE_PATH } from "../programs/programs.ts";
import type { AttemptContext, HandedServer } from "./connector.ts";
import { elicit } from "./elicitation.ts";
import type { Outbound } from "./outbound.ts";
import { fillHeaders, fillValue, headerIssues, type Holder, namesIn, type SecretsWorld } from "./request-headers.ts";
import { type Failure, fail } from "./time-limit.ts";
import { openHttpTransport } from "./tool-server-http.ts";
import { isUnreadable, toToolServerFailure } from "./tool-server-failure.ts";
import { openProgramTransport } from "./tool-server-program.ts";
import { misfits } from "../std/json-schema.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

export interface ToolServersWorld extends SecretsWorld {
  outbound: Outbound;
  programs: Programs;
}
/** What a server's program finds around it, and who is behind it. */
export interface Surroundings {
  cwd: string;
  home: string;
  environment: Record<string, string>;
  /** Whose variables and secrets fill `${…}` in headers and `env`. */
  holder: Holder;
  resourceLimits: Agent["resourceLimits"];
  attemptId: string;
  signal: AbortSignal;
  ask: AttemptContext["ask"];
  askTimeoutMs: number;
}
export interface ToolServer {
  name: string;
  client: Client;
  tools: Tool[];
  /** A tool's own error is a result (`isError`); a failure is the server's. Never rejects. */
  call(tool: string, args: Record<string, unknown>, onProgress: (done: Progress) => void): Promise<CallToolResult | Failure>;
  /** What stands in a resource, in the form of a tool's result. Never rejects. */
  read(uri: string): Promise<CallToolResult | Failure>;
  /** Resolves when everything of it is gone. */
  close(): Promise<void>;
}

/** A program may be fetched and compiled before it speaks. */
const START_TIMEOUT_MS = 60_000;
/** Servers of the older generation that do not answer what they do not know are asked in the older way after this. */
const PROBE_TIMEOUT_MS = 5_000;
/** Beyond what a timer can hold there is the attempt's own deadline. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;
export const MAX_TOOLS = 1_000;

export const isFailure = (value: object): value is Failure => "ok" in value && value.ok === false;

/** @throws Refusal when the server can never be reached: an unsafe address, a program that is not there, a variable that is not known. */
export async function checkToolServer(world: ToolServersWorld, server: McpServer, holder: Holder, where: string): Promise<void> {
  if ("url" in server) {
    await world.outbound.check(server.url);
    const [issue] = headerIssues(server, `${where}.headers`);
    if (issue !== undefined) throw new Refusal("bad_input", `${issue.path}: ${issue.message}`, { issues: [issue] });
    await fillHeaders(world, server, holder, `${where}.headers`);
    return;
  }
  const own = await fillEnv(world, server.env, holder, where);
  await findProgram(server, { ...holder.environment, ...own }, SAFE_PATH);
}

/** As another agent is told to reach it, with everything filled in. @param holder its registration. @throws Refusal `bad_input`. */
export async function fillToolServer(world: ToolServersWorld, server: McpServer, holder: Holder, name: string): Promise<McpServer> {
  if ("url" in server) return { name, url: server.url, headers: await fillHeaders(world, server, holder, "connector.server.headers") };
  const env = { ...holder.environment, ...(await fillEnv(world, server.env, holder, "connector.server")) };
  return { name, command: await findProgram(server, env, SAFE_PATH), args: server.args, env };
}

/** Never rejects. The caller closes what it got. */
export async function openToolServer(world: ToolServersWorld, server: McpServer | HandedServer, around: Surroundings): Promise<ToolServer | Failure> {
  const opened = await connect(world, server, around, "auto");
  // Some programs of the older generation end at a question they do not know.
  if (isFailure(opened) && "command" in server && opened.kind === "agent_error" && !around.signal.aborted) return connect(world, server, around, "legacy");
  return opened;
}

async function connect(
  world: ToolServersWorld,
  server: McpServer | HandedServer,
  around: Surroundings,
  mode: "auto" | "legacy",
): Promise<ToolServer | Failure> {
  const broken = new AbortController();
  let fault: Failure | undefined;
  const faulty = (failure: Failure): void => {
    fault ??= failure;
    broken.abort();
  };
  const signal = AbortSignal.any([around.signal, broken.signal]);
  const keys = "url" in server ? namesIn(server) : [];
  const client = newClient(server.name, around, mode);
  const onerror = (error: Error): void => {
    if (isUnreadable(error)) faulty(toToolServerFailure(error, server.name, keys));
  };
  Object.assign(client, { onerror });
  let opening: Promise<Transport> | undefined;
  const close = async (): Promise<void> => {
    await client.close();
    // Also one that came to be while its attempt ended. That it did not is told already.
    await (await opening?.catch(() => undefined))?.close();
  };
  /** One thing asked of the server: ends when the server breaks or the attempt does, also where the SDK would wait on. */
  const asked = async <T>(ask: () => Promise<T>): Promise<T | Failure> => {
    try {
      return await unlessAborted(signal, ask);
    } catch (error) {
      return fault ?? toToolServerFailure(error, server.name, keys);
    }
  };
  const tools = await asked(async () => {
    opening = openTransport(world, server, around, faulty);
    await client.connect(await opening, { signal, timeout: START_TIMEOUT_MS });
    return client.getServerCapabilities()?.tools === undefined ? [] : (await client.listTools(undefined, { signal, timeout: START_TIMEOUT_MS })).tools;
  });
  if (isFailure(tools)) {
    await close();
    return tools;
  }
  return {
    name: server.name,
    client,
    tools: tools.slice(0, MAX_TOOLS),
    close,
    read: async (uri) => {
      const result = await asked(() => client.readResource({ uri }, { signal }));
      return isFailure(result) ? result : { content: result.contents.map((resource) => ({ type: "resource", resource })) };
    },
    call: async (tool, args, onProgress) => {
      const onprogress: ProgressCallback = ({ progress, total, message }) => onProgress(toProgress(progress, total, message));
      const result = await asked(() => client.callTool({ name: tool, arguments: args }, { signal, timeout: NO_TIMEOUT_MS, onprogress }));
      return isDeeperThan(result as Json, MAX_JSON_DEPTH) ? fail("invalid_response", `The tool's answer nests deeper than ${MAX_JSON_DEPTH} levels.`) : result;
    },
  };
}

async function openTransport(
  world: ToolServersWorld,
  server: McpServer | HandedServer,
  around: Surroundings,
  faulty: (failure: Failure) => void,
): Promise<Transport> {
  if ("url" in server) {
    const headers = "handed" in server ? server.headers : await fillHeaders(world, server, around.holder, "headers");
    return openHttpTransport(world.outbound, server.url, headers, faulty);
  }
  const own = "handed" in server ? server.env : await fillEnv(world, server.env, around.holder, "env");
  const environment = { ...around.environment, ...own };
  const command = await findProgram(server, environment, SAFE_PATH);
  const { cwd, home, attemptId } = around;
  const { resourceLimits } = "handed" in server ? server.handed : around;
  const program = { command, args: server.args, cwd, environment, path: SAFE_PATH, home, resourceLimits, attemptId };
  const run = world.programs.start(program, (detail) => faulty(fail("limit", detail)));
  return openProgramTransport(run, faulty);
}

function newClient(name: string, around: Surroundings, mode: "auto" | "legacy"): Client {
  const client = new Client(
    { name: "baton", version },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode, probe: { timeoutMs: PROBE_TIMEOUT_MS } },
      jsonSchemaValidator: { getValidator },
    },
  );
  client.setRequestHandler("elicitation/create", (request) => elicit(name, request, around.askTimeoutMs, around.ask));
  return client;
}

/** What a tool says of its own output is checked as everything else strangers wrote is. */
function getValidator<T>(schema: JsonSchemaType): JsonSchemaValidator<T> {
  return (input) => {
    const problems = misfits(schema, input);
    return problems.length === 0
      ? { valid: true, data: input as T, errorMessage: undefined }
      : { valid: false, data: undefined, errorMessage: problems.join("; ") };
  };
}

async function fillEnv(world: SecretsWorld, env: Record<string, string>, holder: Holder, where: string): Promise<Record<string, string>> {
  const filled = Object.entries(env).map(async ([name, value]) => [name, await fillValue(world, value, holder, `${where}.env.${name}`)] as const);
  return Object.fromEntries(await Promise.all(filled));
}

function toProgress(progress: number, total: number | undefined, message: string | undefined): Progress {
  const fraction = total !== undefined && total > 0 ? Math.min(1, Math.max(0, progress / total)) : undefined;
  return { ...(fraction === undefined ? {} : { fraction }), ...(message === undefined ? {} : { message: toStorableText(message.slice(0, 4_000)) }) };
}

async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  // Nothing is begun that nobody would wait for.
  signal.throwIfAborted();
  let aborted = (): void => undefined;
  const end = new Promise<never>((_, reject) => {
    aborted = () => reject(new Error("The attempt ended."));
    signal.addEventListener("abort", aborted, { once: true });
  });
  try {
    return await Promise.race([work(), end]);
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}
