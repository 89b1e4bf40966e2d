// Attempts in workspaces: the workspace an attempt asks for is found or made, what is in it is snapshotted when the attempt comes and when it goes.
import { Refusal, type WorkPlace } from "@baton/contract";
import { type AgentState, type CheckpointsWorld, createCheckpoint } from "./checkpoints.ts";
import { createWorkspace, type Owner } from "./create-workspace.ts";
import { isLimited, measure } from "./disk.ts";
import { environmentOf, needsOf } from "./needs.ts";
import { leasePorts } from "./ports.ts";
import { findRepository, type FoundRepository, type Standing } from "./repository.ts";
import { markLost } from "./recover.ts";
import { snapshotWorkspace } from "./snapshot-workspace.ts";
import {
  type FoundWorkspace,
  insertVisit,
  keepRepository,
  lockWorkspace,
  type RepositoryRow,
  selectLiveServers,
  selectPresent,
  selectWorkspace,
  touchWorkspace,
  updateVisit,
  updateVisitBefore,
} from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";
import { gitDirOf } from "./worktree.ts";

export interface Visit {
  mode: "task" | "agent";
  /** The path of a repository. */
  repository: string;
  /** Where work goes on that was reviewed. */
  workspaceId?: string | undefined;
  taskId: string;
  stepId: string;
  attemptId: string;
  agentId: string;
  agentName: string;
  /** Ends what is done for it before it begins. */
  signal: AbortSignal;
  /** The lease under which the attempt runs. */
  worker: string;
  /** What is kept of it with the checkpoint that is made before it begins. */
  readState(workspace: { id: string; path: string }): Promise<AgentState>;
}
export interface Visiting {
  place: WorkPlace;
  /** Keeps what is there now. Never rejects: what cannot be kept is still in the work tree. */
  leave(): Promise<void>;
}
/** While another server makes it. */
const WAIT_MS = 60_000;
const LOOK_MS = 200;

/** @throws Refusal when there is no repository, or the workspace cannot be made, is elsewhere, or cannot be snapshotted. */
export async function enterWorkspace(world: CheckpointsWorld, visit: Visit): Promise<Visiting> {
  const workspace = visit.workspaceId === undefined ? await obtainOwn(world, visit) : await obtainGiven(world, visit.workspaceId);
  const { id, path, branch, base_commit } = workspace;
  await register(world, workspace, visit);
  try {
    // One that was gone for a while has given its own back.
    const ports = await leasePorts(world, id, needsOf(workspace)?.ports ?? 0);
    const agent = await visit.readState(workspace);
    const before = await createCheckpoint(world, { workspace, kind: "attempt", description: `Before attempt ${visit.attemptId}`, agent });
    await world.db.transaction((tx) => updateVisitBefore(tx, visit.attemptId, before.commit_id));
    const environment = environmentOf(workspace, workspace.repository_path, ports);
    return { place: { id, path, branch, baseCommit: base_commit, environment }, leave: () => leave(world, workspace, visit) };
  } catch (error) {
    await world.db.transaction((tx) => updateVisit(tx, visit.attemptId, visit.worker, world.clock.now(), null));
    throw error;
  }
}
async function obtainGiven(world: WorkspacesWorld, id: string): Promise<FoundWorkspace> {
  const row = await selectWorkspace(world.db, id);
  if (row?.state !== "ready" || !(await isThere(row)))
    throw new Refusal("conflict", `The workspace ${id} is ${row?.state === "ready" ? "not here" : (row?.state ?? "gone")}.`);
  return row;
}
async function obtainOwn(world: WorkspacesWorld, visit: Visit): Promise<FoundWorkspace> {
  const at = await findRepository(world.git, visit.repository, "repository");
  const row = { id: world.newId(), common_dir: at.commonDir, path: at.path, created_at: world.clock.now() };
  const repository = await world.db.transaction((tx) => keepRepository(tx, row));
  const owner = toOwner(visit);
  const key = `${repository.id} ${owner.kind} ${owner.taskId ?? owner.agentId}`;
  return world.workspaces.inTurn(key, () => obtain(world, repository, at, owner, visit));
}
const toOwner = ({ mode, taskId, agentId, agentName }: Visit): Owner =>
  mode === "task" ? { kind: "task", taskId, agentId: null, name: taskId } : { kind: "agent", taskId: null, agentId, name: agentName };

async function obtain(
  world: WorkspacesWorld,
  repository: RepositoryRow,
  at: FoundRepository & Standing,
  owner: Owner,
  { worker, signal }: Visit,
): Promise<FoundWorkspace> {
  const whose = owner.kind === "task" ? { taskId: owner.taskId as string } : { agentId: owner.agentId as string };
  const until = world.clock.now() + WAIT_MS;
  for (;;) {
    const present = await selectPresent(world.db, repository.id, whose);
    if (!present) {
      const made = await createWorkspace(world, repository, at, owner, worker, signal);
      if (made) return made;
    } else if (present.state === "ready") {
      if (await isThere(present)) return present;
      if (present.server !== world.workspaces.serverName)
        throw new Refusal("unavailable", `The workspace ${present.id} is at ${present.path} on the server ${present.server}, and not here.`);
      await markLost(world, present);
    } else if (signal.aborted || (world.clock.now() > until && !(await isBeingMade(world, present))))
      throw new Refusal("unavailable", `The workspace ${present.id} is ${present.state === "creating" ? "being made" : "being removed"} still.`);
    else await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
/** By a server that lives: what sets it up may take its time. */
const isBeingMade = async ({ db, clock }: WorkspacesWorld, { state, worker }: FoundWorkspace): Promise<boolean> =>
  state === "creating" && worker !== null && (await selectLiveServers(db, clock.now())).has(worker);
const isThere = ({ path }: FoundWorkspace): Promise<boolean> =>
  gitDirOf(path).then(
    () => true,
    () => false,
  );
/** From here on it is not removed. */
async function register(world: WorkspacesWorld, workspace: FoundWorkspace, visit: Visit): Promise<void> {
  const now = world.clock.now();
  await world.db.transaction(async (tx) => {
    const locked = await lockWorkspace(tx, workspace.id);
    if (locked?.state !== "ready") throw new Refusal("unavailable", `The workspace ${workspace.id} was removed just now.`);
    await touchWorkspace(tx, workspace.id, now);
    await insertVisit(tx, {
      workspace_id: workspace.id,
      attempt_id: visit.attemptId,
      task_id: visit.taskId,
      step_id: visit.stepId,
      agent_id: visit.agentId,
      worker: visit.worker,
      entered_at: now,
      left_at: null,
      before_commit: null,
      after_commit: null,
    });
  });
}
async function leave(world: WorkspacesWorld, workspace: FoundWorkspace, { attemptId, worker }: Visit): Promise<void> {
  const after = await snapshotWorkspace(world, workspace, `After attempt ${attemptId}`).catch((error: unknown) => {
    world.log.warn({ err: error, attemptId, workspaceId: workspace.id }, "what an attempt left in its workspace could not be snapshotted; it is there still");
    return undefined;
  });
  if (isLimited(world, workspace))
    await measure(world, workspace).catch((error: unknown) =>
      world.log.warn({ err: error, workspaceId: workspace.id }, "the size of a workspace could not be stored"),
    );
  await world.db
    .transaction((tx) => updateVisit(tx, attemptId, worker, world.clock.now(), after?.commit ?? null))
    .catch((error: unknown) =>
      world.log.warn({ err: error, attemptId }, "that an attempt left its workspace could not be stored; it counts as in it until its server ends"),
    );
}
