// One agent's terminal: started when it is first needed, kept while there is work for it, ended whole. Knows the session and its processes;
// what is typed into it and what that means is the turn's.
import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Refusal, type TerminalConnector } from "@baton/contract";
import { findProgram, type Programs, SAFE_PATH } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { openClaudeHooks, settleIn } from "./claude-hooks.ts";
import { openCopilotEvents } from "./copilot-events.ts";
import { type AgentTerminal, exitFile, follow, MARK } from "./follow.ts";
import { openOutput } from "./output.ts";
import { programOf, type TerminalRecord } from "./record.ts";
import { openEmulator, type Screen } from "./screen.ts";
import { openWindow, type Windows } from "./second-window.ts";
import type { Tmux } from "./tmux.ts";

export interface TerminalWorld {
  clock: Clock;
  newId(): string;
  tmux: Tmux;
  programs: Programs;
  windows: Windows;
  /** Where each agent has its HOME and what else it keeps. */
  homesDirectory: string;
}
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
  const claude = settings.dialect === "claude" ? openClaudeHooks(place) : undefined;
  // A person's own HOME is that person's: there it asks what it has not been told yet.
  if (claude && home === place) settleIn(home, agent.environment["ANTHROPIC_API_KEY"], working);
  // One of an older server may have been left behind.
  await tmux.end(session);
  const emulator = openEmulator(settings.columns, settings.rows);
  const output = await openOutput(place, emulator, () => clock.now());
  // A title nobody sees would cost a call of the model with every prompt.
  const quiet = claude ? { CLAUDE_CODE_DISABLE_TERMINAL_TITLE: "1" } : {};
  const environment = { PATH: SAFE_PATH, HOME: home, LANG: "C.UTF-8", ...quiet, ...agent.environment, BATON_AGENT_ID: agent.id, [MARK]: place };
  const resume = conversation === undefined ? [] : ["--resume", conversation];
  const persona = agent.persona === undefined ? [] : [`--append-system-prompt=${agent.persona}`];
  const copilot = settings.dialect === "copilot" ? openCopilotSession(world, environment, home, conversation) : undefined;
  const more = claude ? ["--settings", claude.settingsFile, ...persona, ...resume] : copilot ? ["--session-id", copilot.id] : [];
  const args = [...settings.args, ...more];
  const hooks = claude ?? copilot?.hooks;
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
  const record: TerminalRecord = {
    group,
    program: programOf(agent),
    lifeline: world.windows.lifeline,
    cwd: working,
    hooksFolder: hooks?.folder ?? null,
    conversation: copilot?.id ?? conversation ?? null,
    hasStarted: claude === undefined,
    // What goes on was told before.
    knowsPersona: claude !== undefined || agent.persona === undefined || conversation !== undefined,
    isPaused: false,
    isAtWork: false,
  };
  const terminal = follow(world, { agent, session, place, hooks, emulator, output, record });
  await openWindow(world, agent, session, group, place);
  return terminal;
}

/** It is told which session it is in, so that its events are found. */
function openCopilotSession({ newId }: TerminalWorld, environment: Record<string, string>, home: string, conversation: string | undefined) {
  const id = conversation ?? newId();
  return { id, hooks: openCopilotEvents(join(environment["COPILOT_HOME"] ?? join(home, ".copilot"), "session-state", id)) };
}

/** Takes up what a server that is gone left. Undefined when there is nothing any more: its program has ended, or is ended now. */
export async function takeUpTerminal(
  world: TerminalWorld,
  agent: ConnectorAgent,
  settings: TerminalConnector,
  old: TerminalRecord,
): Promise<AgentTerminal | undefined> {
  const { clock, tmux } = world;
  const session = sessionName(agent.id);
  const place = join(world.homesDirectory, session);
  const record = { ...old, lifeline: world.windows.lifeline };
  const windows = await tmux.windows(session);
  if (windows.find(({ name }) => name === "main")?.pid !== record.group) return undefined;
  await openWindow(world, agent, session, record.group, place);
  // These would end it, as the server that they watch is gone.
  for (const { id, name } of windows) if (name !== "main") await tmux.endWindow(id);
  const emulator = openEmulator(settings.columns, settings.rows);
  const output = await openOutput(place, emulator, () => clock.now());
  const shown = await tmux.takeOver(session, output.pipe).catch(() => undefined);
  if (shown === undefined) {
    await output.close();
    return undefined;
  }
  await emulator.write(shown);
  output.begin();
  const reopen = settings.dialect === "copilot" ? openCopilotEvents : (folder: string) => openClaudeHooks(place, folder);
  const hooks = record.hooksFolder === null ? undefined : reopen(record.hooksFolder);
  const terminal = follow(world, { agent, session, place, hooks, emulator, output, record });
  if (!record.isPaused) terminal.resume();
  return terminal;
}

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
