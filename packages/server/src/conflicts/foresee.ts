// What a task gets in the way of, by the files it says it is about: open tasks of the same repository that say so of the same files, and work trees on this
// machine in which they are changed already. Seen before any work starts.
import { DEFAULT_PROJECT, type ForeseenConflict } from "@baton/contract";
import type { Reader } from "../store/db.ts";
import { covers, type Scope } from "../store/scope.ts";
import { selectOwners } from "./conflict-rows.ts";
import { type DeclaredPath, type DeclaringTask, directoriesOf, selectDeclaring, selectLatest, toDeclaredPaths } from "./declared-rows.ts";
import type { Radar } from "./radar.ts";
import { type FoundOwner, toOwner } from "./to-conflict.ts";

export interface Declared {
  repository?: string | undefined;
  files?: readonly string[] | undefined;
}
export type Sees = Pick<Radar, "changesIn">;
const MAX_FILES = 50;
const MAX_TOLD = 20;
/** After every task there is. */
const LAST = Number.MAX_SAFE_INTEGER;

/** For each of its files the latest task that is about it is told. @param scope work of other projects is as if it were not there. */
export async function foreseeConflicts({ db, sight }: { db: Reader; sight: Sees }, declared: Declared, scope: Scope): Promise<ForeseenConflict[]> {
  const about = toAbout(declared);
  if (about === undefined) return [];
  const observed = await findObserved(db, sight, about);
  const tasks = await findDeclaring(db, about, LAST);
  return [
    ...observed.filter(({ owner }) => covers(scope, owner.project)).map(toObserved),
    ...tasks.filter(({ task }) => covers(scope, task.project_id)).map(toTold),
  ];
}
/** Of a task that is being stored, as far as it is about work of its own project. */
export async function foreseeOf(
  { db, sight }: { db: Reader; sight: Sees },
  { seq, projectId, about }: { seq: number; projectId: string | null; about: About },
): Promise<ForeseenConflict[]> {
  const scope: Scope = { projects: [projectId ?? DEFAULT_PROJECT] };
  const observed = (await findObserved(db, sight, about)).filter(({ owner }) => covers(scope, owner.project)).map(toObserved);
  const declared = (await findDeclaring(db, about, seq)).filter(({ task }) => covers(scope, task.project_id)).map(toTold);
  return [...observed, ...declared].slice(0, MAX_TOLD);
}
const toObserved = ({ owner, files }: Observed): ForeseenConflict => ({
  how: "observed",
  taskId: owner.taskId,
  agentId: owner.agentId,
  workspaceId: owner.workspaceId,
  files,
});
const toTold = ({ task, files }: { task: DeclaringTask; files: string[] }): ForeseenConflict => ({
  how: "declared",
  taskId: task.id,
  agentId: null,
  workspaceId: null,
  files,
});

/** What a task says it is about, in the words in which it is compared. */
export interface About {
  root: string;
  wanted: string[];
  paths: DeclaredPath[];
}
/** undefined: it says nothing. */
export function toAbout({ repository, files = [] }: Declared): About | undefined {
  if (repository === undefined || files.length === 0) return undefined;
  const root = withoutEnd(repository);
  const wanted = files.map((file) => relativeTo(root, file));
  return { root, wanted, paths: toDeclaredPaths(root, wanted) };
}
export interface Observed {
  owner: FoundOwner;
  files: string[];
  readAt: number;
}
/** Work trees on this machine in which it is changed and has not landed. */
export async function findObserved(db: Reader, sight: Sees, { root, wanted }: About, since?: number): Promise<Observed[]> {
  const trees = sight.changesIn(root, since).flatMap((tree) => {
    const files = sharedOf(wanted, tree.paths);
    return files.length === 0 ? [] : [{ ...tree, files }];
  });
  const owners = new Map(
    (
      await selectOwners(
        db,
        trees.map(({ workspaceId }) => workspaceId),
      )
    ).map((row) => [row.id, toOwner(row)]),
  );
  return trees.flatMap(({ workspaceId, files, readAt }) => {
    const owner = owners.get(workspaceId);
    return owner === undefined ? [] : [{ owner, files, readAt }];
  });
}
/** Open tasks that were handed in before it, the latest first. */
export async function findDeclaring(db: Reader, { root, wanted, paths }: About, seq: number): Promise<{ task: DeclaringTask; files: string[] }[]> {
  const tasks = await selectDeclaring(db, (await selectLatest(db, paths, seq)).slice(0, MAX_FILES));
  return tasks.flatMap((task) => {
    const { files = [] } = JSON.parse(task.spec) as Declared;
    const shared = sharedOf(
      wanted,
      files.map((file) => relativeTo(root, file)),
    );
    return shared.length === 0 ? [] : [{ task, files: shared }];
  });
}
const withoutEnd = (path: string): string => path.replace(/\/+$/, "");
/** As git names it: relative to the root of the repository, and a directory without its end. */
function relativeTo(root: string, file: string): string {
  const inside = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  return withoutEnd(inside.replace(/^(?:\.\/+)+/, ""));
}
/** Those of `others` that are wanted, lie in a directory that is, or are a directory in which something that is wanted lies. Pure. */
export function sharedOf(wanted: readonly string[], others: readonly string[]): string[] {
  const own = new Set(wanted);
  const above = new Set(wanted.flatMap(directoriesOf));
  return others.filter((other) => own.has(other) || above.has(other) || directoriesOf(other).some((directory) => own.has(directory))).slice(0, MAX_FILES);
}
