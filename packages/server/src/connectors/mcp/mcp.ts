// The connector for tool servers: a step calls one tool of one, and the tool's result is the step's output.
import { type McpConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import { createPlace } from "../../programs/programs.ts";
import { pathIssues } from "../../std/json-path.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { toArtifacts, toOutput, toWords } from "../tool-result.ts";
import { checkToolServer, fillToolServer, isFailure, openToolServer, type Surroundings, type ToolServer } from "../tool-servers.ts";
import { workingDirectory } from "../working-directory.ts";
import { toCall } from "./call.ts";
import { discover } from "./discover.ts";
import { observe } from "./observe.ts";
import type { McpWorld } from "./visit.ts";

/** How long a person has to answer a tool server's question. */
const ASK_MS = 600_000;

export function openMcpConnector(world: McpWorld): Connector {
  return {
    kind: "mcp",
    takesSession: true,
    check: (agent) => check(world, agent),
    carryOut: (agent, work, context) => carryOut(world, agent, work, context),
    hand: (agent) => fillToolServer(world, settingsOf(agent).server, agent, agent.name),
    discover: (agent) => discover(world, agent, settingsOf(agent)),
    observe: (agent) => observe(world, agent, settingsOf(agent)),
    // Programs and connections belong to the caller, who ends them.
    close: async () => undefined,
  };
}

async function check(world: McpWorld, agent: ConnectorAgent): Promise<void> {
  const settings = settingsOf(agent);
  await checkToolServer(world, settings.server, agent, "connector.server");
  const issues = settings.arguments === undefined ? [] : pathIssues(settings.arguments, "connector.arguments");
  if (issues.length > 0) throw new Refusal("bad_input", issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "), { issues });
}

async function carryOut(world: McpWorld, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const stopped = limit.failure();
    if (stopped !== undefined) return stopped;
    const place = await createPlace(world.attemptsDirectory, work.attemptId);
    try {
      const outcome = await callOnce(world, agent, work, context, limit, place.directory);
      return limit.failure() ?? outcome;
    } finally {
      await place.remove();
    }
  } catch (error) {
    return limit.failure() ?? fail("agent_error", error instanceof Error ? error.message : String(error));
  } finally {
    limit.release();
  }
}

async function callOnce(world: McpWorld, agent: ConnectorAgent, work: Work, context: AttemptContext, limit: TimeLimit, home: string): Promise<Outcome> {
  const settings = settingsOf(agent);
  const around: Surroundings = {
    cwd: await workingDirectory(undefined, work, home),
    home,
    environment: agent.environment,
    holder: agent,
    resourceLimits: agent.resourceLimits,
    attemptId: work.attemptId,
    signal: limit.signal,
    ask: context.ask,
    askTimeoutMs: ASK_MS,
  };
  const server = await openToolServer(world, settings.server, around);
  if (isFailure(server)) return server;
  try {
    return await callTool(server, settings, work, context);
  } finally {
    await server.close();
  }
}

async function callTool(server: ToolServer, settings: McpConnector, work: Work, context: AttemptContext): Promise<Outcome> {
  const call = toCall(server.tools, settings, work);
  if (isFailure(call)) return call;
  context.onUpdate({ kind: "tool", callId: "1", title: call.tool, status: "running", input: call.arguments });
  const result = await server.call(call.tool, call.arguments, (done) => context.onProgress(done));
  const words = isFailure(result) ? result.detail : toWords(result);
  const failed = isFailure(result) || result.isError === true;
  context.onUpdate({ kind: "tool", callId: "1", status: failed ? "failed" : "completed", output: words.slice(0, 200_000) });
  if (isFailure(result)) return result;
  if (result.isError === true) return fail("agent_error", words === "" ? `The tool ${call.tool} failed and said nothing.` : words);
  const artifacts = toArtifacts(result);
  return { ok: true, output: toOutput(result), ...(artifacts.length > 0 ? { artifacts } : {}) };
}

function settingsOf(agent: ConnectorAgent): McpConnector {
  if (agent.connector.kind === "mcp") return agent.connector;
  throw new Refusal("bad_input", `The mcp connector cannot reach an agent of kind ${agent.connector.kind}.`);
}
