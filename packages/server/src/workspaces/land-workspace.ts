// The work in a workspace on its way to where it is meant to be: as a commit that can be landed, and that it has come there. From then on the workspace
// may be removed without force, until somebody works in it again.
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import { toEvent } from "./news.ts";
import type { Snapshot } from "./snapshot.ts";
import { type FoundWorkspace, lockWorkspace, updateLanded } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

/** @param commit of the target branch. @returns the event that tells of it. */
export async function markLanded({ clock }: Pick<WorkspacesWorld, "clock">, tx: Tx, id: string, commit: string, target: string): Promise<NewEvent[]> {
  const row = await lockWorkspace(tx, id);
  if (!row || row.state === "removed") return [];
  await updateLanded(tx, id, commit, clock.now());
  return [toEvent("workspace.landed", row, { commit, target })];
}

/** What was snapshotted, as a commit on top of what is checked out; that itself when all is committed. */
export async function commitWork(
  { git }: Pick<WorkspacesWorld, "git">,
  { path }: Pick<FoundWorkspace, "path">,
  { tree, head }: Pick<Snapshot, "tree" | "head">,
  { message, author }: { message: string; author: string },
): Promise<string> {
  const committed = await git.line({ cwd: path, args: ["rev-parse", `${head}^{tree}`] });
  if (committed === tree) return head;
  const environment = { GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: "baton@localhost", GIT_COMMITTER_NAME: "Baton", GIT_COMMITTER_EMAIL: "baton@localhost" };
  return git.line({ cwd: path, args: ["commit-tree", tree, "-p", head], stdin: `${message}\n`, environment });
}
