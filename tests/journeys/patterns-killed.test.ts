// Every pattern with a server that is killed with SIGKILL in the middle of it, and agents of three kinds of which one fails and one never answers: the
// server that comes back goes on where it was, and leaves nothing taken.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, connectAgent, createClient } from "@baton/client";
import type { Task, TaskInput } from "@baton/contract";
import { beforeAll, expect, test } from "vitest";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { compileServer, openServer, type ServerProcess } from "../chaos/cluster.ts";

const teamAgent = fileURLToPath(new URL("../fake-agents/team-agent.mjs", import.meta.url));
const LONG_MS = 400;
let server: ServerProcess;
let client: Client;

beforeAll(async () => {
  compileServer();
  const dataDir = mkdtempSync(join(tmpdir(), "baton-killed-"));
  const environment = { BATON_LEASE_MS: "1000", BATON_POLL_MS: "100", BATON_RECONNECT_MS: "3000" };
  server = await openServer({ name: "killed", dataDir, environment });
  await server.start();
  client = createClient({ url: server.url });
  const add = (name: string, nature: string, more: object) => {
    const connector = { kind: "process" as const, command: process.execPath, args: [teamAgent, nature] };
    return client.createAgent({ body: { name, connector, maxConcurrentTasks: 5, ...more } });
  };
  await add("leader", "slow", { capabilities: ["lead", "planning", "judge"], role: "coordinator" });
  await add("helper", "slow", { capabilities: ["helping", "work"], metadata: { price: 5 } });
  await add("broken", "broken", { capabilities: ["breaking", "work"], metadata: { price: 1 } });
  await add("stuck", "stuck", { capabilities: ["sticking", "work"], metadata: { price: 2 } });
  const service = await startFakeAgent("http-agent.mjs");
  const endpoint = `http://127.0.0.1:${service.port}`;
  await client.createAgent({
    body: { name: "service", connector: { kind: "http", endpoint }, capabilities: ["serving", "work"], maxConcurrentTasks: 5, metadata: { price: 9 } },
  });
  const dialled = await connectAgent(
    { url: server.url, name: "dialled", capabilities: ["dialling", "work"], maxConcurrentTasks: 5, heartbeatMs: 500 },
    async (work) => {
      await new Promise((resolve) => setTimeout(resolve, LONG_MS));
      return (work.input as { type?: string } | null)?.type === "critique" ? { agreement: 0.9 } : `dialled: ${work.description}`;
    },
  );
  return async () => {
    await dialled.close({ graceMs: 0 });
    await server.kill();
    await service.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
}, 120_000);

const quick = { timeoutMs: 1500, retries: 0 };
const isOver = ({ completedAt }: Task): boolean => completedAt !== null;
const partsOf = (task: Task, part: string) => task.coordination?.participants.filter((one) => one.part === part) ?? [];
const stages = ["serving", "helping", "dialling"].map((name, at) => ({ id: `s${at}`, description: `echo ${name}`, requirements: [name] }));

const tasks: [string, TaskInput, (task: Task) => void][] = [
  ["single, with a command", { description: "echo it", pattern: "single", requirements: ["helping"] }, ({ result }) => expect(result).toBe("good: echo it")],
  [
    "single, with one that dialled in",
    { description: "echo it", pattern: "single", requirements: ["dialling"] },
    ({ result, steps }) => {
      expect(result).toBe("dialled: echo it");
      // It kept working while the server was gone: nobody did it again.
      expect(steps[0]?.attempts.length).toBe(1);
    },
  ],
  [
    "pipeline",
    { description: "Go.", pattern: "pipeline", coordination: quick, steps: stages },
    ({ steps, result }) => {
      expect(steps.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
      expect(result).toBe("dialled: echo dialling");
    },
  ],
  [
    "hierarchical",
    { description: "echo a book", pattern: "hierarchical", coordination: { ...quick, agents: 6 } },
    (task) => {
      const { combined } = task.result as { combined: Record<string, { status: string }> };
      const failed = Object.values(combined).filter(({ status }) => status === "failed");
      expect([Object.keys(combined).length, failed.length]).toEqual([5, 2]);
      expect(partsOf(task, "combine")).toMatchObject([{ status: "completed" }]);
    },
  ],
  [
    "collaborative",
    { description: "echo an essay", requirements: ["work"], pattern: "collaborative", coordination: { ...quick, agents: 5 } },
    (task) => {
      expect(task.result).toMatchObject({ agreed: true });
      expect(partsOf(task, "synthesise")).toMatchObject([{ status: "completed" }]);
    },
  ],
  [
    "swarm",
    { description: "echo an item", requirements: ["work"], pattern: "swarm", payload: [1, 2, 3, 4, 5, 6, 7, 8], coordination: quick },
    (task) => expect(task.result).toMatchObject({ done: 8, total: 8, failed: [] }),
  ],
  [
    "race",
    { description: "echo fast", requirements: ["work"], pattern: "race", coordination: { ...quick, agents: 5, verify: { requirements: ["judge"] } } },
    (task) => {
      expect(task.result).toMatch(/echo fast$/);
      expect(partsOf(task, "try").map(({ agentName }) => agentName)).toEqual(expect.arrayContaining(["broken", "stuck"]));
    },
  ],
  [
    "escalation",
    {
      description: "echo well",
      requirements: ["work"],
      pattern: "escalation",
      coordination: { ...quick, agents: 5, verify: { requirements: ["judge"] } },
    },
    (task) => {
      expect(task.result).toMatch(/^good: echo well/);
      expect(partsOf(task, "try").map(({ agentName }) => agentName)).toEqual(["broken", "stuck", "helper"]);
    },
  ],
  [
    "planned by an agent",
    { description: "Go.", planning: "leader" },
    ({ steps }) => expect(steps.map(({ id, status }) => [id, status])).toEqual(["plan", "first", "second"].map((id) => [id, "completed"])),
  ],
];

test.each(tasks)(
  "%s: goes on after its server was killed in the middle, and nothing counts twice or stays taken",
  async (_, body, check) => {
    const { id } = await client.submitTask({ body });
    const get = () => client.getTask({ params: { id } });
    const isUnderWay = ({ steps, stepsDone, stepsTotal }: Task) => steps.some(({ status }) => status === "running") && (stepsTotal === 1 || stepsDone > 0);
    await expect.poll(async () => isUnderWay(await get()), { interval: 10 }).toBe(true);
    await server.kill();
    await server.start();
    await expect.poll(async () => isOver(await get())).toBe(true);
    const task = await get();
    expect([task.status, task.failure]).toEqual(["completed", null]);
    check(task);
    const { items } = await client.listTaskEvents({ params: { id }, query: { limit: 500 } });
    const completed = items.filter(({ type }) => type === "attempt.completed").map(({ stepId }) => stepId);
    expect(new Set(completed).size).toBe(completed.length);
    expect(items.filter(({ type }) => type === "task.completed").length).toBe(1);
    await expect.poll(async () => (await client.getSystemStatus()).attemptsRunning).toBe(0);
    await expect.poll(async () => (await client.listAgents({})).items.filter(({ status }) => status.load.active > 0).length).toBe(0);
  },
  60_000,
);
