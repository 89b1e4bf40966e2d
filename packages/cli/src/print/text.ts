// Text for a screen: nothing that steers the terminal, no wider than there is room.
import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";

/** What an agent or a caller wrote, safe to print: its escape sequences and control characters gone, on one line. */
export const plain = (text: string): string => plainLines(text).replace(/[\n\t]+/g, " ");
/** The same, with its lines kept. */
export const plainLines = (text: string): string => stripVTControlCharacters(text).replace(/(?![\n\t])\p{C}/gu, "");

/** Cut to `width` columns, with an ellipsis where something is missing. Takes plain text: colours come after. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += stringWidth(character);
    if (used > width) break;
    kept += character;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** Filled with spaces up to `width` columns. */
export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - stringWidth(text)));

/** 850 ms, 12.3 s, 4 min 05 s, 2 h 10 min, 3 d 4 h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

export const ago = (instant: string, now: number): string => `${duration(Math.max(0, now - Date.parse(instant)))} ago`;
export const percent = (share: number): string => `${Math.round(share * 100)} %`;
