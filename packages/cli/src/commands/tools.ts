// `baton tools …`: what registered tool servers have, how one is registered, and whether it does what it says.
import { type AgentInput, agentInput, type Tool, toolQuery } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage, EXIT } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { plain, plainLines } from "../print/text.ts";
import { type Act, repeated, toList, toWholeNumber } from "./command.ts";

interface ListOptions {
  server?: string;
  agent?: string;
  limit: number;
  offset: number;
}
interface AddOptions {
  command?: string;
  arg?: string[];
  env?: string[];
  http?: string;
  header?: string[];
  capabilities?: string[];
}
interface TestOptions {
  arguments?: string;
  timeout: number;
}

export function addToolCommands(program: Command, act: Act): void {
  const tools = program.command("tools").summary("list, add, test").description("Tool servers (MCP), and what agents can be handed of them.");
  tools
    .command("list")
    .description("tools and resources; with words, those that a step asking for these words is handed")
    .argument("[words]", "a capability, a name, or words of a description")
    .option("--server <name>", "of this tool server")
    .option("--agent <name>", "that this agent may be handed")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<ListOptions>(list));
  tools
    .command("add")
    .description("register a tool server: a program, or one behind HTTP; what it has is asked")
    .argument("<name>")
    .option("--command <command>", "a program that speaks MCP on its standard input and output")
    .option("--arg <argument>", "an argument of the program; repeat for more", repeated)
    .option("--env <NAME=value>", "what the program finds in its environment; ${NAME} is filled in by the server; repeat for more", repeated)
    .option("--http <url>", "a tool server at this address")
    .option("--header <Name: value>", "a header it is called with; ${NAME} is filled in by the server; repeat for more", repeated)
    .option("-c, --capabilities <name,…>", "what all of it is for; default: the names of its tools", toList)
    .action(act<AddOptions>(add));
  tools
    .command("test")
    .description("ask a tool server anew what it has; with a tool, call that once")
    .argument("<name>")
    .argument("[tool]")
    .option("--arguments <json>", "what the tool is called with")
    .option("--timeout <seconds>", "how long the call may take", toWholeNumber, 60)
    .action(act<TestOptions>(test));
}

async function list(cli: Cli, { server, agent, limit, offset }: ListOptions, match?: string): Promise<undefined> {
  const query = checked(toolQuery, given({ match, server, agent, limit, offset }));
  const page = await cli.client.listTools({ query, signal: cli.signal });
  const left = page.total - page.offset - page.items.length;
  show(cli, page, () => showTools(cli, page.items, "There are no such tools.") + (left > 0 ? `\n${cli.paint.dim(`and ${left} more`)}` : ""));
}
function showTools(cli: Cli, items: readonly Tool[], none: string): string {
  const columns: Column<Tool>[] = [
    { title: "SERVER", of: ({ serverName }) => serverName },
    { title: "KIND", of: ({ kind }) => kind },
    { title: "NAME", of: ({ name }) => name },
    { title: "IS FOR", of: ({ description, uri }) => description || uri, flexible: true },
    { title: "NOT NOW", of: ({ unavailable }) => unavailable, flexible: true },
  ];
  return showTable(cli, columns, items, none);
}

async function add(cli: Cli, options: AddOptions, name = ""): Promise<undefined> {
  const { capabilities } = options;
  const body: AgentInput = checked(agentInput, { name, connector: { kind: "mcp", server: toServer(name, options) }, ...given({ capabilities }) });
  const agent = await cli.client.createAgent({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal });
  const page = await cli.client.listTools({ query: { server: agent.id }, signal: cli.signal });
  show(cli, agent, () => `Tool server ${agent.name} is registered.\n${showTools(cli, page.items, "It did not say that it has any tools.")}`);
}
function toServer(name: string, { command, arg: args, env = [], http: url, header = [] }: AddOptions): object {
  if ((command === undefined) === (url === undefined)) throw new BadUsage("Give one of --command and --http.");
  if (command !== undefined) return { name, command, ...given({ args }), env: toPairs(env, "=", "--env NAME=value") };
  return { name, url, headers: toPairs(header, ":", '--header "Name: value"') };
}
const toPairs = (values: readonly string[], mark: string, form: string): Record<string, string> =>
  Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf(mark);
      // A value may be a secret: it is not quoted.
      if (at < 1) throw new BadUsage(`Each must look like ${form}.`);
      return [value.slice(0, at).trim(), mark === ":" ? value.slice(at + 1).trim() : value.slice(at + 1)];
    }),
  );

async function test(cli: Cli, options: TestOptions, name = "", tool?: string): Promise<number> {
  const agent = await cli.client.discoverAgent({ params: { id: name }, signal: cli.signal });
  if (tool === undefined) {
    const page = await cli.client.listTools({ query: { server: agent.id, limit: 500 }, signal: cli.signal });
    show(cli, page, () => showTools(cli, page.items, "It has no tools and no resources."));
    return EXIT.done;
  }
  const timeoutMs = options.timeout * 1000;
  const steps = [{ id: "call", agent: agent.id, input: { tool, arguments: toArguments(options.arguments) }, timeoutMs, retries: 0 }];
  const body = { title: `Test of ${tool}`, description: `Call the tool ${tool} of ${agent.name} once.`, type: "test", steps };
  const { id } = await cli.client.submitTask({ body, signal: cli.signal });
  const task = await cli.client.waitForTask(id, { signal: cli.signal });
  const { result, failure, reason, status } = task;
  show(cli, task, () => (status === "completed" ? plainLines(typeof result === "string" ? result : JSON.stringify(result)) : plain(failure?.detail ?? reason)));
  return status === "completed" ? EXIT.done : EXIT.failed;
}
function toArguments(text = "{}") {
  try {
    return JSON.parse(text) as Record<string, never>;
  } catch (error) {
    throw new BadUsage(`--arguments must be JSON such as '{"path":"a.txt"}': ${error instanceof Error ? error.message : String(error)}`);
  }
}
