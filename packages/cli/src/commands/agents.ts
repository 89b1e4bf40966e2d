// `baton agents …`: who can be handed work, how they are, and how they join and leave.
import { spawn } from "node:child_process";
import { type Agent, agentAction, agentQuery, terminalInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { stateColour } from "../print/state-colour.ts";
import { ago, duration, percent, plain } from "../print/text.ts";
import { BadUsage, EXIT } from "../exit.ts";
import { type AddOptions, addAgent } from "./add-agent.ts";
import { type DetectOptions, detectAgents } from "./detect-agents.ts";
import { newAgent, type NewOptions } from "./new-agent.ts";
import { type TestOptions, testAgent } from "./test-agent.ts";
import { type CatalogueOptions, showCatalogue } from "./catalogue.ts";
import { type Act, repeated, toList, toWholeNumber } from "./command.ts";

interface ListOptions {
  status?: string;
  capability?: string;
  type?: string;
  connector?: string;
  query?: string;
  limit: number;
  offset: number;
}
export function addAgentCommands(program: Command, act: Act): void {
  const agents = program
    .command("agents")
    .summary("list, show, add, new, catalogue, remove, pause, resume, drain, scale, start, stop, restart, screen, attach, test, check, detect")
    .description("Who can be handed work.");
  agents
    .command("list")
    .description("agents with their status and its reason")
    .option("-s, --status <state>", "idle, busy, paused, draining, disabled, offline or error")
    .option("-c, --capability <name>", "who can do this")
    .option("--type <type>", "of this type")
    .option("--connector <kind>", "reached in this way: http, process, dialin, claude, terminal, a2a")
    .option("-q, --query <text>", "with this text in name or description")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<ListOptions>(list));
  agents.command("show").description("one agent with the facts behind its status").argument("<name>").action(act(showOne));
  agents
    .command("add")
    .description("register an agent: from a file, at an HTTP endpoint, one that speaks A2A, a command to run, or from the catalogue")
    .argument("[name]")
    .option("-f, --file <path>", "an agent as YAML or JSON; - for standard input")
    .option("-e, --endpoint <url>", "an HTTP agent at this address")
    .option("-t, --template <name>", "how to speak with it (see baton templates list)")
    .option("--a2a <url>", "an agent that speaks A2A; what it can do is read from its card")
    .option("--command <command>", "a command that gets the work as JSON on standard input")
    .option("--arg <argument>", "an argument of the command; repeat for more", repeated)
    .option("-c, --capabilities <name,…>", "what it can do", toList)
    .option("--max-concurrent <n>", "steps it may work on at once", toWholeNumber)
    .option("--force", "register although the test call fails")
    .option("--catalogue <entry>", "an entry of the catalogue, a category of it, or all (see baton agents catalogue)")
    .option("--backing <kind or agent>", "what carries it: a kind of connector, or a registered agent whose connector and environment it takes")
    .option("--model <name>", "with --backing: the model; for langgraph the assistant")
    .option("--base-url <url>", "with --backing: where the model or the server is")
    .action(act<AddOptions>((cli, options, name) => addAgent(cli, options, name)));
  agents
    .command("catalogue")
    .description("agents described for any backing; one of them with who it is")
    .argument("[name]")
    .option("--category <name>", "of this category")
    .option("-c, --capability <name>", "who can do this")
    .action(act<CatalogueOptions>(showCatalogue));
  agents
    .command("new")
    .description("write a small agent of your own, with its test, that runs as it is")
    .argument("<name>")
    .option("--kind <kind>", "how it is reached: dialin, process or http", "dialin")
    .option("--dir <path>", "where it is written; must not be there yet (default: ./NAME)")
    .option("-c, --capabilities <name,…>", "what it can do (default: its name)", toList)
    .action(act<NewOptions>(newAgent));
  agents.command("remove").description("remove an agent that carries out nothing").argument("<name>").action(act(remove));
  for (const action of ["pause", "resume", "drain", "start", "stop", "restart"] as const) {
    agents
      .command(action)
      .description(actions[action])
      .argument("<name>")
      .action(act((cli, _, name) => changeTo(cli, name ?? "", action)));
  }
  agents
    .command("scale")
    .description("how many pieces of work an agent may have at once; for commands each is a process")
    .argument("<name>")
    .argument("<instances>", "from 1", toWholeNumber)
    .action(act(scale));
  agents
    .command("screen")
    .description("what stands on an agent's terminal; with --type and --key, after typing that")
    .argument("<name>")
    .option("--type <text>", "typed as it is")
    .option("--key <key>", "Enter, Escape, C-c …; repeat for more", repeated)
    .action(act<{ type?: string; key?: string[] }>(screen));
  agents
    .command("attach")
    .description("sit down at an agent's terminal, on the machine where it runs; Ctrl-B d leaves it")
    .argument("<name>")
    .action(act(attach));
  agents
    .command("test")
    .description("let an agent do one tiny turn, and show what came back, how long it took and what it cost; or call an address that is not registered")
    .argument("<name|url>")
    .option("-t, --template <name>", "how to speak with an address")
    .option("--question <text>", "what to ask")
    .option("--timeout <seconds>", "how long a registered agent may take", toWholeNumber, 60)
    .action(act<TestOptions>(testAgent));
  agents
    .command("detect")
    .description("find coding agents on the server's PATH, and register those you choose; reads no credentials")
    .argument("[name...]", "only these, also where they say they are not logged in")
    .option("-y, --yes", "register without asking")
    .option("--env <variable>", "give them this variable of this shell; repeat for more", repeated)
    .option("-c, --capabilities <name,…>", "what they can do", toList)
    .action(act<DetectOptions>((cli, options, ...names) => detectAgents(cli, options, names)));
  agents.command("check").description("ask an agent now whether it is well").argument("<name>").action(act(check));
}

