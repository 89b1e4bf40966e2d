// The diff of a workspace, as it is now or between any two states of it that are kept.
import { type DiffQuery, Refusal, type WorkspaceDiff, type WorkspaceVisit } from "@baton/contract";
import { iso, isoOrNull } from "../std/clock.ts";
import { selectCheckpoint } from "./checkpoint-rows.ts";
import { listDiff, readPatch } from "./diff.ts";
import { writeTrees } from "./snapshot.ts";
import { getWorkspaceRow } from "./to-workspace.ts";
import { type FoundWorkspace, selectVisit, selectVisits } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";
import { gitDirOf } from "./worktree.ts";

const MAX_PATCH = 1 << 20;
const MAX_FILES = 5000;

/** @throws Refusal `not_found` for a workspace, checkpoint or attempt that is not there. */
export async function viewDiff(world: WorkspacesWorld, idOrTask: string, { from, to, attempt, path }: DiffQuery): Promise<WorkspaceDiff> {
  const row = await getWorkspaceRow(world, idOrTask);
  const [a, b] = attempt === undefined ? [await toTree(world, row, from), await toTree(world, row, to)] : await treesOf(world, row, attempt);
  const [files, { patch, truncated }] = await Promise.all([
    listDiff(world.git, row.common_dir, a, b, path),
    readPatch(world.git, row.common_dir, a, b, path, MAX_PATCH),
  ]);
  return {
    workspaceId: row.id,
    from: a,
    to: b,
    files: files.slice(0, MAX_FILES),
    patch: whole(patch, truncated),
    truncated: truncated || files.length > MAX_FILES,
  };
}
/** Cut after a line. */
const whole = (patch: string, truncated: boolean): string => (truncated ? patch.slice(0, patch.lastIndexOf("\n") + 1) : patch);
/** What it found and what it left, or, while it goes on, what is there now. */
async function treesOf(world: WorkspacesWorld, row: FoundWorkspace, attemptId: string): Promise<[string, string]> {
  const visit = await selectVisit(world.db, attemptId);
  if (visit?.workspace_id !== row.id || visit.before_commit === null)
    throw new Refusal("not_found", `No attempt ${attemptId} has worked in the workspace ${row.id}.`);
  return [visit.before_commit, visit.after_commit ?? (await treeNow(world, row))];
}
/** Commits are not named by their ids: the repository has those of other people's work, too. */
async function toTree(world: WorkspacesWorld, row: FoundWorkspace, state: string): Promise<string> {
  if (state === "base") return row.base_commit;
  if (state === "now") return treeNow(world, row);
  const checkpoint = await selectCheckpoint(world.db, state);
  if (checkpoint?.workspace_id === row.id) return checkpoint.commit_id;
  throw new Refusal("not_found", `${JSON.stringify(state)} is no state of the workspace ${row.id}: base, now, or the id of one of its checkpoints.`);
}
async function treeNow({ git, newId }: WorkspacesWorld, row: FoundWorkspace): Promise<string> {
  const gitDir = await gitDirOf(row.path).catch(() => undefined);
  if (gitDir !== undefined) return (await writeTrees(git, { path: row.path, mark: newId() }, gitDir)).tree;
  if (row.snapshot_commit !== null) return row.snapshot_commit;
  throw new Refusal("conflict", `The workspace ${row.id} is ${row.state}, and no snapshot of it is known.`);
}

/** Attempts that worked in it, newest first. */
export async function listVisits(world: WorkspacesWorld, idOrTask: string, limit: number): Promise<{ items: WorkspaceVisit[] }> {
  const row = await getWorkspaceRow(world, idOrTask);
  const visits = await selectVisits(world.db, { workspaceId: row.id }, limit);
  return {
    items: visits.map((one) => ({
      attemptId: one.attempt_id,
      taskId: one.task_id,
      stepId: one.step_id,
      agentId: one.agent_id,
      enteredAt: iso(one.entered_at),
      leftAt: isoOrNull(one.left_at),
    })),
  };
}
