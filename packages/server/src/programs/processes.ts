// The processes of this machine as Linux tells of them in /proc. Elsewhere there is no /proc, and nobody is found.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { signalProcess } from "./guard.ts";

export interface ProcessFacts {
  pid: number;
  session: number;
  /** Used so far, by it and by its children that ended. */
  cpuMs: number;
}
/** Linux counts CPU time for programs in hundredths of a second on every architecture Node runs on. */
const TICK_MS = 10;
const SWEEPS = 5;

export const hasProcesses = (): boolean => existsSync("/proc/self/stat");

/** Every process whose session is one of `sessions`. */
export function processesOf(sessions: ReadonlySet<number>): ProcessFacts[] {
  return pids().flatMap((pid) => {
    const facts = factsOf(pid);
    return facts !== undefined && sessions.has(facts.session) ? [facts] : [];
  });
}

/** Private memory in bytes: what goes away with the process, so that shared libraries are not counted per process. */
export function memoryOf(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  return (status.includes("RssAnon:") ? kib("RssAnon") + kib("RssShmem") : kib("VmRSS")) * 1024;
}

/**
 * Kills what left the group but not the session, and what left the session but still carries `mark` (NAME=value) in its
 * environment. Only processes started after `leader` are looked at, by number: after the numbers wrapped around some may be missed.
 */
export const killStrays = (leader: number, mark: string): void => killEach((pid) => pid > leader && (factsOf(pid)?.session === leader || carries(pid, mark)));
/** Kills everything that carries `mark`, when nobody knows any more what number its leader had. */
export const killMarked = (mark: string): void => killEach((pid) => carries(pid, mark));
function killEach(isMeant: (pid: number) => boolean): void {
  if (!hasProcesses()) return;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const found = pids().filter((pid) => isMeant(pid) && factsOf(pid) !== undefined);
    if (found.length === 0) return;
    for (const pid of found) signalProcess(pid, "SIGKILL");
  }
}

const carries = (pid: number, mark: string): boolean => read(`/proc/${pid}/environ`).split("\u0000").includes(mark);
const pids = (): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);

/** undefined for one that is gone or only waits to be reaped. */
function factsOf(pid: number): ProcessFacts | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything, parentheses included; proc(5) numbers the fields, state is the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === "" || fields[0] === "Z" || fields[0] === "X") return undefined;
  const field = (number: number): number => Number(fields[number - 3]);
  return { pid, session: field(6), cpuMs: (field(14) + field(15) + field(16) + field(17)) * TICK_MS };
}

/** Empty when the process is gone or another user's. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // A process may end between being listed and being read.
  }
}
