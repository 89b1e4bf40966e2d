// Making a workspace. Its row comes first, so that whatever is cut off half-way is known and cleared away: nobody works in one that is not ready.
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Refusal } from "@baton/contract";
import { toBranch, toSlug } from "./branch-name.ts";
import { makeRoom } from "./disk.ts";
import { refuseUnnamed } from "./named.ts";
import { environmentOf, needsOf, setUp, tearDown } from "./needs.ts";
import { leasePorts } from "./ports.ts";
import { readProjectFile } from "./project-file.ts";
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

/**
 * @param signal ends the commands that set it up.
 * @returns undefined when somebody else is at it.
 * @throws Refusal `conflict` with git's reason, or that of the command that failed; `unavailable` when there is no room or no port for it.
 */
export async function createWorkspace(
  world: WorkspacesWorld,
  repository: RepositoryRow,
  at: FoundRepository & Standing,
  owner: Owner,
  worker: string,
  signal: AbortSignal,
): Promise<FoundWorkspace | undefined> {
  const needs = (await readProjectFile(world, at.commonDir, at.commit))?.workspace;
  refuseUnnamed(needs, repository);
  await makeRoom(world, repository.id, needs, worker);
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
    needs: needs === undefined ? null : JSON.stringify(needs),
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
    const ports = await leasePorts(world, id, needs?.ports ?? 0);
    await setUp(world, { row: { ...row, project }, environment: environmentOf(row, repository.path, ports), signal });
  } catch (error) {
    await discard(world, { ...row, project }, at.commonDir, repository.path, `It could not be made${error instanceof Refusal ? `: ${error.message}` : "."}`);
    throw error;
  }
  await world.db.transaction(async (tx) => {
    await moveWorkspace(tx, id, "creating", { state: "ready", reason: "It takes work.", worker: null });
    tellNews(world, tx, "workspace.created", { ...row, project }, { repository: repository.path, baseCommit: at.commit });
  });
  world.events.committed();
  return selectWorkspace(world.db, id);
}
/** What is only half made, and nobody has worked in. */
export async function discard(
  world: WorkspacesWorld,
  row: NewWorkspace & { project: string },
  commonDir: string,
  repository: string,
  reason: string,
): Promise<void> {
  // What set it up may have begun something that goes on elsewhere.
  if ((needsOf(row)?.tearDown ?? []).length > 0 && (await gitDirOf(row.path).then(Boolean, () => false)))
    await tearDown(world, { row, environment: environmentOf(row, repository, await leasePorts(world, row.id, 0)), signal: world.workspaces.ending });
  await discardWorktree(world.git, { commonDir, path: row.path, branch: row.branch, commit: row.base_commit });
  const to = { state: "removed", reason, worker: null, removed_at: world.clock.now() };
  await world.db.transaction((tx) => moveWorkspace(tx, row.id, "creating", to));
}
/** A branch of that name may be left from an earlier workspace, or be somebody's. */
async function freeBranch({ git }: WorkspacesWorld, commonDir: string, wanted: string, id: string): Promise<string> {
  const taken = await git.text({ cwd: commonDir, args: ["for-each-ref", "--format=%(refname)", `refs/heads/${wanted}`, `refs/heads/${wanted}/**`] });
  return taken.trim() === "" ? wanted : `${wanted}-${id.slice(-8)}`;
}
