// Making a workspace. Its row comes first, so that whatever is cut off half-way is known and cleared away: nobody works in one that is not ready.
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { toBranch, toSlug } from "./branch-name.ts";
import type { FoundRepository, Standing } from "./repository.ts";
import { snapshotRef } from "./snapshot.ts";
import { type FoundWorkspace, insertWorkspace, moveWorkspace, type RepositoryRow, selectWorkspace, type NewWorkspace } from "./workspace-rows.ts";
import { tellNews } from "./news.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";
import { addWorktree, discardWorktree, fillWorktree, gitDirOf } from "./worktree.ts";

export interface Owner {
  kind: "task" | "agent";
  taskId: string | null;
  agentId: string | null;
  /** What its branch is called after. */
  name: string;
}
/** In the git directory of a work tree: what is needed to know it again when the rows are lost. */
export const MARKER = "baton-workspace.json";

/** @returns undefined when somebody else is at it. @throws Refusal `conflict` with git's reason. */
export async function createWorkspace(
  world: WorkspacesWorld,
  repository: RepositoryRow,
  at: FoundRepository & Standing,
  owner: Owner,
  worker: string,
): Promise<FoundWorkspace | undefined> {
  const id = world.newId();
  const branch = await freeBranch(world, at.commonDir, toBranch(owner.kind, owner.name), id);
  const now = world.clock.now();
  const row: NewWorkspace = {
    id,
    kind: owner.kind,
    task_id: owner.taskId,
    agent_id: owner.agentId,
    repository_id: repository.id,
    path: join(world.workspaces.directory, toSlug(basename(at.path, ".git")), `${toSlug(owner.name)}-${id.slice(-8)}`),
    branch,
    base_branch: at.branch ?? null,
    base_commit: at.commit,
    state: "creating",
    reason: "Its work tree is being made.",
    server: world.workspaces.serverName,
    worker,
    snapshot_commit: null,
    snapshot_at: null,
    landed_commit: null,
    landed_at: null,
    created_at: now,
    last_used_at: now,
    removed_at: null,
  };
  const project = await world.db.transaction((tx) => insertWorkspace(tx, row));
  if (project === undefined) return undefined;
  const place = { commonDir: at.commonDir, path: row.path, branch, commit: at.commit };
  try {
    await world.workspaces.inTurn(`worktrees ${at.commonDir}`, () => addWorktree(world.git, place));
    await fillWorktree(world.git, place);
    await writeFile(join(await gitDirOf(row.path), MARKER), JSON.stringify(row));
    // What it began from stays there, whatever becomes of the branch.
    await world.git.text({ cwd: at.commonDir, args: ["update-ref", "--create-reflog", snapshotRef(id), at.commit] });
  } catch (error) {
    await discardWorktree(world.git, place);
    const to = { state: "removed", reason: "It could not be made.", worker: null, removed_at: world.clock.now() };
    await world.db.transaction((tx) => moveWorkspace(tx, id, "creating", to));
    throw error;
  }
  await world.db.transaction(async (tx) => {
    await moveWorkspace(tx, id, "creating", { state: "ready", reason: "It takes work.", worker: null });
    tellNews(world, tx, "workspace.created", { ...row, project }, { repository: repository.path, baseCommit: at.commit });
  });
  world.events.committed();
  return selectWorkspace(world.db, id);
}
/** A branch of that name may be left from an earlier workspace, or be somebody's. */
async function freeBranch({ git }: WorkspacesWorld, commonDir: string, wanted: string, id: string): Promise<string> {
  const taken = await git.text({ cwd: commonDir, args: ["for-each-ref", "--format=%(refname)", `refs/heads/${wanted}`, `refs/heads/${wanted}/**`] });
  return taken.trim() === "" ? wanted : `${wanted}-${id.slice(-8)}`;
}