const actions = {
  pause: "hand it nothing more; what runs goes on",
  resume: "hand it work again",
  drain: "let it finish what it has, then no more",
  start: "start its terminal, and hand it work",
  stop: "end its terminal, and hand it nothing more",
  restart: "end its terminal, or the programs it works in, and begin anew",
};

async function list(cli: Cli, { query: q, ...filter }: ListOptions): Promise<undefined> {
  const { status, capability, type, connector, limit, offset } = filter;
  const query = checked(agentQuery, given({ status, capability, type, connector, q, limit, offset }));
  const page = await cli.client.listAgents({ query, signal: cli.signal });
  const columns: Column<Agent>[] = [
    { title: "NAME", of: ({ name }) => name },
    { title: "STATE", of: ({ status: { state } }) => state, colour: ({ status: { state } }) => stateColour(cli.paint, state) },
    { title: "LOAD", of: ({ status: { load } }) => `${load.active}/${load.max}` },
    { title: "BY", of: ({ connector: { kind } }) => kind },
    { title: "DONE", of: ({ attemptsEnded }) => attemptsEnded },
    { title: "SUCCESS", of: ({ successRate }) => (successRate === null ? null : percent(successRate)) },
    { title: "CAN", of: ({ capabilities }) => capabilities.map(({ name }) => name).join(", ") || null, flexible: true },
    { title: "WHY", of: ({ status: { reason } }) => reason, flexible: true },
  ];
  const left = page.total - page.offset - page.items.length;
  show(cli, page, () => showTable(cli, columns, page.items, "There are no such agents.") + (left > 0 ? `\n${cli.paint.dim(`and ${left} more`)}` : ""));
}

async function showOne(cli: Cli, _: object, name = ""): Promise<undefined> {
  const agent = await cli.client.getAgent({ params: { id: name }, signal: cli.signal });
  show(cli, agent, () => agentWords(cli, agent));
}

