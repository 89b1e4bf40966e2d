// Plans that grow, on a server that is killed again and again while they do: every task ends, nothing is added twice, and every count
// agrees with the rows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connectAgent, createClient } from "@baton/client";
import type { Event, Json, TaskInput, Work } from "@baton/contract";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer, openServer } from "./cluster.ts";
import { openDice } from "./dice.ts";
import { insist, wait } from "./workload.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-grown-"));
const url = await postgresUrl();
const database = url === undefined ? undefined : await createDatabase(url);
beforeAll(compileServer);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ROUNDS = 4;
const tasks: TaskInput[] = [
  { description: "Build.", pattern: "hierarchical" },
  { description: "Discuss.", pattern: "collaborative", coordination: { rounds: 2, agreement: 1 } },
  { description: "Sort.", pattern: "swarm" },
  { description: "Run.", pattern: "race", coordination: { verify: {} } },
  { description: "Climb.", pattern: "escalation", coordination: { verify: {} } },
  { description: "Plan.", planning: "agent" },
];
/** What each part is answered with; the first verdicts are no, so that plans grow further. */
function answer({ stepId, input }: Work): Json {
  switch ((input as { type?: string } | null)?.type) {
    case "task_decomposition":
      return { subtasks: Array.from({ length: 4 }, (_, at) => ({ description: `part ${at}` })) };
    case "review":
      return { accepted: stepId !== "review-1", revise: [{ id: "work-1", feedback: "again" }] };
    case "verification":
      return { accepted: stepId !== "verify-1" };
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
const countOpen = async (client: Client, ids: readonly string[]): Promise<number> =>
  (await Promise.all(ids.map((id) => client.getTask({ params: { id } })))).filter((task) => task.completedAt === null).length;
const added = (events: readonly Event[]): string[] => events.flatMap(({ data }) => (data as { added: string[] }).added);

const stores: [string, string | undefined][] = [["SQLite", undefined], ...(database === undefined ? [] : [["Postgres", database] satisfies [string, string]])];

test.each(stores)(
  "plans grow once and end on %s, however often their server is killed",
  async (store, databaseUrl) => {
    const dice = openDice(7);
    const environment = { BATON_LEASE_MS: "1000", BATON_POLL_MS: "100", BATON_RECONNECT_MS: "30000" };
    const server = await openServer({ name: `grown-${store}`, dataDir: directory, databaseUrl, environment });
    onTestFinished(() => server.kill());
    await server.start();
    const client = createClient({ url: server.url });
    const agents = await Promise.all(
      ["one", "two", "three"].map((name) =>
        connectAgent({ url: server.url, name, capabilities: ["planning"], maxConcurrentTasks: 20, heartbeatMs: 500 }, async (work) => {
          await wait(dice.between(50, 400));
          return answer(work);
        }),
      ),
    );
    const ids: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [at, body] of tasks.entries()) ids.push((await insist(() => client.submitTask({ body, idempotencyKey: `${store}-${round}-${at}` }), dice)).id);
      await wait(dice.between(150, 900));
      // Some are always under way when it dies.
      expect(await countOpen(client, ids)).toBeGreaterThan(0);
      await server.kill();
      await server.start();
    }
    await expect.poll(() => insist(() => countOpen(client, ids), dice), { timeout: 240_000 }).toBe(0);
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
  },
  600_000,
);
