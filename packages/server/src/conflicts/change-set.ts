// What a work tree holds that is not on its target yet: every file that is tracked or new, committed or not, against the last commit it has in common with
// the branch it began from. What that branch has meanwhile just the same is none of it.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type FoundWorkspace, type Objects, readWorkTree, type WorkTreeNow } from "../workspaces/workspaces.ts";
import { type ChangedFile, parseChangedFiles, parseList } from "./changed-files.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";

export interface ChangeSet extends WorkTreeNow {
  files: ReadonlyMap<string, ChangedFile>;
  /** Paths of what it changed and the target has just the same. */
  landed: ReadonlySet<string>;
  /** Where what was written to read it is: removed with it. */
  directory: string;
}
type Reading = Pick<ConflictsWorld, "git" | "newId">;

const MAX_PATCH = 16 << 20;
const PLAIN = ["--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short"];

/** As git takes a list of directories: in quotes, for those with a colon in them. */
export const toObjects = (own: string, ...others: string[]): Objects => ({
  GIT_OBJECT_DIRECTORY: own,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: others.map((path) => JSON.stringify(path)).join(":"),
});
export const objectsOf = ({ common_dir }: Pick<FoundWorkspace, "common_dir">): string => join(common_dir, "objects");

/** @returns `before` when nothing has changed. @throws Refusal `conflict` when git cannot. */
export async function readChanges(world: Reading, row: FoundWorkspace, scratch: string, before: ChangeSet | undefined): Promise<ChangeSet> {
  const directory = join(scratch, world.newId());
  const objects = toObjects(directory, objectsOf(row));
  try {
    const now = await readWorkTree(world, row, objects, before);
    if (before && now.tree === before.tree && now.base === before.base && now.target === before.target) {
      await dropObjects(directory);
      return before;
    }
    const files = await listChanged(world, row, now, objects);
    const landed = await findLanded(world, row, now, objects, files);
    return { ...now, directory, landed, files: new Map(files.filter(({ path }) => !landed.has(path)).map((file) => [file.path, file])) };
  } catch (error) {
    await dropObjects(directory);
    throw error;
  }
}
export const dropObjects = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 3 });

async function listChanged({ git }: Reading, { path }: FoundWorkspace, { base, tree }: WorkTreeNow, environment: Objects): Promise<ChangedFile[]> {
  const at = { cwd: path, environment: { ...environment } };
  const whole = await git.run({ ...at, args: ["diff", "--patch", "--unified=0", ...PLAIN, base, tree, "--"], maxBytes: MAX_PATCH });
  if (whole.code === 0) return parseChangedFiles(whole.stdout);
  const list = await git.text({ ...at, args: ["diff", ...PLAIN, base, tree, "--"] });
  return parseList(list).map((file) => ({ ...file, hunks: undefined }));
}
/** What it has landed before, and what others have brought there alike. */
async function findLanded(
  { git }: Reading,
  { path }: FoundWorkspace,
  { base, target, tree }: WorkTreeNow,
  environment: Objects,
  files: readonly ChangedFile[],
): Promise<Set<string>> {
  if (target === base || files.length === 0) return new Set();
  const list = await git.text({ cwd: path, environment: { ...environment }, args: ["diff", ...PLAIN, target, tree, "--"] });
  const apart = new Set(parseList(list).map((file) => file.path));
  return new Set(files.filter((file) => !apart.has(file.path)).map((file) => file.path));
}
