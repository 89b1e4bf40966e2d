// The terminals this server holds, by agent: started when they are needed, taken up from a server that was killed, let rest, and ended, also
// when their program has ended by itself. What goes on in one is a turn's to know.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Refusal, type TerminalConnector } from "@baton/contract";
import { killMarked, type Programs } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { sessionName, startTerminal, takeUpTerminal } from "./agent-terminal.ts";
import { claudeKeys, type HookListener } from "./claude-dialect.ts";
import { copilotKeys } from "./copilot-dialect.ts";
import { type AgentTerminal, MARK } from "./follow.ts";
import { plainKeys } from "./plain-dialect.ts";
import { isHeld, programOf, readRecord, recordedSessions, removeRecord } from "./record.ts";
import { openWindows, type Windows } from "./second-window.ts";
import type { Tmux } from "./tmux.ts";
import { type Interrupting, interrupt } from "./turn.ts";

export interface HeldWorld {
  clock: Clock;
  newId(): string;
  programs: Programs;
  tmux: Tmux;
  homesDirectory: string;
  /** How long a terminal waits for a server that takes it up when its own was killed. */
  waitSeconds: number;
}
export interface Held {
  agent: ConnectorAgent;
  terminal: AgentTerminal;
  listener: HookListener | undefined;
  /** The attempts that use it or wait for it. */
  users: number;
  idle: NodeJS.Timeout | undefined;
  typedHereAt: number;
}
export interface HeldTerminals {
  get(agentId: string): Held | undefined;
  all(): Held[];
  /** @param conversation the one to go on with; undefined: the one it is in. */
  start(agent: ConnectorAgent, cwd: string | undefined, conversation: string | undefined): Promise<Held>;
  use(one: Held): void;
  /** It rests, or is ended when its program has ended. */
  release(one: Held): void;
  end(agentId: string, graceful: boolean): Promise<void>;
  /** Takes up what a server that is gone left for these agents, and ends what it left beside them. */
  adopt(agents: readonly ConnectorAgent[]): Promise<void>;
  close(): Promise<void>;
}

export function openHeldTerminals(world: HeldWorld): HeldTerminals {
  const { tmux, homesDirectory } = world;
  let windows: Windows | undefined;
  const watched = () => {
    windows ??= openWindows(homesDirectory, world.waitSeconds);
    return { ...world, windows };
  };
  const held = new Map<string, Held>();
  function hold(agent: ConnectorAgent, terminal: AgentTerminal): Held {
    const one: Held = { agent, terminal, listener: undefined, users: 0, idle: undefined, typedHereAt: 0 };
    terminal.hooks?.onEvent((event) => {
      if (event.name === "SessionStart") terminal.keep({ hasStarted: true });
      const conversation = event.fields["session_id"];
      if (typeof conversation === "string" && conversation !== terminal.record().conversation) terminal.keep({ conversation });
      if (one.listener) one.listener.onEvent(event);
      // Nobody here has handed it anything: who asks is answered by whoever sits before the terminal.
      else if (event.name === "PermissionRequest") event.reply({});
    });
    held.set(agent.id, one);
    // Whoever uses it sees that it has ended, and lets go of it.
    void terminal.ended.then(() => (one.users === 0 ? endThis(one, false) : undefined));
    return one;
  }
  async function start(agent: ConnectorAgent, cwd: string | undefined, conversation: string | undefined): Promise<Held> {
    const known = held.get(agent.id);
    if (known && isGood(known, agent, cwd, conversation)) {
      known.agent = agent;
      return known;
    }
    if (known) await end(agent.id, true);
    const terminal = await startTerminal(watched(), agent, settingsOf(agent), { cwd, conversation });
    return hold(agent, terminal);
  }
  async function endThis(one: Held, graceful: boolean): Promise<void> {
    if (held.get(one.agent.id) === one) held.delete(one.agent.id);
    clearTimeout(one.idle);
    await one.terminal.close(graceful);
  }
  async function end(agentId: string, graceful: boolean): Promise<void> {
    const one = held.get(agentId);
    if (one) await endThis(one, graceful);
  }
  function rest(one: Held): void {
    clearTimeout(one.idle);
    const { idleMs } = settingsOf(one.agent);
    if (idleMs === 0) return;
    one.idle = setTimeout(() => void end(one.agent.id, true), idleMs);
    one.idle.unref();
  }
  function release(one: Held): void {
    one.users--;
    if (one.users > 0 || held.get(one.agent.id) !== one) return;
    if (one.terminal.end() === undefined) rest(one);
    else void endThis(one, false);
  }
  async function adopt(agents: readonly ConnectorAgent[]): Promise<void> {
    const bySession = new Map(agents.map((agent) => [sessionName(agent.id), agent]));
    const sessions = new Set([...recordedSessions(homesDirectory), ...(await tmux.list())]);
    await Promise.all([...sessions].filter((name) => name.startsWith("agent-")).map((name) => adoptOne(name, bySession.get(name))));
  }
  async function adoptOne(session: string, agent: ConnectorAgent | undefined): Promise<void> {
    if (agent && held.has(agent.id)) return;
    const place = join(homesDirectory, session);
    const record = readRecord(place);
    // Servers that live may share a folder.
    if (record && (await isHeld(record.lifeline))) return;
    const settings = agent?.connector;
    const isSame = agent !== undefined && record?.program === programOf(agent);
    const terminal = isSame && settings?.kind === "terminal" ? await takeUpTerminal(watched(), agent, settings, record) : undefined;
    if (!agent || !terminal) return endLeftOver(session, place);
    const one = hold(agent, terminal);
    one.users++;
    try {
      // The attempt it worked on is another's by now.
      if (record?.isAtWork && !record.isPaused && !(await breakOff(one))) await endThis(one, false);
      else terminal.keep({ isAtWork: false });
    } finally {
      release(one);
    }
  }
  const breakOff = async ({ agent, terminal }: Held): Promise<boolean> => {
    const { dialect, ready = "" } = settingsOf(agent);
    const keys: Interrupting = dialect === "claude" ? claudeKeys(terminal) : dialect === "copilot" ? copilotKeys({ terminal }) : plainKeys(terminal, ready);
    return keys.stands() || interrupt({ tmux, terminal }, keys);
  };
  async function endLeftOver(session: string, place: string): Promise<void> {
    killMarked(`${MARK}=${place}`);
    await tmux.end(session);
    rmSync(join(place, "hooks"), { recursive: true, force: true });
    removeRecord(place);
  }
  return {
    get: (agentId) => held.get(agentId),
    all: () => [...held.values()],
    start,
    use: (one) => {
      one.users++;
      clearTimeout(one.idle);
    },
    release,
    end,
    adopt,
    close: async () => {
      await Promise.all([...held.keys()].map((id) => end(id, false)));
      windows?.close();
    },
  };
}

/** Another registration is another program, and another directory another place to work in: what runs was started in the old one. */
function isGood({ agent: old, terminal }: Held, agent: ConnectorAgent, cwd: string | undefined, conversation: string | undefined): boolean {
  if (terminal.end() !== undefined || programOf(old) !== programOf(agent)) return false;
  if (cwd !== undefined && cwd !== terminal.cwd) return false;
  return conversation === undefined || conversation === terminal.record().conversation;
}
export function settingsOf(agent: ConnectorAgent): TerminalConnector {
  if (agent.connector.kind === "terminal") return agent.connector;
  throw new Refusal("bad_input", `The terminal connector cannot run an agent of kind ${agent.connector.kind}.`);
}
