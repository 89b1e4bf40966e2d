// What stands on a terminal, as a person would see it: a terminal emulator without a window, fed with what the program writes.
import xterm from "@xterm/headless";

/** Lines kept above the screen. A turn that writes more loses its beginning. */
const KEPT_LINES = 10_000;

export interface Screen {
  /** Of the screen, without the empty ones at its end. */
  lines: string[];
  /** The number of the first of them, counted from the first line that is kept. */
  first: number;
  cursor: { row: number; column: number };
}
export interface Emulator {
  /** Resolves when the screen shows it. */
  write(data: Uint8Array | string): Promise<void>;
  screen(): Screen;
  /** Everything from line `from` on, however much of it has scrolled away. */
  linesSince(from: number): string[];
  /** Drops what has scrolled away: line 0 is the top of the screen then. */
  forget(): void;
  close(): void;
}

export function openEmulator(columns: number, rows: number): Emulator {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: KEPT_LINES, allowProposedApi: true, logLevel: "off" });
  const buffer = () => terminal.buffer.active;
  /** Rows as lines: what was wrapped is one line again. Empty lines at the end are left out. */
  function linesSince(from: number): string[] {
    const lines: string[] = [];
    for (let y = Math.max(0, from); y < buffer().length; y++) {
      const row = buffer().getLine(y);
      // A row that goes on keeps its blanks: the next one stands behind them.
      const text = row?.translateToString(buffer().getLine(y + 1)?.isWrapped !== true) ?? "";
      if (row?.isWrapped === true && lines.length > 0) lines[lines.length - 1] += text;
      else lines.push(text);
    }
    while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
    return lines;
  }
  return {
    write: (data) => new Promise((resolve) => terminal.write(data, resolve)),
    screen: () => ({ lines: linesSince(buffer().baseY), first: buffer().baseY, cursor: { row: buffer().cursorY, column: buffer().cursorX } }),
    linesSince,
    forget: () => {
      terminal.options.scrollback = 0;
      terminal.options.scrollback = KEPT_LINES;
    },
    close: () => terminal.dispose(),
  };
}
/** Whether its last line is the one on which it waits for input. */
export const isAtPrompt = (screen: Screen, ready: string): boolean => (screen.lines.at(-1) ?? "").trimEnd().endsWith(ready.trimEnd());
