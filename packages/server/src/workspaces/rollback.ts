// Setting a workspace back to a checkpoint. While it is at it, the workspace is `restoring` and nobody enters; what is replaced has its own checkpoint by
// then. Cut off, it is done again from the beginning by whoever finds it.
import { Refusal } from "@baton/contract";
import { type AgentState, createCheckpoint } from "./checkpoints.ts";
import { type CheckpointRow, selectCheckpoint } from "./checkpoint-rows.ts";
import type { Seal } from "../std/seal.ts";
import { tellNews } from "./news.ts";
import { ignoredInTheWay, restoreFiles } from "./restore.ts";
import { snapshotWorkspace } from "./snapshot-workspace.ts";
import { setUndone, type FoundWorkspace, lockWorkspace, moveWorkspace, selectInside, selectWorkspace, setRestoring } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

/** From when to when what was done is undone, in milliseconds. */
export type Undone = [from: number, to: number];

/** What was set back in a workspace, and to what; undefined: nothing ever was. */
export async function readUndone(
  { db }: Pick<WorkspacesWorld, "db">,
  workspaceId: string,
): Promise<{ times: Undone[]; checkpoint: CheckpointRow } | undefined> {
  const row = await selectWorkspace(db, workspaceId);
  const checkpoint = row?.undone && row.restored !== null ? await selectCheckpoint(db, row.restored) : undefined;
  return checkpoint && { times: JSON.parse(row?.undone ?? "[]") as Undone[], checkpoint };
}

/** @returns the checkpoint of what was replaced. @throws Refusal `conflict` while somebody works there, and when git cannot. */
export async function rollBack(
  world: WorkspacesWorld & { seal: Seal },
  workspace: FoundWorkspace,
  checkpoint: CheckpointRow,
  agent: AgentState,
  worker: string,
): Promise<CheckpointRow> {
  const target = toRestoring(checkpoint);
  await begin(world, workspace, worker);
  try {
    const ignored = await ignoredIn(world, workspace, target);
    const tip = await world.git.run({ cwd: workspace.path, args: ["rev-parse", "--verify", "--quiet", `refs/heads/${workspace.branch}`] });
    const description = `Before it was set back to ${checkpoint.description || checkpoint.id}`;
    const before = await createCheckpoint(world, { workspace, kind: "rollback", description, agent, ignored, more: tip.code === 0 ? [tip.stdout.trim()] : [] });
    // From here on it is done, now or by whoever finds it. The checkpoint may be dropped meanwhile: what it takes is kept with the row.
    const restoring = JSON.stringify(target);
    await world.db.transaction((tx) => setRestoring(tx, workspace.id, restoring));
    await finishRollback(world, { ...workspace, restoring });
    return before;
  } catch (error) {
    await world.db.transaction(async (tx) => {
      await setRestoring(tx, workspace.id, null);
      await moveWorkspace(tx, workspace.id, "restoring", { state: "ready", reason: "It takes work; it could not be set back.", worker: null });
    });
    throw error;
  }
}
interface Restoring {
  checkpointId: string;
  at: number;
  tree: string;
  head: string;
  branch?: string;
  indexTree?: string;
}
const toRestoring = ({ id, created_at, tree, head, branch, index_tree }: CheckpointRow): Restoring => ({
  checkpointId: id,
  at: created_at,
  tree,
  head,
  ...(branch === null ? {} : { branch }),
  ...(index_tree === null ? {} : { indexTree: index_tree }),
});
async function begin(world: WorkspacesWorld, { id }: FoundWorkspace, worker: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    const locked = await lockWorkspace(tx, id);
    if (locked?.state !== "ready") throw new Refusal("conflict", `The workspace ${id} is ${locked?.state ?? "gone"}; only one that is ready is set back.`);
    const inside = await selectInside(tx, [id], world.clock.now());
    if (inside.length > 0)
      throw new Refusal(
        "conflict",
        `Somebody works in the workspace ${id}: attempt ${inside.map((one) => one.attempt_id).join(", ")}. Cancel it first, or wait.`,
      );
    await moveWorkspace(tx, id, "ready", { state: "restoring", reason: "It is being set back to a checkpoint.", worker });
  });
}
/** What is ignored and would be overwritten; the rest of what is there is kept by then. */
async function ignoredIn(world: WorkspacesWorld, workspace: FoundWorkspace, target: Restoring): Promise<string[]> {
  const { tree } = await snapshotWorkspace(world, workspace, "Before it is set back");
  return ignoredInTheWay(world.git, workspace.path, tree, target.tree);
}
/** One that a server that died had begun. What somebody wrote since then is kept, too. With nothing to set back to, it only takes work again. */
export async function resumeRollback(world: WorkspacesWorld, workspace: FoundWorkspace): Promise<void> {
  if (workspace.restoring !== null) {
    const ignored = await ignoredIn(world, workspace, JSON.parse(workspace.restoring) as Restoring);
    if (ignored.length > 0) await snapshotWorkspace(world, workspace, "Before it is set back", { ignored });
  }
  await finishRollback(world, workspace);
}
async function finishRollback(world: WorkspacesWorld, workspace: FoundWorkspace): Promise<void> {
  const restoring = workspace.restoring === null ? undefined : (JSON.parse(workspace.restoring) as Restoring);
  if (restoring) {
    const { tree, head, branch, indexTree } = restoring;
    await restoreFiles(world.git, workspace.path, { tree, head, branch, indexTree }, workspace.branch);
  }
  const now = world.clock.now();
  await world.db.transaction(async (tx) => {
    const reason = restoring ? `It takes work; it was set back to the checkpoint ${restoring.checkpointId}.` : "It takes work.";
    if (!(await moveWorkspace(tx, workspace.id, "restoring", { state: "ready", reason, worker: null })) || !restoring) return;
    await setRestoring(tx, workspace.id, null);
    const undone = JSON.parse((await lockWorkspace(tx, workspace.id))?.undone ?? "[]") as Undone[];
    await setUndone(tx, workspace.id, JSON.stringify([...undone, [restoring.at, now]].slice(-100)), restoring.checkpointId);
    tellNews(world, tx, "workspace.rolled_back", workspace, { checkpointId: restoring.checkpointId, head: restoring.head });
  });
  world.events.committed();
}
