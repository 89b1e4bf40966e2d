// One agent's terminal: started when it is first needed, kept while there is work for it, ended whole. Knows the session and its processes;
// what is typed into it and what that means is the turn's.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Refusal, type TerminalConnector } from "@baton/contract";
import { findProgram, killStrays, processesOf, type Programs, SAFE_PATH, signalGroup, signalProcess } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { type Hooks, openClaudeHooks, settleIn } from "./claude-hooks.ts";
import { type Output, openOutput } from "./output.ts";
import { openEmulator, type Screen } from "./screen.ts";
import { openWindow, type Windows } from "./second-window.ts";
import type { Tmux } from "./tmux.ts";

export interface TerminalWorld {
  clock: Clock;
  tmux: Tmux;
  programs: Programs;
  windows: Windows;
  /** Where each agent has its HOME and what else it keeps. */
  homesDirectory: string;
}
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
  /** Resolves when something may be new: on its screen, from its hooks, or its end; at the latest after `ms`. */
  news(ms: number): Promise<void>;
  /** Why it was ended for breaking a limit; undefined while it was not. */
  breach(): string | undefined;
  pause(): void;
  resume(): void;
  /** Ends it: given 5 s to tidy up when graceful, else 0.4 s. Resolves when nothing of it is left. */
  close(graceful: boolean): Promise<void>;
}
const GRACE_MS = { graceful: 5000, quick: 400 };
const MARK = "BATON_AGENT_PLACE";

/**
 * Stays in front of the program: tmux lets a process of its own that is stopped go on at once, so that it is the program that is stopped.
 * Signals of the terminal are the program's; where the terminal is, is not its to know. It stays a moment longer: tmux lets go of what
 * it has not yet passed on when a terminal ends.
 */
