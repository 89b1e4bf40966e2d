// A terminal that runs, as the rest of the room sees it: its screen, its end, its processes held still, let go on, and ended whole.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { killStrays, processesOf, type Programs, signalGroup, signalProcess } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import type { Hooks } from "./claude-hooks.ts";
import type { Output } from "./output.ts";
import { removeRecord, type TerminalRecord, writeRecord } from "./record.ts";
import type { Emulator, Screen } from "./screen.ts";
import type { Tmux } from "./tmux.ts";

export interface AgentTerminal {
  clock: Clock;
  session: string;
  cwd: string;
  hooks: Hooks | undefined;
  screen(): Screen;
  /** Everything that was written from this line on, however much of it has scrolled away. */
  linesSince(from: number): string[];
  /** Drops what has scrolled away before a new turn. */
  forget(): void;
  output: Output;
  /** Undefined while its program runs. `code`: null when it was killed. */
  end(): { code: number | null } | undefined;
  /** Resolves when its program has ended. */
  ended: Promise<void>;
  /** Resolves when something may be new: on its screen, from its hooks, or its end; at the latest after `ms`. */
  news(ms: number): Promise<void>;
  /** Why it was ended for breaking a limit; undefined while it was not. */
  breach(): string | undefined;
  /** What is written of it for a server that comes after this one. */
  record(): TerminalRecord;
  keep(changes: Partial<TerminalRecord>): void;
  pause(): void;
  resume(): void;
  /** Ends it: given 5 s to tidy up when graceful, else 0.25 s. Resolves when nothing of it is left. */
  close(graceful: boolean): Promise<void>;
}
const GRACE_MS = { graceful: 5000, quick: 250 };
/** Every process of a terminal carries it, with the terminal's place. */
export const MARK = "BATON_AGENT_PLACE";
export const exitFile = (place: string): string => join(place, "exit");
/** null: it was killed, and its guard with it. */
function readExit(place: string): number | null {
  return existsSync(exitFile(place)) ? Number(readFileSync(exitFile(place), "utf8")) : null;
}

export interface Started {
  agent: ConnectorAgent;
  session: string;
  place: string;
  hooks: Hooks | undefined;
  emulator: Emulator;
  output: Output;
  record: TerminalRecord;
}
export function follow({ clock, tmux, programs }: { clock: Clock; tmux: Tmux; programs: Programs }, started: Started): AgentTerminal {
  const { agent, session, place, hooks, emulator, output } = started;
  const { group } = started.record;
  let { record } = started;
  const waiters = new Set<() => void>();
  const tell = (): void => {
    for (const wake of waiters) wake();
  };
  let breach: string | undefined;
  let end: { code: number | null } | undefined;
  let closed: Promise<void> | undefined;
  const watch = (): (() => void) =>
    programs.watch(group, agent.resourceLimits, (detail) => {
      breach ??= detail;
    });
  let unwatch = record.isPaused ? () => undefined : watch();
  function keep(changes: Partial<TerminalRecord>): void {
    record = { ...record, ...changes };
    if (closed === undefined) writeRecord(place, record);
  }
  keep({});
  output.onText(tell);
  // Of the news, not of the events: those wait for whoever uses the terminal.
  hooks?.onNews(tell);
  const ended = output.ended.then(() => {
    end = { code: readExit(place) };
    unwatch();
    tell();
  });
  async function close(graceful: boolean): Promise<void> {
    unwatch();
    signalOthers(group, "SIGCONT");
    signalOthers(group, "SIGTERM");
    await Promise.race([ended, pause(GRACE_MS[graceful ? "graceful" : "quick"])]);
    signalOthers(group, "SIGKILL");
    // Its number may be another's once it has ended.
    if (end === undefined) signalGroup(group, "SIGKILL");
    killStrays(group, `${MARK}=${place}`);
    hooks?.close();
    await tmux.end(session);
    await output.close();
    await ended;
    emulator.close();
    removeRecord(place);
  }
  return {
    clock,
    session,
    cwd: record.cwd,
    hooks,
    output,
    screen: emulator.screen,
    linesSince: emulator.linesSince,
    forget: emulator.forget,
    end: () => end,
    ended,
    news: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiters.delete(wake);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        waiters.add(wake);
      }),
    breach: () => breach,
    record: () => record,
    keep,
    // What stands still uses nothing; and whoever holds it to its share of the CPU would let it go on.
    pause: () => {
      unwatch();
      signalOthers(group, "SIGSTOP");
      keep({ isPaused: true });
    },
    resume: () => {
      unwatch();
      signalOthers(group, "SIGCONT");
      unwatch = watch();
      keep({ isPaused: false });
    },
    close: (graceful) => (closed ??= close(graceful)),
  };
}
const SWEEPS = 5;
/**
 * To every process of the session but the guard; again, as long as there are new ones. Who starts others is stopped before them and goes on
 * after them: a shell would take note of a program that stands still.
 */
export function signalOthers(session: number, name: NodeJS.Signals): void {
  const signalled = new Set<number>();
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const found = processesOf(new Set([session])).filter(({ pid }) => pid !== session && !signalled.has(pid));
    if (found.length === 0) return;
    found.sort((a, b) => (name === "SIGCONT" ? b.pid - a.pid : a.pid - b.pid));
    for (const { pid } of found) {
      signalProcess(pid, name);
      signalled.add(pid);
    }
  }
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
