// The connector for any agent behind HTTP: a template's mapping builds the request and reads the answer. One call per attempt.
import { type DeliveredMessage, type HttpConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import type { Clock } from "../../std/clock.ts";
import type { AttemptContext, Connector, ConnectorAgent, Observation } from "../connector.ts";
import { joinPath, type Outbound } from "../outbound.ts";
import type { SecretsWorld } from "../request-headers.ts";
import { fail, startTimeLimit } from "../time-limit.ts";
import { readAnswer } from "./answer.ts";
import { exchange } from "../exchange.ts";
import { toScope } from "../mapping.ts";
import { buildRequest, requestHeaders } from "./request.ts";
import { checkSettings, effectiveSettings, type FindTemplate } from "./settings.ts";

export interface HttpWorld extends SecretsWorld {
  clock: Clock;
  outbound: Outbound;
  findTemplate: FindTemplate;
  /** How long a connection test waits; 30 s unless given. */
  testTimeoutMs?: number | undefined;
}

const PROBE_TIMEOUT_MS = 10_000;
const TELL_TIMEOUT_MS = 30_000;
const PROBE_BYTES = 64 * 1024;

export function openHttpConnector(world: HttpWorld): Connector {
  return {
    kind: "http",
    check: (agent) => check(world, agent),
    carryOut: (agent, work, context) => carryOut(world, agent, work, context),
    observe: (agent) => observe(world, agent),
    tell: (agent, message) => tell(world, agent, message),
    // The connections belong to `outbound`, which others share.
    close: async () => undefined,
  };
}

async function check(world: HttpWorld, agent: ConnectorAgent): Promise<void> {
  const connector = settingsOf(agent);
  await world.outbound.check(connector.endpoint);
  const settings = await effectiveSettings(world.findTemplate, connector);
  checkSettings(settings, connector.healthPath);
  await requestHeaders(world, settings, agent);
}

async function carryOut(world: HttpWorld, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const connector = settingsOf(agent);
    const settings = await effectiveSettings(world.findTemplate, connector);
    const target = { endpoint: connector.endpoint, environment: agent.environment, project: agent.project };
    const request = await buildRequest(world, target, settings, toScope(work, settings.config));
    const exchanged = await exchange(world.outbound.dispatcher, request, limit.signal);
    return limit.failure() ?? (exchanged.ok ? readAnswer(settings.response, exchanged.answer, world.clock.now()) : exchanged);
  } catch (error) {
    return limit.failure() ?? fail("agent_error", error instanceof Error ? error.message : String(error));
  } finally {
    limit.release();
  }
}

/** GET on the health path with the agent's own headers. A probe that failed to find out says `unknown`, not `critical`. */
async function observe(world: HttpWorld, agent: ConnectorAgent): Promise<Observation> {
  const startedAt = world.clock.now();
  const told = (health: Observation["health"], detail: string): Observation => ({ health, detail, responseTimeMs: world.clock.now() - startedAt });
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  try {
    const connector = settingsOf(agent);
    const settings = await effectiveSettings(world.findTemplate, connector);
    const path = connector.healthPath ?? "/health";
    const request = { method: "GET" as const, url: joinPath(connector.endpoint, path), headers: await requestHeaders(world, settings, agent) };
    const exchanged = await exchange(world.outbound.dispatcher, request, signal, PROBE_BYTES);
    if (signal.aborted) return told("unknown", `No answer from ${path} within ${PROBE_TIMEOUT_MS / 1000} s.`);
    if (!exchanged.ok && exchanged.kind !== "limit") return told("unknown", exchanged.detail);
    const status = exchanged.ok ? exchanged.answer.status : 200;
    return told(...judgeStatus(path, status));
  } catch (error) {
    return told("unknown", error instanceof Error ? error.message : String(error));
  }
}

/** POST of the message as it is; a status of 2xx acknowledges it. */
async function tell(world: HttpWorld, agent: ConnectorAgent, message: DeliveredMessage): Promise<string | undefined> {
  const signal = AbortSignal.timeout(TELL_TIMEOUT_MS);
  try {
    const connector = settingsOf(agent);
    if (connector.messagesPath === undefined) return "Its registration names no messagesPath.";
    const settings = await effectiveSettings(world.findTemplate, connector);
    const headers = { ...(await requestHeaders(world, settings, agent)), "content-type": "application/json" };
    const request = { method: "POST" as const, url: joinPath(connector.endpoint, connector.messagesPath), headers, body: JSON.stringify(message) };
    const exchanged = await exchange(world.outbound.dispatcher, request, signal, PROBE_BYTES);
    if (signal.aborted) return `No answer from ${connector.messagesPath} within ${TELL_TIMEOUT_MS / 1000} s.`;
    if (!exchanged.ok) return exchanged.detail;
    const { status } = exchanged.answer;
    return status >= 200 && status < 300 ? undefined : `${connector.messagesPath} answered HTTP ${status}.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function judgeStatus(path: string, status: number): [Observation["health"], string] {
  if (status >= 200 && status < 300) return ["healthy", `${path} answered HTTP ${status}.`];
  if (status === 404 || status === 405) return ["healthy", `Reachable, but it has no health route at ${path} (HTTP ${status}).`];
  if (status >= 500) return ["critical", `${path} answered HTTP ${status}.`];
  return ["degraded", `Reachable, but ${path} answered HTTP ${status}.`];
}

function settingsOf(agent: ConnectorAgent): HttpConnector {
  if (agent.connector.kind === "http") return agent.connector;
  throw new Refusal("bad_input", `The http connector cannot reach an agent of kind ${agent.connector.kind}.`);
}
