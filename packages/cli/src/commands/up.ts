// `baton up`: the control plane with its page, the sample agents, and a first real task; it stays until it is told to end.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, openCli } from "../cli.ts";
import { type Samples, carryOutDemo, demoWords, registerBuiltIn, startSampleAgents } from "../demo.ts";
import { BadUsage } from "../exit.ts";
import { plain } from "../print/text.ts";
import { type RunningServer, type ServerOptions, startServer } from "../server-process.ts";
import { type Act, toWholeNumber } from "./command.ts";

type UpOptions = ServerOptions & { samples: boolean; demo: boolean };

export function addUpCommand(program: Command, act: Act): void {
  program
    .command("up")
    .summary("start the control plane")
    .description("Starts the control plane with its page and the sample agents, and carries out a first task. Ctrl-C ends everything it started.")
    .option("--port <port>", "the port to listen on; 0 takes any that is free (default: 8000)", toWholeNumber)
    .option("--host <host>", "the address to listen on (default: 127.0.0.1)")
    .option("--data-dir <path>", "where the data is kept (default: .baton)")
    .option("--no-samples", "without the sample agents, and so without the demo")
    .option("--no-demo", "without the first task")
    .action(act<UpOptions>(up));
}

async function up(asked: Cli, { port, host, dataDir, samples, demo }: UpOptions): Promise<undefined> {
  const server = await startServer(
    { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }), ...(dataDir === undefined ? {} : { dataDir }) },
    asked.terminal,
  );
  const cli = openCli({ url: server.url, json: asked.json, ...(server.apiKey === undefined ? {} : { apiKey: server.apiKey }) }, asked.terminal, asked.signal);
  let running: Samples | undefined;
  try {
    greet(cli, server);
    if (!cli.json) await mentionFound(cli);
    await withoutIt(cli, "The background processor was not registered", () => registerBuiltIn(server));
    running = samples ? await withoutIt(cli, "The sample agents did not start", () => startSampleAgents(cli, server)) : undefined;
    if (running !== undefined && demo && !cli.signal.aborted) await showDemo(cli, server);
    if (!cli.signal.aborted) await once(cli.signal, "abort");
  } finally {
    if (!cli.json) cli.terminal.out.write(cli.paint.dim("Stopping; once more ends it at once.\n"));
    await running?.stop();
    await server.stop();
  }
  return undefined;
}

/** Coding agents that are here and not registered, in one line; none of them is run for it. */
async function mentionFound(cli: Cli): Promise<void> {
  const { items } = await cli.client.detectAgents({ query: { ask: "false" } });
  const names = items.filter(({ registration, registeredAs }) => registration !== null && registeredAs === null).map(({ id }) => id);
  if (names.length > 0) tell(cli, `${cli.paint.dim("found")} ${names.join(", ")}: \`npx baton agents detect\` to add them.\n`);
}

/** Baton stays up without. */
async function withoutIt<T>(cli: Cli, words: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    cli.terminal.err.write(`${words}: ${plain(error.message)}\n`);
    return undefined;
  }
}

function greet({ json, terminal, paint }: Cli, { url, dataDir, store, logFile }: RunningServer): void {
  if (json) {
    terminal.out.write(`${JSON.stringify({ url, dataDir, pid: process.pid })}\n`);
    return;
  }
  const log = logFile === undefined ? "" : `${paint.dim("log ")}  ${logFile}\n`;
  terminal.out.write(
    `\n${paint.bold("Baton is up")}\n\n${paint.dim("page")}  ${paint.cyan(url)}\n${paint.dim("API ")}  ${url}/docs\n${paint.dim("data")}  ${store}\n${log}\nCtrl-C ends it.\n\n`,
  );
}

/** What goes wrong with the demo is told, and ends nothing. */
async function showDemo(cli: Cli, server: RunningServer): Promise<void> {
  const repository = process.cwd();
  if (!existsSync(join(repository, ".git")))
    return tell(cli, "This folder is not a git repository. See the agents at work on one with: baton demo /path/to/it");
  tell(cli, cli.paint.dim(`The sample agents review ${repository}:`));
  try {
    tell(cli, `${demoWords(cli, await carryOutDemo(cli, server, repository))}\n`);
  } catch (error) {
    if (cli.signal.aborted) return;
    if (!(error instanceof Refusal || error instanceof BadUsage)) throw error;
    tell(cli, `The demo was refused: ${plain(error.message)}`);
  }
}

const tell = (cli: Cli, line: string): void => {
  if (!cli.json) cli.terminal.out.write(`${line}\n`);
};
