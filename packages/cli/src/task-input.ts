// The task a person described on the command line, in a file, or both: what is typed wins over what is in the file.
import { resolve } from "node:path";
import { type TaskInput, taskInput } from "@baton/contract";
import { checked, given } from "./cli.ts";
import { BadUsage } from "./exit.ts";
import { openInputFile } from "./input-file.ts";

export interface TaskOptions {
  file?: string;
  requires?: string[];
  tools?: string[];
  agent?: string;
  priority?: string;
  pattern?: string;
  title?: string;
  project?: string;
  session?: string;
  repository?: string;
  workspace?: "task" | "agent" | "none";
  files?: string[];
  approvals?: string[];
  budgetUsd?: string;
}

/** @throws BadUsage */
export async function toTaskInput(description: string | undefined, options: TaskOptions): Promise<TaskInput> {
  return (await openTaskInput(description, options)).task;
}
/** Calls with the task; what the server finds wrong is told with its place in the file. @throws BadUsage, Refusal */
export async function withTaskInput<T>(description: string | undefined, options: TaskOptions, call: (task: TaskInput) => Promise<T>): Promise<T> {
  const { task, locate } = await openTaskInput(description, options);
  return call(task).catch((error: unknown) => {
    throw locate(error);
  });
}
async function openTaskInput(description: string | undefined, options: TaskOptions): Promise<{ task: TaskInput; locate: (error: unknown) => unknown }> {
  // A description may stand in the file or on the command line, so the file alone need not be whole.
  const file = options.file === undefined ? undefined : await openInputFile(options.file, description === undefined ? taskInput : taskInput.partial());
  const fromFile = file?.value ?? {};
  const locate = file?.locate ?? ((error: unknown) => error);
  const {
    requires: requirements,
    tools,
    priority,
    pattern,
    title,
    project: projectId,
    session: sessionId,
    agent,
    approvals,
    budgetUsd,
    workspace,
    files,
  } = options;
  // The server and its agents may stand elsewhere: a path means what it means here.
  const repository = options.repository === undefined ? undefined : resolve(options.repository);
  const limits = {
    ...(approvals === undefined ? {} : { requiredApprovals: approvals }),
    ...(budgetUsd === undefined ? {} : { budget: { ...fromFile.constraints?.budget, usd: Number(budgetUsd) } }),
  };
  const constraints = Object.keys(limits).length === 0 ? undefined : { ...fromFile.constraints, ...limits };
  const task = {
    ...fromFile,
    ...given({ description, requirements, tools, priority, pattern, title, projectId, sessionId, repository, workspace, files, constraints }),
  };
  if (task.description === undefined) throw new BadUsage('Say what is to be done: baton run "Summarise the README", or give a task file with -f.');
  if (agent === undefined) return { task: checked(taskInput, task), locate };
  if (task.steps !== undefined) throw new BadUsage("--agent is for a task without steps; in a file with steps, each step may name its agent.");
  const work = checked(taskInput, { ...task, steps: [{ id: "work", description: task.description, requirements: task.requirements ?? [], agent }] });
  return { task: work, locate };
}
