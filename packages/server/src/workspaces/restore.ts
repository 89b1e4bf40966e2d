// Setting a work tree back to a snapshot: its files, tracked and new, what was staged, and what was checked out. Only the workspace's own branch is moved;
// from any other the work tree is taken off. What is ignored stays as it is, but where it stands in the way of what comes back. Done again, it comes to the
// same, so that one that was cut off is simply done again.
import { link, lstat, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Refusal } from "@baton/contract";
import type { Git } from "./git.ts";
import { nestedRepositories } from "./nested-repositories.ts";
import { addAll, unhide } from "./snapshot.ts";
import { copyIndex, gitDirOf } from "./worktree.ts";

export interface Target {
  tree: string;
  head: string;
  /** undefined: none was checked out. */
  branch: string | undefined;
  /** undefined: a merge had left it open. */
  indexTree: string | undefined;
}
/** What a merge, a rebase and the like are about; a snapshot has kept their commits. */
const UNDERWAY = [
  "MERGE_HEAD",
  "MERGE_MSG",
  "MERGE_MODE",
  "AUTO_MERGE",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "SQUASH_MSG",
  "rebase-merge",
  "rebase-apply",
  "sequencer",
];
const CHECKOUT_MS = 10 * 60_000;

/** @param own the workspace's branch. @throws Refusal `conflict` while git is at work in it, or when git cannot. */
export async function restoreFiles(git: Git, path: string, target: Target, own: string): Promise<void> {
  const gitDir = await gitDirOf(path);
  const lock = join(gitDir, "index.lock");
  await leaveNoLock(lock, join(gitDir, COPY));
  const index = await copyIndex(gitDir, COPY);
  const within = { cwd: path, environment: { GIT_INDEX_FILE: index } };
  try {
    await unhide(git, within);
    // With what is new in the index, git takes away what is not in the target, and leaves alone what is as it is to be.
    await addAll(git, within);
    await git.text({ ...within, args: ["read-tree", "--reset", "-u", target.tree], timeoutMs: CHECKOUT_MS });
    await git.text({ ...within, args: ["read-tree", "--reset", target.indexTree ?? target.head] });
    await link(index, lock).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") throw isLocked(lock);
      throw error;
    });
    await rename(lock, join(gitDir, "index"));
    await Promise.all(UNDERWAY.map((name) => rm(join(gitDir, name), { recursive: true, force: true })));
    await restoreHead(git, path, target, own);
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}
/** The index it is done with: one at a time of a work tree, so that whoever does it again knows what it left. */
const COPY = "baton-restore.index";
const isLocked = (lock: string): Refusal => new Refusal("conflict", `git is at work: there is ${lock}. When nothing is, remove it and try again.`);
/** Before anything is changed. One that was cut off may have left its own: the index it was done with, under another name. */
async function leaveNoLock(lock: string, copy: string): Promise<void> {
  const [locked, ours] = await Promise.all([lock, copy].map((one) => lstat(one).catch(() => undefined)));
  if (!locked) return;
  if (locked.ino !== ours?.ino) throw isLocked(lock);
  await rm(lock);
}
async function restoreHead(git: Git, cwd: string, { head, branch }: Target, own: string): Promise<void> {
  const message = "Set back to a checkpoint";
  if (branch !== own) await git.text({ cwd, args: ["update-ref", "--no-deref", "-m", message, "HEAD", head] });
  else {
    await git.text({ cwd, args: ["symbolic-ref", "-m", message, "HEAD", `refs/heads/${own}`] });
    await git.text({ cwd, args: ["update-ref", "-m", message, `refs/heads/${own}`, head] });
  }
}

/**
 * Files that are ignored now and stand where the target has some of its own: a snapshot of what is replaced must have them.
 * @throws Refusal `conflict` where a repository of its own stands there, which no snapshot can hold.
 */
export async function ignoredInTheWay(git: Git, path: string, current: string, target: string): Promise<string[]> {
  const text = await git.text({ cwd: path, args: ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=AT", current, target] });
  const found = await Promise.all(
    text
      .split("\0")
      .filter(Boolean)
      .map((name) => standsAt(path, name)),
  );
  const names = [...new Set(found.filter((name) => name !== undefined))];
  const nested = (await Promise.all(names.map((name) => nestedRepositories(path, join(path, name))))).flat();
  if (nested.length > 0)
    throw new Refusal("conflict", `There are repositories inside of ${path} where files are to come back: ${nested.join(", ")}. Move them elsewhere first.`);
  return names;
}
/** The file, link or directory where `name` is to be, or the one that stands where a directory above it is to be. */
async function standsAt(root: string, name: string): Promise<string | undefined> {
  try {
    await lstat(join(root, name));
    return name;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return standsAt(root, dirname(name));
    if (code !== "ENOENT") throw error;
    return undefined;
  }
}
