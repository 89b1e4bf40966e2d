// Snapshots of a workspace, one after another, each noted in its row.
import { type Snapshot, type SnapshotOf, takeSnapshot } from "./snapshot.ts";
import { type FoundWorkspace, updateSnapshot } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

/** Everything in it that is tracked or new, as a commit held by its ref. @throws Refusal `conflict` when something in it cannot be kept. */
export const snapshotWorkspace = (
  world: WorkspacesWorld,
  workspace: Pick<FoundWorkspace, "id" | "path">,
  message: string,
  also: Pick<SnapshotOf, "more" | "ignored" | "since"> = {},
): Promise<Snapshot> =>
  world.workspaces.inTurn(`snapshot ${workspace.id}`, async () => {
    const snapshot = await takeSnapshot(world.git, { workspaceId: workspace.id, path: workspace.path, mark: world.newId(), message, ...also });
    await world.db.transaction((tx) => updateSnapshot(tx, workspace.id, snapshot.commit, world.clock.now()));
    return snapshot;
  });
