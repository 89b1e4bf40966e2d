// Workspaces that nobody needs any more are removed by themselves: not used for so long, their task over, and their work landed or none. One whose work has not
// landed is kept, and says so.
import { Refusal } from "@baton/contract";
import { removeWorkspace } from "./remove-workspace.ts";
import { tellNews } from "./news.ts";
import { type FoundWorkspace, selectRetirable, updateKept } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

const AT_ONCE = 20;

export async function retireOld(world: WorkspacesWorld): Promise<void> {
  const { retentionMs } = world.workspaces.settings;
  const now = world.clock.now();
  const old = await selectRetirable(world.db, world.workspaces.serverName, { now, before: now - retentionMs }, AT_ONCE);
  for (const row of old) await retire(world, row, "");
}
/** @returns whether one was removed, so that there is more room now. */
export async function retireForRoom(world: WorkspacesWorld, repositoryId: string | undefined, worker: string): Promise<boolean> {
  const now = world.clock.now();
  const all = await selectRetirable(world.db, world.workspaces.serverName, { now, before: now + 1 }, 500);
  for (const row of all) if ((repositoryId === undefined || row.repository_id === repositoryId) && (await retire(world, row, worker))) return true;
  return false;
}
async function retire(world: WorkspacesWorld, row: FoundWorkspace, worker: string): Promise<boolean> {
  try {
    await removeWorkspace(world, row.id, { force: false }, worker);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await world.db.transaction(async (tx) => {
      const reason = `It is kept. ${error.message}`;
      if ((await updateKept(tx, row.id, reason, world.clock.now())) === 1) tellNews(world, tx, "workspace.kept", row, { reason });
    });
    world.events.committed();
    return false;
  }
}
