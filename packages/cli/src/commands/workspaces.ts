// `baton workspaces …`: the work trees in which tasks and agents work.
import type { Workspace, WorkspaceRun } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { ago, plain, plainLines } from "../print/text.ts";
import type { Act } from "./command.ts";

interface ListOptions {
  task?: string;
  agent?: string;
  repository?: string;
  all?: boolean;
}

export function addWorkspaceCommands(program: Command, act: Act): void {
  const workspaces = program
    .command("workspaces")
    .summary("list, show, remove")
    .description("The work trees in which tasks and agents work. Removed ones are kept by a ref of their repository.");
  workspaces
    .command("list")
    .description("workspaces, newest first")
    .option("--task <id>", "of this task")
    .option("--agent <id>", "of this agent")
    .option("--repository <path>", "of this repository")
    .option("--all", "those that are removed, too")
    .action(act<ListOptions>(list));
  workspaces
    .command("show")
    .description("one workspace, by its id or its task's")
    .argument("<id>")
    .action(act(async (cli, _, id = "") => tell(cli, await cli.client.getWorkspace({ params: { id }, signal: cli.signal }))));
  workspaces
    .command("commands")
    .description("the commands of baton.yaml that set one up and tore it down, with the end of what they wrote")
    .argument("<id>", "its id or its task's")
    .action(act(commands));
  workspaces
    .command("remove")
    .description("remove a work tree nobody works in; what is in it is kept by a ref")
    .argument("<id>", "its id or its task's")
    .option("--force", "although its work has not landed")
    .action(act<{ force?: boolean }>(remove));
}

async function list(cli: Cli, { task, agent, repository, all }: ListOptions): Promise<undefined> {
  const query = { limit: 500, ...given({ taskId: task, agentId: agent, repository }), ...(all ? {} : { state: "present" as const }) };
  const page = await cli.client.listWorkspaces({ query, signal: cli.signal });
  const columns: Column<Workspace>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "OF", of: ({ kind, taskId, agentId }) => `${kind} ${taskId ?? agentId}`, flexible: true },
    { title: "STATE", of: ({ state, attempts, landed, keptAt }) => (attempts.length > 0 ? "in use" : landed ? "landed" : keptAt ? "kept" : state) },
    { title: "BRANCH", of: ({ branch }) => branch, flexible: true },
    { title: "USED", of: ({ lastUsedAt }) => ago(lastUsedAt, Date.now()) },
    { title: "PATH", of: ({ path }) => path, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "There are no workspaces."));
}
async function commands(cli: Cli, _: object, id = ""): Promise<undefined> {
  const found = await cli.client.listWorkspaceRuns({ params: { id }, signal: cli.signal });
  const told = ({ phase, command, ok, how, said, durationMs }: WorkspaceRun): string =>
    [
      `${cli.paint.bold(plain(command))} ${cli.paint.dim(phase === "setUp" ? "set-up" : "tear-down")}`,
      `${ok ? plain(how) : cli.paint.red(plain(how))} after ${(durationMs / 1000).toFixed(1)} s`,
      ...(said === "" ? [] : [plainLines(said).trimEnd()]),
    ].join("\n");
  show(cli, found, () => (found.items.length === 0 ? "No command set it up; baton.yaml of its repository names none." : found.items.map(told).join("\n\n")));
}
async function remove(cli: Cli, { force = false }: { force?: boolean }, id = ""): Promise<undefined> {
  return tell(cli, await cli.client.removeWorkspace({ params: { id }, query: { force: String(force) }, signal: cli.signal }));
}
function tell(cli: Cli, one: Workspace): undefined {
  show(cli, one, () =>
    [
      cli.paint.bold(plain(one.id)),
      `${one.kind} ${plain(one.taskId ?? one.agentId ?? "")}, ${one.state}: ${plain(one.reason)}`,
      `branch ${plain(one.branch)} from ${one.baseBranch === null ? "" : `${plain(one.baseBranch)} at `}${one.baseCommit.slice(0, 12)} of ${plain(one.repository.path)}`,
      ...(one.state === "removed" ? [] : [`in ${plain(one.path)}${one.bytes === null ? "" : `, ${Math.ceil(one.bytes / 1e6)} MB`}`]),
      ...(one.ports.length === 0 ? [] : [`ports ${one.ports.join(", ")}`]),
      ...(one.attempts.length === 0 ? [] : [`worked in by ${one.attempts.map(plain).join(", ")}`]),
      ...(one.landed === null ? [] : [`landed as ${one.landed.commit.slice(0, 12)} at ${one.landed.at}`]),
      ...(one.snapshot === null ? [] : [`kept by ${plain(one.snapshot.ref)} (${one.snapshot.commit.slice(0, 12)}, ${one.snapshot.at})`]),
    ].join("\n"),
  );
}
