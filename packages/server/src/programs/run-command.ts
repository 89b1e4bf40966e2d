// Runs one command that judges work, or makes a place for it: as a program of its own, with nothing of this server's environment and a home that is removed afterwards. It is
// ended whole when its time is over, when it is no longer wanted, and when this server ends.
import type { Agent } from "@baton/contract";
import { Refusal } from "@baton/contract";
import { createPlace, describeExit, findProgram, type GuardedRun, type Programs, SAFE_PATH } from "./programs.ts";

export interface CommandWorld {
  programs: Programs;
  newId(): string;
  /** Where each gets a directory of its own, removed when it ends. Made when it is missing. */
  checksDirectory: string;
}
export interface CommandOf {
  command: string;
  args: readonly string[];
  environment?: Record<string, string> | undefined;
  timeoutMs: number;
  /** What it reads on its stdin. */
  stdin: string;
  resourceLimits?: Agent["resourceLimits"] | undefined;
  /** Every process of it carries this. */
  mark: string;
  /** Where it is run; `fallback` is its home. */
  directory(fallback: string): Promise<string> | string;
  signal: AbortSignal;
}
export type CommandRun =
  | { ok: true; how: string; said: string }
  /** `how` it failed, in words; `said`: the end of what it wrote. `isWork`: it ran, so that the work is at fault and not the command. */
  | { ok: false; how: string; said: string; isWork: boolean };
/** What of its output is kept: the end. */
const MAX_SAID = 64 * 1024;

/** Never rejects but for a bug: a command that cannot be run is one that fails. */
export async function runCommand(world: CommandWorld, given: CommandOf): Promise<CommandRun> {
  const place = await createPlace(world.checksDirectory, `check-${world.newId()}`);
  try {
    const { args, timeoutMs, environment = {}, resourceLimits = {}, mark: attemptId } = given;
    const cwd = await given.directory(place.directory);
    const command = await findProgram({ command: given.command, cwd }, environment, SAFE_PATH);
    let over: string | undefined;
    const end = (why: string): void => void (over ??= why);
    const run = world.programs.start({ command, args: [...args], cwd, environment, path: SAFE_PATH, home: place.directory, resourceLimits, attemptId }, end);
    const said = keepEnd(run);
    run.stdin.on("error", () => undefined);
    run.stdin.end(given.stdin);
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
    if (over === undefined && code === 0) return { ok: true, how: "ended with code 0", said: said() };
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
