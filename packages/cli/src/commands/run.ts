// `baton run` hands in a task; `baton tasks preview` only asks what would become of it.
import type { FoundTool, ForeseenConflict, Preview, TaskInput } from "@baton/contract";
import { type Command, Option } from "commander";
import { type Cli, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { percent, plain } from "../print/text.ts";
import { type TaskOptions, withTaskInput } from "../task-input.ts";
import { watchToEnd } from "../watch/watch-task.ts";
import { type Act, toList } from "./command.ts";

export function addRunCommand(program: Command, act: Act): void {
  describeTask(program.command("run").summary("hand in a task"))
    .description("Hand in a task, described in words, in a file, or both: what is typed wins over what is in the file.")
    .option("-w, --wait", "show the task until it ends; exit code 1 if it fails")
    .action(act<TaskOptions & { wait?: boolean }>((cli, options, description) => run(cli, options, description)));
}

/** The argument and the options that make up a task. */
export function describeTask(command: Command): Command {
  return command
    .argument("[description]", "what is to be done")
    .option("-f, --file <path>", "a task as YAML or JSON; - for standard input")
    .option("-r, --requires <capability,…>", "what whoever does it must be able to do", toList)
    .option("--tools <name,…>", "tools that whoever does it is handed: capabilities or tool servers (see baton tools list)", toList)
    .option("-a, --agent <name>", "nobody else may take it")
    .option("-p, --priority <priority>", "background, low, normal, high or critical")
    .option("--pattern <pattern>", "the shape of cooperation")
    .option("--title <title>", "a short name for it")
    .option("--approvals <name,…>", "what people must approve before it begins", toList)
    .option("--project <id>", "the project it belongs to")
    .option("--session <id>", "the conversation it belongs to")
    .option("--repository <path>", "the git work tree it is about")
    .option("--files <path,…>", "what of it: files and directories, from its root; a preview tells who works on them", toList)
    .addOption(new Option("--workspace <whose>", "work in a work tree of its own: the task's, or each agent's").choices(["task", "agent", "none"]))
    .option("--budget-usd <amount>", "what it may cost; spent, it fails");
}

async function run(cli: Cli, options: TaskOptions & { wait?: boolean }, description: string | undefined): Promise<number | undefined> {
  const submit = (body: TaskInput) => cli.client.submitTask({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal });
  const task = await withTaskInput(description, options, submit);
  if (options.wait) return watchToEnd(cli, task.id, { events: false });
  show(cli, task, () => `Task ${task.id} is ${task.status}: ${plain(task.reason)}\nSee it with: baton tasks watch ${task.id}`);
  return undefined;
}

export async function preview(cli: Cli, options: TaskOptions, description: string | undefined): Promise<undefined> {
  const plan = await withTaskInput(description, options, (body) => cli.client.previewTask({ body, signal: cli.signal }));
  show(cli, plan, () => previewWords(cli, plan));
}

function previewWords(cli: Cli, { pattern, reason, steps, conflicts }: Preview): string {
  const columns = [
    { title: "STEP", of: (step: Preview["steps"][number]) => step.id },
    { title: "NEEDS", of: (step: Preview["steps"][number]) => step.needs.join(", ") || null, flexible: true as const },
    { title: "AGENT", of: (step: Preview["steps"][number]) => step.assignment?.agentName ?? null, colour: () => cli.paint.green },
    { title: "CONFIDENCE", of: (step: Preview["steps"][number]) => (step.assignment === null ? null : percent(step.assignment.confidence)) },
    { title: "WHY", of: (step: Preview["steps"][number]) => step.waitingFor?.detail ?? step.assignment?.reasons.join(" ") ?? null, flexible: true as const },
  ];
  const tools = steps.flatMap((step) => [...step.availableTools, ...step.availableResources].map((tool) => ({ ...tool, step: step.id })));
  const found = tools.length === 0 ? "" : `\n\n${showTable(cli, toolColumns, tools, "")}`;
  return `${cli.paint.bold(pattern)}  ${plain(reason)}\n\n${showTable(cli, columns, steps, "The plan has no steps.")}${found}${conflicts.map((one) => `\n\n${cli.paint.yellow("In the way")}: ${toWords(one)}`).join("")}`;
}
const toWords = ({ how, taskId, agentId, files }: ForeseenConflict): string => {
  const whose = taskId === null ? `agent ${plain(agentId ?? "somebody")}` : `task ${plain(taskId)}`;
  return `${whose} ${how === "observed" ? "has changed" : "is about"} ${files.map(plain).join(", ")}`;
};
const toolColumns: Column<FoundTool & { step: string }>[] = [
  { title: "STEP", of: ({ step }) => step },
  { title: "TOOLS AT HAND", of: ({ name, uri }) => uri ?? name },
  { title: "OF", of: ({ serverName }) => serverName },
  { title: "FOUND BY", of: ({ matches }) => matches },
  { title: "HANDED OVER", of: ({ asked }) => (asked ? "yes" : "could be asked for") },
  { title: "NOT NOW", of: ({ unavailable }) => unavailable, flexible: true },
];
