// A real server behind the page, with real agents: commands, a service, one that dials in, one in a terminal.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@baton/client";
import { type Baton, type Config, startBaton } from "@baton/server";

const fake = (file: string) => fileURLToPath(new URL(`../fake-agents/${file}`, import.meta.url));
const command = { kind: "process" as const, command: process.execPath, args: [fake("process-agent.mjs")] };

export interface Stage {
  url: string;
  client: Client;
  baton: Baton;
  /** With nothing else changed; `stop` it first. */
  again(): Promise<Baton>;
  close(): Promise<void>;
}

export async function openStage(dist: string, given: Partial<Config> = {}): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), "baton-stage-"));
  const settings: Partial<Config> = {
    dataDir,
    port: 0,
    dashboardDir: dist,
    logLevel: "error",
    logFile: join(dataDir, "baton.log"),
    sqliteSynchronous: "normal",
    passwordCost: 2 ** 10,
    pollMs: 100,
    drainMs: 0,
    ...given,
  };
  const baton = await startBaton(settings, {});
  const running = new Set([baton]);
  return {
    url: baton.url,
    baton,
    client: createClient({ url: baton.url, apiKey: given.apiKeys?.[0] }),
    async again() {
      const next = await startBaton({ ...settings, port: Number(new URL(baton.url).port) }, {});
      running.add(next);
      return next;
    },
    async close() {
      await Promise.all([...running].map((one) => one.stop()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Commands whose first word of the description says what they do. */
export async function addWorkers(client: Client): Promise<void> {
  for (const name of ["scribe", "reviewer"])
    await client.createAgent({
      body: {
        name,
        description: `The ${name} of the tests.`,
        connector: command,
        capabilities: [name === "scribe" ? "write" : "review"],
        maxConcurrentTasks: 8,
      },
    });
}

export const terminalAgent = { kind: "terminal" as const, command: process.execPath, args: [fake("line-agent.mjs")], ready: "you>", columns: 80, rows: 24 };
