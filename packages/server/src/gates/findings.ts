// What gates that only look at a change find: which files it touches and how large it is. Pure.
import type { GateOf } from "@baton/contract";
import picomatch from "picomatch";
import type { Change } from "./change.ts";

/** What a gate that looks once has to say. */
export interface Finding {
  state: "pass" | "fail" | "misconfigured";
  reason: string;
  /** Line by line. */
  detail: string;
}
const MAX_SHOWN = 50;
export const passed = (reason: string): Finding => ({ state: "pass", reason, detail: "" });
export const failed = (reason: string, lines: readonly string[]): Finding => ({
  state: "fail",
  reason,
  detail: [...lines.slice(0, MAX_SHOWN), ...(lines.length > MAX_SHOWN ? [`… and ${lines.length - MAX_SHOWN} more`] : [])].join("\n"),
});
export const matcher = (globs: readonly string[]): ((path: string) => boolean) => (globs.length === 0 ? () => false : picomatch([...globs], { dot: true }));

export function judgePaths({ allowed, forbidden }: GateOf<"paths">, { files }: Change): Finding {
  const isForbidden = matcher(forbidden);
  const isAllowed = allowed === undefined ? () => true : matcher(allowed);
  const wrong = files.flatMap(({ path }) => {
    if (isForbidden(path)) return [`${path} is forbidden here`];
    return isAllowed(path) ? [] : [`${path} is not among what may be changed`];
  });
  if (wrong.length > 0) return failed(`It changes ${count(wrong.length, "file")} that it may not.`, wrong);
  return passed(`All ${count(files.length, "changed file")} may be changed.`);
}
export function judgeSize({ maxFiles, maxLines, maxFileBytes, ignore }: GateOf<"size">, change: Change): Finding {
  const isIgnored = matcher(ignore);
  const files = change.files.filter(({ path }) => !isIgnored(path));
  const lines = files.reduce((sum, { added, removed }) => sum + (added ?? 0) + (removed ?? 0), 0);
  const tooLarge = files.filter(({ bytes }) => maxFileBytes !== undefined && (bytes ?? 0) > maxFileBytes);
  const wrong = [
    ...(maxFiles !== undefined && files.length > maxFiles ? [`${files.length} files are changed; at most ${maxFiles} may be`] : []),
    ...(maxLines !== undefined && lines > maxLines ? [`${lines} lines are added or removed; at most ${maxLines} may be`] : []),
    ...tooLarge.map(({ path, bytes }) => `${path} has ${bytes} bytes; at most ${maxFileBytes} are allowed`),
  ];
  if (wrong.length > 0) return failed("The change is too large.", wrong);
  return passed(`${count(files.length, "file")}, ${count(lines, "line")}.`);
}
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
