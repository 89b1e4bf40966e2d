// Runs one command so that nothing of it outlives its attempt: a small POSIX shell in front of it leads the process group,
// holds a pipe to this server, and kills the whole group when the command ends or when this server does, kill -9 included.
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";

/**
 * fd 3 is the lifeline: it ends when this server does. $1 is the data limit in KiB or -, the rest is the command, never
 * interpreted by the shell. The watcher ignores the signals that are meant for the command; the guard outlives them to
 * report the exit code, and then ends the group from inside it, before its number could belong to anybody else.
 */
const GUARD = `
trap : HUP INT QUIT TERM
(
  trap '' HUP INT QUIT TERM
  read -r _ <&3
  kill -TERM 0
  sleep 1
  kill -KILL 0
) >/dev/null 2>&1 &
printf 'watcher %s\\n' "$!" >&3
[ "$1" = - ] || ulimit -d "$1" 2>/dev/null || :
ulimit -c 0 2>/dev/null || :
shift
"$@" 3<&-
printf 'exit %s\\n' "$?" >&3
kill -KILL 0
`;
const TERM_GRACE_MS = 1_500;
/** A process that left the group may hold the pipes open for ever; what the group wrote is read by then. */
const DRAIN_MS = 250;

export interface GuardedCommand {
  /** Absolute: nothing is looked up by the shell. */
  command: string;
  args: string[];
  cwd: string;
  environment: Record<string, string>;
  /** Private writable memory of one process, in KiB. */
  dataLimitKib?: number | undefined;
}
export interface Ended {
  /** As a shell says it: 128 and more for a signal. null when the group was killed from outside or never started. */
  code: number | null;
  /** Why it could not be started. */
  startError?: NodeJS.ErrnoException | undefined;
}
export interface GuardedRun {
  /** Of the guard, which leads group and session; undefined when it could not start. */
  group: number | undefined;
  /** The guard's own processes, which must not be stopped. Known soon after the start. */
  guards(): number[];
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Asks the group to end, and makes it after 1.5 s. */
  stop(): void;
  kill(): void;
  /** Resolves when every process of the group is gone and what it wrote has been read. `afterGroup` ends what left the group. */
  ended: Promise<Ended>;
}

export function startGuarded(given: GuardedCommand, afterGroup: (group: number) => void): GuardedRun {
  const limit = given.dataLimitKib === undefined ? "-" : String(given.dataLimitKib);
  const child = spawn("/bin/sh", ["-c", GUARD, "baton-guard", limit, given.command, ...given.args], {
    cwd: given.cwd,
    env: given.environment,
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const report = readReport(child);
  let killTimer: NodeJS.Timeout | undefined;
  const signal = (name: "SIGTERM" | "SIGCONT" | "SIGKILL"): void => {
    // Once the leader was reaped its number may be another's.
    if (child.exitCode === null && child.signalCode === null) signalGroup(child.pid, name);
  };
  const ended = whenEnded(child, report, afterGroup).finally(() => clearTimeout(killTimer));
  return {
    group: child.pid,
    guards: () => [child.pid, report.watcher].filter((pid) => pid !== undefined),
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    stop: () => {
      signal("SIGTERM");
      signal("SIGCONT");
      killTimer ??= setTimeout(() => signal("SIGKILL"), TERM_GRACE_MS);
    },
    kill: () => signal("SIGKILL"),
    ended,
  };
}

interface Report {
  watcher: number | undefined;
  code: number | null;
}
function readReport(child: ChildProcess): Report {
  const report: Report = { watcher: undefined, code: null };
  const lifeline = child.stdio[3] as Readable;
  let text = "";
  lifeline.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const [watcher, code] = [/^watcher (\d+)$/m, /^exit (\d+)$/m].map((line) => line.exec(text)?.[1]);
    report.watcher = watcher === undefined ? undefined : Number(watcher);
    report.code = code === undefined ? null : Number(code);
  });
  // The other end is gone when the group is: that is news of `exit`, not an error.
  lifeline.on("error", () => undefined);
  return report;
}

function whenEnded(child: ChildProcess, report: Report, afterGroup: (group: number) => void): Promise<Ended> {
  return new Promise((done) => {
    child.once("error", (startError: NodeJS.ErrnoException) => done({ code: null, startError }));
    child.once("exit", () => {
      // Without a report the guard was killed by the command: the rest of the group is still there.
      if (report.code === null) signalGroup(child.pid, "SIGKILL");
      if (child.pid !== undefined) afterGroup(child.pid);
      const giveUp = (): void => {
        for (const stream of child.stdio) stream?.destroy();
      };
      // Where this process was held up, the time is over before what is there was looked for: that comes first.
      const drained = setTimeout(() => setImmediate(giveUp), DRAIN_MS);
      child.once("close", () => {
        clearTimeout(drained);
        done({ code: report.code });
      });
    });
  });
}

export function signalGroup(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) return;
  signalProcess(-group, name);
}
/** A process that is gone already needs no signal. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH" && (error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  }
}

/** "code 1", or the signal's name for what a shell reports as 128 and more. */
export function describeExit(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? `code ${code}` : `code ${code} (${name})`;
}
