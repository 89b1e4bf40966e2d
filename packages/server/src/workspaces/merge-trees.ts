// Two commits merged as they are, without any work tree: what comes of it are objects that nothing points to yet. A conflict is data.
import type { ConflictFile } from "@baton/contract";
import { type Git, type GitCall, toGitRefusal } from "./git.ts";

export type MergedTrees =
  | { ok: true; tree: string }
  | { ok: false; kind: "conflict"; files: ConflictFile[] }
  /** They have no history in common. */
  | { ok: false; kind: "unrelated" };

/** @throws Refusal `conflict` when git cannot. */
export async function mergeTrees(git: Git, at: Pick<GitCall, "cwd" | "environment">, ours: string, theirs: string): Promise<MergedTrees> {
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--messages", ours, theirs];
  const answer = await git.run({ ...at, args });
  const [tree = "", ...rest] = answer.stdout.split("\0");
  if (answer.code === 0) return { ok: true, tree };
  if (answer.code === 1) return { ok: false, kind: "conflict", files: toConflicts(rest) };
  if (answer.stderr.includes("unrelated histories")) return { ok: false, kind: "unrelated" };
  throw toGitRefusal(args, answer);
}
/** First the paths, until an empty one; then the messages: how many paths, the paths, the kind, what is said. */
function toConflicts(parts: readonly string[]): ConflictFile[] {
  const end = parts.indexOf("");
  const paths = [...new Set(parts.slice(0, end))];
  const said = new Map<string, string[]>();
  for (let at = end + 1; at < parts.length; ) {
    const count = Number(parts[at] || 0);
    if (count === 0) break;
    const about = parts.slice(at + 1, at + 1 + count);
    const [kind = "", words = ""] = parts.slice(at + 1 + count, at + 3 + count);
    if (kind.startsWith("CONFLICT")) for (const path of about) said.set(path, [...(said.get(path) ?? []), words.trim()]);
    at += count + 3;
  }
  return paths.map((path) => ({ path, detail: said.get(path)?.join(" ") ?? "Both sides changed it." }));
}
