// Checkpoints: made by themselves before each attempt in a workspace, before a rollback and a landing, and by hand. The last few are listed; what older ones
// held stays within reach, because each snapshot has the one before among its parents.
import { type Checkpoint, Refusal, type WholeCheckpoint } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import type { Scope } from "../store/scope.ts";
import { type CheckpointFilter, type CheckpointRow, deleteOlder, insertCheckpoint, selectCheckpoint, selectCheckpoints } from "./checkpoint-rows.ts";
import { tellNews } from "./news.ts";
import type { Snapshot } from "./snapshot.ts";
import { snapshotWorkspace } from "./snapshot-workspace.ts";
import type { FoundWorkspace } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

export const CHECKPOINTS_KEPT = 10;
const MAX_FILES = 500;

/** What is kept beside the files, as whoever knows the agent tells it. */
export interface AgentState {
  agentId: string | null;
  taskId: string | null;
  stepId: string | null;
  attemptId: string | null;
  conversation: string | null;
  environment: Record<string, string>;
  state: Omit<WholeCheckpoint["state"], "environment" | "hasConversation" | "context" | "metrics"> & {
    context: Omit<WholeCheckpoint["state"]["context"], "projectFiles">;
    metrics: Omit<WholeCheckpoint["state"]["metrics"], "filesModified">;
  };
}
export interface NewCheckpoint {
  workspace: FoundWorkspace;
  kind: Checkpoint["kind"];
  description: string;
  agent: AgentState;
  /** Commits and ignored files to be kept with it. */
  more?: readonly string[];
  ignored?: readonly string[];
}
export type CheckpointsWorld = WorkspacesWorld & { seal: Seal };

/** @throws Refusal `conflict` when something in the work tree cannot be kept. */
export async function createCheckpoint(world: CheckpointsWorld, given: NewCheckpoint): Promise<CheckpointRow> {
  const { workspace, agent } = given;
  const snapshot = await snapshotWorkspace(world, workspace, `Checkpoint: ${given.description || given.kind}`, { ...given, since: workspace.base_commit });
  const row = toRow(world, given, snapshot);
  await world.db.transaction(async (tx) => {
    await insertCheckpoint(tx, row);
    await deleteOlder(tx, row.workspace_id, CHECKPOINTS_KEPT);
    const data = { checkpointId: row.id, kind: row.kind, description: row.description, commit: row.commit_id };
    tellNews(world, tx, "checkpoint.created", { task_id: agent.taskId, agent_id: agent.agentId, id: workspace.id, project: workspace.project }, data);
  });
  world.events.committed();
  return (await selectCheckpoint(world.db, row.id)) as CheckpointRow;
}
function toRow(world: CheckpointsWorld, { workspace, kind, description, agent }: NewCheckpoint, snapshot: Snapshot): Omit<CheckpointRow, "seq"> {
  const { context, metrics } = agent.state;
  const state: Omit<WholeCheckpoint["state"], "environment" | "hasConversation"> = {
    ...agent.state,
    context: { ...context, projectFiles: snapshot.changed.slice(0, MAX_FILES) },
    metrics: { ...metrics, filesModified: snapshot.changed.length },
  };
  return {
    id: world.newId(),
    workspace_id: workspace.id,
    project: workspace.project,
    agent_id: agent.agentId,
    kind,
    description,
    task_id: agent.taskId,
    step_id: agent.stepId,
    attempt_id: agent.attemptId,
    commit_id: snapshot.commit,
    tree: snapshot.tree,
    head: snapshot.head,
    branch: snapshot.branch ?? null,
    index_tree: snapshot.indexTree ?? null,
    conversation: agent.conversation,
    state: JSON.stringify(state),
    environment: world.seal.seal(JSON.stringify(agent.environment)),
    created_at: world.clock.now(),
  };
}
export const toCheckpoint = (row: CheckpointRow): Checkpoint => ({
  id: row.id,
  agentId: row.agent_id,
  workspaceId: row.workspace_id,
  kind: row.kind as Checkpoint["kind"],
  description: row.description,
  taskId: row.task_id,
  stepId: row.step_id,
  attemptId: row.attempt_id,
  commit: row.commit_id,
  createdAt: iso(row.created_at),
});
export const toWholeCheckpoint = ({ seal }: { seal: Seal }, row: CheckpointRow): WholeCheckpoint => ({
  ...toCheckpoint(row),
  state: {
    ...(JSON.parse(row.state) as Omit<WholeCheckpoint["state"], "environment" | "hasConversation">),
    environment: Object.keys(JSON.parse(seal.open(row.environment)) as Record<string, string>),
    hasConversation: row.conversation !== null,
  },
});
export async function listCheckpoints({ db }: Pick<WorkspacesWorld, "db">, filter: CheckpointFilter, scope: Scope): Promise<{ items: Checkpoint[] }> {
  return { items: (await selectCheckpoints(db, filter, scope, 100)).map(toCheckpoint) };
}
/** @throws Refusal `not_found`, also when it is not one of `filter`. */
export async function getCheckpointRow({ db }: Pick<WorkspacesWorld, "db">, id: string, { agentId, workspaceId }: CheckpointFilter): Promise<CheckpointRow> {
  const row = await selectCheckpoint(db, id);
  const isOfThem = row && (agentId === undefined || row.agent_id === agentId) && (workspaceId === undefined || row.workspace_id === workspaceId);
  if (!isOfThem)
    throw new Refusal(
      "not_found",
      `There is no checkpoint ${id} of this ${agentId === undefined ? "workspace" : "agent"}; the last ${CHECKPOINTS_KEPT} are kept.`,
    );
  return row;
}
