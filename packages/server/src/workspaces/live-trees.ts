// Work trees whose work is still to land, and what is in them now. Looking leaves nothing behind: what git has to write for it goes where it is told to.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Git } from "./git.ts";
import { isThere } from "./recover.ts";
import { addAll } from "./snapshot.ts";
import { type FoundWorkspace, selectLive } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";
import { copyIndex, gitDirOf } from "./worktree.ts";

/** Those on this machine that take work, oldest first. */
export async function listLiveHere({ db }: Pick<WorkspacesWorld, "db">): Promise<FoundWorkspace[]> {
  const rows = await selectLive(db);
  const here = await Promise.all(rows.map(isThere));
  return rows.filter((_, at) => here[at]);
}

export interface WorkTreeNow {
  /** All that is tracked or new, committed or not. */
  tree: string;
  /** What is checked out. */
  head: string;
  /** The last commit it has in common with the branch it began from; where that branch is gone, what it began from. */
  base: string;
  /** What the branch it began from stands at. */
  target: string;
}
/** Where git finds objects, and where it writes those that are not there yet. */
export interface Objects {
  GIT_OBJECT_DIRECTORY: string;
  GIT_ALTERNATE_OBJECT_DIRECTORIES: string;
}
/**
 * @param before what it was when it was read last, if it was.
 * @throws Refusal `conflict` when it is no work tree any more, or git cannot read it.
 */
export async function readWorkTree(
  { git, newId }: Pick<WorkspacesWorld, "git" | "newId">,
  row: Pick<FoundWorkspace, "path" | "base_branch" | "base_commit">,
  objects: Objects,
  before?: WorkTreeNow,
): Promise<WorkTreeNow> {
  const { path } = row;
  const gitDir = await gitDirOf(path);
  await mkdir(objects.GIT_OBJECT_DIRECTORY, { recursive: true, mode: 0o700 });
  const index = await copyIndex(gitDir, `baton-${newId()}.index`);
  try {
    const within = { cwd: path, environment: { ...objects, GIT_INDEX_FILE: index } };
    await addAll(git, within);
    const tree = await git.line({ ...within, args: ["write-tree"] });
    return { tree, ...(await readStand(git, row, before)) };
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}
async function readStand(
  git: Git,
  { path, base_branch, base_commit }: Pick<FoundWorkspace, "path" | "base_branch" | "base_commit">,
  before: WorkTreeNow | undefined,
): Promise<Omit<WorkTreeNow, "tree">> {
  const branch = base_branch === null ? [] : [`refs/heads/${base_branch}^{commit}`];
  const told = await git.run({ cwd: path, args: ["rev-parse", "HEAD^{commit}", ...branch] });
  const [head = "", target] = told.stdout.trimEnd().split("\n");
  if (told.code !== 0 || target === undefined) {
    const commit = await git.line({ cwd: path, args: ["rev-parse", "--verify", "HEAD^{commit}"] });
    return { head: commit, base: base_commit, target: base_commit };
  }
  if (head === before?.head && target === before.target) return { head, base: before.base, target };
  const common = await git.run({ cwd: path, args: ["merge-base", head, target] });
  return common.code === 0 ? { head, base: common.stdout.trim(), target } : { head, base: base_commit, target: base_commit };
}
/** Directories in it that git ignores as they are now, by their absolute paths. */
export async function listIgnored({ git }: Pick<WorkspacesWorld, "git">, path: string): Promise<string[]> {
  const told = await git.run({ cwd: path, args: ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"] });
  return told.stdout
    .split("\0")
    .filter((name) => name.endsWith("/"))
    .map((name) => join(path, name));
}
