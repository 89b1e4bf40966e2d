// One turn in an agent's terminal: a prompt is typed, seen to be taken, and what is said until it waits again is the answer. Nothing is
// typed while a person types, and nothing into an agent that waits for a person.
import type { Outcome, TerminalConnector, Update } from "@baton/contract";
import { MAX_ANSWER_BYTES, toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { type Failure, fail, type TimeLimit } from "../time-limit.ts";
import { lastWords } from "./agent-terminal.ts";
import type { AgentTerminal } from "./follow.ts";
import type { Screen } from "./screen.ts";
import type { Tmux } from "./tmux.ts";

export interface Turn {
  tmux: Tmux;
  terminal: AgentTerminal;
  settings: TerminalConnector;
  prompt: string;
  context: AttemptContext;
  limit: TimeLimit;
  /** When somebody last typed through this server. */
  typedHereAt(): number;
}
/** How what it does is broken off. */
export interface Interrupting {
  /** The keys that interrupt a turn. */
  interrupt: string[];
  /** How long it may take to stand still then. With the end of one that does not it stays below 2 s. */
  interruptMs: number;
  /** Whether it stands still after an interrupt and takes input. */
  stands(): boolean;
  /** The keys that clear its prompt: an interrupt may put what was typed there again. */
  clear(): string[];
}
/** What a dialect adds: how it is seen that a prompt was taken, and what came of it. All of it looks at what is known now. */
export interface Dialect extends Interrupting {
  /** Types this, in the form the dialect wants. */
  toInput(prompt: string): string;
  /** Whether the prompt was seen to be taken. */
  wasTaken(): boolean;
  /** What came of the turn once it has ended. */
  ending(screen: Screen): Outcome | undefined;
}
/** How long nothing new is waited for before it is looked at all the same. */
const LOOK_MS = 200;
const ECHO_MS = 1000;
const TAKEN_MS = 2000;
const TYPING_QUIET_MS = 3000;

/** @returns the outcome, and whether the terminal can be used again. */
export async function runTurn(turn: Turn, dialect: Dialect): Promise<{ outcome: Outcome; isUsable: boolean }> {
  const { terminal, limit, context } = turn;
  const { output } = terminal;
  if (!(await leaveThePerson(turn))) return { outcome: limit.failure() ?? fail("unavailable", "Somebody types in its terminal."), isUsable: true };
  const bytesBefore = output.bytes();
  const told = toldToEnd(limit);
  const forget = output.onText((text) => {
    for (const update of toUpdates(text)) context.onUpdate(update);
  });
  try {
    await type(turn, dialect);
    // The first Enter may have been swallowed by a redraw.
    if (!(await isTaken(turn, dialect)) && !(await isTaken(turn, dialect)) && limit.failure() === undefined)
      return {
        outcome: whatBroke(turn, bytesBefore) ?? fail("unavailable", `Its terminal did not take the prompt. It shows: ${lastWords(terminal)}`),
        isUsable: false,
      };
    for (;;) {
      const stopped = limit.failure();
      if (stopped !== undefined) return { outcome: stopped, isUsable: await interrupt(turn, dialect) };
      const broken = whatBroke(turn, bytesBefore);
      if (broken) return { outcome: broken, isUsable: false };
      terminal.hooks?.look();
      const outcome = dialect.ending(terminal.screen());
      if (outcome) return { outcome, isUsable: true };
      await Promise.race([terminal.news(LOOK_MS), told]);
    }
  } finally {
    forget();
  }
}
const toldToEnd = ({ signal }: TimeLimit): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
const PIECE = 64 * 1024;
const toUpdates = (text: string): Update[] =>
  Array.from({ length: Math.ceil(text.length / PIECE) }, (_, at) => ({ kind: "terminal", text: toStorableText(text.slice(at * PIECE, (at + 1) * PIECE)) }));

/** Types, and waits until its end is to be seen: what is submitted before it was drawn may be lost. Some show no more than that something was pasted. */
async function type({ tmux, terminal, prompt, limit }: Turn, dialect: Dialect): Promise<void> {
  const { clock, output, session } = terminal;
  const input = dialect.toInput(prompt);
  const end = input.trimEnd().split("\n").at(-1)?.trim().slice(-20) ?? "";
  const typedAt = clock.now();
  await tmux.type(session, input);
  const isShown = (): boolean => terminal.screen().lines.join("").includes(end);
  const isDrawn = (): boolean => output.changedAt() >= typedAt && clock.now() - output.changedAt() > 150;
  while (clock.now() < typedAt + ECHO_MS && terminal.end() === undefined && limit.failure() === undefined && !isShown() && !isDrawn()) await terminal.news(50);
}
/** Submits, and looks whether it is taken. */
async function isTaken({ tmux, terminal, limit }: Turn, dialect: Dialect): Promise<boolean> {
  const { clock, session } = terminal;
  if (limit.failure() !== undefined) return false;
  const until = clock.now() + TAKEN_MS;
  await tmux.keys(session, "Enter");
  while (clock.now() < until && limit.failure() === undefined) {
    terminal.hooks?.look();
    // Whatever an ended one took, it is over.
    if (terminal.end() !== undefined || dialect.wasTaken()) return true;
    await terminal.news(50);
  }
  return false;
}

/** Waits while somebody types. False when it must end first. */
async function leaveThePerson({ tmux, terminal, limit, typedHereAt }: Turn): Promise<boolean> {
  const { clock } = terminal;
  while (limit.failure() === undefined) {
    const typedAt = Math.max(typedHereAt(), (await tmux.lastTypedAt(terminal.session)) ?? 0);
    if (clock.now() - typedAt > TYPING_QUIET_MS) return true;
    await pause(200);
  }
  return false;
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
function whatBroke({ terminal }: Turn, bytesBefore: number): Failure | undefined {
  if (terminal.output.bytes() - bytesBefore > MAX_ANSWER_BYTES) return fail("limit", `It wrote more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB.`);
  const end = terminal.end();
  if (end === undefined) return undefined;
  const breach = terminal.breach();
  if (breach !== undefined) return fail("limit", breach);
  const how = end.code === null ? "It was killed" : `It ended with code ${end.code}`;
  return fail("unavailable", `${how} in the middle of its work. It said last: ${lastWords(terminal)}`);
}

const KEYS_APART_MS = 150;
/** @returns whether it takes input again: what does not is ended. */
export async function interrupt({ tmux, terminal }: Pick<Turn, "tmux" | "terminal">, dialect: Interrupting): Promise<boolean> {
  const { clock, output, session } = terminal;
  const pressedAt = clock.now();
  for (const [at, key] of dialect.interrupt.entries()) {
    // Together they would be another key.
    if (at > 0) await pause(KEYS_APART_MS);
    await tmux.keys(session, key);
  }
  while (clock.now() < pressedAt + dialect.interruptMs && terminal.end() === undefined) {
    if (output.changedAt() >= pressedAt && dialect.stands()) {
      const keys = dialect.clear();
      if (keys.length > 0) await tmux.keys(session, ...keys);
      return terminal.end() === undefined;
    }
    await terminal.news(50);
  }
  return false;
}
