// Markdown from data nobody vouches for: names of files and authors, comments and versions come from the repository and must
// show as what they are, never as markup.

/** Plain text that stays plain in a paragraph or a table cell. @param {unknown} value */
export const plain = (value) =>
  oneLine(value)
    .replace(/[\\`*_[\]<>|~#]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/\b(https?|ftp):\/\//gi, "$1:&#8203;//")
    .replace(/^([-+>]|\d+[.)])/, "\\$1");

/** A path or another exact text as code, whatever characters it holds. @param {unknown} value */
export function code(value) {
  const text = oneLine(value).replaceAll("|", "\\|");
  if (text === "") return "";
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Line breaks and invisible characters are shown escaped. @param {unknown} value */
const oneLine = (value) =>
  (typeof value === "string" || typeof value === "number" ? String(value) : "").replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

/**
 * @param {readonly string[]} head columns; one that starts with ">" is aligned right
 * @param {readonly (readonly string[])[]} rows cells that are Markdown already
 */
export function table(head, rows) {
  if (rows.length === 0) return "";
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(head.map((name) => name.replace(/^>/, ""))), line(head.map((name) => (name.startsWith(">") ? "---:" : "---"))), ...rows.map(line)].join("\n");
}

/** @param {unknown} value */
export const count = (value) => (typeof value === "number" && Number.isFinite(value) ? value.toLocaleString("en-US") : "–");
/** @param {unknown} value a share of 0..1 */
export const percent = (value) => (typeof value === "number" && Number.isFinite(value) ? `${Math.round(value * 100)} %` : "–");
/** @param {unknown} value */
export function size(value) {
  if (typeof value !== "number") return "–";
  const units = ["B", "KiB", "MiB", "GiB"];
  const step = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
/** Figures as a row of bars, one a figure. @param {readonly number[]} figures */
export function bars(figures) {
  const most = Math.max(...figures, 1);
  return figures.map((figure) => (figure <= 0 ? "·" : ("▁▂▃▄▅▆▇█"[Math.min(7, Math.floor((figure / most) * 8))] ?? "█"))).join("");
}
