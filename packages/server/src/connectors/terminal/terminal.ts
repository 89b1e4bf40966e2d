// The connector for coding CLIs in terminals that people can look into: an agent lives in a tmux session of its own between attempts.
//
// A terminal is started when the agent gets its first work, or by hand; kept while it has some, and ended when it was idle for `idleMs`,
// when it broke, or when this server ends. Attempts of one agent come one after another: there is one prompt to type at. When the server is
// killed the session's second window notices within seconds and ends it: what was going on there goes to another attempt.
// A conversation goes on from attempt to attempt, with Claude Code also in another terminal. Tokens and cost are not known.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Outcome, Refusal, type TerminalConnector, type TerminalScreen, type Work } from "@baton/contract";
import { checkProgram, type Programs, SAFE_PATH } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { AttemptContext, Connector, ConnectorAgent, Living } from "../connector.ts";
import { toStartFailure } from "../start-failure.ts";
import { fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { toPrompt } from "../to-prompt.ts";
import { workingDirectory } from "../working-directory.ts";
import { type AgentTerminal, sessionName, startTerminal, untilReady } from "./agent-terminal.ts";
import { claudeDialect, type HookListener } from "./claude-dialect.ts";
import { plainDialect } from "./plain-dialect.ts";
import { isAtPrompt, type Screen } from "./screen.ts";
import { openWindows, showQueue, type Windows } from "./second-window.ts";
import { openTmux, type Tmux } from "./tmux.ts";
import { type Dialect, runTurn } from "./turn.ts";

export interface TerminalsWorld {
  clock: Clock;
  programs: Programs;
  homesDirectory: string;
  /** Where the socket is. */
  dataDir: string;
}
interface Held {
  agent: ConnectorAgent;
  terminal: AgentTerminal;
  listener: HookListener | undefined;
  hasStarted: boolean;
  /** Who it is to be stands in its system prompt, or was said before its first prompt. */
  knowsPersona: boolean;
  /** The attempts that use it or wait for it. */
  users: number;
  idle: NodeJS.Timeout | undefined;
  typedHereAt: number;
  /** The one it is in, by the program's own word. */
  conversation: string | undefined;
}
export interface TerminalHands extends Connector {
  living: Living;
  /** Terminals that carry something out. */
  busy(): number;
}

export function openTerminalConnector(world: TerminalsWorld): TerminalHands {
  const tmux = openTmux(socketIn(world.dataDir));
  let windows: Windows | undefined;
  const held = new Map<string, Held>();
  /** What works or waits, by agent, in its order. */
  const lines = new Map<string, Work[]>();
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(agentId: string, work: () => Promise<T>): Promise<T> => {
    const done = (turns.get(agentId) ?? Promise.resolve()).then(work, work);
    const settled = done.catch(() => undefined);
    turns.set(agentId, settled);
    void settled.then(() => turns.get(agentId) === settled && turns.delete(agentId));
    return done;
  };
  /** @param conversation the one to go on with; undefined: the one it is in. */
  async function start(agent: ConnectorAgent, cwd: string | undefined, conversation: string | undefined): Promise<Held> {
    const known = held.get(agent.id);
    const goesOn = conversation === undefined || conversation === known?.conversation;
    // Another registration is another program: what runs was started by the old one.
    if (known && known.terminal.end() === undefined && isSameProgram(known.agent, agent) && goesOn) return known;
    if (known) await end(agent.id, true);
    const settings = settingsOf(agent);
    windows ??= openWindows(world.homesDirectory);
    const terminal = await startTerminal({ ...world, tmux, windows }, agent, settings, { cwd, conversation });
    const one: Held = {
      agent,
      terminal,
      listener: undefined,
      hasStarted: settings.dialect !== "claude",
      knowsPersona: settings.dialect === "claude" || agent.persona === undefined,
      users: 0,
      idle: undefined,
      typedHereAt: 0,
      conversation,
    };
    terminal.hooks?.onEvent((event) => {
      if (event.name === "SessionStart") one.hasStarted = true;
      if (typeof event.fields["session_id"] === "string") one.conversation = event.fields["session_id"];
      if (one.listener) one.listener.onEvent(event);
      // Nobody here has handed it anything: who asks is answered by whoever sits before the terminal.
      else if (event.name === "PermissionRequest") event.reply({});
    });
    held.set(agent.id, one);
    return one;
  }
  async function end(agentId: string, graceful: boolean): Promise<void> {
    const one = held.get(agentId);
    if (!one) return;
    held.delete(agentId);
    clearTimeout(one.idle);
    await one.terminal.close(graceful);
  }
  function rest(one: Held): void {
    clearTimeout(one.idle);
    const { idleMs } = settingsOf(one.agent);
    if (one.users > 0 || idleMs === 0) return;
    one.idle = setTimeout(() => void end(one.agent.id, true), idleMs);
    one.idle.unref();
  }
  async function carryOut(agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
    const limit = startTimeLimit(world.clock, agent, work, context);
    const line = lines.get(agent.id) ?? [];
    lines.set(agent.id, line);
    line.push(work);
    tellQueue(agent.id);
    try {
      // One that waits for its turn ends when it must, not when its turn comes.
      const over = new Promise<Outcome>((resolve) =>
        limit.signal.addEventListener("abort", () => resolve(limit.failure() ?? fail("cancelled", "")), { once: true }),
      );
      let hasBegun = false;
      const turn = inTurn(agent.id, async () => {
        const stopped = limit.failure();
        if (stopped !== undefined) return stopped;
        hasBegun = true;
        return await carryOutNow(agent, work, context, limit);
      });
      const first = await Promise.race([turn, over.then((outcome) => (hasBegun ? turn : outcome))]);
      return first;
    } catch (error) {
      return limit.failure() ?? (error instanceof Refusal && error.code === "unavailable" ? fail("unavailable", error.message) : toStartFailure(error));
    } finally {
      line.splice(line.indexOf(work), 1);
      if (line.length === 0) lines.delete(agent.id);
      tellQueue(agent.id);
      limit.release();
    }
  }
  const tellQueue = (agentId: string): void => {
    if (held.get(agentId)?.agent.type === "worker") showQueue(join(world.homesDirectory, sessionName(agentId)), lines.get(agentId) ?? []);
  };
  async function carryOutNow(agent: ConnectorAgent, work: Work, context: AttemptContext, limit: TimeLimit): Promise<Outcome> {
    const settings = settingsOf(agent);
    const cwd = await workingDirectory(settings.cwd, work, "");
    const one = await start(agent, cwd === "" ? undefined : cwd, settings.dialect === "claude" ? work.conversation : undefined);
    one.users++;
    clearTimeout(one.idle);
    try {
      const { terminal } = one;
      await untilReady(terminal, (screen) => one.hasStarted && isReady(settings, screen), limit.signal);
      const stopped = limit.failure();
      if (stopped !== undefined) return stopped;
      const dialect: Dialect & Partial<HookListener> =
        settings.dialect === "claude" ? claudeDialect(terminal, settings.permissions, context) : plainDialect(terminal, settings);
      const said = promptFor(settings.dialect, work, one.conversation);
      const prompt = one.knowsPersona ? said : `${agent.persona?.trimEnd()}\n\n${said}`;
      one.knowsPersona = true;
      if (dialect.onEvent) one.listener = { onEvent: dialect.onEvent };
      const { outcome, isUsable } = await runTurn(
        {
          tmux,
          terminal,
          settings,
          prompt,
          context,
          limit,
          typedHereAt: () => one.typedHereAt,
        },
        dialect,
      );
      if (!isUsable) await end(agent.id, false);
      return one.conversation === undefined ? outcome : { ...outcome, conversation: one.conversation };
    } catch (error) {
      await end(agent.id, false);
      throw error;
    } finally {
      one.listener = undefined;
      one.users--;
      if (held.get(agent.id) === one) rest(one);
    }
  }
  const living: Living = {
    start: (agent) =>
      inTurn(agent.id, async () => {
        const one = await start(agent, undefined, undefined);
        await untilReady(one.terminal, (screen) => one.hasStarted && isReady(settingsOf(agent), screen), AbortSignal.timeout(60_000));
        rest(one);
      }),
    stop: (agent, graceful) => end(agent.id, graceful),
    pause: async (agent) => held.get(agent.id)?.terminal.pause(),
    resume: async (agent) => held.get(agent.id)?.terminal.resume(),
    screen: async (agent): Promise<TerminalScreen> => {
      const session = sessionName(agent.id);
      const terminal = held.get(agent.id)?.terminal;
      const screen = terminal?.screen();
      return {
        isRunning: terminal !== undefined && terminal.end() === undefined,
        lines: screen?.lines ?? [],
        cursor: screen?.cursor ?? { row: 0, column: 0 },
        attachCommand: tmux.attachCommand(session),
      };
    },
    write: async (agent, text, keys) => {
      const one = held.get(agent.id);
      if (!one || one.terminal.end() !== undefined) throw new Refusal("conflict", `The terminal of ${agent.name} is not running; start it first.`);
      one.typedHereAt = world.clock.now();
      if (text !== undefined && text !== "") await tmux.type(one.terminal.session, text);
      if (keys.length > 0) await tmux.keys(one.terminal.session, ...keys);
    },
  };
  return {
    kind: "terminal",
    takesPersona: true,
    takesSession: true,
    living,
    check: (agent) => checkTerminal(tmux, agent),
    carryOut,
    busy: () => [...held.values()].reduce((sum, one) => sum + one.users, 0),
    close: async () => {
      await Promise.all([...held.keys()].map((id) => end(id, false)));
      windows?.close();
    },
  };
}

/** A time limit is no part of it. */
const isSameProgram = (a: ConnectorAgent, b: ConnectorAgent): boolean => isDeepStrictEqual(startedBy(a), startedBy(b));
const startedBy = ({ connector, environment, persona, resourceLimits: { memory, cpu } }: ConnectorAgent) => ({ connector, environment, persona, memory, cpu });

/** The path of a socket may be 107 bytes long: in a deep folder it lies elsewhere, under a name made of that folder. */
const MAX_SOCKET_BYTES = 100;
function socketIn(dataDir: string): string {
  const socket = join(dataDir, "tmux.sock");
  const folder =
    Buffer.byteLength(socket) <= MAX_SOCKET_BYTES ? dataDir : join(tmpdir(), `baton-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, "tmux.sock");
}
const isReady = (settings: TerminalConnector, screen: Screen): boolean => settings.dialect === "claude" || isAtPrompt(screen, settings.ready ?? "");
async function checkTerminal(tmux: Tmux, agent: ConnectorAgent): Promise<void> {
  const settings = settingsOf(agent);
  await checkProgram(settings, agent.environment, SAFE_PATH);
  if (settings.dialect === "plain" && (settings.ready ?? "").trim() === "") {
    const message = "must say how the line ends on which the program waits for input, such as `>`";
    throw new Refusal("bad_input", `connector.ready ${message}.`, { issues: [{ path: "connector.ready", message }] });
  }
  await tmux.version().catch(() => {
    throw new Refusal("bad_input", "connector.kind: there is no tmux on this server.", {
      issues: [{ path: "connector.kind", message: "needs tmux, which is not installed here" }],
    });
  });
}
function settingsOf(agent: ConnectorAgent): TerminalConnector {
  if (agent.connector.kind === "terminal") return agent.connector;
  throw new Refusal("bad_input", `The terminal connector cannot run an agent of kind ${agent.connector.kind}.`);
}
/** @param inside the conversation the terminal is in. */
function promptFor(dialect: TerminalConnector["dialect"], work: Work, inside: string | undefined): string {
  const goesOn = work.conversation !== undefined && work.conversation === inside;
  if (dialect !== "plain") return toPrompt(work, goesOn);
  const said = work.context.session?.text;
  return said ? `${said}\n\n${work.description}` : work.description;
}
