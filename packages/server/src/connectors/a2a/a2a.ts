// The connector for agents that speak Agent2Agent, 1.0 and 0.3, and for the older envelope. The agent's card says where and how it is spoken to;
// it is read anew for each attempt, so that what it says holds.
//
// An attempt whose end was told to us before the agent's own has its task cancelled there. Not guaranteed: that a task ends which the agent
// began and did not name before its server, or ours, went away.
import { type A2aConnector, type Issue, type Outcome, Refusal, type Work } from "@baton/contract";
import type { AttemptContext, Connector, ConnectorAgent, Discovery, Observation } from "../connector.ts";
import { exchange } from "../exchange.ts";
import { fillHeaders, headerIssues, type SecretsWorld } from "../request-headers.ts";
import { fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { openAgentCalls } from "./agent-calls.ts";
import { CallProblem } from "./call-problem.ts";
import { fetchCard, takesData, toDiscovery, toRefusal } from "./card.ts";
import { exchangeEnvelope } from "./envelope.ts";
import { type CallsWorld, openGuardedFetch } from "./guarded-fetch.ts";
import { toWorkMessage } from "./message.ts";
import { withSpent } from "./outcome.ts";
import { openPushDoor, type PushDoor } from "./push.ts";
import { type Patience, PATIENCE, talk } from "./talk.ts";
import { openTaskView, type TaskView } from "./task-view.ts";

export interface A2aWorld extends SecretsWorld, CallsWorld {
  /** How agents reach this server; undefined: they are not told. */
  publicUrl: string | undefined;
  patience?: Patience | undefined;
}
export interface A2aHands extends Connector {
  /** Whether an attempt waits behind this token; it is told to look. */
  onPush(token: string): boolean;
}

const PROBE_MS = 10_000;
const DISCOVER_MS = 30_000;
/** Of the 2 s an attempt has to end: to hear which task it is that has to be cancelled, and to cancel it. */
const NAME_MS = 700;
const CANCEL_MS = 1_000;

export function openA2aConnector(world: A2aWorld): A2aHands {
  const pushes = openPushDoor(world.publicUrl);
  return {
    kind: "a2a",
    check: (agent) => check(world, agent),
    carryOut: (agent, work, context) => carryOut(world, pushes, agent, work, context),
    discover: (agent) => discover(world, agent),
    observe: (agent) => observe(world, agent),
    onPush: pushes.onPush,
    // The connections belong to `outbound`, which others share.
    close: async () => undefined,
  };
}

async function check(world: A2aWorld, agent: ConnectorAgent): Promise<void> {
  const connector = settingsOf(agent);
  await world.outbound.check(connector.url);
  const { cardPath, push, protocol } = connector;
  const issues: Issue[] = [
    ...headerIssues(connector, "connector.headers"),
    ...(cardPath === undefined || cardPath.startsWith("/") ? [] : [{ path: "connector.cardPath", message: "must start with /" }]),
    ...(push && protocol === "envelope" ? [{ path: "connector.push", message: "the envelope has one answer and nothing to tell before" }] : []),
    ...(push && world.publicUrl === undefined ? [{ path: "connector.push", message: "needs BATON_PUBLIC_URL, by which agents reach this server" }] : []),
  ];
  if (issues.length > 0) throw new Refusal("bad_input", issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "), { issues });
  await headersOf(world, agent, connector);
}

async function discover(world: A2aWorld, agent: ConnectorAgent): Promise<Discovery> {
  const connector = settingsOf(agent);
  const headers = await headersOf(world, agent, connector);
  const found = await fetchCard(world, connector, headers, AbortSignal.timeout(DISCOVER_MS)).catch((error: unknown) => {
    // The envelope knows no cards.
    if (connector.protocol === "envelope" && error instanceof CallProblem) return undefined;
    return toRefusal(error);
  });
  if (found === undefined) return { capabilities: [], detail: { protocol: "envelope" } };
  // Now, where whoever registers it sees why: a card may name an address that this server may not call.
  for (const { url } of found.card.supportedInterfaces) if (/^https?:/.test(url)) await world.outbound.check(url);
  return toDiscovery(found);
}

async function carryOut(world: A2aWorld, pushes: PushDoor, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const connector = settingsOf(agent);
    const headers = await headersOf(world, agent, connector);
    const stopped = limit.failure();
    if (stopped !== undefined) return stopped;
    if (connector.protocol === "envelope") {
      const outcome = await exchangeEnvelope(world, { agent, connector, headers, work }, limit.signal);
      return limit.failure() ?? outcome;
    }
    return await carryOutTask({ world, pushes, connector, headers, limit }, work, context);
  } catch (error) {
    return limit.failure() ?? toOutcomeOf(error);
  } finally {
    limit.release();
  }
}

interface Attempt {
  world: A2aWorld;
  pushes: PushDoor;
  connector: A2aConnector;
  headers: Record<string, string>;
  limit: TimeLimit;
}
async function carryOutTask({ world, pushes, connector, headers, limit }: Attempt, work: Work, context: AttemptContext): Promise<Outcome> {
  const found = await fetchCard(world, connector, headers, limit.signal);
  const sendsHeaders = Object.keys(headers).length > 0;
  const calls = await openAgentCalls(found, { fetchImpl: openGuardedFetch(world, headers), stream: connector.stream, sendsHeaders });
  const view = openTaskView(context);
  const told = connector.push && !calls.streams && found.card.capabilities?.pushNotifications === true;
  const line = told ? pushes.open(work.attemptId) : undefined;
  const ending = endAfter(limit.signal, view);
  try {
    const given = { clock: world.clock, calls, view, line, patience: world.patience ?? PATIENCE, signal: ending.signal };
    const outcome = await talk(given, toWorkMessage(work, takesData(found.card)), work, context).catch(toOutcomeOf);
    return withSpent(limit.failure() ?? outcome, view, connector.prices);
  } finally {
    ending.release();
    line?.close();
    const taskId = view.taskId();
    if (taskId !== undefined && !view.hasEnded()) {
      await calls.cancel(taskId, AbortSignal.timeout(CANCEL_MS)).catch((error: unknown) => {
        context.onUpdate({ kind: "note", text: `Its task ${taskId} could not be cancelled: ${String(error).slice(0, 1000)}`.slice(0, 4000) });
      });
    }
  }
}

/** Aborts with `signal`, but gives an agent that was just sent the work a moment to name its task, so that it can be cancelled. */
function endAfter(signal: AbortSignal, view: TaskView): { signal: AbortSignal; release(): void } {
  const ends = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    if (view.taskId() !== undefined) ends.abort();
    else
      timers.push(
        setInterval(() => view.taskId() !== undefined && ends.abort(), 20),
        setTimeout(() => ends.abort(), NAME_MS),
      );
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return {
    signal: ends.signal,
    release: () => {
      signal.removeEventListener("abort", end);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Its card answers, or the health route of an agent that has none. A probe that failed to find out says `unknown`. */
async function observe(world: A2aWorld, agent: ConnectorAgent): Promise<Observation> {
  const startedAt = world.clock.now();
  const told = (health: Observation["health"], detail: string): Observation => ({ health, detail, responseTimeMs: world.clock.now() - startedAt });
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    const connector = settingsOf(agent);
    const headers = await headersOf(world, agent, connector);
    if (connector.protocol === "envelope") return told(...(await probe(world, new URL("/health", connector.url), headers, signal)));
    const { card } = await fetchCard(world, connector, headers, signal);
    return told("healthy", `Its card answers: ${card.name} ${card.version}.`.slice(0, 1000));
  } catch (error) {
    if (signal.aborted) return told("unknown", `Its card did not answer within ${PROBE_MS / 1000} s.`);
    if (error instanceof CallProblem && error.failure.kind !== "unavailable") return told("degraded", error.message.slice(0, 1000));
    return told("unknown", error instanceof Error ? error.message.slice(0, 1000) : String(error));
  }
}
async function probe(world: A2aWorld, url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<[Observation["health"], string]> {
  const exchanged = await exchange(world.outbound.dispatcher, { method: "GET", url, headers }, signal, 64 * 1024);
  if (!exchanged.ok) return ["unknown", exchanged.detail];
  const { status } = exchanged.answer;
  if (status === 404 || status === 405) return ["healthy", `Reachable, but it has no health route at ${url.pathname} (HTTP ${status}).`];
  return [status >= 500 ? "critical" : status >= 200 && status < 300 ? "healthy" : "degraded", `${url.pathname} answered HTTP ${status}.`];
}

const toOutcomeOf = (error: unknown): Outcome =>
  error instanceof CallProblem ? error.failure : fail("agent_error", error instanceof Error ? error.message : String(error));
const headersOf = (world: A2aWorld, agent: ConnectorAgent, { headers }: A2aConnector): Promise<Record<string, string>> =>
  fillHeaders(world, { headers }, agent, "connector.headers");

function settingsOf(agent: ConnectorAgent): A2aConnector {
  if (agent.connector.kind === "a2a") return agent.connector;
  throw new Refusal("bad_input", `The a2a connector cannot reach an agent of kind ${agent.connector.kind}.`);
}
