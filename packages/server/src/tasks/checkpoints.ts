// Checkpoints of agents by hand, and setting an agent back to one: its work tree and its conversation together. A conversation that went on after the
// checkpoint is not gone on with; the agent begins a fresh one and is told what was said before.
import { type Checkpoint, type CheckpointInput, Refusal, type RolledBack, type WholeCheckpoint } from "@baton/contract";
import { getKnownAgent, type KnownAgent, toConnectorAgent } from "../agents/agents.ts";
import type { Scope } from "../store/scope.ts";
import {
  createCheckpoint,
  type FoundWorkspace,
  getCheckpointRow,
  getWorkspace,
  getWorkspaceRow,
  listCheckpoints,
  readVisits,
  rollBack,
  snapshotWorkspace,
  toCheckpoint,
  toWholeCheckpoint,
} from "../workspaces/workspaces.ts";
import type { CommandWorld } from "./commands.ts";
import { stateIn } from "./place-work.ts";

/** Of an agent, where it works or worked last. @throws Refusal `conflict` when it works in no workspace. */
export async function checkpointAgent(world: CommandWorld, idOrName: string, { description, workspaceId }: CheckpointInput, scope: Scope): Promise<Checkpoint> {
  const known = getKnownAgent(world, idOrName);
  const id = workspaceId ?? (await workspaceOf(world, known, scope));
  const workspace = await getWorkspaceRow(world, id);
  if (workspace.state !== "ready")
    throw new Refusal("conflict", `The workspace ${workspace.id} is ${workspace.state}; only of one that is ready a checkpoint is made.`);
  const agent = await stateIn(world, known, workspace);
  return toCheckpoint(await createCheckpoint(world, { workspace, kind: "hand", description, agent }));
}
async function workspaceOf(world: CommandWorld, { row }: KnownAgent, scope: Scope): Promise<string> {
  const [last] = await readVisits(world, { agentId: row.id, presentIn: scope }, 1);
  if (last) return last.workspace_id;
  throw new Refusal(
    "conflict",
    `The agent ${row.name} works in no workspace, so that there is nothing to be kept; tasks with workspace: task or agent have one.`,
  );
}
/** Of what is to land, with whoever worked there last. @returns what was snapshotted, and who that is. */
export async function checkpointWork(world: CommandWorld, workspace: FoundWorkspace): Promise<{ tree: string; head: string; agent: string | undefined }> {
  const [last] = await readVisits(world, { workspaceId: workspace.id }, 1);
  const known = last && world.registry.find(last.agent_id);
  if (!known) return { ...(await snapshotWorkspace(world, workspace, "Before it lands")), agent: undefined };
  const agent = await stateIn(world, known, workspace);
  return { ...(await createCheckpoint(world, { workspace, kind: "landing", description: "Before it lands", agent })), agent: known.row.name };
}
export const listAgentCheckpoints = (world: CommandWorld, idOrName: string, workspaceId: string | undefined, scope: Scope): Promise<{ items: Checkpoint[] }> =>
  listCheckpoints(world, { agentId: getKnownAgent(world, idOrName).row.id, workspaceId }, scope);
export const getAgentCheckpoint = async (world: CommandWorld, idOrName: string, id: string): Promise<WholeCheckpoint> =>
  toWholeCheckpoint(world, await getCheckpointRow(world, id, { agentId: getKnownAgent(world, idOrName).row.id }));

/** @throws Refusal `not_found`; `conflict` while somebody works there, and when git cannot. */
export async function rollBackAgent(world: CommandWorld, idOrName: string, checkpointId: string): Promise<RolledBack> {
  const known = getKnownAgent(world, idOrName);
  const row = await getCheckpointRow(world, checkpointId, { agentId: known.row.id });
  const workspace = await getWorkspaceRow(world, row.workspace_id);
  const before = await rollBack(world, workspace, row, await stateIn(world, known, workspace), world.dispatcher.lease() ?? "");
  // What it still has in mind is undone.
  await world.connectorOf(known.connector.kind).living?.stop(toConnectorAgent(known, world.seal), true);
  return { checkpoint: toCheckpoint(row), before: toCheckpoint(before), workspace: await getWorkspace(world, workspace.id) };
}
