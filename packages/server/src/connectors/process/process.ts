// The connector for commands: one process group per attempt, the work as one line of JSON on its stdin, the answer on its stdout.
//
// The command gets: PATH (a safe default), HOME and, unless the agent sets `cwd`, a working directory (one fresh directory per attempt,
// removed when it ends), BATON_ATTEMPT_ID, what the agent's `environment` says, and no open files but 0, 1 and 2.
// Limits: `timeoutMs` by SIGTERM to the group and SIGKILL 1.5 s later; memory by looking at the private memory of the group five times a
// second, backed by RLIMIT_DATA per process; CPU by stopping and continuing its processes. Memory and CPU need Linux's /proc; elsewhere the
// attempt says in its progress that they are not enforced.
// Not guaranteed: that a process which leaves the session and clears its environment is found; that one which leaves the group ends
// when this server is killed (the rest of the group does).
import { type Outcome, type ProcessConnector, Refusal, type Work } from "@baton/contract";
import type { Clock } from "../../std/clock.ts";
import { MAX_ANSWER_BYTES } from "../agent-text.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { type Failure, fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { readOutput } from "./answer.ts";
import { takeInFiles } from "./artifacts.ts";
import { ATTEMPT_MARK, checkCommand, createPlace, environmentFor, findCommand, SAFE_PATH } from "./environment.ts";
import { describeExit, type Ended, type GuardedRun, startGuarded } from "./guard.ts";
import { type LimitWatch, notEnforced, openLimitWatch, toDataLimitKib, toProcessLimits } from "./limits.ts";
import { collectOutput } from "./output.ts";
import { killStrays } from "./processes.ts";

export interface ProcessWorld {
  clock: Clock;
  /** Where each attempt gets its directory. Made when it is missing. */
  attemptsDirectory: string;
  /** Where commands are looked for; a safe default unless given. */
  commandPath?: string | undefined;
}
interface Hands {
  world: ProcessWorld;
  watch: LimitWatch;
  runs: Set<GuardedRun>;
}

export function openProcessConnector(world: ProcessWorld): Connector {
  const hands: Hands = { world, watch: openLimitWatch(world.clock), runs: new Set() };
  return {
    kind: "process",
    check: (agent) => checkCommand(settingsOf(agent), agent, world.commandPath ?? SAFE_PATH),
    carryOut: (agent, work, context) => carryOut(hands, agent, work, context),
    close: async () => {
      for (const run of hands.runs) run.kill();
      await Promise.all([...hands.runs].map((run) => run.ended));
      hands.watch.close();
    },
  };
}

async function carryOut(hands: Hands, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(hands.world.clock, agent, work, context);
  try {
    const place = await createPlace(hands.world.attemptsDirectory, work.attemptId);
    try {
      return await runCommand(hands, agent, work, context, limit, place.directory);
    } finally {
      await place.remove();
    }
  } catch (error) {
    return limit.failure() ?? toFailure(error);
  } finally {
    limit.release();
  }
}

async function runCommand(hands: Hands, agent: ConnectorAgent, work: Work, context: AttemptContext, limit: TimeLimit, directory: string): Promise<Outcome> {
  const connector = settingsOf(agent);
  const limits = toProcessLimits(agent.resourceLimits);
  const path = hands.world.commandPath ?? SAFE_PATH;
  const command = await findCommand(connector, agent, path);
  const stopped = limit.failure();
  if (stopped !== undefined) return stopped;
  const run = startGuarded(
    {
      command,
      args: connector.args,
      cwd: connector.cwd ?? directory,
      environment: environmentFor(agent, path, directory, work.attemptId),
      dataLimitKib: toDataLimitKib(limits),
    },
    (group) => killStrays(group, `${ATTEMPT_MARK}=${work.attemptId}`),
  );
  let breach: Failure | undefined;
  const exceed = (detail: string): void => {
    breach ??= fail("limit", detail);
    run.kill();
  };
  const output = collectOutput(run, connector.output, MAX_ANSWER_BYTES, {
    onProgress: (said) => context.onProgress(said),
    onOverflow: () => exceed(`It wrote more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB to stdout.`),
  });
  const unwatch = run.group === undefined ? () => undefined : hands.watch.follow({ group: run.group, guards: run.guards, limits, exceeded: exceed });
  const warning = notEnforced(limits);
  if (warning !== undefined) context.onProgress({ message: warning });
  const ended = await superviseUntilEnded(hands, run, work, limit);
  unwatch();
  const outcome = limit.failure() ?? breach ?? judge(connector, ended, output.stdout(), output.stderr());
  return outcome.ok ? { ...outcome, artifacts: await takeInFiles(outcome.artifacts, connector.cwd ?? directory) } : outcome;
}

async function superviseUntilEnded(hands: Hands, run: GuardedRun, work: Work, limit: TimeLimit): Promise<Ended> {
  hands.runs.add(run);
  limit.signal.addEventListener("abort", run.stop, { once: true });
  // A command need not read its work; whether it ended well is told by its exit.
  run.stdin.on("error", () => undefined);
  run.stdin.end(`${JSON.stringify(work)}\n`);
  try {
    return await run.ended;
  } finally {
    hands.runs.delete(run);
    limit.signal.removeEventListener("abort", run.stop);
  }
}

function judge(connector: ProcessConnector, ended: Ended, stdout: string, stderr: string): Outcome {
  if (ended.startError !== undefined) return toFailure(ended.startError);
  if (ended.code === 0) return readOutput(stdout, connector.output);
  const said = stderr.trim() || stdout.trim().slice(-2_000);
  const how = ended.code === null ? "It was killed" : `It exited with ${describeExit(ended.code)}`;
  return fail("agent_error", said === "" ? `${how} and said nothing.` : `${how}: ${said}`);
}

/** This machine had no room for another process: that may pass. */
const BUSY = ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC"];
function toFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const busy = error instanceof Error && "code" in error && BUSY.includes(String(error.code));
  return fail(busy ? "unavailable" : "agent_error", message);
}

function settingsOf(agent: ConnectorAgent): ProcessConnector {
  if (agent.connector.kind === "process") return agent.connector;
  throw new Refusal("bad_input", `The process connector cannot run an agent of kind ${agent.connector.kind}.`);
}
