// Two change sets of one repository held against each other: the files that both changed and did not change alike, the lines in which they meet, and whether
// a merge of the two fails.
import { Refusal, type OverlappingFile } from "@baton/contract";
import { type FoundWorkspace, mergeTrees } from "../workspaces/workspaces.ts";
import { type ChangeSet, objectsOf, toObjects } from "./change-set.ts";
import { type ChangedFile, overlapOf } from "./changed-files.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { bySeverity } from "./conflict-machine.ts";

type Comparing = Pick<ConflictsWorld, "git" | "log">;
export interface Compared {
  row: FoundWorkspace;
  changes: ChangeSet;
}
const IDENTITY = {
  GIT_AUTHOR_NAME: "Baton",
  GIT_AUTHOR_EMAIL: "baton@localhost",
  GIT_COMMITTER_NAME: "Baton",
  GIT_COMMITTER_EMAIL: "baton@localhost",
};
const MAX_LINES = 20;

/** The worst first; empty: nothing overlaps. What git cannot merge for another reason than a conflict is told by files and lines alone. */
export async function compareChanges(world: Comparing, one: Compared, other: Compared): Promise<OverlappingFile[]> {
  const shared = findShared(one.changes, other.changes);
  if (shared.length === 0) return [];
  const failing = await tryMerge(world, one, other).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    world.log.info({ error: error.message, workspaces: [one.row.id, other.row.id] }, "work trees that overlap could not be merged to try it");
    return new Map<string, string>();
  });
  const all = new Map<string, OverlappingFile>(shared.map((file) => [file.path, file]));
  // Where one has what the target has, it is the target that the other meets.
  const isLanded = (path: string): boolean => one.changes.landed.has(path) || other.changes.landed.has(path);
  for (const [path, detail] of failing)
    if (!isLanded(path)) all.set(path, { path, lines: all.get(path)?.lines ?? [], severity: "merge", detail: detail.slice(0, 500) });
  return [...all.values()].sort(bySeverity);
}

/** Pure. What both made the same of is none. */
export function findShared(one: Pick<ChangeSet, "files">, other: Pick<ChangeSet, "files">): OverlappingFile[] {
  const [few, many] = one.files.size <= other.files.size ? [one.files, other.files] : [other.files, one.files];
  const shared: OverlappingFile[] = [];
  for (const [path, file] of few) {
    const there = many.get(path);
    if (there && there.to !== file.to) shared.push({ path, ...meet(file, there), detail: null });
  }
  return shared;
}
function meet(one: ChangedFile, other: ChangedFile): Pick<OverlappingFile, "severity" | "lines"> {
  // Lines of different versions cannot be compared: then the merge alone tells.
  if (one.from !== other.from) return { severity: "file", lines: [] };
  if (one.hunks === undefined || other.hunks === undefined) return { severity: "lines", lines: [] };
  const overlap = overlapOf(one.hunks, other.hunks);
  if (overlap === undefined) return { severity: "file", lines: [] };
  return {
    severity: "lines",
    lines: /^0+$/.test(one.from) ? [] : overlap.slice(0, MAX_LINES).map(([from, to]) => ({ from: from + 1, to: Math.max(from + 1, to) })),
  };
}

/** What git says of each file in which the two do not merge. */
async function tryMerge({ git }: Comparing, one: Compared, other: Compared): Promise<Map<string, string>> {
  const cwd = one.row.common_dir;
  const environment = { ...IDENTITY, ...toObjects(one.changes.directory, other.changes.directory, objectsOf(one.row)) };
  const commit = ({ changes: { tree, head } }: Compared) => git.line({ cwd, environment, args: ["commit-tree", tree, "-p", head, "-m", "now"] });
  const merged = await mergeTrees(git, { cwd, environment }, await commit(one), await commit(other));
  if (!merged.ok && merged.kind === "conflict") return new Map(merged.files.map(({ path, detail }) => [path, detail]));
  return new Map();
}
