// Runs a program to hear its version or whether it is logged in: not long, nothing on its stdin, no more than a few words kept.
import { createPlace, type Programs } from "../programs/programs.ts";

const LIMIT_MS = 10_000;
const MAX_WORDS = 4000;

export interface BriefRun {
  command: string;
  args: readonly string[];
  path: string;
  /** HOME of the program; absent: an empty folder that is removed with all it left there. */
  home?: string;
  /** Marks its processes. */
  mark: string;
}
/** The exit code, null when it could not be told in time, and how what it said begins. */
export async function runBriefly(programs: Programs, scratch: string, run: BriefRun): Promise<{ code: number | null; said: string }> {
  const place = await createPlace(scratch, run.mark);
  const { command, args, path, home = place.directory, mark } = run;
  const started = programs.start(
    { command, args: [...args], cwd: place.directory, environment: {}, path, home, resourceLimits: {}, attemptId: mark },
    () => undefined,
  );
  const timer = setTimeout(() => started.kill(), LIMIT_MS);
  let said = "";
  const hear = (chunk: Buffer): void => {
    if (said.length < MAX_WORDS) said += chunk.toString("utf8");
  };
  started.stdout.on("data", hear);
  started.stderr.on("data", hear);
  // It may end without having read that there is nothing to read.
  started.stdin.on("error", () => undefined);
  started.stdin.end();
  try {
    const { code } = await started.ended;
    return { code, said: said.trim().slice(0, MAX_WORDS) };
  } finally {
    clearTimeout(timer);
    await place.remove();
  }
}
