// Lines at the bottom of a terminal that are drawn again in place; what is printed before them scrolls away above.
import type { Stream } from "../terminal.ts";

export interface LiveScreen {
  draw(lines: readonly string[]): void;
  /** Leaves the last lines where they are and gives the cursor back. */
  close(): void;
}

export function openLiveScreen(out: Stream): LiveScreen {
  let shown: readonly string[] = [];
  let isOpen = false;
  return {
    draw: (lines) => {
      const up = shown.length === 0 ? "" : `\x1b[${shown.length}A`;
      out.write(`${isOpen ? "" : "\x1b[?25l"}${up}\r${lines.map((line) => `\x1b[2K${line}\n`).join("")}\x1b[J`);
      isOpen = true;
      shown = lines;
    },
    close: () => {
      if (isOpen) out.write("\x1b[?25h");
      isOpen = false;
      shown = [];
    },
  };
}
