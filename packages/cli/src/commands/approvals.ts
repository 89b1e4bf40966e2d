// `baton approvals …` and `baton approve`: what only a person may decide.
import { type Approval, type ApprovalDecision, type ApprovalRule, describeRule } from "@baton/contract";
import { type Command, Option } from "commander";
import { type Cli, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { ago, plain } from "../print/text.ts";
import { BadUsage } from "../exit.ts";
import { type Act, toList, toWholeNumber } from "./command.ts";

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
  always?: string;
  paths?: string[];
  startsWith?: string;
}
interface RulesOptions {
  task?: string;
  agent?: string;
  limit: number;
}

export function addApprovalCommands(program: Command, act: Act): void {
  const approvals = program.command("approvals").summary("list, show, rules, forget").description("Questions that only a person may answer.");
  approvals
    .command("list")
    .description("what waits for an answer")
    .option("-a, --all", "the answered ones too")
    .option("--task <id>", "of this task")
    .option("--agent <id>", "asked by this agent")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .action(act<ListOptions>(list));
  approvals.command("show").description("one question with what it is about").argument("<id>").action(act(showOne));
  approvals
    .command("rules")
    .description("what people said once and for all")
    .option("--task <id>", "for this task")
    .option("--agent <id>", "for this agent")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .action(act<RulesOptions>(listRules));
  approvals.command("forget").description("have people asked again").argument("<rule>").action(act(forget));
  program
    .command("approve")
    .description("answer a question: yes, or no with --reject")
    .argument("<id>", "of the question; with --name, of the task")
    .option("--reject", "no")
    .option("--name <name>", "the approval of this name that the task requires")
    .addOption(new Option("--always <scope>", "what is asked for need not be asked again for this task, or for this agent").choices(["task", "agent"]))
    .option("--paths <glob,…>", "with --always: of these files, instead of those that are offered", toList)
    .option("--starts-with <words>", "with --always: every command that begins with these words of it, instead of this one alone")
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

async function listRules(cli: Cli, { task: taskId, agent: agentId, limit }: RulesOptions): Promise<undefined> {
  const page = await cli.client.listApprovalRules({ query: { limit, ...given({ taskId, agentId }) }, signal: cli.signal });
  const columns: Column<ApprovalRule>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "ANSWER", of: ({ rule }) => rule.answer },
    { title: "RULE", of: ({ rule }) => describeRule(rule), flexible: true },
    { title: "FOR", of: ({ scope, taskId: task, agentId: agent }) => `${scope} ${task ?? agent ?? ""}` },
    { title: "SAID BY", of: ({ createdBy }) => createdBy },
    { title: "SAID", of: ({ createdAt }) => ago(createdAt, Date.now()) },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "Nothing is remembered: people are asked every time."));
}
async function forget(cli: Cli, _: object, id = ""): Promise<undefined> {
  await cli.client.removeApprovalRule({ params: { id }, signal: cli.signal });
  show(cli, { id }, () => `Rule ${id} is forgotten: people are asked again.`);
}

/** @throws BadUsage where nothing could be remembered. */
async function toRemember(cli: Cli, id: string, scope: string, { paths, startsWith }: DecideOptions): Promise<Pick<ApprovalDecision, "remember">> {
  const { offer } = await cli.client.getApproval({ params: { id }, signal: cli.signal });
  if (offer === null) throw new BadUsage("--always is for permissions that a rule can cover; this is none. Decide it for this once.");
  const commands = startsWith === undefined ? undefined : [{ startsWith }];
  return { remember: { scope: scope as "task" | "agent", rule: { ...offer, ...given({ paths, commands }) } } };
}
async function decide(cli: Cli, options: DecideOptions, id = ""): Promise<undefined> {
  const { reject, name, comment, always } = options;
  if (always !== undefined && name !== undefined) throw new BadUsage("--always is for what an agent asks; leave out --name.");
  for (const only of ["paths", "startsWith"] as const)
    if (always === undefined && options[only] !== undefined)
      throw new BadUsage(`--${only === "paths" ? only : "starts-with"} goes with --always task or --always agent.`);
  const call = { params: { id }, signal: cli.signal };
  const body = { decision: reject ? ("reject" as const) : ("approve" as const), ...given({ comment }) };
  const remember = always === undefined ? {} : await toRemember(cli, id, always, options);
  const approval = await (name === undefined
    ? cli.client.decideApproval({ ...call, body: { ...body, ...remember } })
    : cli.client.decideTaskApproval({ ...call, body: { ...body, name } }));
  show(cli, approval, () => words(cli, approval));
}

function words({ paint }: Cli, { title, state, decidedBy, comment, detail, taskId, stepId, createdAt, expiresAt, onTimeout, offer }: Approval): string {
  const now = Date.now();
  const lines = [
    `${state}${decidedBy === null ? "" : ` by ${plain(decidedBy)}`}${comment === null ? "" : `: ${plain(comment)}`}`,
    `asked ${ago(createdAt, now)}${taskId === null ? "" : ` ${stepId === null ? "" : `by step ${plain(stepId)} `}of task ${taskId}`}${state === "open" && expiresAt !== null ? `; no answer until ${expiresAt} means ${onTimeout === "approve" ? "yes" : "no"}` : ""}`,
    ...(offer === null || state !== "open" ? [] : [`--always task, or agent: ${plain(describeRule(offer))} need not be asked again`]),
    ...(detail === null ? [] : JSON.stringify(detail, null, 2).split("\n").map(plain)),
  ];
  return [paint.bold(plain(title)), ...lines].join("\n");
}
