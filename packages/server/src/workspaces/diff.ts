// What differs between two states of a work tree: files with their counts, and the patch.
import type { WorkspaceDiff } from "@baton/contract";
import type { Git } from "./git.ts";

type FileDiff = WorkspaceDiff["files"][number];
const STATUS: Record<string, FileDiff["status"]> = { A: "added", D: "deleted", M: "modified", R: "renamed", T: "type changed" };
const PLAIN = ["--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"];
const MAX_LIST = 8 << 20;

/** @param to a commit or tree. @param only one path of it. */
export async function listDiff(git: Git, cwd: string, from: string, to: string, only?: string): Promise<FileDiff[]> {
  const args = ["diff", "--raw", "--numstat", "-z", ...PLAIN, from, to, ...toPathspec(only)];
  return parseDiff(await git.text({ cwd, args: literal(only, args), maxBytes: MAX_LIST }));
}
/** As `git apply` takes it, at most `maxBytes` of it. */
export async function readPatch(
  git: Git,
  cwd: string,
  from: string,
  to: string,
  only: string | undefined,
  maxBytes: number,
): Promise<{ patch: string; truncated: boolean }> {
  const answer = await git.run({ cwd, args: literal(only, ["diff", "--patch", ...PLAIN, from, to, ...toPathspec(only)]), maxBytes });
  return { patch: answer.stdout, truncated: answer.code === null };
}
const literal = (only: string | undefined, args: string[]): string[] => (only === undefined ? args : ["--literal-pathspecs", ...args]);
const toPathspec = (only: string | undefined): string[] => (only === undefined ? ["--"] : ["--", only]);

/** First all the `:<modes> <objects> <status>` with their paths, then all the counts, in the same order. */
function parseDiff(text: string): FileDiff[] {
  const fields = text.split("\0");
  const files: FileDiff[] = [];
  let at = 0;
  for (; fields[at]?.startsWith(":"); ) {
    const letter = (fields[at] as string).split(" ").at(-1)?.[0] ?? "M";
    const isMoved = letter === "R" || letter === "C";
    const path = fields[at + (isMoved ? 2 : 1)] ?? "";
    files.push({ path, oldPath: isMoved ? (fields[at + 1] ?? null) : null, status: STATUS[letter] ?? "modified", additions: null, deletions: null });
    at += isMoved ? 3 : 2;
  }
  for (const file of files) {
    const [additions = "-", deletions = "-"] = (fields[at] ?? "").split("\t");
    if (additions !== "-") Object.assign(file, { additions: Number(additions), deletions: Number(deletions) });
    at += file.oldPath === null ? 1 : 3;
  }
  return files;
}
