// The sample agents and the demo task, as `baton up` and `baton demo` use them: a git repository is reviewed by five agents and a report kept.
import { Refusal, type Task } from "@baton/contract";
import type { Cli } from "./cli.ts";
import { BadUsage } from "./exit.ts";
import { plain } from "./print/text.ts";
import { watch } from "./watch/watch-task.ts";

export interface Server {
  url: string;
  apiKey: string | undefined;
  dataDir: string;
}
export interface Samples {
  stop(): Promise<void>;
}

export async function startSampleAgents(cli: Cli, { url, apiKey }: Server): Promise<Samples> {
  const { startSamples } = await import("@baton/examples/samples");
  return startSamples({ url, apiKey, log: (line) => cli.terminal.err.write(`${cli.terminal.paint(cli.terminal.err).dim(plain(line))}\n`) });
}

/** What every Baton can do by itself. */
export async function registerBuiltIn({ url, apiKey }: Pick<Server, "url" | "apiKey">): Promise<void> {
  const { registerBackgroundProcessor } = await import("@baton/examples/samples");
  await registerBackgroundProcessor({ url, apiKey });
}

/** Whether every sample agent is registered there and could be handed work. */
export async function haveSamples(cli: Cli): Promise<boolean> {
  const { sampleAgents } = await import("@baton/examples/samples");
  const { items } = await cli.client.listAgents({ query: { limit: 500 }, signal: cli.signal });
  const ready = new Set(items.filter(({ status: { state } }) => state === "idle" || state === "busy").map(({ name }) => name));
  return sampleAgents().every(({ name }) => ready.has(name));
}

/** Carries the demo out before the reader's eyes. */
export async function carryOutDemo(cli: Cli, { url, apiKey, dataDir }: Server, repository: string): Promise<{ task: Task; reportPath: string | null }> {
  const { runDemo } = await import("@baton/examples/demo");
  let reportPath: string | null = null;
  const task = await watch(
    cli,
    async (onEvent, signal) => {
      const done = await runDemo({ url, apiKey, dataDir, repository, onEvent, signal }).catch(asBadUsage);
      reportPath = done.reportPath;
      return done.task;
    },
    { events: false },
  );
  return { task, reportPath };
}

/** The examples know nothing of this command: they refuse with an error of their own that has a code. */
function asBadUsage(error: unknown): never {
  const isTheirs = error instanceof Error && !(error instanceof Refusal) && error.name === "Refusal";
  throw isTheirs ? new BadUsage(error.message) : error;
}

export function demoWords({ paint }: Cli, { task, reportPath }: { task: Task; reportPath: string | null }): string {
  if (reportPath === null) return `${paint.red(task.status)}: ${plain(task.failure?.detail ?? task.reason)}`;
  return `${paint.green("The report is in")} ${paint.bold(reportPath)}`;
}
