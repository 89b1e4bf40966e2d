// The one way git is run: its command line, in a process group of its own that ends with this server, with a clean environment, nobody to ask for
// a password, limits on time and output, and no command of a repository's hooks. Not for git that an agent runs itself.
//
// HOME is this server's user's, whose configuration, keys and filters (such as LFS) git is to find. What a repository's own configuration names
// (filters, merge drivers) git runs: whoever may write that file may run commands here.
import { homedir } from "node:os";
import { dirname } from "node:path";
import { Refusal } from "@baton/contract";
import { describeExit, findProgram, type Programs, SAFE_PATH } from "../programs/programs.ts";

export interface GitCall {
  /** Absolute: the repository, or a work tree. Nothing above it is taken for one. */
  cwd: string;
  args: readonly string[];
  /** On top of the clean one, such as `GIT_INDEX_FILE`. */
  environment?: Record<string, string>;
  stdin?: string | Buffer;
  /** Default: two minutes. */
  timeoutMs?: number;
  /** Of stdout. Default: 32 MiB. */
  maxBytes?: number;
  /** Ends it. */
  signal?: AbortSignal;
}
export interface GitAnswer {
  /** null: it did not end by itself, or could not be started. */
  code: number | null;
  stdout: string;
  /** Its end. */
  stderr: string;
  /** How it ended, in words: `ended with code 1`, `was not done after 120000 ms`. */
  how: string;
}

export interface Git {
  /** Never rejects for what git says or does. @throws Refusal `unavailable` when there is no git here. */
  run(call: GitCall): Promise<GitAnswer>;
  /** What it wrote to stdout. @throws Refusal `conflict` with what git said, when it does not end with code 0. */
  text(call: GitCall): Promise<string>;
  /** The same without the end of the line: for answers of one line. */
  line(call: GitCall): Promise<string>;
}

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 32 << 20;
const MAX_STDERR = 16_384;
/** Wins over what repository and user have configured. */
const SETTINGS: Record<string, string> = {
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  "core.quotePath": "false",
  // What is to be kept is kept, whatever its ends of lines are.
  "core.safecrlf": "false",
  "core.editor": "true",
  "core.pager": "cat",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "commit.gpgSign": "false",
  "tag.gpgSign": "false",
  "submodule.recurse": "false",
  "protocol.ext.allow": "never",
  "advice.detachedHead": "false",
};
const PATH = process.env["PATH"] ?? SAFE_PATH;
const ENVIRONMENT: Record<string, string> = {
  LC_ALL: "C.UTF-8",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "true",
  SSH_ASKPASS: "true",
  GIT_EDITOR: "true",
  // Looking must not stand in the way of an agent that changes the index meanwhile.
  GIT_OPTIONAL_LOCKS: "0",
  GIT_CONFIG_COUNT: String(Object.keys(SETTINGS).length),
  ...Object.fromEntries(
    Object.entries(SETTINGS).flatMap(([key, value], at) => [
      [`GIT_CONFIG_KEY_${at}`, key],
      [`GIT_CONFIG_VALUE_${at}`, value],
    ]),
  ),
};

export function openGit(world: { programs: Pick<Programs, "start">; newId(): string }): Git {
  let found: Promise<string> | undefined;
  const run = async (call: GitCall): Promise<GitAnswer> => {
    found ??= findGit();
    const command = await found.catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return runOnce(world.programs, command, `git-${world.newId()}`, call);
  };
  const text = async (call: GitCall): Promise<string> => {
    const answer = await run(call);
    if (answer.code === 0) return answer.stdout;
    throw toGitRefusal(call.args, answer);
  };
  return { run, text, line: async (call) => (await text(call)).replace(/\r?\n$/, "") };
}

export function toGitRefusal(args: readonly string[], { how, stderr, stdout }: GitAnswer): Refusal {
  const said = (stderr.trim() || stdout.trim()).replaceAll("\0", " ").slice(-2000);
  return new Refusal("conflict", `git ${args.slice(0, 2).join(" ")} ${how}${said === "" ? "." : `: ${said}`}`);
}

/** The absolute path of git. */
function findGit(): Promise<string> {
  return findProgram({ command: "git" }, { PATH }, PATH).catch(() => {
    throw new Refusal("unavailable", "There is no git on this server's PATH; workspaces need git 2.38 or newer.");
  });
}

async function runOnce(programs: Pick<Programs, "start">, command: string, mark: string, call: GitCall): Promise<GitAnswer> {
  const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, signal } = call;
  let over: string | undefined;
  const environment = { ...ENVIRONMENT, GIT_CEILING_DIRECTORIES: dirname(call.cwd), ...call.environment };
  const program = { command, args: [...call.args], cwd: call.cwd, environment, path: PATH, home: homedir(), resourceLimits: {}, attemptId: mark };
  const run = programs.start(program, () => undefined);
  const end = (why: string): void => {
    over ??= why;
    run.stop();
  };
  const stdout: Buffer[] = [];
  let bytes = 0;
  let stderr = "";
  run.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) end(`wrote more than ${maxBytes} bytes`);
    else stdout.push(chunk);
  });
  run.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-MAX_STDERR);
  });
  // It need not read what it is given, and a process that left the group may have held the pipes.
  for (const stream of [run.stdin, run.stdout, run.stderr]) stream.on("error", () => undefined);
  run.stdin.end(call.stdin ?? "");
  const limit = setTimeout(() => end(`was not done after ${timeoutMs} ms`), timeoutMs);
  const aborted = (): void => end("was ended");
  signal?.addEventListener("abort", aborted, { once: true });
  if (signal?.aborted) aborted();
  const { code, startError } = await run.ended.finally(() => {
    clearTimeout(limit);
    signal?.removeEventListener("abort", aborted);
  });
  const text = Buffer.concat(stdout).toString("utf8");
  if (startError) return { code: null, stdout: "", stderr: "", how: `could not be started: ${startError.message}` };
  if (over !== undefined || code === null) return { code: null, stdout: text, stderr, how: over ?? "was killed" };
  return { code, stdout: text, stderr, how: `ended with ${describeExit(code)}` };
}
