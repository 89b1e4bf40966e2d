// The connector for coding agents that speak the Agent Client Protocol (version 1) on stdin and stdout: one process per attempt.
//
// It gets: a clean environment with what its registration allows and what keeps it to its work; HOME of its own that is kept between
// attempts (conversations, a login and settings live there) unless the registration's environment names one; TMPDIR of its own; as working
// directory the agent's `cwd`, the task's repository, or a directory that is made again at the same path when a conversation goes on.
// A step says in its description how its answer should look; the output is the text of the turn, see turn.ts.
import { type AcpConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import { checkProgram, createPlace, findProgram, notEnforced, type Programs, SAFE_PATH, toProcessLimits } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { agentHome, openSharedPlaces, type SharedPlaces } from "../agent-home.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { toCost } from "../cost.ts";
import { toStartFailure } from "../start-failure.ts";
import { startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { toPrompt } from "../to-prompt.ts";
import { workingDirectory } from "../working-directory.ts";
import { readKept, writeKept } from "./kept.ts";
import { type Quirks, quirksOf } from "./quirks.ts";
import { type Held, hold } from "./hold.ts";
import { costOf, usageOf } from "./spent.ts";

export interface AcpWorld {
  clock: Clock;
  programs: Programs;
  newId(): string;
  /** Where each attempt gets its directory. Made when it is missing. */
  attemptsDirectory: string;
  /** Where each agent gets its HOME. Made when it is missing. */
  homesDirectory: string;
  /** How long an agent has to open a conversation; 2 minutes unless given. */
  openingMs?: number | undefined;
}
/** Failures after which somebody may want to go on from there. */
const RESUMABLE = ["timeout", "unavailable", "quota"];

export function openAcpConnector(world: AcpWorld): Connector {
  const places = openSharedPlaces(world.attemptsDirectory);
  return {
    kind: "acp",
    restarts: true,
    takesPersona: true,
    takesSession: true,
    check: async (agent) => {
      const connector = settingsOf(agent);
      const command = await findCommand(connector, quirksOf(connector.agent), agent.environment);
      await checkProgram({ command, cwd: connector.cwd }, agent.environment, SAFE_PATH);
    },
    carryOut: (agent, work, context) => carryOut(world, places, agent, work, context),
    // The programs belong to the caller, who ends them.
    close: async () => undefined,
  };
}

async function carryOut(world: AcpWorld, places: SharedPlaces, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const kept = work.conversation === undefined ? undefined : readKept(work.conversation);
    const named = await workingDirectory(settingsOf(agent).cwd, work, "");
    const placeName = kept?.place ?? world.newId();
    const [home, own, working] = await Promise.all([
      agentHome(world.homesDirectory, agent),
      createPlace(world.attemptsDirectory, work.attemptId),
      named === "" ? places.enter(placeName) : undefined,
    ]);
    try {
      const at = { home, temporary: own.directory, cwd: working?.directory ?? named };
      return await run(world, agent, work, context, limit, at, working === undefined ? undefined : placeName);
    } finally {
      await Promise.all([own.remove(), working?.remove()]);
    }
  } catch (error) {
    return limit.failure() ?? toStartFailure(error);
  } finally {
    limit.release();
  }
}

async function run(
  world: AcpWorld,
  agent: ConnectorAgent,
  work: Work,
  context: AttemptContext,
  limit: TimeLimit,
  at: { home: string; temporary: string; cwd: string },
  place: string | undefined,
): Promise<Outcome> {
  const connector = settingsOf(agent);
  const quirks = quirksOf(connector.agent);
  const command = await findCommand(connector, quirks, agent.environment);
  const stopped = limit.failure();
  if (stopped !== undefined) return stopped;
  const warning = notEnforced(toProcessLimits(agent.resourceLimits));
  if (warning !== undefined) context.onProgress({ message: warning });
  const program = {
    command,
    args: connector.args ?? [...quirks.args],
    cwd: at.cwd,
    environment: { ...quirks.environment, TMPDIR: at.temporary, ...agent.environment },
    path: SAFE_PATH,
    home: at.home,
    resourceLimits: agent.resourceLimits,
    attemptId: work.attemptId,
  };
  const kept = work.conversation === undefined ? undefined : readKept(work.conversation);
  const held = await hold(world, { program, connector, quirks, toPrompt: (resumed) => toPrompt(work, resumed), persona: agent.persona, kept, context, limit });
  return withSpent(held, connector, quirks, context, place);
}

function withSpent(held: Held, connector: AcpConnector, quirks: Quirks, context: AttemptContext, place: string | undefined): Outcome {
  const { outcome, told, sessionId } = held;
  const usage = usageOf(told, quirks);
  const cost = costOf(told, quirks) ?? toCost(connector.prices, usage);
  if (usage !== undefined || cost !== undefined)
    context.onUpdate({ kind: "usage", inputTokens: usage?.inputTokens ?? null, outputTokens: usage?.outputTokens ?? null, cost: cost ?? null });
  const goesOn = sessionId !== undefined && (outcome.ok || RESUMABLE.includes(outcome.kind));
  const conversation = goesOn ? writeKept({ session: sessionId, place, cost: quirks.costOf === "conversation" ? held.cost : undefined }) : undefined;
  return { ...outcome, usage, cost, ...(conversation === undefined ? {} : { conversation }) };
}

/** Absolute. @throws Refusal `bad_input` at `connector.command` when it is not there. */
async function findCommand({ command, cwd }: AcpConnector, quirks: Quirks, environment: Record<string, string>): Promise<string> {
  const names = command === undefined ? quirks.commands : [command];
  let refusal: unknown;
  for (const name of names) {
    try {
      return await findProgram({ command: name, cwd }, environment, SAFE_PATH);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
    }
  }
  throw refusal ?? new Refusal("bad_input", "connector.command: is needed unless agent names a known one.");
}

function settingsOf(agent: ConnectorAgent): AcpConnector {
  if (agent.connector.kind === "acp") return agent.connector;
  throw new Refusal("bad_input", `The acp connector cannot run an agent of kind ${agent.connector.kind}.`);
}
