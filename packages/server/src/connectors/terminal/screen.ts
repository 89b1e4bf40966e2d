// What stands on a terminal: the lines as a terminal shows them, and what of them is new.
import type { Tmux } from "./tmux.ts";

export interface Screen {
  /** Of the screen, without the empty ones at its end. */
  lines: string[];
  /** The number of the first of them, counted from the first line the program ever wrote. */
  first: number;
  cursor: { row: number; column: number };
  isDead: boolean;
  exitCode: number | null;
}
export async function screenOf(tmux: Tmux, session: string): Promise<Screen | undefined> {
  const pane = await tmux.pane(session);
  if (!pane) return undefined;
  const lines = await tmux.lines(session, 0);
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return { lines, first: pane.history, cursor: { row: pane.row, column: pane.column }, isDead: pane.isDead, exitCode: pane.exitCode };
}
/** Everything that was written from line `from` on, however much of it has scrolled away. */
export async function linesSince(tmux: Tmux, session: string, from: number): Promise<string[]> {
  const pane = await tmux.pane(session);
  if (!pane) return [];
  const lines = await tmux.lines(session, from - pane.history);
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines;
}
/** Whether its last line is the one on which it waits for input. */
export const isAtPrompt = (screen: Screen, ready: string): boolean => (screen.lines.at(-1) ?? "").endsWith(ready.trimEnd());
