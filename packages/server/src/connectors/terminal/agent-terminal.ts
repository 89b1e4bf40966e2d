// One agent's terminal: started when it is first needed, kept while there is work for it, ended whole. Knows the session and its process;
// what is typed into it and what that means is the turn's.
import { mkdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal, type TerminalConnector } from "@baton/contract";
import { findProgram, killStrays, processesOf, type Programs, SAFE_PATH, signalGroup, signalProcess } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { type Hooks, openClaudeHooks } from "./claude-hooks.ts";
import { linesSince, type Screen, screenOf } from "./screen.ts";
import type { Tmux } from "./tmux.ts";

export interface TerminalWorld {
  clock: Clock;
  tmux: Tmux;
  programs: Programs;
  /** Where each agent has its HOME and what else it keeps. */
  homesDirectory: string;
}
export interface AgentTerminal {
  clock: Clock;
  session: string;
  home: string;
  cwd: string;
  hooks: Hooks | undefined;
  screen(): Promise<Screen | undefined>;
  /** Everything that was written from this line on, however much of it has scrolled away. */
  linesSince(from: number): Promise<string[]>;
  /** How many bytes the program has written since this was asked with true the last time. */
  said(anew: boolean): number;
  /** Why it was ended for breaking a limit; undefined while it was not. */
  breach(): string | undefined;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Asks it to end, then makes it: 1 s later when it is to be quick, 5 s when it is to be graceful. Resolves when nothing of it is left. */
  end(graceful: boolean): Promise<void>;
}
const READY_MS = 30_000;
const LOOK_MS = 100;
const SETTLE_MS = 100;
const GRACE_MS = { graceful: 5000, quick: 400 };
/**
 * Shows what the agent's processes use, and ends the session when the server that started it is gone, kill -9 included.
 * $1 the server, $2 the agent's process group, $3 the socket, $4 the session.
 */
const MONITOR = `
while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do
  printf '\\033[H\\033[2J'; date; ps -o pid,stat,pcpu,rss,etime,args -s "$2" 2>/dev/null || ps -o pid,args -p "$2"
  for _ in 1 2 3 4 5; do kill -0 "$1" 2>/dev/null || break; sleep 1; done
done
kill -0 "$1" 2>/dev/null && exec sleep 86400
kill -KILL "-$2" 2>/dev/null
exec tmux -S "$3" kill-session -t "=$4"
`;

/** Stays in front of the program: tmux lets a process of its own that is stopped go on at once, so that it is the program that is stopped. Signals of the terminal are the program's. */
const GUARD = `trap : INT QUIT TERM HUP
"$@"
exit $?
`;
/** tmux takes no `.` and `:` in a session's name, and `=` begins an exact match. */
export const sessionName = (agentId: string): string => `agent-${encodeURIComponent(agentId).replaceAll(".", "%2E").replaceAll("'", "%27")}`;

export async function startTerminal(world: TerminalWorld, agent: ConnectorAgent, settings: TerminalConnector, cwd: string | undefined): Promise<AgentTerminal> {
  const { clock, tmux, programs } = world;
  const session = sessionName(agent.id);
  const home = agent.environment["HOME"] ?? join(world.homesDirectory, session);
  const place = join(world.homesDirectory, session);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const working = settings.cwd ?? cwd ?? join(place, "work");
  mkdirSync(working, { recursive: true });
  const command = await findProgram(settings, agent.environment, SAFE_PATH);
  const hooks = settings.dialect === "claude" ? openClaudeHooks(place) : undefined;
  // One of an older server may have been left behind.
  await tmux.end(session);
  const environment = { PATH: SAFE_PATH, HOME: home, TERM: "xterm-256color", LANG: "C.UTF-8", ...agent.environment, BATON_AGENT_ID: agent.id };
  const args = hooks ? [...settings.args, "--settings", hooks.settingsFile] : settings.args;
  await tmux.start({
    session,
    cwd: working,
    columns: settings.columns,
    rows: settings.rows,
    environment,
    command: "/bin/sh",
    args: ["-c", GUARD, "baton-guard", command, ...args],
  });
  const pane = await tmux.pane(session);
  if (!pane) {
    hooks?.close();
    throw new Refusal("unavailable", `The terminal of ${agent.name} could not be started.`);
  }
  const group = pane.pid;
  let breach: string | undefined;
  const unwatch = programs.watch(group, agent.resourceLimits, (detail) => {
    breach ??= detail;
  });
  await tmux.addWindow(session, "monitor", ["/bin/sh", "-c", MONITOR, "baton-monitor", String(process.pid), String(group), tmux.socket, session]);
  const output = join(place, "output.log");
  writeFileSync(output, "");
  await tmux.pipeTo(session, output);
  return {
    clock,
    session,
    home,
    cwd: working,
    hooks,
    screen: () => screenOf(tmux, session),
    linesSince: (from) => linesSince(tmux, session, from),
    said: (anew) => {
      if (anew) truncateSync(output);
      return statSync(output).size;
    },
    breach: () => breach,
    pause: async () => signalOthers(group, "SIGSTOP"),
    resume: async () => signalOthers(group, "SIGCONT"),
    end: async (graceful) => {
      signalOthers(group, "SIGCONT");
      signalOthers(group, "SIGTERM");
      const until = clock.now() + GRACE_MS[graceful ? "graceful" : "quick"];
      while (clock.now() < until && (await tmux.pane(session))?.isDead === false) await pause(LOOK_MS);
      signalGroup(group, "SIGKILL");
      killStrays(group, `BATON_AGENT_ID=${agent.id}`);
      unwatch();
      hooks?.close();
      await tmux.end(session);
    },
  };
}
/** To every process of the session but the guard. */
function signalOthers(session: number, name: NodeJS.Signals): void {
  for (const { pid } of processesOf(new Set([session]))) if (pid !== session) signalProcess(pid, name);
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What an ended program wrote last: read by tmux a moment after it ended, and followed by tmux's own words. */
export async function lastWords(terminal: AgentTerminal): Promise<string> {
  await pause(SETTLE_MS);
  // Its own line at the end pushes the first one off the screen.
  const lines = await terminal.linesSince(0);
  return lines
    .filter((line) => !line.startsWith("Pane is dead"))
    .join("\n")
    .trim()
    .slice(-2000);
}
/** Waits until it can be typed into. @throws Refusal `unavailable` with what stands on its screen when it does not get there. */
export async function untilReady(terminal: AgentTerminal, isReady: (screen: Screen) => boolean, signal: AbortSignal): Promise<void> {
  const { clock } = terminal;
  const until = clock.now() + READY_MS;
  let last: Screen | undefined;
  while (clock.now() < until && !signal.aborted) {
    const screen = await terminal.screen();
    if (!screen) throw new Refusal("unavailable", "Its terminal is gone.");
    if (screen.isDead)
      throw new Refusal("unavailable", `It ended${screen.exitCode === null ? "" : ` with code ${screen.exitCode}`}: ${await lastWords(terminal)}`);
    if (isReady(screen)) return;
    last = screen;
    await pause(LOOK_MS);
  }
  if (!signal.aborted)
    throw new Refusal(
      "unavailable",
      `It was not ready for input within ${READY_MS / 1000} s. Its screen: ${(last?.lines.join("\n") ?? "").trim().slice(-2000)}`,
    );
}
