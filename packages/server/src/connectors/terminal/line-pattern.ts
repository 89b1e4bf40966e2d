// What a line of the screen must be, as registrations say it: `*` stands for anything, `{status}` for a number, the rest for itself.
// Matched without regular expressions: nothing a registration says can make it slow.

type Part = { text: string } | { gap: "any" | "status" };
export interface LineMatch {
  /** What `{status}` stood for. */
  status?: number | undefined;
}
export type LinePattern = (line: string) => LineMatch | undefined;

export function toLinePattern(pattern: string): LinePattern {
  const parts = pattern.split(/(\*|\{status\})/).flatMap((text): Part[] => {
    if (text === "") return [];
    return [text === "*" ? { gap: "any" } : text === "{status}" ? { gap: "status" } : { text }];
  });
  return (line) => match(parts, line.trimEnd());
}

/** Greedy from the left, remembering the last `*`: linear in practice and at worst pattern times line. */
function match(parts: readonly Part[], line: string): LineMatch | undefined {
  let at = 0;
  let part = 0;
  let status: number | undefined;
  let retry: { part: number; at: number } | undefined;
  while (part < parts.length || at < line.length) {
    const next = parts[part];
    const taken = next === undefined ? undefined : take(next, line, at);
    if (next !== undefined && "gap" in next && next.gap === "any") {
      retry = { part, at };
      part++;
    } else if (taken !== undefined) {
      if (next !== undefined && "gap" in next) status = Number(line.slice(at, at + taken));
      at += taken;
      part++;
    } else if (retry !== undefined && retry.at < line.length) {
      retry.at++;
      part = retry.part + 1;
      at = retry.at;
    } else return undefined;
  }
  return { status };
}
/** How many characters of `line` at `at` it takes; undefined: it does not fit there. */
function take(part: Part, line: string, at: number): number | undefined {
  if ("text" in part) return line.startsWith(part.text, at) ? part.text.length : undefined;
  let end = at;
  while (end < at + 9 && /\d/.test(line[end] ?? "")) end++;
  return part.gap === "status" && end > at ? end - at : undefined;
}
