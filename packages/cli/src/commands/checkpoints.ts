// `baton diff`, `baton checkpoints …` and `baton rollback`: what was changed in a workspace, the states it can be set back to, and setting it back.
import type { Checkpoint, WorkspaceDiff } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { ago, plain, plainLines } from "../print/text.ts";
import type { Act } from "./command.ts";

interface DiffOptions {
  from?: string;
  to?: string;
  attempt?: string;
  file?: string;
  stat?: boolean;
}
interface CreateOptions {
  description?: string;
  workspace?: string;
}

export function addCheckpointCommands(program: Command, act: Act): void {
  program
    .command("diff")
    .description("what was changed in a workspace since it began, by an attempt, or between two checkpoints")
    .argument("<workspace>", "its id or its task's")
    .option("--from <state>", "base or a checkpoint's id; default base")
    .option("--to <state>", "now or a checkpoint's id; default now")
    .option("--attempt <id>", "what this attempt changed")
    .option("--file <path>", "this file alone")
    .option("--stat", "the files with their counts, without the patch")
    .action(act<DiffOptions>(diff));
  const checkpoints = program
    .command("checkpoints")
    .summary("list, create, show")
    .description("States of agents and of the work trees they work in. One is made before each attempt; the last ten are kept.");
  checkpoints
    .command("list")
    .description("checkpoints of an agent, newest first")
    .argument("<agent>")
    .option("--workspace <id>", "of this workspace")
    .action(act<CreateOptions>(list));
  checkpoints
    .command("create")
    .description("make a checkpoint of an agent where it works, or worked last")
    .argument("<agent>")
    .option("--description <text>", "what it is of")
    .option("--workspace <id>", "of this workspace")
    .action(act<CreateOptions>(create));
  checkpoints.command("show").description("one checkpoint with what it keeps beside the files").argument("<agent>").argument("<id>").action(act(showOne));
  program
    .command("rollback")
    .description("set an agent's work tree and its conversation back to a checkpoint; what is replaced gets one first")
    .argument("<agent>")
    .argument("<checkpoint>")
    .action(act(rollback));
}

async function diff(cli: Cli, { from, to, attempt, file, stat = false }: DiffOptions, id = ""): Promise<undefined> {
  const query = given({ from, to, attempt, path: file });
  const found = await cli.client.getWorkspaceDiff({ params: { id }, query, signal: cli.signal });
  show(cli, found, () =>
    stat || found.files.length === 0
      ? statOf(cli, found)
      : `${plainLines(found.patch).trimEnd()}${found.truncated ? "\n… and more: ask for a file with --file" : ""}`,
  );
}
function statOf(cli: Cli, { files }: WorkspaceDiff): string {
  const columns: Column<WorkspaceDiff["files"][number]>[] = [
    { title: "STATUS", of: ({ status }) => status },
    { title: "+", of: ({ additions }) => (additions === null ? "binary" : String(additions)) },
    { title: "-", of: ({ deletions }) => (deletions === null ? "" : String(deletions)) },
    { title: "FILE", of: ({ path, oldPath }) => (oldPath === null ? path : `${oldPath} → ${path}`), flexible: true },
  ];
  return showTable(cli, columns, files, "Nothing was changed.");
}
async function list(cli: Cli, { workspace }: CreateOptions, agent = ""): Promise<undefined> {
  const found = await cli.client.listCheckpoints({ params: { id: agent }, query: given({ workspaceId: workspace }), signal: cli.signal });
  const columns: Column<Checkpoint>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "MADE", of: ({ createdAt }) => ago(createdAt, Date.now()) },
    { title: "BY", of: ({ kind }) => kind },
    { title: "TASK", of: ({ taskId }) => taskId, flexible: true },
    { title: "DESCRIPTION", of: ({ description }) => description, flexible: true },
  ];
  show(cli, found, () => showTable(cli, columns, found.items, "There are no checkpoints."));
}
async function create(cli: Cli, { description, workspace }: CreateOptions, agent = ""): Promise<undefined> {
  const made = await cli.client.createCheckpoint({ params: { id: agent }, body: given({ description, workspaceId: workspace }), signal: cli.signal });
  show(cli, made, () => `Checkpoint ${made.id} is made. Set ${plain(agent)} back to it: baton rollback ${plain(agent)} ${made.id}`);
}
async function showOne(cli: Cli, _: object, agent = "", id = ""): Promise<undefined> {
  const found = await cli.client.getCheckpoint({ params: { id: agent, checkpointId: id }, signal: cli.signal });
  const { state } = found;
  show(cli, found, () =>
    [
      cli.paint.bold(plain(found.id)),
      `${found.createdAt}, ${found.kind}${found.description === "" ? "" : `: ${plain(found.description)}`}`,
      `files ${found.commit.slice(0, 12)} of workspace ${plain(found.workspaceId)}; ${state.metrics.filesModified} differ from what it began from`,
      ...(state.currentTask === null
        ? []
        : [`at ${plain(state.currentTask.title)} (task ${plain(state.currentTask.id)}, step ${plain(state.currentTask.stepId)})`]),
      `${state.queue.length} steps to come, ${state.metrics.commandsExecuted} commands run, ${state.metrics.tokensUsed ?? "unknown"} tokens used`,
      ...state.context.conversationHistory.map(({ role, content }) => cli.paint.dim(`${role}: ${plain(content)}`)),
    ].join("\n"),
  );
}
async function rollback(cli: Cli, _: object, agent = "", checkpointId = ""): Promise<undefined> {
  const done = await cli.client.rollBack({ params: { id: agent, checkpointId }, signal: cli.signal });
  show(cli, done, () => `${plain(agent)} is set back to ${done.checkpoint.id}. What was replaced: baton rollback ${plain(agent)} ${done.before.id}`);
}
