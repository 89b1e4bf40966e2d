// `baton tasks …`: what was handed in, how it goes, and what to do about it.
import { type Attempt, editedPlan, type StepCheckView, type Task, taskBudget, type TaskSummary, taskQuery } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { stateColour } from "../print/state-colour.ts";
import { ago, duration, percent, plain } from "../print/text.ts";
import { openInputFile } from "../input-file.ts";
import type { TaskOptions } from "../task-input.ts";
import { widthOf } from "../terminal.ts";
import { resultWords } from "../watch/result-words.ts";
import { planLines } from "../watch/step-lines.ts";
import { watchToEnd } from "../watch/watch-task.ts";
import { describeLimits, type Limits, standing, toNumber } from "./budgets.ts";
import { type Act, toWholeNumber } from "./command.ts";
import { describeTask, preview } from "./run.ts";

type BudgetOptions = Limits & { retry?: true };
interface ListOptions {
  status?: string;
  priority?: string;
  type?: string;
  project?: string;
  query?: string;
  limit: number;
  offset: number;
}

export function addTaskCommands(program: Command, act: Act): void {
  const tasks = program
    .command("tasks")
    .summary("list, show, watch, cancel, pause, resume, retry, budget, preview, approve-plan")
    .description("What was handed in, and how it goes.");
  tasks
    .command("list")
    .description("tasks, newest first")
    .option("-s, --status <status,…>", "such as active, waiting, failed")
    .option("-p, --priority <priority>", "of this priority")
    .option("--type <type>", "of this type")
    .option("--project <id>", "of this project")
    .option("-q, --query <text>", "with this text in title or description")
    .option("--limit <n>", "how many", toWholeNumber, 20)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<ListOptions>(list));
  tasks.command("show").description("one task with its plan, attempts and result").argument("<id>").action(act(showOne));
  tasks
    .command("watch")
    .description("follow a task until it ends; exit code 1 if it fails")
    .argument("<id>")
    .action(act((cli, _, id) => watchToEnd(cli, id ?? "", { events: true })));
  for (const [verb, what, call] of verbs) {
    tasks
      .command(verb)
      .description(what)
      .argument("<id>")
      .action(act((cli, _, id) => change(cli, id ?? "", call)));
  }
  describeLimits(
    tasks
      .command("budget")
      .description("give a task a budget, or all its limits anew; what was stopped for it goes on when it is retried")
      .argument("<id>")
      .option("--retry", "and retry it"),
    toNumber,
    "",
  ).action(act<BudgetOptions>(setBudget));
  tasks
    .command("approve-plan")
    .description("let a task begin whose plan waits for a person, as it is or with other steps")
    .argument("<id>")
    .option("-f, --file <path>", "the steps instead, as YAML or JSON: {steps: […]}; - for standard input")
    .action(act<{ file?: string }>(approvePlan));
  describeTask(tasks.command("preview"))
    .description("the plan of a task, who would do each step and why; hands nothing in")
    .action(act<TaskOptions>((cli, options, description) => preview(cli, options, description)));
}

const verbs = [
  ["cancel", "end a task; reaches the agents that work on it", "cancelTask"],
  ["pause", "start no further step; running ones finish", "pauseTask"],
  ["resume", "go on after a pause", "resumeTask"],
  ["retry", "try failed or cancelled steps again; completed ones keep their results", "retryTask"],
] as const;

async function list(cli: Cli, { project: projectId, query: q, status, priority, type, limit, offset }: ListOptions): Promise<undefined> {
  const query = checked(taskQuery, given({ status, priority, type, projectId, q, limit, offset }));
  const page = await cli.client.listTasks({ query, signal: cli.signal });
  const now = Date.now();
  const columns: Column<TaskSummary>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "STATUS", of: (task) => task.status, colour: (task) => stateColour(cli.paint, task.status) },
    { title: "STEPS", of: ({ stepsDone, stepsTotal }) => `${stepsDone}/${stepsTotal}` },
    { title: "AGE", of: ({ createdAt }) => ago(createdAt, now) },
    { title: "TITLE", of: ({ title }) => title, flexible: true },
    { title: "REASON", of: ({ reason, waitingFor }) => waitingFor?.detail ?? reason, flexible: true },
  ];
  show(cli, page, () => [showTable(cli, columns, page.items, "There are no such tasks."), ...more(cli, page)].join("\n"));
}

