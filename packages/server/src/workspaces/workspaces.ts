// The door of the room: workspaces, which are git work trees with a branch of their own, one for a task or one for an agent.
//
// A workspace is **creating** until its work tree is whole, then **ready**; attempts come and go, and what is in it is snapshotted whenever one does. It is
// **removing** from when nobody may enter any more until its last snapshot is made and its directory gone, then **removed**. Found without its directory it is
// **lost**. All its snapshots are held by one ref, `refs/baton/workspaces/<id>`, which outlives it: no byte that was tracked or new in it goes out of reach.
// What is ignored is not kept, nor what is in repositories inside of it: while there are any, it is neither removed nor set back over them. Not guaranteed: end-of-line
// conversion and filters, which apply as they do when the agent commits.
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { recoverWorkspaces } from "./recover.ts";
import { retireOld } from "./retire.ts";
import type { WorkspaceSettings, WorkspacesWorld } from "./workspaces-world.ts";
import { selectVisits, type VisitFilter, type VisitRow } from "./workspace-rows.ts";
import { openTurns } from "./workspaces-world.ts";

export { removeWorkspace } from "./remove-workspace.ts";
export { findRepository } from "./repository.ts";
export { enterRepository } from "./named.ts";
export { listRuns } from "./needs.ts";
export { readProjectFile } from "./project-file.ts";
export { type AgentState, createCheckpoint, getCheckpointRow, listCheckpoints, toCheckpoint, toWholeCheckpoint } from "./checkpoints.ts";
export { readLines } from "./read-lines.ts";
export { readUndone, rollBack } from "./rollback.ts";
export { listVisits, viewDiff } from "./view-diff.ts";
export { commitWork, markLanded } from "./land-workspace.ts";
export { gitDirOf } from "./worktree.ts";
export { listIgnored, listLiveHere, type Objects, readWorkTree, type WorkTreeNow } from "./live-trees.ts";
export { mergeTrees } from "./merge-trees.ts";
export { snapshotWorkspace } from "./snapshot-workspace.ts";
export { type FoundWorkspace, selectWorkspace as findWorkspace, type VisitRow } from "./workspace-rows.ts";
export { getWorkspace, getWorkspaceRow, listWorkspaces } from "./to-workspace.ts";
export { enterWorkspace, type Visiting } from "./visit-workspace.ts";
export type { WorkspaceSettings, WorkspacesWorld } from "./workspaces-world.ts";

/** Attempts in workspaces, newest first. */
export const readVisits = ({ db }: Pick<WorkspacesWorld, "db">, filter: VisitFilter, limit: number): Promise<VisitRow[]> => selectVisits(db, filter, limit);

const SWEEP_MS = 30_000;

export interface OpenedWorkspaces {
  workspaces: WorkspacesWorld["workspaces"];
  close(): Promise<void>;
}
/** Recovers what a server before left, now and again and again: another may die while this one lives. What nobody needs any more is removed meanwhile. */
export async function openWorkspaces(
  world: Omit<WorkspacesWorld, "workspaces">,
  { directory, serverName, settings }: { directory: string; serverName: string; settings: WorkspaceSettings },
): Promise<OpenedWorkspaces> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Where the data directory lies in a repository, that repository is not to see what is in here.
  await writeFile(join(directory, ".gitignore"), "*\n");
  const ending = new AbortController();
  const workspaces = { directory: await realpath(directory), serverName, settings, ending: ending.signal, inTurn: openTurns() };
  const all = { ...world, workspaces };
  const warn = (error: unknown): void => world.log.warn({ err: error }, "workspaces could not be looked through");
  const sweep = (): Promise<void> =>
    recoverWorkspaces(all)
      .then(() => retireOld(all))
      .catch(warn);
  await recoverWorkspaces(all, true).catch(warn);
  let sweeping = sweep();
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, SWEEP_MS);
  timer.unref();
  return {
    workspaces,
    close: async () => {
      clearInterval(timer);
      ending.abort();
      await sweeping;
    },
  };
}
