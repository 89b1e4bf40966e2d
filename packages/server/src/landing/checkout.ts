// The work tree that has a branch checked out, if there is one: it must not fall behind its branch, and nothing that somebody has there may be lost.
// As git itself does for a push into a checked out branch: files and index are brought along first, only where nothing stands in the way, then the branch.
import type { GitWorld } from "../gates/gates.ts";
import { existsSync } from "node:fs";
import { lstat, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { gitDirOf } from "../workspaces/workspaces.ts";

const CHECKOUT_MS = 10 * 60_000;

/** @returns the root of the work tree where it is checked out and that is there. */
export async function findCheckout(world: GitWorld, repository: string, branch: string): Promise<string | undefined> {
  const listed = await world.git.text({ cwd: repository, args: ["worktree", "list", "--porcelain", "-z"] });
  const entries = listed.split("\0\0").map((entry) => entry.split("\0"));
  const entry = entries.find((lines) => lines.includes(`branch refs/heads/${branch}`) && !lines.includes("bare"));
  const path = entry?.[0]?.replace(/^worktree /, "");
  return path === undefined ? undefined : realpath(path).catch(() => undefined);
}

export type Standing =
  /** Files, index and branch agree. */
  | { kind: "clean" }
  /** It was brought along already; only the branch has not moved. */
  | { kind: "ahead" }
  /** Whoever brought it along was cut off: every file is as it was or as it is to be. */
  | { kind: "between" }
  | { kind: "blocked"; why: string };
const UNDER_WAY = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG"] as const;
/** A work tree's own, where it keeps what is under way in it. */
async function gitDirectoryOf(checkout: string): Promise<string> {
  const entry = join(checkout, ".git");
  return (await lstat(entry)).isDirectory() ? entry : gitDirOf(checkout);
}
/** @param move from which commit to which the branch is to be moved; undefined while that is not known. */
export async function standingOf(world: GitWorld, checkout: string, move: { base: string; tip: string; isResumed: boolean } | undefined): Promise<Standing> {
  const blocked = (why: string): Standing => ({ kind: "blocked", why: `It is checked out in ${checkout}, ${why}` });
  const gitDirectory = await gitDirectoryOf(checkout);
  const underWay = UNDER_WAY.find((name) => existsSync(join(gitDirectory, name)));
  if (underWay !== undefined) return blocked(`where something is under way (${underWay}). End it, then try again.`);
  const status = await world.git.text({ cwd: checkout, args: ["status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=dirty"] });
  const changes = status.split("\0").filter((line) => line !== "");
  if (move?.isResumed && (await isBetween(world, checkout, move))) return { kind: "between" };
  if (changes.length === 0) return { kind: "clean" };
  // What somebody has changed since is theirs, and stands on what the branch is to be: with the branch where the index is, nothing of it is lost.
  if (move !== undefined && (await isIndexAt(world, checkout, move.tip))) return { kind: "ahead" };
  const shown = changes.slice(0, 5).map((line) => line.slice(3));
  return blocked(
    `with changes that are not committed: ${shown.join(", ")}${changes.length > shown.length ? " and more" : ""}. Commit or stash them, then try again.`,
  );
}
/** Not when nothing has been touched. Each file that the move changes must be, on disk, what it was before or what it is to be; all others as they were. */
async function isBetween(world: GitWorld, checkout: string, { base, tip }: { base: string; tip: string }): Promise<boolean> {
  if (!(await isIndexAt(world, checkout, base))) return false;
  const { changed, added, moved } = await touchedBy(world, checkout, { base, tip });
  const touched = [...changed, ...added];
  if (touched.length === 0 || !touched.every((path) => moved.includes(path))) return false;
  for (const path of touched) if (!(await isAsIn(world, checkout, tip, path))) return false;
  return true;
}
const isIndexAt = async (world: GitWorld, checkout: string, commit: string): Promise<boolean> =>
  (await world.git.run({ cwd: checkout, args: ["diff-index", "--cached", "--quiet", commit] })).code === 0;
interface Touched {
  /** Files that are not as the index has them. */
  changed: string[];
  /** Files that the move adds, and that are there. */
  added: string[];
  /** Files that the move changes. */
  moved: string[];
}
async function touchedBy(world: GitWorld, checkout: string, { base, tip }: { base: string; tip: string }): Promise<Touched> {
  const list = async (...args: string[]): Promise<string[]> =>
    (await world.git.text({ cwd: checkout, args: [...args, "-z"] })).split("\0").filter((path) => path !== "");
  const [changed, moved, fresh] = await Promise.all([
    list("diff", "--name-only", "--no-renames", "--ignore-submodules=dirty"),
    list("diff", "--name-only", "--no-renames", base, tip),
    list("diff", "--name-only", "--no-renames", "--diff-filter=A", base, tip),
  ]);
  return { changed, added: fresh.filter((path) => existsSync(join(checkout, path))), moved };
}
async function isAsIn(world: GitWorld, checkout: string, commit: string, path: string): Promise<boolean> {
  const wanted = await world.git.run({ cwd: checkout, args: ["rev-parse", "--verify", "--quiet", `${commit}:${path}`] });
  const found = await lstat(join(checkout, path)).catch(() => undefined);
  if (wanted.code !== 0 || found === undefined) return wanted.code !== 0 && found === undefined;
  if (!found.isFile()) return false;
  const actual = await world.git.run({ cwd: checkout, args: ["hash-object", `--path=${path}`, "--", join(checkout, path)] });
  return actual.stdout.trim() === wanted.stdout.trim();
}
/** What was cut off, to its end: only where it was found to be between. */
export async function bringToEnd(world: GitWorld, checkout: string, to: string): Promise<string | undefined> {
  return readTree(world, checkout, "--reset", "-u", to);
}
/** @returns why not, when something of it stands in the way: then nothing of it has changed. */
export async function bringAlong(world: GitWorld, checkout: string, from: string, to: string): Promise<string | undefined> {
  if ((await readTree(world, checkout, "-m", "-u", from, to)) === undefined) return undefined;
  // Files that were written anew as they were stand in the way only until the index has looked at them.
  await world.git.run({ cwd: checkout, args: ["update-index", "-q", "--refresh"], timeoutMs: CHECKOUT_MS });
  return readTree(world, checkout, "-m", "-u", from, to);
}
/** @throws when git was cut off: how far it came is seen when it is done again. */
async function readTree(world: GitWorld, checkout: string, ...args: string[]): Promise<string | undefined> {
  const { code, stderr, how } = await world.git.run({ cwd: checkout, args: ["read-tree", ...args], timeoutMs: CHECKOUT_MS });
  if (code === null) throw new Error(`git read-tree in ${checkout} ${how}`);
  return code === 0 ? undefined : `It is checked out in ${checkout}, where files stand in the way: ${stderr.trim() || how}`;
}
/** Of a move that was cut off and cannot be made any more: what it had brought along goes back, what somebody else changed stays.
 * @param to where the branch is now. */
export async function takeBack(world: GitWorld, checkout: string, { base, tip }: { base: string; tip: string }, to: string): Promise<void> {
  if (await isIndexAt(world, checkout, tip)) return void (await bringAlong(world, checkout, tip, to));
  const { changed, added, moved } = await touchedBy(world, checkout, { base, tip });
  const staged = await world.git.text({ cwd: checkout, args: ["diff-index", "--cached", "--name-only", "--no-renames", "-z", base] });
  const others = staged.split("\0");
  const isOurs = async (path: string): Promise<boolean> => moved.includes(path) && !others.includes(path) && (await isAsIn(world, checkout, tip, path));
  for (const path of added) if (await isOurs(path)) await rm(join(checkout, path));
  const back: string[] = [];
  for (const path of changed) if (await isOurs(path)) back.push(path);
  await world.git.text({ cwd: checkout, args: ["checkout-index", "--index", "--force", "-z", "--stdin"], stdin: back.join("\0") });
}
