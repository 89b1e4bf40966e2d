// What a workspace's diff says of each file, line by line with the numbers of both sides. Pure. Read here and not by a library, as what was cut off in the
// middle of a hunk is shown, too.
import type { WorkspaceDiff } from "@baton/contract";

export interface DiffLine {
  kind: "same" | "added" | "removed" | "gap" | "note";
  text: string;
  /** Of the line before and after the change; null where there is none. */
  before: number | null;
  after: number | null;
}
export type ChangedFile = WorkspaceDiff["files"][number] & {
  /** null: they were not sent, as the whole is too long. */
  lines: DiffLine[] | null;
};

/** The patch tells files in the order of the list; names are not read from it, as git quotes some of them. */
export function toChangedFiles({ files, patch, truncated }: Pick<WorkspaceDiff, "files" | "patch" | "truncated">): ChangedFile[] {
  const parts = toParts(patch);
  const whole = truncated && files.length > 1 ? parts.length - 1 : parts.length;
  return files.map((file, at) => ({ ...file, lines: at < whole ? toLines(parts[at] ?? []) : null }));
}

/** A file that became another kind of file is told as removed and as added, under the same heading. */
function toParts(patch: string): string[][] {
  const parts: string[][] = [];
  let heading: string | undefined;
  for (const line of patch.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("diff --git ")) {
      if (line !== heading) parts.push([]);
      heading = line;
    }
    parts.at(-1)?.push(line);
  }
  return parts;
}

const hunkStart = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/;

function toLines(part: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let isInHunk = false;
  let [before, after] = [0, 0];
  for (const line of part) {
    const start = hunkStart.exec(line);
    if (line.startsWith("diff --git ")) isInHunk = false;
    else if (start) {
      if (Math.max(Number(start[1]), Number(start[2])) > 1) lines.push({ kind: "gap", text: start[3] ?? "", before: null, after: null });
      [before, after, isInHunk] = [Number(start[1]), Number(start[2]), true];
    } else if (isInHunk) {
      const text = line.slice(1).replace(/\r$/, "");
      if (line.startsWith("+")) lines.push({ kind: "added", text, before: null, after: after++ });
      else if (line.startsWith("-")) lines.push({ kind: "removed", text, before: before++, after: null });
      else if (line.startsWith("\\")) lines.push({ kind: "note", text: text.trim(), before: null, after: null });
      else lines.push({ kind: "same", text, before: before++, after: after++ });
    }
  }
  return lines;
}
