// Workspaces as they are told.
import { type Page, Refusal, type Workspace, type WorkspaceQuery } from "@baton/contract";
import { iso, isoOrNull } from "../std/clock.ts";
import { selectPorts } from "./port-rows.ts";
import type { Scope } from "../store/scope.ts";
import { snapshotRef } from "./snapshot.ts";
import { countWorkspaces, type FoundWorkspace, selectInside, selectWorkspace, selectWorkspacePage } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

type Looking = Pick<WorkspacesWorld, "db" | "clock">;
const toWorkspace = (row: FoundWorkspace, attempts: string[], ports: number[]): Workspace => ({
  id: row.id,
  seq: row.seq,
  kind: row.kind as Workspace["kind"],
  taskId: row.task_id,
  agentId: row.agent_id,
  repository: { id: row.repository_id, path: row.repository_path },
  path: row.path,
  branch: row.branch,
  baseBranch: row.base_branch,
  baseCommit: row.base_commit,
  state: row.state as Workspace["state"],
  reason: row.reason,
  attempts,
  snapshot:
    row.snapshot_commit === null || row.snapshot_at === null ? null : { ref: snapshotRef(row.id), commit: row.snapshot_commit, at: iso(row.snapshot_at) },
  landed: row.landed_commit === null || row.landed_at === null ? null : { commit: row.landed_commit, at: iso(row.landed_at) },
  ports,
  bytes: row.bytes,
  keptAt: isoOrNull(row.kept_at),
  server: row.server,
  createdAt: iso(row.created_at),
  lastUsedAt: iso(row.last_used_at),
  removedAt: isoOrNull(row.removed_at),
});
async function withAttempts({ db, clock }: Looking, found: readonly FoundWorkspace[]): Promise<Workspace[]> {
  const present = found.filter((row) => row.state !== "removed").map((row) => row.id);
  const [inside, ports] = await Promise.all([selectInside(db, present, clock.now()), selectPorts(db, present)]);
  return found.map((row) =>
    toWorkspace(
      row,
      inside.filter((one) => one.workspace_id === row.id).map((one) => one.attempt_id),
      ports.filter((one) => one.workspace_id === row.id).map((one) => one.port),
    ),
  );
}

/** By its id, or its task's: then the newest. @throws Refusal `not_found`. */
export async function getWorkspaceRow({ db }: Looking, idOrTask: string): Promise<FoundWorkspace> {
  const row = await selectWorkspace(db, idOrTask);
  if (!row) throw new Refusal("not_found", `There is no workspace ${idOrTask}, nor one of a task of that id. GET /api/v1/workspaces lists them.`);
  return row;
}
export const getWorkspace = async (world: Looking, idOrTask: string): Promise<Workspace> =>
  (await withAttempts(world, [await getWorkspaceRow(world, idOrTask)]))[0] as Workspace;
export async function listWorkspaces(world: Looking, scope: Scope, { limit, offset, ...query }: WorkspaceQuery): Promise<Page<Workspace>> {
  const filter = { ...query, scope };
  const [found, total] = await Promise.all([selectWorkspacePage(world.db, filter, limit, offset), countWorkspaces(world.db, filter)]);
  return { items: await withAttempts(world, found), total, limit, offset };
}
