// The connector for models behind an interface like OpenAI's: one conversation per attempt, with tools of MCP servers where there are any.
import { type OpenaiConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import { createPlace } from "../../programs/programs.ts";
import { parseAgentJson, toStorableJson } from "../agent-text.ts";
import type { AttemptContext, Connector, ConnectorAgent, Discovery, Observation } from "../connector.ts";
import { type Exchanged, exchange } from "../exchange.ts";
import { serversFor } from "../handed.ts";
import { fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { checkToolServer, isFailure, type ToolServersWorld } from "../tool-servers.ts";
import { workingDirectory } from "../working-directory.ts";
import { checkAddress, headersOf, refuse, urlOf } from "./address.ts";
import type { AskWorld } from "./ask.ts";
import { converse } from "./converse.ts";
import { openToolbox } from "./tools.ts";
import { isObject, listIn, textIn } from "./turn.ts";
import { schemaProblem } from "../../std/json-schema.ts";

export interface OpenaiWorld extends AskWorld, ToolServersWorld {
  /** Where each attempt gets its directory. Made when it is missing. */
  attemptsDirectory: string;
}
const ASK_MS = 600_000;
const PROBE_TIMEOUT_MS = 9_000;
const PROBE_BYTES = 1024 * 1024;
const MAX_MODELS = 1_000;

export function openOpenaiConnector(world: OpenaiWorld): Connector {
  return {
    kind: "openai",
    takesPersona: true,
    takesSession: true,
    check: (agent) => check(world, agent),
    carryOut: (agent, work, context) => carryOut(world, agent, work, context),
    discover: (agent) => discover(world, agent),
    observe: (agent) => observe(world, agent),
    // Programs and connections belong to the caller, who ends them.
    close: async () => undefined,
  };
}

async function check(world: OpenaiWorld, agent: ConnectorAgent): Promise<void> {
  const settings = settingsOf(agent);
  await checkAddress(world, settings, agent);
  for (const [at, server] of settings.mcpServers.entries()) await checkToolServer(world, server, agent, `connector.mcpServers[${at}]`);
  const { responseSchema } = settings;
  const message = responseSchema && schemaProblem(responseSchema);
  if (message) throw refuse([{ path: "connector.responseSchema", message }]);
}

async function carryOut(world: OpenaiWorld, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const outcome = limit.failure() ?? (await withTools(world, agent, work, context, limit));
    const stopped = limit.failure();
    return stopped === undefined ? outcome : { ...stopped, usage: outcome.usage, cost: outcome.cost };
  } catch (error) {
    return limit.failure() ?? fail("agent_error", error instanceof Error ? error.message : String(error));
  } finally {
    limit.release();
  }
}

async function withTools(world: OpenaiWorld, agent: ConnectorAgent, work: Work, context: AttemptContext, limit: TimeLimit): Promise<Outcome> {
  const settings = settingsOf(agent);
  const servers = serversFor(settings.mcpServers, context.toolServers);
  const noTools = { offered: [], run: async () => "There are no tools.", close: async () => undefined };
  if (servers.length === 0) return converse(world, agent, settings, work, context, noTools, limit.signal);
  const place = await createPlace(world.attemptsDirectory, work.attemptId);
  try {
    const around = {
      cwd: await workingDirectory(undefined, work, place.directory),
      home: place.directory,
      // The agent's own holds the key to its model, which is no tool's business: a tool gets its own `env`.
      environment: {},
      holder: agent,
      resourceLimits: agent.resourceLimits,
      attemptId: work.attemptId,
      signal: limit.signal,
      ask: context.ask,
      askTimeoutMs: settings.permissions?.askTimeoutMs ?? ASK_MS,
    };
    const tools = await openToolbox(world, servers, around, settings.permissions, context);
    if (isFailure(tools)) return tools;
    try {
      return await converse(world, agent, settings, work, context, tools, limit.signal);
    } finally {
      await tools.close();
    }
  } finally {
    await place.remove();
  }
}

/** The models of the service, to be shown; capabilities are the registration's to say. */
async function discover(world: OpenaiWorld, agent: ConnectorAgent): Promise<Discovery> {
  const listed = await listModels(world, agent);
  if (!listed.ok) throw new Refusal("unavailable", listed.detail);
  const { status, text } = listed.answer;
  if (status < 200 || status > 299) return { capabilities: [], detail: { models: [], note: `GET /models answered HTTP ${status}.` } };
  const parsed = parseAgentJson(text);
  const data = parsed.ok && isObject(parsed.value) ? listIn(parsed.value["data"]) : [];
  const models = data.flatMap((model) => (isObject(model) && textIn(model["id"]) !== "" ? [textIn(model["id"]).slice(0, 200)] : []));
  return { capabilities: [], detail: toStorableJson({ models: models.slice(0, MAX_MODELS) }) };
}

/** Lists the models, which costs nothing; that a service has no such list says nothing against it. */
async function observe(world: OpenaiWorld, agent: ConnectorAgent): Promise<Observation> {
  const startedAt = world.clock.now();
  const told = (health: Observation["health"], detail: string): Observation => ({ health, detail, responseTimeMs: world.clock.now() - startedAt });
  const listed = await listModels(world, agent).catch((error: unknown) => fail("unavailable", error instanceof Error ? error.message : String(error)));
  if (!listed.ok) return told("unknown", listed.detail);
  const { status } = listed.answer;
  if ((status >= 200 && status < 300) || status === 404 || status === 405) return told("healthy", `GET /models answered HTTP ${status}.`);
  return told(status >= 500 || status === 401 ? "critical" : "degraded", `GET /models answered HTTP ${status}.`);
}

async function listModels(world: OpenaiWorld, agent: ConnectorAgent): Promise<Exchanged> {
  const settings = settingsOf(agent);
  const request = { method: "GET" as const, url: urlOf(world, settings, "/models"), headers: await headersOf(world, settings, agent) };
  return exchange(world.outbound.dispatcher, request, AbortSignal.timeout(PROBE_TIMEOUT_MS), PROBE_BYTES);
}

function settingsOf(agent: ConnectorAgent): OpenaiConnector {
  if (agent.connector.kind === "openai") return agent.connector;
  throw new Refusal("bad_input", `The openai connector cannot reach an agent of kind ${agent.connector.kind}.`);
}
