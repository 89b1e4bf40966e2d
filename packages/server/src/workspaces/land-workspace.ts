// That the work in a workspace has come to where it was meant to: from then on it may be removed without force, and by itself.
import type { Tx } from "../store/db.ts";
import { tellNews } from "./news.ts";
import { type FoundWorkspace, updateLanded } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

/** To be the last thing in the transaction that stores the landing. @param commit of the target branch. */
export async function markLanded(
  world: Pick<WorkspacesWorld, "clock" | "events">,
  tx: Tx,
  workspace: FoundWorkspace,
  commit: string,
  target: string,
): Promise<void> {
  await updateLanded(tx, workspace.id, commit, world.clock.now());
  tellNews(world, tx, "workspace.landed", workspace, { commit, target });
}