function agentWords({ paint }: Cli, agent: Agent): string {
  const { status } = agent;
  const capabilities = agent.capabilities.map(
    ({ name, proficiency, technologies }) => `  ${name} ${percent(proficiency)}${technologies.length === 0 ? "" : `  (${technologies.join(", ")})`}`,
  );
  const facts = status.facts.map(({ at, source, what }) => `  ${ago(at, Date.now()).padEnd(16)} ${source}: ${what}`);
  const average = agent.averageDurationMs === null ? "" : `, ${duration(agent.averageDurationMs)} on average`;
  const lines = [
    `${agent.name}  ${agent.id}`,
    agent.description,
    `reached by ${agent.connector.kind}; works on ${status.load.active} of at most ${status.load.max}; ${agent.attemptsEnded} attempts ended${agent.successRate === null ? "" : `, ${percent(agent.successRate)} well`}${average}`,
    ...(capabilities.length === 0 ? [] : ["can", ...capabilities]),
    ...(facts.length === 0 ? [] : ["known", ...facts]),
  ].filter((line) => line !== "");
  const state = `${stateColour(paint, status.state)(status.state)}: ${plain(status.reason)}`;
  return [paint.bold(plain(lines[0] ?? "")), state, ...lines.slice(1).map(plainKeepingIndent)].join("\n");
}

const plainKeepingIndent = (line: string): string => (line.startsWith("  ") ? `  ${plain(line.slice(2))}` : plain(line));

async function remove(cli: Cli, _: object, name = ""): Promise<undefined> {
  await cli.client.removeAgent({ params: { id: name }, signal: cli.signal });
  show(cli, { removed: name }, () => `Agent ${name} is removed.`);
}

async function changeTo(cli: Cli, name: string, action: keyof typeof actions): Promise<undefined> {
  const agent = await cli.client.actOnAgent({ params: { id: name }, body: { action }, signal: cli.signal });
  show(cli, agent, () => `Agent ${agent.name} is ${agent.status.state}: ${plain(agent.status.reason)}`);
}

async function scale(cli: Cli, _: object, name = "", count = ""): Promise<undefined> {
  const { instances } = checked(agentAction, { action: "scale", instances: Number(count) });
  const agent = await cli.client.actOnAgent({ params: { id: name }, body: { action: "scale", ...given({ instances }) }, signal: cli.signal });
  const { active, max } = agent.status.load;
  show(cli, agent, () => `Agent ${agent.name} works on at most ${max} at once; now on ${active}.`);
}

async function check(cli: Cli, _: object, name = ""): Promise<number> {
  const found = await cli.client.checkAgentHealth({ params: { id: name }, signal: cli.signal });
  show(cli, found, () => `${stateColour(cli.paint, found.health)(found.health)}: ${plain(found.detail)} (${duration(found.responseTimeMs)})`);
  return found.health === "critical" ? EXIT.failed : EXIT.done;
}

async function screen(cli: Cli, { type: text, key: keys }: { type?: string; key?: string[] }, name = ""): Promise<undefined> {
  const params = { id: name };
  const typed = text !== undefined || keys !== undefined;
  const found = typed
    ? await cli.client.typeInTerminal({ params, body: checked(terminalInput, given({ text, keys })), signal: cli.signal })
    : await cli.client.getTerminal({ params, signal: cli.signal });
  show(cli, found, () => (found.isRunning ? found.lines.map(plainKeepingIndent).join("\n") : `The terminal of ${name} is not running.`));
}

async function attach(cli: Cli, _: object, name = ""): Promise<number> {
  const { isRunning, attachCommand } = await cli.client.getTerminal({ params: { id: name }, signal: cli.signal });
  if (!isRunning) throw new BadUsage(`The terminal of ${name} is not running. Start it: baton agents start ${name}`);
  const [command = "tmux", ...args] = attachCommand.split(" ");
  const child = spawn(command, args, { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", () => reject(new BadUsage(`tmux is not here. Where the agent runs: ${attachCommand}`)));
    child.once("exit", (code) => resolve(code ?? EXIT.failed));
  });
}
