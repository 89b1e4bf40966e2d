// A snapshot: everything in a work tree that is tracked or new, as a commit that nobody sees, made beside the agent's own index and branch. What is
// ignored is not in it. Each has the one before among its parents, so that one ref holds all there ever were.
//
// Its parents: the commit that was checked out, what was staged (where that is not in the tree), what a merge or rebase was about, the snapshot before.
import { lstatSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, toGitRefusal } from "./git.ts";
import { copyIndex, gitDirOf } from "./worktree.ts";

export interface Snapshot {
  commit: string;
  tree: string;
  /** What was checked out. */
  head: string;
  /** undefined: no branch was. */
  branch: string | undefined;
  /** What was staged; undefined while a merge leaves it open. */
  indexTree: string | undefined;
  /** Paths that differ from `since`. */
  changed: string[];
}
export interface SnapshotOf {
  workspaceId: string;
  path: string;
  /** A name for this one's files. */
  mark: string;
  message: string;
  /** Commits to be kept with it. */
  more?: readonly string[];
  /** Files to be kept although they are ignored. */
  ignored?: readonly string[];
  /** A commit: what differs from it is told, too. */
  since?: string;
}
export const snapshotRef = (workspaceId: string): string => `refs/baton/workspaces/${workspaceId}`;

const IDENTITY = {
  GIT_AUTHOR_NAME: "Baton",
  GIT_AUTHOR_EMAIL: "baton@localhost",
  GIT_COMMITTER_NAME: "Baton",
  GIT_COMMITTER_EMAIL: "baton@localhost",
};
/** Where a merge, a rebase and the like keep what they are about. */
const KEPT = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "ORIG_HEAD", "rebase-merge/orig-head", "rebase-merge/autostash", "rebase-apply/orig-head"];
/**
 * Several commands of git in one run: what guards a run costs as much as a short command does, and with one for each a checkpoint took two and a half times
 * as long as git alone. What is out of the ordinary ends the first with another code than 0, and is done step by step.
 */
const WRITE = `alias.keep=!if git ls-files -v | grep -q "^[a-zS]"; then exit 3; fi; git write-tree 2>/dev/null || echo -; git add --all --sparse && git write-tree`;
const COMMIT = `alias.keep=!keep() { ref=$1 last=$2 message=$3; shift 3; commit=$(git commit-tree -m "$message" "$@") && git update-ref --create-reflog -m "$message" "$ref" "$commit" "$last" && echo "$commit"; }; keep`;
const ADD_MS = 10 * 60_000;
/** An agent writes while its files are read. */
const TRIES = 4;

/** @throws Refusal `conflict` when something in it cannot be kept, with git's reason. */
export async function takeSnapshot(git: Git, of: SnapshotOf): Promise<Snapshot> {
  const gitDir = await gitDirOf(of.path);
  const ref = snapshotRef(of.workspaceId);
  // A snapshot that was made from elsewhere meanwhile is to be among the parents, too.
  for (let tried = 1; ; tried++) {
    const [{ head, last }, written] = await Promise.all([standing(git, { cwd: of.path }, ref), writeTrees(git, of, gitDir)]);
    const { tree, indexTree } = written;
    const [kept, branch] = await Promise.all([keptOf(gitDir), branchOf(gitDir)]);
    const parents = [head.commit, ...kept, ...(of.more ?? [])];
    const isStagedApart = indexTree !== undefined && indexTree !== tree && indexTree !== head.tree;
    const keep = async (): Promise<string | undefined> => {
      if (!isStagedApart && isSame(last, head.commit, tree, parents)) return last.commit;
      if (isStagedApart) parents.push(await commitTree(git, of.path, indexTree, [head.commit], "index"));
      const args = ["-c", COMMIT, "keep", ref, last.commit, of.message, tree, ...toParents([...parents, last.commit])];
      const moved = await git.run({ cwd: of.path, environment: IDENTITY, args });
      if (moved.code !== 0 && tried === TRIES) throw toGitRefusal(["update-ref", ref], moved);
      return moved.code === 0 ? moved.stdout.trim() : undefined;
    };
    const [commit, changed] = await Promise.all([keep(), of.since === undefined ? [] : changedSince(git, of.path, of.since, tree)]);
    if (commit !== undefined) return { commit, tree, head: head.commit, branch, indexTree, changed };
  }
}
async function changedSince(git: Git, cwd: string, since: string, tree: string): Promise<string[]> {
  const text = await git.text({ cwd, args: ["diff-tree", "-r", "-z", "--name-only", "--find-renames", since, tree] });
  return text.split("\0").filter(Boolean);
}
/** Of a work tree whose files are gone what git still knows: what was checked out, what was staged, and `more`. */
export async function keepWithoutFiles(git: Git, of: Omit<SnapshotOf, "path" | "mark" | "ignored"> & { commonDir: string; gitDir: string }): Promise<void> {
  const within = { cwd: of.commonDir, environment: { GIT_DIR: of.gitDir } };
  const ref = snapshotRef(of.workspaceId);
  const { head, last } = await standing(git, within, ref);
  const staged = await git.run({ ...within, args: ["write-tree"] });
  const tree = staged.code === 0 ? staged.stdout.trim() : head.tree;
  const commit = await commitTree(git, of.commonDir, tree, [head.commit, ...(await keptOf(of.gitDir)), ...(of.more ?? []), last.commit], of.message);
  await git.text({ ...within, args: ["update-ref", "--create-reflog", "-m", of.message, ref, commit, last.commit] });
}
interface Within {
  cwd: string;
  environment?: Record<string, string>;
}
interface Stand {
  commit: string;
  tree: string;
  parents: string[];
}
/** What is checked out, and the last snapshot. */
async function standing(git: Git, within: Within, ref: string): Promise<{ head: Stand; last: Stand }> {
  const text = await git.text({ ...within, args: ["log", "--no-walk=unsorted", "--format=%H %T %P", "HEAD", ref, "--"] });
  const stands = text
    .trim()
    .split("\n")
    .map((line) => {
      const [commit = "", tree = "", ...parents] = line.split(" ").filter(Boolean);
      return { commit, tree, parents };
    });
  const head = stands[0] as Stand;
  // At the beginning both are one.
  return { head, last: stands[1] ?? head };
}
/** Nothing has changed since: the commit is good for this one, too. */
const isSame = (last: Stand, head: string, tree: string, parents: readonly string[]): boolean =>
  last.tree === tree &&
  (last.commit === head || last.parents[0] === head) &&
  parents.every((parent) => parent === last.commit || last.parents.includes(parent));

