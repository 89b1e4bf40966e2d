// `baton schedules …`: tasks that are handed in by themselves.
import { type Schedule, scheduleInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import { readInputFile } from "../input-file.ts";
import type { Column } from "../print/table.ts";
import { ago, plain } from "../print/text.ts";
import { type TaskOptions, toTaskInput } from "../task-input.ts";
import type { Act } from "./command.ts";
import { describeTask } from "./run.ts";

interface AddOptions extends TaskOptions {
  cron?: string;
  at?: string;
  timezone?: string;
  catchUp?: "skip" | "once" | "all";
  overlap?: "allow" | "skip";
  scheduleFile?: string;
}

export function addScheduleCommands(program: Command, act: Act): void {
  const schedules = program
    .command("schedules")
    .summary("list, show, add, remove, enable, disable, run")
    .description("Tasks that are handed in by themselves.");
  schedules.command("list").description("schedules with their next time").action(act(list));
  schedules
    .command("show")
    .description("one schedule")
    .argument("<name>")
    .action(act(async (cli, _, name = "") => tell(cli, await cli.client.getSchedule({ params: { id: name }, signal: cli.signal }))));
  describeTask(schedules.command("add").argument("[name]", "what the schedule is called"))
    .description("hand a task in at times of a cron expression, or once; or a whole schedule with --schedule-file")
    .option("--schedule-file <path>", "a schedule as YAML or JSON; - for standard input")
    .option("--cron <expression>", "such as '0 9 * * 1-5'")
    .option("--at <time>", "once, such as 2027-01-31T09:00:00Z")
    .option("--timezone <name>", "in which the expression is read, such as Europe/Berlin; default UTC")
    .option("--catch-up <how>", "of times missed while no server ran: skip, once or all")
    .option("--overlap <how>", "while the task before goes on: skip or allow")
    .action(act<AddOptions>(add));
  schedules.command("remove").description("remove a schedule; its tasks stay").argument("<name>").action(act(remove));
  for (const [verb, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    schedules
      .command(verb)
      .description(enabled ? "switch it on" : "switch it off")
      .argument("<name>")
      .action(act(async (cli, _, name = "") => tell(cli, await cli.client.updateSchedule({ params: { id: name }, body: { enabled }, signal: cli.signal }))));
  }
  schedules.command("run").description("hand its task in now").argument("<name>").action(act(run));
}

async function list(cli: Cli): Promise<undefined> {
  const page = await cli.client.listSchedules({ query: { limit: 500 }, signal: cli.signal });
  const columns: Column<Schedule>[] = [
    { title: "NAME", of: ({ name }) => name },
    { title: "WHEN", of: (one) => whenOf(one) },
    { title: "NEXT", of: ({ nextAt }) => nextAt },
    { title: "LAST", of: ({ lastAt }) => (lastAt === null ? null : ago(lastAt, Date.now())) },
    { title: "TASK", of: ({ task }) => task.title ?? task.description, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "There are no schedules."));
}
async function add(
  cli: Cli,
  { cron, at, timezone, catchUp, overlap, scheduleFile, ...options }: AddOptions,
  name?: string,
  description?: string,
): Promise<undefined> {
  if (scheduleFile !== undefined) {
    const body = await readInputFile(scheduleFile, scheduleInput);
    return tell(cli, await cli.client.createSchedule({ body, signal: cli.signal }));
  }
  if (name === undefined) throw new BadUsage('Give the schedule a name: baton schedules add nightly "Review the day" --cron "0 2 * * *".');
  const { id: _, ...task } = await toTaskInput(description, options);
  const body = checked(scheduleInput, { name, task, ...given({ cron, at, timezone, catchUp, overlap }) });
  return tell(cli, await cli.client.createSchedule({ body, signal: cli.signal }));
}
async function remove(cli: Cli, _: object, name = ""): Promise<undefined> {
  await cli.client.removeSchedule({ params: { id: name }, signal: cli.signal });
  show(cli, { removed: name }, () => `Schedule ${name} is removed.`);
}
async function run(cli: Cli, _: object, name = ""): Promise<undefined> {
  const task = await cli.client.runSchedule({ params: { id: name }, signal: cli.signal });
  show(cli, task, () => `Task ${task.id} is handed in. Follow it: baton tasks watch ${task.id}`);
}

function tell(cli: Cli, schedule: Schedule): undefined {
  show(cli, schedule, () =>
    [
      cli.paint.bold(plain(schedule.name)),
      `${whenOf(schedule)}; ${schedule.nextAt === null ? plain(schedule.reason) : `next ${schedule.nextAt}`}`,
      `hands in: ${plain(schedule.task.title ?? schedule.task.description)}`,
      ...(schedule.lastTaskId === null ? [] : [`last ${schedule.lastAt}: task ${schedule.lastTaskId}`]),
    ].join("\n"),
  );
}
const whenOf = ({ cron, at, timezone }: Schedule): string => (at === null ? `${cron} ${timezone}` : `once at ${at}`);
