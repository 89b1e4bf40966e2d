// `baton demo [repository]`: real work by the sample agents, on the server that answers or on one that lives as long as the demo.
import { Unreachable } from "@baton/client";
import type { Command } from "commander";
import { type Cli, openCli, show } from "../cli.ts";
import { type Server, carryOutDemo, demoWords, haveSamples, startSampleAgents } from "../demo.ts";
import { EXIT, Interrupted } from "../exit.ts";
import { startServer } from "../server-process.ts";
import type { Act } from "./command.ts";

interface DemoOptions {
  dataDir: string;
}

export function addDemoCommand(program: Command, act: Act): void {
  program
    .command("demo")
    .summary("have a git repository reviewed by the sample agents")
    .description("Five sample agents review a git repository, without a model, and write a report. Starts what it needs and ends it again.")
    .argument("[repository]", "a git work tree", ".")
    .option("--data-dir <path>", "where the report is kept, and the data of a server that is started for this", ".baton")
    .action(act<DemoOptions>((cli, options, repository = ".") => demo(cli, options, repository)));
}

async function demo(cli: Cli, { dataDir }: DemoOptions, repository: string): Promise<number> {
  if (await answers(cli)) return demoOn(cli, { url: cli.url, apiKey: cli.apiKey, dataDir }, repository);
  const server = await startServer({ port: 0, dataDir }, cli.terminal);
  try {
    const { url, apiKey } = server;
    return await demoOn(openCli({ url, json: cli.json, ...(apiKey === undefined ? {} : { apiKey }) }, cli.terminal, cli.signal), server, repository);
  } finally {
    await server.stop();
  }
}

async function demoOn(cli: Cli, server: Server, repository: string): Promise<number> {
  const samples = (await haveSamples(cli)) ? undefined : await startSampleAgents(cli, server);
  try {
    const done = await carryOutDemo(cli, server, repository);
    show(cli, { taskId: done.task.id, status: done.task.status, reportPath: done.reportPath }, () => demoWords(cli, done));
    return done.reportPath === null ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (cli.signal.aborted) throw new Interrupted("The demo was stopped and its task cancelled.");
    throw error;
  } finally {
    await samples?.stop();
  }
}

async function answers({ client, signal }: Cli): Promise<boolean> {
  try {
    await client.getLive({ signal });
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}
