// Plans that grow, on a server that is killed again and again while they do: every task ends, nothing is added twice, and every count
// agrees with the rows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAgent, createClient } from "@baton/client";
import type { Event, Task, TaskInput } from "@baton/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer, openServer } from "./cluster.ts";
import { openDice } from "./dice.ts";
import { insist, wait } from "./workload.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-grown-"));
const url = await postgresUrl();
const database = url === undefined ? undefined : await createDatabase(url);
beforeAll(compileServer, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const tasks: TaskInput[] = [
  { description: "Build.", pattern: "hierarchical" },
  { description: "Discuss.", pattern: "collaborative", coordination: { rounds: 2, agreement: 1 } },
  { description: "Sort.", pattern: "swarm" },
  { description: "Run.", pattern: "race", coordination: { verify: {} } },
  { description: "Climb.", pattern: "escalation", coordination: { verify: {} } },
  { description: "Plan.", planning: "agent" },
];
/** What each part is answered with; the first verdicts are no, so that plans grow further. */
function answer(input: { type?: string } | null, refusals: { left: number }): unknown {
  switch (input?.type) {
    case "task_decomposition":
      return { subtasks: Array.from({ length: 4 }, (_, at) => ({ description: `part ${at}` })) };
    case "review":
    case "verification":
      return { accepted: refusals.left-- <= 0, revise: [{ id: "work-1", feedback: "again" }] };
    case "critique":
      return { agreement: 0.5, revised: "better" };
    case "planning":
      return {
        steps: [
          { id: "a", description: "A" },
          { id: "b", description: "B", needs: ["a"] },
        ],
      };
    default:
      return { items: [1, 2, 3, 4, 5] };
  }
}
const added = (events: readonly Event[]): string[] => events.flatMap(({ data }) => (data as { added: string[] }).added);

const stores: [string, string | undefined][] = [["SQLite", undefined], ...(database === undefined ? [] : [["Postgres", database] satisfies [string, string]])];

test.each(stores)(
  "plans grow once and end on %s, however often their server is killed",
  async (store, databaseUrl) => {
    const dice = openDice(7);
    const environment = { BATON_LEASE_MS: "1000", BATON_POLL_MS: "100", BATON_RECONNECT_MS: "3000" };
    const server = await openServer({ name: `grown-${store}`, dataDir: directory, databaseUrl, environment });
    await server.start();
    const client = createClient({ url: server.url });
    const refusals = { left: 2 };
    const agents = await Promise.all(
      ["one", "two", "three"].map((name) =>
        connectAgent({ url: server.url, name, capabilities: ["planning"], maxConcurrentTasks: 20, heartbeatMs: 500 }, async (work) => {
          await wait(dice.between(20, 200));
          return answer(work.input as { type?: string } | null, refusals);
        }),
      ),
    );
    const ids: string[] = [];
    for (const [at, body] of tasks.entries()) ids.push((await insist(() => client.submitTask({ body, idempotencyKey: `${store}-${at}` }), dice)).id);
    const open = async (): Promise<Task[]> => {
      const all = await Promise.all(ids.map((id) => insist(() => client.getTask({ params: { id } }), dice)));
      return all.filter((task) => task.completedAt === null);
    };
    let kills = 0;
    for (; kills < 6 && (await open()).length > 0; kills++) {
      await wait(dice.between(200, 700));
      await server.kill();
      await server.start();
    }
    expect(kills).toBeGreaterThan(2);
    await expect.poll(async () => (await open()).map((task) => [task.pattern, task.reason]), { timeout: 60_000 }).toEqual([]);
    for (const id of ids) {
      const task = await client.getTask({ params: { id } });
      expect([task.pattern, task.status, task.failure]).toEqual([task.pattern, "completed", null]);
      expect(task.stepsDone).toBe(task.stepsTotal);
      expect(task.steps.length).toBe(task.stepsTotal);
      const { items } = await client.listTaskEvents({ params: { id }, query: { limit: 500 } });
      const grown = added(items.filter(({ type }) => type === "plan.grown"));
      expect(new Set(grown).size).toBe(grown.length);
      const first = task.steps.filter((step) => !grown.includes(step.id));
      expect(first.length + grown.length).toBe(task.steps.length);
      expect(items.filter(({ type }) => type === "task.completed").length).toBe(1);
    }
    await Promise.all(agents.map((agent) => agent.close({ graceMs: 0 })));
    await server.kill();
  },
  180_000,
);
