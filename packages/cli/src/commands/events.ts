// `baton events`: what happened, in order; with -f also what happens from now on.
import { type Event, eventsQuery } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given } from "../cli.ts";
import { eventLine } from "../watch/event-line.ts";
import { type Act, toWholeNumber } from "./command.ts";

interface EventOptions {
  follow?: boolean;
  after?: number;
  limit: number;
  type?: string;
  task?: string;
  agent?: string;
}

export function addEventsCommand(program: Command, act: Act): void {
  program
    .command("events")
    .summary("what happened, in order")
    .description("The newest events, oldest of them first. With --json one document a line.")
    .option("-f, --follow", "go on with what happens from now; with --after, from there")
    .option("--after <seq>", "only events with a greater number", toWholeNumber)
    .option("--limit <n>", "how many, without -f", toWholeNumber, 50)
    .option("--type <type>", "one type such as task.completed, or task.* for all of one kind")
    .option("--task <id>", "of this task")
    .option("--agent <name>", "of this agent")
    .action(act<EventOptions>(events));
}

async function events(cli: Cli, { follow, after, limit, type, task: taskId, agent: agentId }: EventOptions): Promise<undefined> {
  const filter = given({ type, taskId, agentId });
  const tell = (event: Event) =>
    cli.terminal.out.write(`${cli.json ? JSON.stringify(event) : eventLine(event, cli.paint, { inTask: taskId !== undefined })}\n`);
  if (follow) {
    for await (const event of cli.client.followEvents({ ...filter, after, signal: cli.signal })) tell(event);
    return;
  }
  const query = checked(eventsQuery, { ...filter, limit, after: after ?? (await newest(cli, limit)) });
  for (const event of (await cli.client.listEvents({ query, signal: cli.signal })).items) tell(event);
}

/** Where to begin so that the last `limit` events of the log are shown: numbers have no gaps. */
async function newest(cli: Cli, limit: number): Promise<number> {
  const { lastEvent } = await cli.client.getSystemStatus({ signal: cli.signal });
  return Math.max(0, lastEvent - limit);
}
