// Of what a program wrote, the part that tells what went wrong. Pure.
import { stripVTControlCharacters } from "node:util";

/** Fit to be stored and shown: no colours, no control characters of terminals. */
const plainText = (said: string): string => stripVTControlCharacters(said).replaceAll("\0", "\ufffd").toWellFormed().trim();
/** The end of it, from the beginning of a line. */
export function tail(said: string, max: number): string {
  const plain = plainText(said);
  if (plain.length <= max) return plain;
  const cut = plain.slice(-max);
  return `…${cut.slice(Math.max(0, cut.indexOf("\n"))).toWellFormed()}`;
}

const TELLING =
  /\b(?:error|errors|fail|fails|failed|failure|failures|failing|fatal|panic|panicked|exception|traceback|assert\w*|expected|received|undefined reference|cannot|not ok|segmentation fault)\b|error TS\d+|[✗✖×❌]|^\s*[-+]\s*(?:expected|received|actual)/i;
const BEFORE = 2;
const AFTER = 5;
const LAST_LINES = 12;
/** All of it when it is short; else the lines that tell of a failure with what stands around them, and the last lines. */
export function whatMatters(said: string, max: number): string {
  const plain = plainText(said);
  if (plain.length <= max) return plain;
  const lines = plain.split("\n");
  const wanted = new Set<number>();
  lines.forEach((_, at) => {
    if (at >= lines.length - LAST_LINES) wanted.add(at);
  });
  let size = [...wanted].reduce((sum, at) => sum + (lines[at] ?? "").length + 1, 0);
  if (size > max) return tail(plain, max);
  for (const [at, line] of lines.entries()) {
    if (!TELLING.test(line)) continue;
    for (let near = Math.max(0, at - BEFORE); near <= Math.min(lines.length - 1, at + AFTER); near++) {
      const length = (lines[near] ?? "").length + 3;
      if (wanted.has(near) || size + length > max) continue;
      wanted.add(near);
      size += length;
    }
  }
  const kept = [...wanted].sort((one, other) => one - other);
  return kept.map((at, place) => (place > 0 && kept[place - 1] !== at - 1 ? `…\n${lines[at]}` : lines[at])).join("\n");
}
