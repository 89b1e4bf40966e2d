// `baton approvals …` and `baton approve`: what only a person may decide.
import type { Approval } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { ago, plain } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";

interface ListOptions {
  all?: true;
  task?: string;
  agent?: string;
  limit: number;
}
interface DecideOptions {
  reject?: true;
  name?: string;
  comment?: string;
}

export function addApprovalCommands(program: Command, act: Act): void {
  const approvals = program.command("approvals").summary("list, show").description("Questions that only a person may answer.");
  approvals
    .command("list")
    .description("what waits for an answer")
    .option("-a, --all", "the answered ones too")
    .option("--task <id>", "of this task")
    .option("--agent <id>", "asked by this agent")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .action(act<ListOptions>(list));
  approvals.command("show").description("one question with what it is about").argument("<id>").action(act(showOne));
  program
    .command("approve")
    .description("answer a question: yes, or no with --reject")
    .argument("<id>", "of the question; with --name, of the task")
    .option("--reject", "no")
    .option("--name <name>", "the approval of this name that the task requires")
    .option("-m, --comment <text>", "why; for a question that asks for something, the answer itself")
    .action(act<DecideOptions>(decide));
}

async function list(cli: Cli, { all, task: taskId, agent: agentId, limit }: ListOptions): Promise<undefined> {
  const query = { limit, ...given({ taskId, agentId }), ...(all ? {} : { state: "open" as const }) };
  const page = await cli.client.listApprovals({ query, signal: cli.signal });
  const columns: Column<Approval>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "STATE", of: ({ state }) => state },
    { title: "ASKED", of: ({ createdAt }) => ago(createdAt, Date.now()) },
    { title: "TASK", of: ({ taskId: task }) => task },
    { title: "QUESTION", of: ({ title }) => title, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, all ? "Nobody has asked anything." : "Nothing waits for an answer."));
}

async function showOne(cli: Cli, _: object, id = ""): Promise<undefined> {
  const approval = await cli.client.getApproval({ params: { id }, signal: cli.signal });
  show(cli, approval, () => words(cli, approval));
}

async function decide(cli: Cli, { reject, name, comment }: DecideOptions, id = ""): Promise<undefined> {
  const call = { params: { id }, signal: cli.signal };
  const body = { decision: reject ? ("reject" as const) : ("approve" as const), ...given({ comment }) };
  const approval = await (name === undefined
    ? cli.client.decideApproval({ ...call, body })
    : cli.client.decideTaskApproval({ ...call, body: { ...body, name } }));
  show(cli, approval, () => words(cli, approval));
}

function words({ paint }: Cli, { title, state, decidedBy, comment, detail, taskId, stepId, createdAt, expiresAt, onTimeout }: Approval): string {
  const now = Date.now();
  const lines = [
    `${state}${decidedBy === null ? "" : ` by ${plain(decidedBy)}`}${comment === null ? "" : `: ${plain(comment)}`}`,
    `asked ${ago(createdAt, now)}${taskId === null ? "" : ` ${stepId === null ? "" : `by step ${plain(stepId)} `}of task ${taskId}`}${state === "open" && expiresAt !== null ? `; no answer until ${expiresAt} means ${onTimeout === "approve" ? "yes" : "no"}` : ""}`,
    ...(detail === null ? [] : JSON.stringify(detail, null, 2).split("\n").map(plain)),
  ];
  return [paint.bold(plain(title)), ...lines].join("\n");
}
