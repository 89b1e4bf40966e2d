// A real server for one journey, with the client to walk it, and agents of the three kinds to meet.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AgentConnection, type AgentSettings, type Client, connectAgent, createClient, type DoWork } from "@baton/client";
import type { Event, Task } from "@baton/contract";
import { type Baton, type Config, startBaton } from "@baton/server";
import { onTestFinished } from "vitest";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";

export interface Journey {
  url: string;
  baton: Baton;
  client: Client;
  dataDir: string;
  /** A command whose first word of the description says what it does. */
  addCommand(name: string, more?: object): Promise<string>;
  /** A service likewise. @returns where it listens, and how to end it. */
  addService(name: string, more?: object): Promise<{ id: string; url: string; end(): Promise<void> }>;
  dialIn(settings: Omit<AgentSettings, "url">, doWork: DoWork): Promise<AgentConnection>;
  /** Waits until the task is as wanted. */
  until(id: string, isSo: (task: Task) => boolean): Promise<Task>;
  /** The first event that is as wanted, from the beginning of the log. */
  event(isIt: (event: Event) => boolean): Promise<Event>;
}
const WITHIN_MS = 60_000;
const processAgent = fileURLToPath(new URL("../fake-agents/process-agent.mjs", import.meta.url));
export const command = { kind: "process" as const, command: process.execPath, args: [processAgent] };

export async function startJourney(given: Partial<Config> = {}, environment: Record<string, string> = {}): Promise<Journey> {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-journey-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const settings: Partial<Config> = {
    dataDir,
    port: 0,
    logLevel: "error",
    logFile: join(dataDir, "baton.log"),
    sqliteSynchronous: "normal",
    passwordCost: 2 ** 10,
    pollMs: 100,
    drainMs: 0,
  };
  const baton = await startBaton({ ...settings, ...given }, environment);
  onTestFinished(() => baton.stop());
  const apiKey = given.apiKeys?.[0];
  const client = createClient({ url: baton.url, apiKey });

  async function* events(filter: { taskId?: string }): AsyncGenerator<Event> {
    const signal = AbortSignal.timeout(WITHIN_MS);
    for await (const event of client.followEvents({ ...filter, after: 0, signal })) yield event;
  }
  return {
    url: baton.url,
    baton,
    client,
    dataDir,
    addCommand: async (name, more = {}) =>
      (await client.createAgent({ body: { name, connector: command, capabilities: [name], maxConcurrentTasks: 5, ...more } })).id,
    addService: async (name, more = {}) => {
      const agent = await startFakeAgent("http-agent.mjs");
      onTestFinished(() => agent.close());
      const url = `http://127.0.0.1:${agent.port}`;
      const { id } = await client.createAgent({
        body: { name, connector: { kind: "http", endpoint: url }, capabilities: [name], maxConcurrentTasks: 5, ...more },
      });
      return { id, url, end: () => agent.close() };
    },
    dialIn: async (settings, doWork) => {
      const agent = await connectAgent({ url: baton.url, apiKey, ...settings }, doWork);
      onTestFinished(() => agent.close({ graceMs: 0 }));
      return agent;
    },
    until: async (id, isSo) => {
      for await (const _ of events({ taskId: id })) {
        const task = await client.getTask({ params: { id } });
        if (isSo(task)) return task;
      }
      const task = await client.getTask({ params: { id } });
      throw new Error(`After ${WITHIN_MS} ms task ${id} is ${task.status} (${task.reason}).`);
    },
    event: async (isIt) => {
      for await (const event of events({})) if (isIt(event)) return event;
      throw new Error(`No such event within ${WITHIN_MS} ms.`);
    },
  };
}