const GUARD = `trap : INT QUIT TERM HUP TSTP
unset TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION SHELL
"$@"
printf '%s' "$?" >"$${MARK}/exit"
sleep 0.2
`;
const exitFile = (place: string): string => join(place, "exit");
/** null: it was killed, and its guard with it. */
function readExit(place: string): number | null {
  return existsSync(exitFile(place)) ? Number(readFileSync(exitFile(place), "utf8")) : null;
}
/** It is a folder's name too. */
const LONGEST_NAME = 160;
/** tmux takes no `.` and `:` in a session's name, and `=` begins an exact match. */
export function sessionName(agentId: string): string {
  const safe = encodeURIComponent(agentId).replaceAll(/[.'()*!~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  if (safe.length <= LONGEST_NAME) return `agent-${safe}`;
  return `agent-${safe.slice(0, LONGEST_NAME - 40)}%%${createHash("sha256").update(agentId).digest("hex").slice(0, 32)}`;
}

interface Beginning {
  cwd: string | undefined;
  /** Only where hooks tell which one it is. */
  conversation: string | undefined;
}
export async function startTerminal(
  world: TerminalWorld,
  agent: ConnectorAgent,
  settings: TerminalConnector,
  { cwd, conversation }: Beginning,
): Promise<AgentTerminal> {
  const { clock, tmux } = world;
  const session = sessionName(agent.id);
  const place = join(world.homesDirectory, session);
  const home = agent.environment["HOME"] ?? place;
  const working = settings.cwd ?? cwd ?? join(place, "work");
  for (const folder of [place, working]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const command = await findProgram(settings, agent.environment, SAFE_PATH);
  const hooks = settings.dialect === "claude" ? openClaudeHooks(place) : undefined;
  // A person's own HOME is that person's: there it asks what it has not been told yet.
  if (hooks && home === place) settleIn(home, agent.environment["ANTHROPIC_API_KEY"], working);
  // One of an older server may have been left behind.
  await tmux.end(session);
  const emulator = openEmulator(settings.columns, settings.rows);
  const output = await openOutput(place, emulator, () => clock.now());
  // A title nobody sees would cost a call of the model with every prompt.
  const quiet = hooks ? { CLAUDE_CODE_DISABLE_TERMINAL_TITLE: "1" } : {};
  const environment = { PATH: SAFE_PATH, HOME: home, LANG: "C.UTF-8", ...quiet, ...agent.environment, BATON_AGENT_ID: agent.id, [MARK]: place };
  const resume = conversation === undefined ? [] : ["--resume", conversation];
  const persona = agent.persona === undefined ? [] : [`--append-system-prompt=${agent.persona}`];
  const args = hooks ? [...settings.args, "--settings", hooks.settingsFile, ...persona, ...resume] : settings.args;
  const plan = { session, cwd: working, columns: settings.columns, rows: settings.rows, environment, pipe: output.pipe };
  rmSync(exitFile(place), { force: true });
  output.begin();
  let group: number;
  try {
    group = await tmux.start({ ...plan, command: "/bin/sh", args: ["-c", GUARD, "baton-guard", command, ...args] });
  } catch (error) {
    hooks?.close();
    await output.close();
    throw new Refusal("unavailable", `The terminal of ${agent.name} could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
  const terminal = follow(world, { agent, session, place, working, hooks, emulator, output, group });
  await openWindow(world, agent, session, group, place);
  return terminal;
}

interface Started {
  agent: ConnectorAgent;
  session: string;
  place: string;
  working: string;
  hooks: Hooks | undefined;
  emulator: ReturnType<typeof openEmulator>;
  output: Output;
  group: number;
}
function follow({ clock, tmux, programs }: TerminalWorld, started: Started): AgentTerminal {
  const { agent, session, hooks, emulator, output, group } = started;
  const waiters = new Set<() => void>();
  const tell = (): void => {
    for (const wake of waiters) wake();
  };
  let breach: string | undefined;
  let end: { code: number | null } | undefined;
  let closed: Promise<void> | undefined;
  const unwatch = programs.watch(group, agent.resourceLimits, (detail) => {
    breach ??= detail;
  });
  output.onText(tell);
  hooks?.onEvent(tell);
  const ended = output.ended.then(() => {
    end = { code: readExit(started.place) };
    unwatch();
    tell();
  });
  async function close(graceful: boolean): Promise<void> {
    signalOthers(group, "SIGCONT");
    signalOthers(group, "SIGTERM");
    await Promise.race([ended, pause(GRACE_MS[graceful ? "graceful" : "quick"])]);
    signalOthers(group, "SIGKILL");
    // Its number may be another's once it has ended.
    if (end === undefined) signalGroup(group, "SIGKILL");
    killStrays(group, `${MARK}=${started.place}`);
    hooks?.close();
    await tmux.end(session);
    await output.close();
    await ended;
    emulator.close();
  }
  return {
    clock,
    session,
    cwd: started.working,
    hooks,
    output,
    screen: emulator.screen,
    linesSince: emulator.linesSince,
    forget: emulator.forget,
    end: () => end,
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
    pause: () => signalOthers(group, "SIGSTOP"),
    resume: () => signalOthers(group, "SIGCONT"),
    close: (graceful) => (closed ??= close(graceful)),
  };
}
/** To every process of the session but the guard. */
function signalOthers(session: number, name: NodeJS.Signals): void {
  for (const { pid } of processesOf(new Set([session]))) if (pid !== session) signalProcess(pid, name);
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What an ended program wrote last. */
export const lastWords = (terminal: AgentTerminal): string => terminal.linesSince(0).join("\n").trim().slice(-2000);

const READY_MS = 30_000;
const LOOK_MS = 500;
/** Waits until it can be typed into. @throws Refusal `unavailable` with what stands on its screen when it does not get there. */
export async function untilReady(terminal: AgentTerminal, isReady: (screen: Screen) => boolean, signal: AbortSignal): Promise<void> {
  const { clock } = terminal;
  const until = clock.now() + READY_MS;
  const wake = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  while (clock.now() < until && !signal.aborted) {
    const end = terminal.end();
    if (end) throw new Refusal("unavailable", `It ended${end.code === null ? "" : ` with code ${end.code}`}: ${lastWords(terminal)}`);
    if (isReady(terminal.screen())) return;
    await Promise.race([terminal.news(LOOK_MS), wake]);
  }
  if (!signal.aborted)
    throw new Refusal(
      "unavailable",
      `It was not ready for input within ${READY_MS / 1000} s. Its screen: ${terminal.screen().lines.join("\n").trim().slice(-2000)}`,
    );
}
