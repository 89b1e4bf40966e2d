// Comments on lines of a work tree become work for whoever did it: a task of one step, in the same work tree, that goes on with the same conversation.
import { ALL_PROJECTS, type ParsedTaskInput, parse, Refusal, type ReviewInput, taskInput, type WorkspaceDiff } from "@baton/contract";
import { getKnownAgent } from "../agents/agents.ts";
import { type FoundWorkspace, getWorkspaceRow, readLines, readVisits, type VisitRow, viewDiff } from "../workspaces/workspaces.ts";
import { type CommandWorld, getTaskRow } from "./commands.ts";
import type { GivenPlace } from "./submission.ts";

/** @throws Refusal `conflict` when nobody has worked there; `bad_input` for a file or line that is not there. */
export async function toReviewTask(world: CommandWorld, idOrTask: string, review: ReviewInput): Promise<{ input: ParsedTaskInput; place: GivenPlace }> {
  const { workspace, agentId, last } = await findWorker(world, idOrTask, review.agent);
  const diff = await viewDiff(world, workspace.id, { from: "base", to: "now" });
  const remarks = await Promise.all(review.comments.map((comment, at) => toRemark(workspace.path, diff, comment, at)));
  const description = [
    "Your work was reviewed. Change it as these comments ask, in the same work tree.",
    ...(review.summary === undefined ? [] : [review.summary]),
    ...remarks,
  ].join("\n\n");
  return toRework(world, { workspace, agentId, last }, { title: `Review of ${workspace.branch}`, description, type: "review" });
}
interface Worker {
  workspace: FoundWorkspace;
  agentId: string;
  /** The attempt whose conversation goes on. */
  last: VisitRow | undefined;
}
/** Who worked there last, or the agent that is named. @throws Refusal `conflict` when nobody has. */
async function findWorker(world: CommandWorld, idOrTask: string, agent: string | undefined): Promise<Worker> {
  const workspace = await getWorkspaceRow(world, idOrTask);
  if (workspace.state !== "ready")
    throw new Refusal("conflict", `The workspace ${workspace.id} is ${workspace.state}; only in one that is ready work goes on.`);
  const wanted = agent === undefined ? undefined : getKnownAgent(world, agent).row.id;
  const [last] = await readVisits(world, { workspaceId: workspace.id, ...(wanted === undefined ? {} : { agentId: wanted }) }, 1);
  const agentId = wanted ?? last?.agent_id;
  if (agentId === undefined) throw new Refusal("conflict", `Nobody has worked in the workspace ${workspace.id} yet: name an agent.`);
  return { workspace, agentId, last };
}
export interface Rework {
  id?: string;
  title: string;
  description: string;
  type: string;
}
/** More work for whoever worked there last. @throws Refusal `conflict`, `not_found`. */
export const toReworkTask = async (world: CommandWorld, workspaceId: string, rework: Rework): Promise<{ input: ParsedTaskInput; place: GivenPlace }> =>
  toRework(world, await findWorker(world, workspaceId, undefined), rework);
/** It belongs to the project of what it goes on with. */
async function toRework(world: CommandWorld, { workspace, agentId, last }: Worker, rework: Rework): Promise<{ input: ParsedTaskInput; place: GivenPlace }> {
  const project = last ? (await getTaskRow(world, last.task_id)).project_id : workspace.project === ALL_PROJECTS ? null : workspace.project;
  const input = {
    ...(project ? { projectId: project } : {}),
    ...rework,
    repository: workspace.repository_path,
    workspace: "task" as const,
    steps: [{ id: "rework", agent: agentId }],
  };
  return { input: parse(taskInput, input, "body"), place: { workspaceId: workspace.id, ...(last ? { attemptId: last.attempt_id } : {}) } };
}
async function toRemark(root: string, { files }: WorkspaceDiff, { path, line, text }: ReviewInput["comments"][number], at: number): Promise<string> {
  const isGone = files.some((file) => file.path === path && file.status === "deleted");
  const lines = isGone ? [] : await readLines(root, path);
  if (lines === undefined || (line !== undefined && line > lines.length)) {
    const field = lines === undefined ? "path" : "line";
    const message = lines === undefined ? `${path} is no text file of the workspace` : `${path} has ${lines.length} lines`;
    throw new Refusal("bad_input", `body.comments[${at}].${field}: ${message}.`, { issues: [{ path: `body.comments[${at}].${field}`, message }] });
  }
  return line === undefined ? `${path}:\n${text}` : `${path}:${line}:\n> ${(lines[line - 1] ?? "").slice(0, 500)}\n${text}`;
}
