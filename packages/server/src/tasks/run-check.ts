// Runs the command that checks a step: as a program of its own, in the directory where the agent worked, with nothing of this server's environment.
// On its stdin it gets one line of JSON: {taskId, stepId, attemptId, output}. It is ended whole when its time is over, when the attempt ends, and when
// this server does: then the attempt, which is running still, is given to another, and the check is run again.
import type { Agent, Json, StepCheck } from "@baton/contract";
import { Refusal } from "@baton/contract";
import { createPlace, describeExit, findProgram, type GuardedRun, type Programs, SAFE_PATH } from "../programs/programs.ts";

export interface CheckWorld {
  programs: Programs;
  newId(): string;
  /** Where each gets a directory of its own, removed when it ends. Made when it is missing. */
  checksDirectory: string;
}
export interface CheckOf {
  check: StepCheck;
  taskId: string;
  stepId: string;
  attemptId: string;
  output: Json;
  resourceLimits: Agent["resourceLimits"];
  /** Where its agent worked, if that is a directory that stays. */
  directory(fallback: string): Promise<string>;
  signal: AbortSignal;
}
export type Checked =
  | { ok: true }
  /** `how` it failed, in words; `said`: the end of what it wrote. `isWork`: it ran, so that the work is at fault and not the command. */
  | { ok: false; how: string; said: string; isWork: boolean };
/** What of its output is kept: the end. */
const MAX_SAID = 64 * 1024;

/** Never rejects but for a bug: a command that cannot be run is a check that fails. */
export async function runCheck(world: CheckWorld, given: CheckOf): Promise<Checked> {
  const place = await createPlace(world.checksDirectory, `check-${world.newId()}`);
  try {
    const cwd = await given.directory(place.directory);
    const { args, timeoutMs } = given.check;
    const command = await findProgram({ command: given.check.command, cwd }, {}, SAFE_PATH);
    let over: string | undefined;
    const end = (why: string): void => void (over ??= why);
    const { attemptId, resourceLimits } = given;
    const run = world.programs.start({ command, args, cwd, environment: {}, path: SAFE_PATH, home: place.directory, resourceLimits, attemptId }, end);
    const said = keepEnd(run);
    run.stdin.on("error", () => undefined);
    run.stdin.end(`${JSON.stringify({ taskId: given.taskId, stepId: given.stepId, attemptId, output: given.output })}\n`);
    const limit = setTimeout(() => {
      end(`was not done after ${timeoutMs} ms`);
      run.stop();
    }, timeoutMs);
    given.signal.addEventListener("abort", run.stop, { once: true });
    if (given.signal.aborted) run.stop();
    const { code, startError } = await run.ended.finally(() => {
      clearTimeout(limit);
      given.signal.removeEventListener("abort", run.stop);
    });
    if (startError) return { ok: false, how: `could not be started: ${startError.message}`, said: "", isWork: false };
    if (over === undefined && code === 0) return { ok: true };
    return { ok: false, how: over ?? (code === null ? "was killed" : `ended with ${describeExit(code)}`), said: said(), isWork: true };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, how: `cannot be run: ${error.message.replace(/^connector\.\w+: /, "")}`, said: "", isWork: false };
  } finally {
    await place.remove();
  }
}
/** Of both streams, as they come. */
function keepEnd(run: GuardedRun): () => string {
  let kept = Buffer.alloc(0);
  for (const stream of [run.stdout, run.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length > 2 * MAX_SAID) kept = kept.subarray(-MAX_SAID);
    });
    // A stray process may have held the pipe; what came through it is kept.
    stream.on("error", () => undefined);
  }
  return () => kept.subarray(-MAX_SAID).toString("utf8");
}
