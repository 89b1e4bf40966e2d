// Work trees as git makes and removes them. Whoever removes one has seen to it that what is in it is kept.
import { copyFile, mkdir, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Refusal } from "@baton/contract";
import { type Git, type GitAnswer, toGitRefusal } from "./git.ts";

export interface NewWorktree {
  commonDir: string;
  path: string;
  branch: string;
  commit: string;
}
/** Large repositories take their time. */
const CHECKOUT_MS = 30 * 60_000;

/** Git that reads of a work tree while another git makes it gives up. */
const isHalfMade = ({ stderr }: GitAnswer): boolean => stderr.includes("failed to read worktrees/");
const TRIES = 5;

/** As `git worktree list --porcelain -z` tells them, the main one first. @throws Refusal `conflict` */
export async function listWorktrees(git: Git, commonDir: string): Promise<string> {
  const args = ["worktree", "list", "--porcelain", "-z"];
  for (let tried = 1; ; tried++) {
    const told = await git.run({ cwd: commonDir, args });
    if (told.code === 0) return told.stdout;
    if (tried === TRIES || !isHalfMade(told)) throw toGitRefusal(args, told);
  }
}
/** Empty as yet. One at a time of a repository: in this process that is for the caller to see to; another's is waited for. */
export async function addWorktree(git: Git, place: NewWorktree): Promise<void> {
  const { commonDir, path, branch, commit } = place;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const args = ["worktree", "add", "--quiet", "--no-checkout", "--no-track", "-b", branch, path, commit];
  for (let tried = 1; ; tried++) {
    const added = await git.run({ cwd: commonDir, args });
    if (added.code === 0) return;
    if (tried === TRIES || !isHalfMade(added)) throw toGitRefusal(args, added);
    await discardWorktree(git, place);
  }
}
/** What git does at the end of adding one: all that is in its commit. As many as like at a time. */
export const fillWorktree = (git: Git, { path }: NewWorktree): Promise<string> =>
  git.text({ cwd: path, args: ["reset", "--hard", "--quiet", "--no-recurse-submodules"], timeoutMs: CHECKOUT_MS });

/** Whatever is left of it: files, what git knows of it, and its branch where nothing was committed to it. For what nobody has worked in. */
export async function discardWorktree(git: Git, { commonDir, path, branch, commit }: NewWorktree): Promise<void> {
  await removeWorktree(git, commonDir, path);
  const at = await git.run({ cwd: commonDir, args: ["rev-parse", "--verify", "--quiet", `refs/heads/${branch}`] });
  // Deleted only while it stands where it began.
  if (at.stdout.trim() === commit) await git.run({ cwd: commonDir, args: ["update-ref", "-d", `refs/heads/${branch}`, commit] });
}
/** Also one that was begun and cut off, or whose removal was. */
export async function removeWorktree(git: Git, commonDir: string, path: string): Promise<void> {
  // Twice forced: also while it is locked, as it is until it is whole.
  await git.run({ cwd: commonDir, args: ["worktree", "remove", "--force", "--force", path], timeoutMs: CHECKOUT_MS });
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  // Not `git worktree prune`: it forgets every work tree that is gone, also one on a disk that is not mounted just now, and what only it had.
  const left = await findGitDir(commonDir, path);
  if (left !== undefined) await rm(left, { recursive: true, force: true, maxRetries: 3 });
}
/** What git keeps of the work tree at `path`, also of one that is gone. */
export async function findGitDir(commonDir: string, path: string): Promise<string | undefined> {
  const all = join(commonDir, "worktrees");
  const names = await readdir(all).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    const pointer = await readFile(join(all, name, "gitdir"), "utf8").catch(() => "");
    if (pointer.trimEnd() === join(path, ".git")) return join(all, name);
  }
  return undefined;
}

/** The git directory of a work tree. @throws Refusal `conflict` when it is none. */
export async function gitDirOf(path: string): Promise<string> {
  const text = await readFile(join(path, ".git"), "utf8").catch(() => "");
  const [, named] = /^gitdir: (.+)$/m.exec(text) ?? [];
  if (named === undefined) throw new Refusal("conflict", `${path} is no work tree: its .git file is gone.`);
  return resolve(path, named);
}
/**
 * A copy of the index, to be worked with beside whoever works with the index itself. It is as old as the index is: what was changed in the second in which
 * the index was written, and kept its size, git looks at only because the index is not newer than the file.
 */
export async function copyIndex(gitDir: string, name: string): Promise<string> {
  const [index, copy] = [join(gitDir, "index"), join(gitDir, name)];
  try {
    // Looked at first: one that is written anew meanwhile counts as older than it is, which costs time only.
    const { atime, mtimeMs } = await stat(index);
    await copyFile(index, copy);
    await utimes(copy, atime, Math.floor(mtimeMs / 1000));
  } catch (error) {
    // Without an index nothing is tracked.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return copy;
}
