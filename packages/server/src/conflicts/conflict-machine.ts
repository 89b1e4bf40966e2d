// What becomes of a conflict when the two workspaces have been compared. Pure.
//
// It is **open** while their changes overlap. It has **eased** when they overlap no longer. **Resolved** it stays, whatever comes and goes, until some file is
// worse than it was when somebody resolved it; then it is open again. It is **gone** when one of the two has landed or is not there any more, from whatever
// state; should that one be worked on again, it opens as it did at first.
import { type ConflictSeverity, conflictSeverities, type ConflictState, type EventType, type OverlappingFile } from "@baton/contract";

export type Overlap = Pick<OverlappingFile, "path" | "severity">;
export interface Standing {
  state: ConflictState;
  files: readonly Overlap[];
  /** What was resolved; only of one that is. */
  accepted: readonly Overlap[] | undefined;
}
export interface Next {
  state: ConflictState;
  /** undefined: nothing that anybody has to hear of. */
  tell: (EventType & `conflict.${string}`) | undefined;
}
export const rankOf = (severity: ConflictSeverity): number => conflictSeverities.indexOf(severity);
export const bySeverity = (one: Overlap, other: Overlap): number => rankOf(other.severity) - rankOf(one.severity) || (one.path < other.path ? -1 : 1);

/** @param found what overlaps now; undefined: one of the two is not live any more. @returns undefined where there is nothing to be kept. */
export function nextConflict(before: Standing | undefined, found: readonly Overlap[] | undefined): Next | undefined {
  if (found === undefined) return before === undefined || before.state === "gone" ? undefined : { state: "gone", tell: "conflict.gone" };
  const isThere = found.length > 0;
  if (before === undefined || before.state === "gone" || before.state === "eased") return isThere ? { state: "open", tell: "conflict.detected" } : undefined;
  if (before.state === "resolved")
    return isThere && isWorse(before.accepted ?? [], found) ? { state: "open", tell: "conflict.worsened" } : { state: "resolved", tell: undefined };
  if (!isThere) return { state: "eased", tell: "conflict.eased" };
  if (isWorse(before.files, found)) return { state: "open", tell: "conflict.worsened" };
  return { state: "open", tell: isWorse(found, before.files) ? "conflict.eased" : undefined };
}
/** Some file is, or overlaps that did not. */
function isWorse(before: readonly Overlap[], now: readonly Overlap[]): boolean {
  const ranks = new Map(before.map(({ path, severity }) => [path, rankOf(severity)]));
  return now.some(({ path, severity }) => rankOf(severity) > (ranks.get(path) ?? -1));
}