/** Of the work tree, and of its index; without the index they would not be what they are later, when the agent goes on with it. */
export async function writeTrees(
  git: Git,
  { path, mark, ignored = [] }: Pick<SnapshotOf, "path" | "mark" | "ignored">,
  gitDir: string,
): Promise<{ tree: string; indexTree: string | undefined }> {
  const index = await copyIndex(gitDir, `baton-${mark}.index`);
  try {
    const within = { cwd: path, environment: { GIT_INDEX_FILE: index } };
    const quick = ignored.length > 0 ? undefined : await git.run({ ...within, args: ["-c", WRITE, "keep"], timeoutMs: ADD_MS });
    if (quick?.code === 0) {
      const [indexTree = "", tree = ""] = quick.stdout.trimEnd().split("\n");
      return { tree, indexTree: indexTree === "-" ? undefined : indexTree };
    }
    const [staged] = await Promise.all([git.run({ ...within, args: ["write-tree"] }), unhide(git, within)]);
    await addAll(git, within);
    if (ignored.length > 0)
      await git.text({
        ...within,
        args: ["--literal-pathspecs", "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"],
        stdin: ignored.join("\0"),
      });
    const tree = await git.line({ ...within, args: ["write-tree"] });
    return { tree, indexTree: staged.code === 0 ? staged.stdout.trim() : undefined };
  } finally {
    await Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}
/** Files that git was told not to look at are looked at; those of a sparse checkout that are not there stay as they are. */
export async function unhide(git: Git, within: { cwd: string; environment: Record<string, string> }): Promise<void> {
  const told = await git.text({ ...within, args: ["ls-files", "-v", "-z"], maxBytes: 256 << 20 });
  const hidden = told.split("\0").filter((line) => /^[a-zS]/.test(line));
  const unchanged = hidden.filter((line) => !line.startsWith("S")).map((line) => line.slice(2));
  const skipped = hidden.filter((line) => /^s/i.test(line) && isThere(join(within.cwd, line.slice(2)))).map((line) => line.slice(2));
  for (const [flag, names] of [["--no-assume-unchanged", unchanged] as const, ["--no-skip-worktree", skipped] as const])
    if (names.length > 0) await git.text({ ...within, args: ["update-index", flag, "-z", "--stdin"], stdin: names.join("\0") });
}
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
/** Repositories inside of it without a commit cannot be added, not even as what they stand at: the rest is. */
export async function addAll(git: Git, within: { cwd: string; environment: Record<string, string> }): Promise<void> {
  const without = new Set<string>();
  for (let tried = 1; ; tried++) {
    // Without a path git is a quarter faster than with `.`, which means the same.
    const paths = without.size === 0 ? [] : ["--", ".", ...[...without].map((name) => `:(exclude,top,literal)${name}`)];
    const added = await git.run({ ...within, args: ["add", "--all", "--sparse", ...paths], timeoutMs: ADD_MS });
    if (added.code === 0) return;
    const before = without.size;
    for (const [, name = ""] of added.stderr.matchAll(/'([^\0]+?)\/?' does not have a commit checked out/g)) without.add(name);
    if (tried >= TRIES && without.size === before) throw toGitRefusal(["add", "--all"], added);
  }
}
const toParents = (parents: readonly string[]): string[] => [...new Set(parents)].flatMap((parent) => ["-p", parent]);
const commitTree = (git: Git, cwd: string, tree: string, parents: readonly string[], message: string): Promise<string> =>
  git.line({ cwd, environment: IDENTITY, args: ["commit-tree", tree, ...toParents(parents), "-m", message] });
async function keptOf(gitDir: string): Promise<string[]> {
  const texts = await Promise.all(KEPT.map((name) => readFile(join(gitDir, name), "utf8").catch(() => "")));
  return texts.flatMap((text) => text.split("\n")).filter((line) => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(line));
}
async function branchOf(gitDir: string): Promise<string | undefined> {
  const head = await readFile(join(gitDir, "HEAD"), "utf8");
  return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1];
}
