// What a task that is to be handed in would get in the way of, by the files it says it is about: open tasks of the same repository that say so of the same
// files, and work trees on this machine in which they are changed already. Seen before any work starts; nothing of it is kept.
import { DEFAULT_PROJECT, type ForeseenConflict } from "@baton/contract";
import { covers, type Scope } from "../store/scope.ts";
import { selectDeclaring, selectOwners } from "./conflict-rows.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import type { Radar } from "./radar.ts";
import { toOwner } from "./to-conflict.ts";

export interface Declared {
  /** Its own, where it has been handed in. */
  id?: string | undefined;
  repository?: string | undefined;
  files?: readonly string[] | undefined;
}
const MAX_FILES = 50;
const MAX_TOLD = 20;

/** @param radar undefined: nobody looks, and only what tasks say is told. @param scope work of other projects is as if it were not there. */
export async function foreseeConflicts(
  { db, radar }: Pick<ConflictsWorld, "db"> & { radar: Pick<Radar, "changesIn"> | undefined },
  { id: own, repository, files = [] }: Declared,
  scope: Scope,
): Promise<ForeseenConflict[]> {
  if (repository === undefined || files.length === 0) return [];
  const root = withoutEnd(repository);
  const wanted = files.map((file) => relativeTo(root, file));
  const trees = radar?.changesIn(root) ?? [];
  const [tasks, owners] = await Promise.all([
    selectDeclaring(db),
    selectOwners(
      db,
      trees.map(({ workspaceId }) => workspaceId),
    ),
  ]);
  const ownerOf = new Map(owners.map((row) => [row.id, toOwner(row)]));
  const observed = trees.flatMap(({ workspaceId, paths }): ForeseenConflict[] => {
    const owner = ownerOf.get(workspaceId);
    const shared = sharedOf(wanted, paths);
    if (!owner || shared.length === 0 || !covers(scope, owner.project)) return [];
    return [{ how: "observed", taskId: owner.taskId, agentId: owner.agentId, workspaceId, files: shared }];
  });
  const declared = tasks.flatMap(({ id, project_id, spec }): ForeseenConflict[] => {
    const { repository: other, files: theirs = [] } = JSON.parse(spec) as Declared;
    if (id === own || other === undefined || withoutEnd(other) !== root || !covers(scope, project_id)) return [];
    const shared = sharedOf(
      wanted,
      theirs.map((file) => relativeTo(root, file)),
    );
    return shared.length === 0 ? [] : [{ how: "declared", taskId: id, agentId: null, workspaceId: null, files: shared }];
  });
  return [...observed, ...declared];
}
/** Tells the log of one that was handed in, as far as it is about work of its own project. Never rejects: the task is stored, and told of all the same. */
export async function tellForeseen(
  world: Pick<ConflictsWorld, "db" | "events" | "log"> & { radar: Pick<Radar, "changesIn"> | undefined },
  task: Declared & { id: string; projectId?: string | undefined },
): Promise<void> {
  try {
    const conflicts = await foreseeConflicts(world, task, { projects: [task.projectId ?? DEFAULT_PROJECT] });
    if (conflicts.length === 0) return;
    const data = { conflicts: conflicts.slice(0, MAX_TOLD).map((one) => ({ ...one })) };
    await world.db.transaction(async (tx) => tx.leave(world.events.append(tx, [{ type: "conflict.foreseen", taskId: task.id, data }])));
    world.events.committed();
  } catch (error) {
    world.log.warn({ error: String(error), taskId: task.id }, "what a task gets in the way of could not be told");
  }
}
const withoutEnd = (path: string): string => path.replace(/\/+$/, "");
/** As git names it: relative to the root of the repository, and a directory without its end. */
function relativeTo(root: string, file: string): string {
  const inside = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  return withoutEnd(inside.replace(/^(?:\.\/+)+/, ""));
}
/** Those of `others` that are wanted, lie in a directory that is, or are a directory in which something that is wanted lies. Pure. */
export const sharedOf = (wanted: readonly string[], others: readonly string[]): string[] =>
  others.filter((other) => wanted.some((one) => one === other || other.startsWith(`${one}/`) || one.startsWith(`${other}/`))).slice(0, MAX_FILES);
