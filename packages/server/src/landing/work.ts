// What is in a workspace, as what lands: a commit with everything in it that is tracked or new, on top of what its agent committed.
import { type ParsedLandingInput, Refusal } from "@baton/contract";
import { checkpointWork, getTaskRow } from "../tasks/tasks.ts";
import { commitWork, type FoundWorkspace, getWorkspace, getWorkspaceRow } from "../workspaces/workspaces.ts";
import type { LandingsWorld } from "./landings-world.ts";

/** A landing that was asked for, with where it is and what lands. */
export interface Asked {
  repository: string;
  source: string;
  workspace: FoundWorkspace | undefined;
}
const bad = (path: string, message: string): Refusal => new Refusal("bad_input", `body.${path}: ${message}.`, { issues: [{ path: `body.${path}`, message }] });

/** @throws Refusal `bad_input`, `not_found`, `conflict`. */
export async function findAsked(world: LandingsWorld, { repository, source, workspaceId, taskId }: ParsedLandingInput): Promise<Asked> {
  if (source !== undefined) {
    if (workspaceId !== undefined) throw bad("source", "is what is in the workspace: give one of the two");
    if (repository === undefined) throw bad("repository", "says where source is");
    return { repository, source, workspace: undefined };
  }
  const of = workspaceId ?? taskId;
  if (of === undefined) throw bad("source", "says what is to land; or give a workspaceId, or a taskId whose workspace it is");
  const workspace = await getWorkspaceRow(world, of);
  if (repository !== undefined && repository !== workspace.repository_path)
    throw bad("repository", `is ${workspace.repository_path} for the workspace ${workspace.id}`);
  return { repository: workspace.repository_path, source: workspace.branch, workspace };
}
/** With a checkpoint of it. @throws Refusal `conflict` while somebody works there, and when something in it cannot be kept. */
export async function commitOfWork(world: LandingsWorld, workspace: FoundWorkspace): Promise<string> {
  if (workspace.state !== "ready")
    throw new Refusal("conflict", `The workspace ${workspace.id} is ${workspace.state}; only from one that is ready something lands.`);
  const { attempts } = await getWorkspace(world, workspace.id);
  if (attempts.length > 0)
    throw new Refusal("conflict", `Somebody works in the workspace ${workspace.id}: attempt ${attempts.join(", ")}. What is half done does not land.`);
  const { tree, head, agent } = await checkpointWork(world, workspace);
  return commitWork(world, workspace, { tree, head }, { message: await messageFor(world, workspace), author: agent ?? "Baton" });
}
async function messageFor(world: LandingsWorld, { task_id, branch }: FoundWorkspace): Promise<string> {
  if (task_id === null) return `Work of ${branch}`;
  const task = await getTaskRow(world, task_id);
  return `${(task.title.split("\n")[0] ?? "").slice(0, 200)}\n\nTask: ${task_id}`;
}
