// A server that stands still longer than its lease is not dead: it comes back and believes it still has its work. Its work has
// been given to others by then; what it says late is refused, and that is recorded.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connectAgent, createClient } from "@baton/client";
import type { Event } from "@baton/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer, openServer, type ServerProcess } from "./cluster.ts";
import { openDice } from "./dice.ts";
import { openFront } from "./front.ts";
import { wait } from "./workload.ts";

const LEASE_MS = 1000;
const environment = { BATON_LEASE_MS: String(LEASE_MS), BATON_POLL_MS: "100", BATON_RECONNECT_MS: "5000" };
const directory = mkdtempSync(join(tmpdir(), "baton-lease-"));
const started: ServerProcess[] = [];
const closing: (() => Promise<unknown>)[] = [];
const url = await postgresUrl();
const databases = url === undefined ? [] : await Promise.all([createDatabase(url), createDatabase(url)]);

beforeAll(compileServer);
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
  for (const close of closing.splice(0)) await close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function start(name: string, databaseUrl?: string): Promise<ServerProcess> {
  const server = await openServer({ name, dataDir: directory, databaseUrl, environment });
  started.push(server);
  await server.start();
  return server;
}

/** An agent that answers when the test says so. */
interface SlowAgent {
  url: string;
  calls: ServerResponse[];
  called(times: number): Promise<void>;
}
const answer = (response: ServerResponse | undefined, result: string) =>
  response?.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ status: "success", result }));
async function openSlowAgent(): Promise<SlowAgent> {
  const calls: ServerResponse[] = [];
  const listener: Server = createServer((request, response) => {
    if (request.method === "GET") return response.writeHead(200).end("well");
    return request.resume().on("end", () => calls.push(response));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    listener.closeAllConnections();
    return new Promise((resolve) => listener.close(resolve));
  });
  const { port } = listener.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, calls, called: (times) => until(`${times} calls`, () => calls.length >= times) };
}
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await wait(20);
  }
}
async function eventsOf(client: Client, taskId: string): Promise<Event[]> {
  return (await client.listTaskEvents({ params: { id: taskId }, query: { limit: 500 } })).items;
}
const register = (client: Client, endpoint: string) =>
  client.createAgent({ body: { name: "slow", connector: { kind: "http", endpoint }, maxConcurrentTasks: 10 } });

describe.skipIf(databases.length === 0)("a server on Postgres that stands still longer than its lease", () => {
  test("has its attempts taken over, and its late result is refused and recorded", async () => {
    const agent = await openSlowAgent();
    const frozen = await start("frozen", databases[0]);
    const client = createClient({ url: frozen.url });
    await register(client, agent.url);
    const { id } = await client.submitTask({ body: { description: "Be slow." } });
    await agent.called(1);
    const other = createClient({ url: (await start("other", databases[0])).url });
    frozen.freeze();
    answer(agent.calls[0], "late");
    await agent.called(2);
    answer(agent.calls[1], "in time");
    expect((await other.waitForTask(id)).result).toBe("in time");
    frozen.thaw();
    await until("the refusal", async () => (await eventsOf(other, id)).some((event) => event.type === "attempt.refused"));
    const task = await other.getTask({ params: { id } });
    expect(task).toMatchObject({ status: "completed", result: "in time" });
    expect(task.steps[0]?.attempts.map(({ number, state }) => [number, state])).toEqual([
      [1, "lost"],
      [2, "completed"],
    ]);
    const told = (await eventsOf(other, id)).map(({ type }) => type);
    expect(told.filter((type) => type === "attempt.completed" || type === "task.completed")).toEqual(["attempt.completed", "task.completed"]);
    const { load } = await other.getAgentStatus({ params: { id: "slow" } });
    expect(load.active).toBe(0);
  });

  test("begins anew under another lease once it goes on", async () => {
    const agent = await openSlowAgent();
    const server = await start("alone", databases[1]);
    const client = createClient({ url: server.url });
    await register(client, agent.url);
    const before = await client.submitTask({ body: { description: "Before." } });
    await agent.called(1);
    server.freeze();
    await wait(2 * LEASE_MS);
    server.thaw();
    // Nobody else was there to take it over: whichever call is answered, it counts once.
    const answering = setInterval(() => agent.calls.splice(0).forEach((call) => answer(call, "done")), 50);
    closing.push(async () => clearInterval(answering));
    expect((await client.waitForTask(before.id)).status).toBe("completed");
    const after = await client.submitTask({ body: { description: "After." } });
    expect((await client.waitForTask(after.id)).status).toBe("completed");
    expect((await eventsOf(client, before.id)).filter(({ type }) => type === "task.completed")).toHaveLength(1);
  });

  test("loses its dial-in agents to another server, with the work they hold", async () => {
    const frozen = await start("frozen", databases[1]);
    const servers = [frozen];
    const front = await openFront(servers, openDice(1));
    closing.push(front.close);
    const client = createClient({ url: front.url, timeoutMs: 2000 });
    let executions = 0;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const agent = await connectAgent({ url: front.url, name: "walker", capabilities: ["walking"], heartbeatMs: 300 }, async () => {
      executions++;
      await finished;
      return "arrived";
    });
    closing.push(() => agent.close());
    const { id } = await client.submitTask({ body: { description: "Walk.", requirements: ["walking"] } });
    await until("the work to begin", () => executions === 1);
    const another = await start("other", databases[1]);
    servers.push(another);
    const other = createClient({ url: another.url });
    frozen.freeze();
    // What stands in front sends nobody new to a server that does not answer: where the agent goes next is not left to chance.
    servers.shift();
    await until("the other server to adopt the work", async () => (await eventsOf(other, id)).some(({ type }) => type === "attempt.adopted"));
    finish();
    expect((await other.waitForTask(id)).result).toBe("arrived");
    frozen.thaw();
    expect(executions).toBe(1);
  });
});
