// The connector for coding CLIs in terminals that people can look into: an agent lives in a tmux session of its own between attempts.
//
// A terminal is started when the agent gets its first work, or by hand; kept while it has some, and ended when it was idle for `idleMs`,
// when it broke, or when this server ends. Attempts of one agent come one after another: there is one prompt to type at. When the server is
// killed the agent stands still until another server takes it up, and is ended when none does (see second-window): what was going on there
// goes to another attempt, and is broken off before that is typed.
// A conversation goes on from attempt to attempt, with Claude Code and Copilot also in another terminal. Cost is not known, and tokens only where Copilot tells them.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, Refusal, type TerminalConnector, type TerminalScreen, type Work } from "@baton/contract";
import { checkProgram, type Programs, SAFE_PATH } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import type { AttemptContext, Connector, ConnectorAgent, Living } from "../connector.ts";
import { permit } from "../permit.ts";
import { toStartFailure } from "../start-failure.ts";
import { fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";
import { toPrompt } from "../to-prompt.ts";
import { workingDirectory } from "../working-directory.ts";
import { sessionName, untilReady } from "./agent-terminal.ts";
import { claudeDialect, type HookListener } from "./claude-dialect.ts";
import { type Seat, untilTrusted } from "./copilot-answer.ts";
import { copilotDialect } from "./copilot-dialect.ts";
import { isIdle } from "./copilot-dialog.ts";
import type { AgentTerminal } from "./follow.ts";
import { type Held, openHeldTerminals, settingsOf } from "./held.ts";
import { plainDialect } from "./plain-dialect.ts";
import { isAtPrompt, type Screen } from "./screen.ts";
import { showQueue } from "./second-window.ts";
import { openTmux, type Tmux } from "./tmux.ts";
import { type Dialect, runTurn } from "./turn.ts";

export interface TerminalsWorld {
  clock: Clock;
  newId(): string;
  programs: Programs;
  homesDirectory: string;
  /** Where the socket is. */
  dataDir: string;
  /** How long a terminal waits, standing still, for a server that takes it up when its own was killed. Default: a minute. */
  waitSeconds?: number;
}
const WAIT_SECONDS = 60;
export interface TerminalHands extends Connector {
  living: Living;
  /** Terminals that carry something out. */
  busy(): number;
}

export function openTerminalConnector(world: TerminalsWorld): TerminalHands {
  const tmux = openTmux(socketIn(world.dataDir));
  const held = openHeldTerminals({ ...world, tmux, waitSeconds: world.waitSeconds ?? WAIT_SECONDS });
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
    const one = await held.start(agent, cwd === "" ? undefined : cwd, settings.dialect === "plain" ? undefined : work.conversation);
    held.use(one);
    const { terminal } = one;
    try {
      if (settings.dialect === "copilot") await untilTrusted({ tmux, terminal }, () => mayTrust(one, context), limit.signal);
      await untilReady(terminal, (screen) => isReady(terminal, settings, screen), limit.signal);
      const stopped = limit.failure();
      if (stopped !== undefined) return stopped;
      const dialect = toDialect({ tmux, terminal }, settings, context);
      const said = promptFor(settings.dialect, work, terminal.record().conversation ?? undefined);
      const prompt = terminal.record().knowsPersona ? said : `${agent.persona?.trimEnd()}\n\n${said}`;
      terminal.keep({ knowsPersona: true, isAtWork: true });
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
      terminal.keep({ isAtWork: false });
      if (!isUsable) await held.end(agent.id, false);
      const { conversation } = terminal.record();
      return conversation === null ? outcome : { ...outcome, conversation };
    } catch (error) {
      await held.end(agent.id, false);
      throw error;
    } finally {
      one.listener = undefined;
      held.release(one);
    }
  }
  const living: Living = {
    start: (agent) =>
      inTurn(agent.id, async () => {
        const one = await held.start(agent, undefined, undefined);
        held.use(one);
        const { terminal } = one;
        const signal = AbortSignal.timeout(60_000);
        try {
          if (settingsOf(agent).dialect === "copilot") await untilTrusted({ tmux, terminal }, async () => isItsOwnPlace(one), signal);
          await untilReady(terminal, (screen) => isReady(terminal, settingsOf(agent), screen), signal);
        } finally {
          held.release(one);
        }
      }),
    adopt: held.adopt,
    stop: (agent, graceful) => held.end(agent.id, graceful),
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
    busy: () => held.all().reduce((sum, one) => sum + one.users, 0),
    close: held.close,
  };
}

/** The path of a socket may be 107 bytes long: in a deep folder it lies elsewhere, under a name made of that folder. */
const MAX_SOCKET_BYTES = 100;
function socketIn(dataDir: string): string {
  const socket = join(dataDir, "tmux.sock");
  const folder =
    Buffer.byteLength(socket) <= MAX_SOCKET_BYTES ? dataDir : join(tmpdir(), `baton-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, "tmux.sock");
}
function toDialect(seat: Seat, settings: TerminalConnector, context: AttemptContext): Dialect & Partial<HookListener> {
  if (settings.dialect === "claude") return claudeDialect(seat.terminal, settings.permissions, context);
  return settings.dialect === "copilot" ? copilotDialect(seat, settings.permissions, context) : plainDialect(seat.terminal, settings);
}
/** Whoever registered the agent named its directory, or left it one of its own: that is the trust it asks for. */
const isItsOwnPlace = ({ agent, terminal: { cwd } }: Held): boolean => cwd === settingsOf(agent).cwd || cwd.endsWith(`/${sessionName(agent.id)}/work`);
/** A directory that a task named may hold instructions and programs of somebody else. */
async function mayTrust(one: Held, context: AttemptContext): Promise<boolean> {
  const { cwd } = one.terminal;
  if (isItsOwnPlace(one)) return true;
  const request = {
    toolKind: "other",
    paths: [cwd],
    title: `Trust the files in ${cwd}, with the instructions and settings among them`,
    detail: { cwd },
  } as const;
  return (await permit(settingsOf(one.agent).permissions, cwd, request, context)).allowed;
}
const isReady = (terminal: AgentTerminal, settings: TerminalConnector, screen: Screen): boolean =>
  settings.dialect === "copilot"
    ? isIdle(screen.lines)
    : terminal.record().hasStarted && (settings.dialect === "claude" || isAtPrompt(screen, settings.ready ?? ""));
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
/** @param inside the conversation the terminal is in. */
function promptFor(dialect: TerminalConnector["dialect"], work: Work, inside: string | undefined): string {
  const goesOn = work.conversation !== undefined && work.conversation === inside;
  if (dialect !== "plain") return toPrompt(work, goesOn);
  const said = work.context.session?.text;
  return said ? `${said}\n\n${work.description}` : work.description;
}
