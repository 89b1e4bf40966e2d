// One turn in an agent's terminal: a prompt is typed, seen to be taken, and what is said until it waits again is the answer. Nothing is
// typed while a person types, and nothing into an agent that waits for a person.
import type { Outcome, Permissions, TerminalConnector } from "@baton/contract";
import { MAX_ANSWER_BYTES } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { type Failure, fail, type TimeLimit } from "../time-limit.ts";
import { type AgentTerminal, lastWords } from "./agent-terminal.ts";
import type { Screen } from "./screen.ts";
import type { Tmux } from "./tmux.ts";

export interface Turn {
  tmux: Tmux;
  terminal: AgentTerminal;
  settings: TerminalConnector;
  permissions: Permissions | undefined;
  prompt: string;
  context: AttemptContext;
  limit: TimeLimit;
}
/** What a dialect adds: how it is seen that a prompt was taken, and what came of it. */
export interface Dialect {
  /** Types this, in the form the dialect wants. */
  toInput(prompt: string): string;
  /** Resolves true once the prompt was seen to be taken; false when it was not within `ms`. */
  wasTaken(ms: number): Promise<boolean>;
  /** Looked at again and again: what came of the turn once it has ended. */
  ending(screen: Screen): Promise<Outcome | undefined>;
  /** The keys that interrupt a turn. */
  interrupt: string[];
}
const LOOK_MS = 40;
const TAKEN_MS = 2000;
const TYPING_QUIET_MS = 3000;
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns the outcome, and whether the terminal can be used again. */
export async function runTurn(turn: Turn, dialect: Dialect): Promise<{ outcome: Outcome; isUsable: boolean }> {
  const { tmux, terminal, limit } = turn;
  const { session } = terminal;
  if (!(await leaveThePerson(turn))) return { outcome: limit.failure() ?? fail("unavailable", "Somebody types in its terminal."), isUsable: true };
  await tmux.type(session, dialect.toInput(turn.prompt));
  await tmux.keys(session, "Enter");
  if (!(await dialect.wasTaken(TAKEN_MS)) && limit.failure() === undefined) {
    // The first Enter may have been swallowed by a redraw.
    await tmux.keys(session, "Enter");
    if (!(await dialect.wasTaken(TAKEN_MS)) && limit.failure() === undefined)
      return { outcome: await orItsEnd(terminal, fail("unavailable", "Its terminal did not take the prompt.")), isUsable: false };
  }
  for (;;) {
    const stopped = limit.failure();
    if (stopped !== undefined) return { outcome: stopped, isUsable: await interrupt(turn, dialect) };
    const broken = await whatBroke(terminal);
    if (broken) return { outcome: broken, isUsable: false };
    const screen = await terminal.screen();
    const outcome = screen && (await dialect.ending(screen));
    if (outcome) return { outcome, isUsable: true };
    await pause(LOOK_MS);
  }
}

/** Waits while somebody who is attached types. False when it must end first. */
async function leaveThePerson({ tmux, terminal, limit }: Turn): Promise<boolean> {
  const { clock } = terminal;
  for (;;) {
    if (limit.failure() !== undefined) return false;
    const typedAt = await tmux.lastTypedAt(terminal.session);
    if (typedAt === undefined || clock.now() - typedAt > TYPING_QUIET_MS) return true;
    await pause(200);
  }
}
async function whatBroke(terminal: AgentTerminal): Promise<Failure | undefined> {
  if (terminal.said(false) > MAX_ANSWER_BYTES) return fail("limit", `It wrote more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB.`);
  const screen = await terminal.screen();
  if (screen && !screen.isDead) return undefined;
  const breach = terminal.breach();
  if (breach !== undefined) return fail("limit", breach);
  if (!screen) return fail("unavailable", "Its terminal is gone.");
  const how = screen.exitCode === null ? "It was killed" : `It ended with code ${screen.exitCode}`;
  return fail("unavailable", `${how} in the middle of its work. It said last: ${await lastWords(terminal)}`);
}
const orItsEnd = async (terminal: AgentTerminal, otherwise: Failure): Promise<Failure> => (await whatBroke(terminal)) ?? otherwise;

/** @returns whether it waits for input again: what does not is ended. */
async function interrupt({ tmux, terminal }: Turn, dialect: Dialect): Promise<boolean> {
  const { clock } = terminal;
  await tmux.keys(terminal.session, ...dialect.interrupt);
  const until = clock.now() + 700;
  while (clock.now() < until) {
    const screen = await terminal.screen();
    if (!screen || screen.isDead) return false;
    if (await dialect.ending(screen)) return true;
    await pause(LOOK_MS);
  }
  return false;
}
