// `baton budgets …`: how much may be spent, and how much is.
import { type Budget, budgetInput, type BudgetKind, budgetKinds, budgetPatch, budgetQuery } from "@baton/contract";
import { type Command, InvalidArgumentError } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { duration, plain } from "../print/text.ts";
import type { Act } from "./command.ts";

type Limit = number | null;
export interface Limits {
  usd?: Limit;
  tokens?: Limit;
  seconds?: Limit;
  attempts?: Limit;
  warnAt?: number;
}
interface AddOptions extends Limits {
  agent?: string;
  project?: string;
  total?: boolean;
}

export function addBudgetCommands(program: Command, act: Act): void {
  const budgets = program
    .command("budgets")
    .summary("list, show, add, change, remove")
    .description("How much agents, projects and everything together may spend, a day (UTC) or in all. A task's own is task:<its id>.");
  budgets
    .command("list")
    .description("budgets with what is used and left")
    .option("--scope <scope>", "agent, project or everything; task for those that tasks brought along")
    .option("--of <subject>", "an agent, a project or a task")
    .action(act<{ scope?: string; of?: string }>(list));
  budgets
    .command("show")
    .description("one budget")
    .argument("<name>")
    .action(act(async (cli, _, name = "") => tell(cli, await cli.client.getBudget({ params: { id: name }, signal: cli.signal }))));
  describeLimits(
    budgets
      .command("add")
      .description("limit an agent, a project or, with neither, everything")
      .argument("<name>", "what the budget is called")
      .option("--agent <name>", "of this agent")
      .option("--project <id>", "of this project")
      .option("--total", "in all; default: a day, anew at midnight UTC"),
    toNumber,
    "",
  ).action(act<AddOptions>(add));
  describeLimits(
    budgets.command("change").description("change limits; what waited goes on when there is room").argument("<name>"),
    toLimit,
    "; none: not limited",
  ).action(act<Limits>(change));
  budgets.command("remove").description("remove a budget: it limits nothing any more").argument("<name>").action(act(remove));
}
export const describeLimits = (command: Command, parse: (value: string) => Limit, more: string): Command =>
  command
    .option("--usd <amount>", `money${more}`, parse)
    .option("--tokens <n>", `tokens, in and out together${more}`, parse)
    .option("--seconds <n>", `of agents' time${more}`, parse)
    .option("--attempts <n>", `attempts that begin${more}`, parse)
    .option("--warn-at <share>", "the share of a limit, 0 to 1, from which on it warns; default 0.8", toNumber);
export function toNumber(value: string): number {
  if (value.trim() === "" || !Number.isFinite(Number(value))) throw new InvalidArgumentError("It must be a number.");
  return Number(value);
}
const toLimit = (value: string): Limit => (value === "none" ? null : toNumber(value));

async function list(cli: Cli, { scope, of: subject }: { scope?: string; of?: string }): Promise<undefined> {
  const query = checked(budgetQuery, given({ scope, subject, limit: 500 }));
  const page = await cli.client.listBudgets({ query, signal: cli.signal });
  const columns: Column<Budget>[] = [
    { title: "NAME", of: ({ name }) => name },
    { title: "OF", of: (one) => ofWhom(one) },
    {
      title: "STATE",
      of: ({ state }) => state,
      colour: ({ state }) => (state === "open" ? cli.paint.green : state === "warned" ? cli.paint.yellow : cli.paint.red),
    },
    { title: "USED", of: (one) => standing(one).join(", "), flexible: true },
    { title: "ANEW", of: ({ renewsAt }) => renewsAt },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "There are no budgets."));
}
async function add(cli: Cli, { agent, project: projectId, total, usd, tokens, seconds, attempts, warnAt }: AddOptions, name?: string): Promise<undefined> {
  if (agent !== undefined && projectId !== undefined) throw new BadUsage("A budget is of an agent or of a project; make one of each.");
  const scope = agent !== undefined ? "agent" : projectId !== undefined ? "project" : "everything";
  const body = checked(budgetInput, { name, scope, ...given({ agent, projectId, usd, tokens, seconds, attempts, warnAt }), period: total ? "total" : "day" });
  return tell(cli, await cli.client.createBudget({ body, signal: cli.signal }));
}
async function change(cli: Cli, { usd, tokens, seconds, attempts, warnAt }: Limits, name = ""): Promise<undefined> {
  const body = checked(budgetPatch, given({ usd, tokens, seconds, attempts, warnAt }));
  return tell(cli, await cli.client.updateBudget({ params: { id: name }, body, signal: cli.signal }));
}
async function remove(cli: Cli, _: object, name = ""): Promise<undefined> {
  await cli.client.removeBudget({ params: { id: name }, signal: cli.signal });
  show(cli, { removed: name }, () => `Budget ${name} is removed.`);
}

function tell(cli: Cli, budget: Budget): undefined {
  show(cli, budget, () => [`${cli.paint.bold(plain(budget.name))}  ${ofWhom(budget)}`, ...standing(budget), plain(budget.reason)].join("\n"));
}
const ofWhom = ({ scope, subject, period }: Budget): string => `${subject === null ? scope : `${scope} ${subject}`}, ${period === "day" ? "a day" : "in all"}`;
/** `0.42 of 5 USD (0.1 reserved)`, for each limit. */
export const standing = ({ limits, used, reserved }: Pick<Budget, "limits" | "used" | "reserved">): string[] =>
  budgetKinds.flatMap((kind) => {
    const most = limits[kind];
    if (most === null) return [];
    const held = reserved[kind] > 0 ? ` (${inWords(kind, reserved[kind])} reserved)` : "";
    return [`${inWords(kind, used[kind])} of ${inWords(kind, most)}${held}`];
  });
function inWords(kind: BudgetKind, value: number): string {
  if (kind === "seconds") return duration(value * 1000);
  return kind === "usd" ? `${Number(value.toPrecision(4))} USD` : `${value.toLocaleString("en")} ${kind}`;
}
