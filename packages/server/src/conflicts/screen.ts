// What the radar has in sight: the work trees, what each holds, and what was found of each two of them.
import type { FoundWorkspace } from "../workspaces/workspaces.ts";
import type { Bell } from "./bell.ts";
import { type ChangeSet, dropObjects } from "./change-set.ts";
import type { TreeWatch } from "./watch-tree.ts";

export interface Tree {
  row: FoundWorkspace;
  /** undefined: it cannot be watched, and is looked at now and then. */
  watch: TreeWatch | undefined;
  /** Directories have come that the watch does not know. */
  isOutgrown: boolean;
  isDirty: boolean;
  readAt: number;
  /** Whether what it holds was held against the others. */
  isCompared: boolean;
  changes: ChangeSet | undefined;
}
export interface Screen {
  trees: Map<string, Tree>;
  /** By the ids of both: what overlaps, as it was kept last. */
  findings: Map<string, string>;
  /** Where what git writes to read a tree is. */
  scratch: string;
  /** Rung when there is something to do. */
  bell: Bell;
}
export const NOTHING = "[]";
/** Some server has kept something of the two, and this one does not know what. */
export const UNKNOWN = "?";

export async function dropTree({ trees, findings }: Screen, tree: Tree): Promise<void> {
  const { id } = tree.row;
  trees.delete(id);
  for (const key of findings.keys()) if (key.split(" ").includes(id)) findings.delete(key);
  await tree.watch?.close();
  if (tree.changes) await dropObjects(tree.changes.directory);
}
