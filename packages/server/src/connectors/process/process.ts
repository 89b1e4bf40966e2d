// The connector for commands: one process group per attempt, the work as one line of JSON on its stdin, the answer on its stdout.
//
// The command gets: PATH (a safe default), HOME and, unless the agent sets `cwd`, a working directory (one fresh directory per attempt,
// removed when it ends), BATON_ATTEMPT_ID, what the agent's `environment` says, and no open files but 0, 1 and 2.
// `timeoutMs` is kept by SIGTERM to the group and SIGKILL 1.5 s later; how memory and CPU are kept is told in programs/programs.ts.
import { type Outcome, type ProcessConnector, Refusal, type Work } from "@baton/contract";
import {
  checkProgram,
  createPlace,
  describeExit,
  type Ended,
  findProgram,
  type GuardedRun,
  notEnforced,
  type Programs,
  SAFE_PATH,
  toProcessLimits,
} from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { MAX_ANSWER_BYTES } from "../agent-text.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { toStartFailure } from "../start-failure.ts";
import { takeInFiles } from "../take-in-files.ts";
import { type Failure, fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { readOutput } from "./answer.ts";
import { collectOutput } from "./output.ts";

export interface ProcessWorld {
  clock: Clock;
  programs: Programs;
  /** Where each attempt gets its directory. Made when it is missing. */
  attemptsDirectory: string;
}

export function openProcessConnector(world: ProcessWorld): Connector {
  return {
    kind: "process",
    restarts: true,
    takesSession: true,
    check: (agent) => checkProgram(settingsOf(agent), agent.environment, SAFE_PATH),
    carryOut: (agent, work, context) => carryOut(world, agent, work, context),
    // The programs belong to the caller, who ends them.
    close: async () => undefined,
  };
}

async function carryOut(world: ProcessWorld, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    const place = await createPlace(world.attemptsDirectory, work.attemptId);
    try {
      return await runCommand(world, agent, work, context, limit, place.directory);
    } finally {
      await place.remove();
    }
  } catch (error) {
    return limit.failure() ?? toStartFailure(error);
  } finally {
    limit.release();
  }
}

async function runCommand(
  world: ProcessWorld,
  agent: ConnectorAgent,
  work: Work,
  context: AttemptContext,
  limit: TimeLimit,
  directory: string,
): Promise<Outcome> {
  const connector = settingsOf(agent);
  const command = await findProgram(connector, agent.environment, SAFE_PATH);
  const stopped = limit.failure();
  if (stopped !== undefined) return stopped;
  let breach: Failure | undefined;
  const exceeded = (detail: string): void => {
    breach ??= fail("limit", detail);
  };
  const cwd = work.workspace?.path ?? connector.cwd ?? directory;
  const run = world.programs.start(
    {
      command,
      args: connector.args,
      cwd,
      environment: agent.environment,
      path: SAFE_PATH,
      home: directory,
      resourceLimits: agent.resourceLimits,
      attemptId: work.attemptId,
    },
    exceeded,
  );
  const output = collectOutput(run, connector.output, MAX_ANSWER_BYTES, {
    onProgress: (said) => context.onProgress(said),
    onOverflow: () => {
      exceeded(`It wrote more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB to stdout.`);
      run.kill();
    },
  });
  const warning = notEnforced(toProcessLimits(agent.resourceLimits));
  if (warning !== undefined) context.onProgress({ message: warning });
  const ended = await superviseUntilEnded(run, work, limit);
  const outcome = limit.failure() ?? breach ?? judge(connector, ended, output.stdout(), output.stderr());
  return outcome.ok ? { ...outcome, artifacts: await takeInFiles(outcome.artifacts, cwd) } : outcome;
}

async function superviseUntilEnded(run: GuardedRun, work: Work, limit: TimeLimit): Promise<Ended> {
  limit.signal.addEventListener("abort", run.stop, { once: true });
  // A command need not read its work; whether it ended well is told by its exit.
  run.stdin.on("error", () => undefined);
  run.stdin.end(`${JSON.stringify(work)}\n`);
  try {
    return await run.ended;
  } finally {
    limit.signal.removeEventListener("abort", run.stop);
  }
}

function judge(connector: ProcessConnector, ended: Ended, stdout: string, stderr: string): Outcome {
  if (ended.startError !== undefined) return toStartFailure(ended.startError);
  if (ended.code === 0) return readOutput(stdout, connector.output);
  const said = stderr.trim() || stdout.trim().slice(-2_000);
  const how = ended.code === null ? "It was killed" : `It exited with ${describeExit(ended.code)}`;
  return fail("agent_error", said === "" ? `${how} and said nothing.` : `${how}: ${said}`);
}

function settingsOf(agent: ConnectorAgent): ProcessConnector {
  if (agent.connector.kind === "process") return agent.connector;
  throw new Refusal("bad_input", `The process connector cannot run an agent of kind ${agent.connector.kind}.`);
}
