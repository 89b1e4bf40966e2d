// What resource limits mean for a command, and the watch that enforces them without root: memory by ending the group,
// CPU by stopping and continuing its processes. One timer for all, and none while nothing is limited.
import type { Agent } from "@baton/contract";
import type { Clock } from "../std/clock.ts";
import { signalProcess } from "./guard.ts";
import { hasProcesses, memoryOf, type ProcessFacts, processesOf } from "./processes.ts";

export interface ProcessLimits {
  memoryBytes?: number | undefined;
  cores?: number | undefined;
}
export interface Watched {
  /** Session of the processes. */
  group: number;
  guards(): number[];
  limits: ProcessLimits;
  exceeded(detail: string): void;
}
export interface LimitWatch {
  /** Watches until the answer is called. */
  follow(watched: Watched): () => void;
  close(): void;
}

const TICK_MS = 200;
/** CPU that may be used at once after a quiet time, in milliseconds per core. */
const BURST_MS = 500;
const UNITS: Record<string, number> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 };

/** "512MB" is 512 million bytes, "512MiB" 512 · 2^20. */
export function toProcessLimits(limits: Agent["resourceLimits"]): ProcessLimits {
  const [, amount, unit] = /^([\d.]+)\s?([A-Z]+)$/i.exec(limits.memory ?? "") ?? [];
  const factor = UNITS[(unit ?? "").toUpperCase()];
  return {
    memoryBytes: amount === undefined || factor === undefined ? undefined : Math.floor(Number(amount) * factor),
    cores: limits.cpu === undefined ? undefined : Number(limits.cpu),
  };
}

/**
 * The kernel's own limit (RLIMIT_DATA) for one process, in KiB. It stops what grows faster than the watch looks; it is well above
 * the limit itself because it counts memory that is reserved for writing and not used, which runtimes with many threads do.
 */
export const toDataLimitKib = (limits: ProcessLimits): number | undefined =>
  limits.memoryBytes === undefined ? undefined : Math.ceil((limits.memoryBytes * 4 + 2 ** 30) / 1024);

/** In words, what of `limits` cannot be enforced on this system; undefined when all is. */
export function notEnforced(limits: ProcessLimits): string | undefined {
  if (hasProcesses() || (limits.memoryBytes === undefined && limits.cores === undefined)) return undefined;
  return "Memory and CPU limits are not enforced on this system: it has no /proc.";
}

interface Followed extends Watched {
  /** CPU it may still use, in milliseconds; it is stopped while this is below 0. */
  balanceMs: number;
  usedMs: number;
  at: number;
  stopped: boolean;
}

export function openLimitWatch(clock: Clock): LimitWatch {
  const followed = new Set<Followed>();
  let timer: NodeJS.Timeout | undefined;
  const stopTimer = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    follow: (watched) => {
      if (!hasProcesses() || (watched.limits.memoryBytes === undefined && watched.limits.cores === undefined)) return () => undefined;
      const one = { ...watched, balanceMs: (watched.limits.cores ?? 0) * BURST_MS, usedMs: 0, at: clock.now(), stopped: false };
      followed.add(one);
      timer ??= setInterval(() => look(followed, clock.now()), TICK_MS);
      return () => {
        followed.delete(one);
        if (followed.size === 0) stopTimer();
      };
    },
    close: stopTimer,
  };
}

function look(followed: ReadonlySet<Followed>, now: number): void {
  const found = processesOf(new Set([...followed].map((each) => each.group)));
  for (const one of followed) {
    const processes = found.filter((facts) => facts.session === one.group);
    checkMemory(one, processes);
    throttle(one, processes, now);
  }
}

function checkMemory(one: Followed, processes: ProcessFacts[]): void {
  const limit = one.limits.memoryBytes;
  if (limit === undefined) return;
  const used = processes.reduce((sum, each) => sum + memoryOf(each.pid), 0);
  if (used > limit) one.exceeded(`It used ${toMib(used)} MiB of memory; its limit is ${toMib(limit)} MiB.`);
}
const toMib = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** Stops the processes while they have used more than their share, and lets them go on when time has paid for it. */
function throttle(one: Followed, processes: ProcessFacts[], now: number): void {
  const { cores } = one.limits;
  if (cores === undefined) return;
  const usedMs = processes.reduce((sum, each) => sum + each.cpuMs, 0);
  const earned = cores * (now - one.at) - Math.max(0, usedMs - one.usedMs);
  Object.assign(one, { balanceMs: Math.min(one.balanceMs + earned, cores * BURST_MS), usedMs, at: now });
  const stop = one.balanceMs < 0;
  if (!stop && !one.stopped) return;
  one.stopped = stop;
  const guards = one.guards();
  for (const { pid } of processes) if (!guards.includes(pid)) signalProcess(pid, stop ? "SIGSTOP" : "SIGCONT");
}
