// Where a step is worked on: in the repository itself, or in a workspace that is entered when its attempt begins and left when it ends.
import { type Outcome, type ParsedTaskInput, Refusal, type StepInput, type WorkspaceMode } from "@baton/contract";
import { type AgentsWorld, getKnownAgent } from "../agents/agents.ts";
import { enterRepository, enterWorkspace, findRepository, type Visiting, type WorkspacesWorld } from "../workspaces/workspaces.ts";
import { stateIn } from "./place-work.ts";
import type { Going } from "./going.ts";
import type { StepSpec, TaskSpec } from "./submission.ts";

interface Asking {
  gates?: ParsedTaskInput["gates"];
  workspace?: WorkspaceMode | undefined;
  repository?: string | undefined;
}
/** @param mayName whether they may name what this server runs. @throws Refusal `bad_input` when steps are to be worked on in workspaces of what is no repository here; `forbidden`. */
export async function checkPlaces(
  world: Pick<WorkspacesWorld, "git" | "db" | "clock" | "newId">,
  input: Asking,
  steps: readonly StepInput[],
  mayName = false,
): Promise<void> {
  const nowhere = steps.findIndex((step) => step.gates !== undefined && !isAsked(step.workspace ?? input.workspace));
  if (nowhere >= 0 || (input.gates !== undefined && !isAsked(input.workspace) && !steps.some((step) => isAsked(step.workspace)))) {
    const path = nowhere >= 0 ? `body.steps[${nowhere}].gates` : "body.gates";
    const message = "judge a work tree: give the workspace task or agent";
    throw new Refusal("bad_input", `${path} ${message}.`, { issues: [{ path, message }] });
  }
  const asking = steps.findIndex((step) => isAsked(step.workspace));
  if (!isAsked(input.workspace) && asking < 0) return;
  if (input.repository === undefined) {
    const path = isAsked(input.workspace) ? "body.workspace" : `body.steps[${asking}].workspace`;
    const message = "needs a repository to be made from: give its path on the server in repository";
    throw new Refusal("bad_input", `${path} ${message}.`, { issues: [{ path, message }] });
  }
  await enterRepository(world, await findRepository(world.git, input.repository, "body.repository"), mayName);
}
const isAsked = (mode: WorkspaceMode | undefined): mode is "task" | "agent" => mode !== undefined && mode !== "none";

/** undefined: none is asked for. An outcome: there is none to be had. */
export async function enterPlace(
  world: Parameters<typeof enterWorkspace>[0] & AgentsWorld,
  going: Going,
  signal: AbortSignal,
): Promise<Visiting | (Outcome & { ok: false }) | undefined> {
  const { step } = going;
  // Most have none: their specifications are not even parsed.
  if (!step.step_spec.includes('"workspace"') && !step.task_spec.includes('"workspace"')) return undefined;
  const task = JSON.parse(step.task_spec) as TaskSpec;
  const mode = (JSON.parse(step.step_spec) as StepSpec).workspace ?? task.workspace;
  if (!isAsked(mode) || task.repository === undefined) return undefined;
  try {
    const { agentId, attemptId, worker } = going;
    const known = getKnownAgent(world, agentId);
    const about = { taskId: step.task_id, stepId: step.step_id, attemptId, agentId, agentName: known.row.name, worker, signal };
    const { repository, place } = task;
    const readState = (workspace: { id: string; path: string }) => stateIn(world, known, workspace);
    return await enterWorkspace(world, { mode, repository, workspaceId: place?.workspaceId, ...about, readState });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, kind: error.code === "unavailable" ? "unavailable" : "agent_error", detail: `There is no workspace for it: ${error.message}` };
  }
}
