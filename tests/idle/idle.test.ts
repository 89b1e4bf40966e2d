// A server with agents of every kind and no work: it asks no model anything, runs no agent, writes no more than its lease, and hardly works itself.
// Counted, not timed: requests, processes, commits, and the ticks of CPU of that one process, over some seconds of nothing.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAgent, createClient } from "@baton/client";
import type { AgentInput } from "@baton/contract";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { fakeAgentPath, startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { compileServer, openServer } from "../chaos/cluster.ts";
import { tmuxPath } from "../services.ts";

const DIALLED_IN = 50;
const WATCHED_MS = 6000;
/** A lease of 15 s is renewed every 5 s. */
const MOST_COMMITS = 2;
/** Of one core: 1 % is what is aimed at, this is what is never to be gone beyond. */
const MOST_CPU = 0.05;
/** Windows of which the quietest counts for CPU: the first may still see how everybody came. */
const WINDOWS = 4;
const TICKS_PER_SECOND = 100;

beforeAll(compileServer);

test.skipIf(process.platform !== "linux")("agents of every kind cost nothing while there is no work", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-idle-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const counted = await countRequests();
  const server = await openServer({ name: "idle", dataDir });
  await server.start();
  onTestFinished(async () => void (await server.stop()));
  const client = createClient({ url: server.url });
  const bodies = await everyKind(counted.url);
  for (const [name, connector] of Object.entries(bodies)) await client.createAgent({ body: { name, connector } });
  const doNothing = async (): Promise<string> => "done";
  const dialled = await Promise.all(
    Array.from({ length: DIALLED_IN }, (_, at) => connectAgent({ url: server.url, name: `worker-${at}`, capabilities: ["dialled"] }, doNothing)),
  );
  onTestFinished(async () => void (await Promise.all(dialled.map((agent) => agent.close({ graceMs: 0 })))));
  const { total } = await client.getAgentStats();
  expect(total).toBe(Object.keys(bodies).length + DIALLED_IN);

  const { pid = 0 } = server;
  const before = await client.getSystemStatus();
  const cpu: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const began = { ticks: ticksOf(pid), commits: commitsIn(dataDir) };
    // To see that nothing happens there is nothing to wait for but time.
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    expect(childrenOf(pid), "processes of the server").toEqual([]);
    expect(commitsIn(dataDir) - began.commits, "commits").toBeLessThanOrEqual(MOST_COMMITS);
    cpu.push((ticksOf(pid) - began.ticks) / TICKS_PER_SECOND / (WATCHED_MS / 1000));
    if (Math.min(...cpu) <= MOST_CPU) break;
  }
  expect(Math.min(...cpu), `CPU in each window: ${cpu.join(", ")}`).toBeLessThanOrEqual(MOST_CPU);
  // A look whether it is well is no call of a model: it lists the models, and costs nothing.
  expect(counted.asked(), "requests to models and agents").toEqual([]);
  expect((await client.getSystemStatus()).lastEvent).toBe(before.lastEvent);
  expect((await client.listTasks()).total).toBe(0);
});

/** Stands for a model, and for an agent behind HTTP. `asked`: every request that is no look whether it is well. */
async function countRequests(): Promise<{ url: string; asked(): string[] }> {
  const asked: string[] = [];
  const listener = createServer((request, response) => {
    if (request.method !== "GET") asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "content-type": "application/json" }).end('{"data":[{"id":"small"}]}');
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  onTestFinished(() => void listener.close());
  return { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, asked: () => asked };
}

async function everyKind(counted: string): Promise<Record<string, AgentInput["connector"]>> {
  const start = async (file: string, ...args: string[]): Promise<string> => {
    const fake = await startFakeAgent(file, ...args);
    onTestFinished(() => fake.close());
    return `http://127.0.0.1:${fake.port}`;
  };
  const node = (file: string, ...args: string[]) => ({ command: process.execPath, args: [fakeAgentPath(file), ...args] });
  return {
    http: { kind: "http", endpoint: counted },
    process: { kind: "process", ...node("process-agent.mjs") },
    openai: { kind: "openai", baseUrl: `${counted}/v1`, model: "small" },
    acp: { kind: "acp", ...node("acp-agent.mjs") },
    claude: { kind: "claude", ...node("claude-agent.mjs") },
    a2a: { kind: "a2a", url: `${await start("a2a-agent.mjs")}/new` },
    langgraph: { kind: "langgraph", url: await start("langgraph-server.mjs"), assistant: "agent" },
    "mcp-program": { kind: "mcp", server: { name: "tools", ...node("mcp-server.mjs", "stdio") } },
    "mcp-http": { kind: "mcp", server: { name: "tools", url: `${await start("mcp-server.mjs", "http")}/mcp` } },
    ...(tmuxPath() === undefined ? {} : { terminal: { kind: "terminal", ...node("line-agent.mjs"), ready: "you>" } as const }),
  };
}

/** User and system time of a process itself, in ticks. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
/** Command lines of everything a process started that is still there. */
const childrenOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1")
      .split(" ")
      .filter((child) => child.trim() !== "")
      .map((child) => readFileSync(`/proc/${child}/cmdline`, "latin1").replaceAll("\0", " ")),
  );
/** Commits that SQLite's log holds: a frame that ends one says how large the file is then. */
function commitsIn(dataDir: string): number {
  const log = readFileSync(join(dataDir, "baton.db-wal"));
  const pageSize = log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + 24 + pageSize <= log.length && log.subarray(at + 8, at + 16).equals(salt); at += 24 + pageSize)
    if (log.readUInt32BE(at + 4) > 0) commits++;
  return commits;
}
