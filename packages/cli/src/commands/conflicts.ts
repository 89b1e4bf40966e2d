// `baton conflicts …`: work trees of one repository whose changes overlap before they land.
import { resolve } from "node:path";
import { type Conflict, type ConflictOwner, conflictQuery } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { ago, plain } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";

interface ListOptions {
  repository?: string;
  task?: string;
  workspace?: string;
  state: string;
  limit: number;
  offset: number;
}

export function addConflictCommands(program: Command, act: Act): void {
  const conflicts = program
    .command("conflicts")
    .summary("list, show, resolve")
    .description("Work trees of one repository whose changes overlap, seen while both are worked on.");
  conflicts
    .command("list")
    .description("conflicts, newest first")
    .option("--repository <path>", "of this repository")
    .option("--task <id>", "of this task")
    .option("--workspace <id>", "of this work tree")
    .option("-s, --state <state>", "open, eased, resolved, gone, or all", "open")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<ListOptions>(list));
  conflicts
    .command("show")
    .description("one conflict: whose it is, and in which files and lines")
    .argument("<id>")
    .action(act(async (cli, _, id = "") => tell(cli, await cli.client.getConflict({ params: { id }, signal: cli.signal }))));
  conflicts
    .command("resolve")
    .description("say that it is taken care of: it opens again only when it gets worse")
    .argument("<id>")
    .option("-m, --note <text>", "how, for whoever looks at it later")
    .action(
      act<{ note?: string }>(async (cli, { note }, id = "") =>
        tell(cli, await cli.client.resolveConflict({ params: { id }, body: given({ note }), signal: cli.signal })),
      ),
    );
}

async function list(cli: Cli, { repository, task: taskId, workspace: workspaceId, state, limit, offset }: ListOptions): Promise<undefined> {
  const wanted = given({ taskId, workspaceId, limit, offset, repository: repository === undefined ? undefined : resolve(repository) });
  const page = await cli.client.listConflicts({ query: checked(conflictQuery, { ...wanted, ...(state === "all" ? {} : { state }) }), signal: cli.signal });
  const columns: Column<Conflict>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "STATE", of: ({ state: at }) => at, colour: (one) => colourOf(cli, one) },
    { title: "SEVERITY", of: ({ severity }) => severity ?? "" },
    { title: "OF", of: ({ owners }) => owners.map(ownerOf).join(" and "), flexible: true },
    { title: "SINCE", of: ({ createdAt }) => ago(createdAt, Date.now()) },
    { title: "WHAT", of: ({ reason }) => reason, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "Nobody is in anybody's way."));
}
const ownerOf = ({ taskId, agentId, branch }: ConflictOwner): string => taskId ?? agentId ?? branch;
const colourOf = ({ paint }: Cli, { state, severity }: Conflict) => (state !== "open" ? paint.dim : severity === "merge" ? paint.red : paint.yellow);

function tell(cli: Cli, conflict: Conflict): undefined {
  const { id, state, reason, repository, owners, files, fileCount, resolution } = conflict;
  show(cli, conflict, () =>
    [
      `${cli.paint.bold(plain(id))}  ${colourOf(cli, conflict)(state)}`,
      plain(reason),
      `in ${plain(repository.path)}`,
      ...owners.map(({ kind, taskId, agentId, workspaceId, branch }) =>
        [
          `  ${kind === "task" ? `task ${plain(taskId ?? "")}` : `agent ${plain(agentId ?? "")}`}`,
          ...(kind === "task" && agentId !== null ? [`by ${plain(agentId)}`] : []),
          `branch ${plain(branch)}`,
          `workspace ${workspaceId}`,
        ].join(", "),
      ),
      ...files.map(({ path, severity, lines, detail }) => {
        const where = lines.map(({ from, to }) => (from === to ? from : `${from}–${to}`)).join(", ");
        return `  ${severity.padEnd(5)}  ${plain(path)}${where === "" ? "" : `:${where}`}${detail === null ? "" : `  ${plain(detail)}`}`;
      }),
      ...(fileCount > files.length ? [`  and ${fileCount - files.length} more`] : []),
      ...(resolution === null || resolution.note === "" ? [] : [`${plain(resolution.by)}: ${plain(resolution.note)}`]),
    ].join("\n"),
  );
}
