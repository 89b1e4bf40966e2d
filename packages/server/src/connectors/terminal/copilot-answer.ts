// Answers on GitHub Copilot's screen: the mark is moved, seen to stand where it is meant to, and only then taken. Nothing is pressed into a
// box that is another one than was looked at.
import { Refusal } from "@baton/contract";
import { type Dialog, dialogOf, isIdle, isSame, mentions, yesOf } from "./copilot-dialog.ts";
import type { AgentTerminal } from "./follow.ts";
import type { Tmux } from "./tmux.ts";

export interface Seat {
  tmux: Tmux;
  terminal: AgentTerminal;
}
const MOVE_MS = 1000;
const SHOWN_MS = 15_000;
const READY_MS = 30_000;

/** Waits while this is so of the box on its screen, but not for long. */
async function waitWhile(terminal: AgentTerminal, isSo: (now: Dialog | undefined) => boolean): Promise<void> {
  const { clock } = terminal;
  const until = clock.now() + MOVE_MS;
  while (clock.now() < until && terminal.end() === undefined && isSo(dialogOf(terminal.screen().lines))) await terminal.news(50);
}
/** Says no, and waits until the box is gone. */
export async function dismiss({ tmux, terminal }: Seat, dialog: Dialog): Promise<void> {
  await tmux.keys(terminal.session, "Escape");
  await waitWhile(terminal, (now) => isSame(dialog, now));
}
/** Takes an answer, and waits until the box is gone: a second Enter would be an answer to the next. Does nothing when another box is shown before. */
export async function choose({ tmux, terminal }: Seat, dialog: Dialog, option: number): Promise<void> {
  for (let moves = 0; moves <= 2 * dialog.options.length; moves++) {
    const now = dialogOf(terminal.screen().lines);
    if (!now || !isSame(dialog, now)) return;
    if (now.selected === option) {
      await tmux.keys(terminal.session, "Enter");
      return waitWhile(terminal, (later) => isSame(dialog, later));
    }
    await tmux.keys(terminal.session, now.selected < option ? "Down" : "Up");
    await waitWhile(terminal, (later) => isSame(dialog, later) && later?.selected === now.selected);
  }
}
/**
 * Answers the box that shows one of `signs` (any, where nothing is known), and those that follow for the same question, until it is settled: a
 * person at the terminal may be first. @throws Refusal `unavailable` when no such box comes or it takes no answer.
 */
export async function answerDialog(seat: Seat, signs: readonly string[], allowed: boolean, isSettled: () => boolean): Promise<void> {
  const { terminal } = seat;
  const { clock } = terminal;
  const until = clock.now() + SHOWN_MS;
  while (clock.now() < until) {
    terminal.hooks?.look();
    if (isSettled() || terminal.end() !== undefined) return;
    const dialog = dialogOf(terminal.screen().lines);
    if (dialog && (signs.length === 0 || signs.some((sign) => mentions(dialog, sign)))) {
      const yes = yesOf(dialog);
      if (allowed && yes < 0) break;
      await (allowed ? choose(seat, dialog, yes) : dismiss(seat, dialog));
    } else await terminal.news(100);
  }
  throw new Refusal("unavailable", `It took no answer to what it asked. Its screen: ${terminal.screen().lines.join("\n").slice(-2000)}`);
}

/**
 * Waits until it takes a prompt. Before that it asks whether the folder is to be trusted, as everybody is asked who starts it.
 * @param mayTrust whether it may be; asked once. @throws Refusal `unavailable` when it may not, or it asks something else.
 */
export async function untilTrusted(seat: Seat, mayTrust: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const { terminal } = seat;
  const { clock } = terminal;
  let until = clock.now() + READY_MS;
  while (clock.now() < until && !signal.aborted && terminal.end() === undefined) {
    const { lines } = terminal.screen();
    if (isIdle(lines)) return;
    const dialog = dialogOf(lines);
    if (dialog) {
      const asksForTrust = /folder trust/i.test(dialog.title) && mentions(dialog, terminal.cwd) && yesOf(dialog) >= 0;
      if (!asksForTrust) throw new Refusal("unavailable", `It asks something before it can be given work. ${dialog.title}: ${dialog.text}`);
      if (!(await mayTrust())) throw new Refusal("unavailable", `It may not trust the files in ${terminal.cwd}, and does nothing there without.`);
      await choose(seat, dialog, yesOf(dialog));
      until = clock.now() + READY_MS;
    }
    await terminal.news(100);
  }
}
