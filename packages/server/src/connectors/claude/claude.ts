// The connector for Claude Code: one process per attempt, spoken to in stream-json both ways.
//
// It gets: a clean environment with what its registration allows and what keeps it quiet; HOME of its own that is kept between attempts
// (conversations, a login and settings live there) unless the registration's environment names one; as working directory the agent's
// `cwd`, the task's repository, or a directory that is made again at the same path when a conversation goes on.
// It reads the settings, instructions and hooks of the repository it works in: for repositories that are not trusted, `args` may say
// `--setting-sources user`. Rules of the registration (`permissions`) stand before every tool all the same.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClaudeConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import { checkProgram, createPlace, findProgram, notEnforced, type Programs, SAFE_PATH, toProcessLimits } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { agentHome, openSharedPlaces, type SharedPlaces } from "../agent-home.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { serversFor, withResources } from "../handed.ts";
import { toStartFailure } from "../start-failure.ts";
import { startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { toPrompt } from "../to-prompt.ts";
import { workingDirectory } from "../working-directory.ts";
import { lostConversation, readEnding } from "./answer.ts";
import { toArtifacts } from "./artifacts.ts";
import { QUIET_ENVIRONMENT, toArguments, toMcpConfig } from "./command-line.ts";
import { type Conversation, toConversation, toKept } from "./conversation.ts";
import { openObserver } from "./observe.ts";
import { type Ending, runSession } from "./session.ts";

export interface ClaudeWorld {
  clock: Clock;
  programs: Programs;
  newId(): string;
  /** Where each attempt gets its directory. Made when it is missing. */
  attemptsDirectory: string;
  /** Where each agent gets its HOME. Made when it is missing. */
  homesDirectory: string;
}
interface Attempt {
  agent: ConnectorAgent;
  connector: ClaudeConnector;
  work: Work;
  context: AttemptContext;
  limit: TimeLimit;
  home: string;
  /** What the attempt needs beside its work: its tool servers, temporary files. */
  place: string;
  cwd: string;
}
/** Failures after which somebody may want to go on from there. */
const RESUMABLE = ["timeout", "unavailable", "quota"];

export function openClaudeConnector(world: ClaudeWorld): Connector {
  const places = openSharedPlaces(world.attemptsDirectory);
  const observe = openObserver(world);
  return {
    kind: "claude",
    restarts: true,
    takesPersona: true,
    takesSession: true,
    check: (agent) => checkProgram(settingsOf(agent), agent.environment, SAFE_PATH),
    carryOut: (agent, work, context) => carryOut(world, places, agent, work, context),
    observe: async (agent) => observe(agent, settingsOf(agent), await agentHome(world.homesDirectory, agent)),
    // The programs belong to the caller, who ends them.
    close: async () => undefined,
  };
}

async function carryOut(world: ClaudeWorld, places: SharedPlaces, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const connector = settingsOf(agent);
    const conversation = toConversation(world.newId, work.conversation);
    const named = await workingDirectory(connector.cwd, work, "");
    const [home, own, working] = await Promise.all([
      agentHome(world.homesDirectory, agent),
      createPlace(world.attemptsDirectory, work.attemptId),
      named === "" ? places.enter(conversation.placeName) : undefined,
    ]);
    try {
      const attempt: Attempt = { agent, connector, work, context, limit, home, place: own.directory, cwd: working?.directory ?? named };
      return await goOnOrBegin(world, attempt, conversation, working !== undefined);
    } finally {
      await Promise.all([own.remove(), working?.remove()]);
    }
  } catch (error) {
    return limit.failure() ?? toStartFailure(error);
  } finally {
    limit.release();
  }
}

async function goOnOrBegin(world: ClaudeWorld, attempt: Attempt, conversation: Conversation, ownPlace: boolean): Promise<Outcome> {
  const { context, limit, work } = attempt;
  const stopped = limit.failure();
  if (stopped !== undefined) return stopped;
  const warning = notEnforced(toProcessLimits(attempt.agent.resourceLimits));
  if (warning !== undefined) context.onProgress({ message: warning });
  let ending = conversation.resumes === undefined ? undefined : await run(world, attempt, conversation);
  if (ending !== undefined && lostConversation(ending) && limit.failure() === undefined) ending = undefined;
  if (ending === undefined && work.conversation !== undefined)
    context.onUpdate({
      kind: "note",
      text: `The conversation ${work.conversation.slice(0, 200)} is not there any more; a new one begins${work.context.session ? ", and is told what was said" : ""}.`,
    });
  const { usage, cost, ...end } = ending ?? (await run(world, attempt, { ...conversation, resumes: undefined }));
  const outcome = readEnding(end, world.clock.now());
  if (outcome.ok && end.changed.length > 0) outcome.artifacts = await toArtifacts(end.changed, attempt.cwd, ownPlace);
  const kept = outcome.ok || RESUMABLE.includes(outcome.kind) ? toKept(conversation, ownPlace) : undefined;
  return { ...outcome, usage, cost, ...(end.begun && kept !== undefined ? { conversation: kept } : {}) };
}

async function run(world: ClaudeWorld, attempt: Attempt, conversation: Conversation): Promise<Ending> {
  const { agent, connector, work, context, limit, home, place, cwd } = attempt;
  const servers = serversFor(connector.mcpServers, context.toolServers);
  const mcpConfig = servers.length === 0 ? undefined : join(place, "tool-servers.json");
  // A file for its owner alone: arguments can be read by everybody on the machine.
  if (mcpConfig !== undefined) await writeFile(mcpConfig, JSON.stringify(toMcpConfig(servers)), { mode: 0o600 });
  const program = {
    command: await findProgram(connector, agent.environment, SAFE_PATH),
    args: toArguments(connector, agent.persona, conversation, mcpConfig),
    cwd,
    environment: { ...QUIET_ENVIRONMENT, TMPDIR: place, ...agent.environment },
    path: SAFE_PATH,
    home,
    resourceLimits: agent.resourceLimits,
    attemptId: work.attemptId,
  };
  return runSession(world, {
    program,
    prompt: withResources(toPrompt(work, conversation.resumes !== undefined), context.toolServers),
    resumes: conversation.resumes !== undefined,
    permissions: connector.permissions,
    context,
    limit,
  });
}

function settingsOf(agent: ConnectorAgent): ClaudeConnector {
  if (agent.connector.kind === "claude") return agent.connector;
  throw new Refusal("bad_input", `The claude connector cannot run an agent of kind ${agent.connector.kind}.`);
}