function more(cli: Cli, { total, offset, items }: { total: number; offset: number; items: unknown[] }): string[] {
  return offset + items.length < total ? [cli.paint.dim(`${items.length} of ${total}; the next with --offset ${offset + items.length}`)] : [];
}

async function showOne(cli: Cli, _: object, id = ""): Promise<undefined> {
  const task = await cli.client.getTask({ params: { id }, signal: cli.signal });
  show(cli, task, () => taskWords(cli, task));
}

function taskWords(cli: Cli, task: Task): string {
  const view = { width: widthOf(cli.terminal.out), height: Number.MAX_SAFE_INTEGER, paint: cli.paint, now: Date.now(), frame: 0 };
  const attempts = task.steps.flatMap((step) => step.attempts);
  const columns: Column<Attempt>[] = [
    { title: "STEP", of: ({ stepId }) => stepId },
    { title: "TRY", of: ({ number }) => number },
    { title: "AGENT", of: ({ assignment }) => assignment.agentName },
    { title: "STATE", of: ({ state }) => state, colour: ({ state }) => stateColour(cli.paint, state) },
    { title: "TOOK", of: ({ durationMs }) => (durationMs === null ? null : duration(durationMs)) },
    { title: "CONFIDENCE", of: ({ assignment }) => percent(assignment.confidence) },
    { title: "WHY THIS AGENT", of: ({ assignment }) => assignment.reasons.join(" "), flexible: true },
  ];
  const checks = task.steps.flatMap(({ id, check }) => (check === null ? [] : checkWords(cli, id, check)));
  const budget = task.budget === null ? [] : ["", `budget: ${standing(task.budget).join(", ")}. ${plain(task.budget.reason)}`];
  const result = task.completedAt === null ? [] : ["", resultWords(task, cli.paint)];
  return [
    cli.paint.dim(task.id),
    ...planLines(task, view),
    "",
    showTable(cli, columns, attempts, "Nobody has tried yet."),
    ...checks,
    ...budget,
    ...result,
  ].join("\n");
}

/** What must succeed before a step counts as done, and how that stands. */
function checkWords({ paint }: Cli, stepId: string, { command, args, state, told, maxFeedback, lastFailure }: StepCheckView): string[] {
  const colour = state === "passed" ? paint.green : state === "failed" ? paint.red : paint.dim;
  const rounds = told === 0 ? "" : `, its agent was told ${told} of ${maxFeedback} times what failed`;
  const why = lastFailure === null || state === "passed" ? [] : lastFailure.split("\n").map((line) => `  ${plain(line)}`);
  return ["", `check of ${plain(stepId)}: ${plain([command, ...args].join(" ").replaceAll(/\s+/g, " "))}  ${colour(state)}${rounds}`, ...why];
}
async function setBudget(cli: Cli, { retry, usd, tokens, seconds, attempts, warnAt }: BudgetOptions, id = ""): Promise<undefined> {
  const body = checked(taskBudget, given({ usd, tokens, seconds, attempts, warnAt }));
  const call = { params: { id }, signal: cli.signal };
  const limited = await cli.client.setTaskBudget({ ...call, body });
  const isStopped = limited.status === "failed" || limited.status === "cancelled";
  const task = retry && isStopped ? await cli.client.retryTask(call) : limited;
  const next = isStopped && !retry ? ` It goes on with: baton tasks retry ${plain(task.id)}` : "";
  show(
    cli,
    task,
    () =>
      `Task ${plain(task.id)} may spend ${task.budget === null ? "" : standing(task.budget).join(", ")}. It is ${task.status}: ${plain(task.reason)}${next}`,
  );
}
async function approvePlan(cli: Cli, { file }: { file?: string }, id = ""): Promise<undefined> {
  const given = file === undefined ? undefined : await openInputFile(file, editedPlan);
  const body = given?.value ?? { approve: true as const };
  const task = await cli.client.decidePlan({ params: { id }, body, signal: cli.signal }).catch((error: unknown) => {
    throw given ? given.locate(error) : error;
  });
  show(cli, task, () => `Task ${task.id} is ${task.status}: ${plain(task.reason)}`);
}

async function change(cli: Cli, id: string, call: (typeof verbs)[number][2]): Promise<undefined> {
  const task = await cli.client[call]({ params: { id }, signal: cli.signal });
  show(cli, task, () => `Task ${task.id} is ${task.status}: ${plain(task.reason)}`);
}
