// Steps that wait for a budget and agents that get nothing because of one, and what lets them go on, held against every store.
import { describe, expect, test } from "vitest";
import { getBudget, removeBudget } from "../budgets/budgets.ts";
import { sql } from "../store/sql.ts";
import { costing, count, DAY_MS, limit, LONG_LEASE, NOON, openClock, openServers, raise, sideBySide, untilAborted } from "./budgets.testkit.ts";
import { cancelTask, getTask } from "./tasks.ts";
import type { OpenStore, TestServer } from "./tasks.testkit.ts";

export function testBudgetWaiting(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`what waits for budgets on ${store}`, () => {
    const { start } = openServers(freshStore);

    test("what waits for a budget of the day goes on at midnight UTC", async () => {
      const clock = openClock(NOON);
      const server = await start(() => costing(0.6), LONG_LEASE, clock);
      await server.addAgent("any");
      await limit(server, { usd: 1 });
      await server.until(await server.submit({ description: "First." }), "completed");
      const id = await server.submit({ description: "Second." });
      const waiting = await server.until(id, "waiting");
      expect(waiting.waitingFor).toMatchObject({
        kind: "budget",
        detail: expect.stringMatching(/Budget all of the day.*begins anew at 2027-03-02T00:00:00.000Z/),
      });
      expect(waiting.steps[0]).toMatchObject({ status: "waiting", reason: waiting.waitingFor?.detail });
      clock.set(NOON + DAY_MS / 2 - 1);
      expect((await getTask(server, id)).status).toBe("waiting");
      clock.set(NOON + DAY_MS / 2);
      await server.until(id, "completed");
      expect(await getBudget(server, "all")).toMatchObject({ used: { usd: 0.6, attempts: 1 }, renewsAt: "2027-03-03T00:00:00.000Z" });
      expect(await count(server, "budget.renewed")).toBe(1);
    });

    test.each([
      ["raised", (server: TestServer) => raise(server, "all", { usd: 50 })],
      ["removed", (server: TestServer) => removeBudget(server, "all")],
    ] as const)("when it is %s, all that waited goes on", async (_, change) => {
      const server = await start((work) => costing(work.title === "Dear" ? 1 : 0.1), { pollMs: 60_000 });
      await server.addAgent("any");
      await limit(server, { usd: 1, period: "total" });
      await server.until(await server.submit({ description: "Dear" }), "completed");
      const ids = await Promise.all(Array.from({ length: 60 }, () => server.submit({ description: "Later." })));
      for (const id of ids) await server.until(id, "waiting");
      await change(server);
      for (const id of ids) await server.until(id, "completed");
      expect(await server.db.all(sql`select id from budgets where subject = ''`)).toEqual([]);
    });

    test("an agent that has spent its budget gets nothing more; others go on, and it does when its budget is raised", async () => {
      const server = await start((_, __, agent) => costing(agent === "dear" ? 1 : 0.1));
      await server.addAgent("dear", { capabilities: [{ name: "x", proficiency: 1 }] });
      await server.addAgent("cheap", { capabilities: [{ name: "x", proficiency: 0.1 }] });
      await limit(server, { name: "for-dear", scope: "agent", agent: "dear", usd: 1, period: "total" });
      const by = async () => {
        const task = await server.until(await server.submit({ description: "Go.", requirements: ["x"] }), "completed");
        return task.steps[0]?.attempts.at(-1)?.assignment.agentName;
      };
      expect([await by(), await by(), await by()]).toEqual(["dear", "cheap", "cheap"]);
      const named = await server.submit({ description: "Go.", steps: [{ id: "only", agent: "dear" }] });
      expect((await server.until(named, "waiting")).waitingFor).toMatchObject({
        kind: "budget",
        detail: expect.stringContaining("Budget for-dear is used up"),
      });
      await raise(server, "for-dear", { usd: 10 });
      await server.until(named, "completed");
    });

    test("a project's budget stops that project alone", async () => {
      const server = await start(() => costing(1));
      await server.addAgent("any");
      await limit(server, { name: "red", scope: "project", projectId: "red", usd: 1 });
      await server.until(await server.submit({ description: "Go.", projectId: "red" }), "completed");
      const stopped = await server.submit({ description: "Go.", projectId: "red" });
      await server.until(await server.submit({ description: "Go.", projectId: "blue" }), "completed");
      expect((await server.until(stopped, "waiting")).waitingFor?.kind).toBe("budget");
      await cancelTask(server, stopped);
    });

    test("a budget of the default project stops what names no project", async () => {
      const server = await start(() => costing(1));
      await server.addAgent("any");
      await limit(server, { name: "default", scope: "project", projectId: "default", usd: 1 });
      await server.until(await server.submit({ description: "Go." }), "completed");
      const stopped = await server.submit({ description: "Go." });
      expect((await server.until(stopped, "waiting")).waitingFor?.kind).toBe("budget");
      await server.until(await server.submit({ description: "Go.", projectId: "blue" }), "completed");
      await cancelTask(server, stopped);
    });

    test("what waits because others hold the rest goes on when they come to less", async () => {
      const ends: (() => void)[] = [];
      const server = await start(
        async () => {
          await new Promise<void>((resolve) => ends.push(resolve));
          return costing(0.01);
        },
        { pollMs: 60_000 },
      );
      await server.addAgent("guessed", { costs: { usdPerHour: 600 } });
      const id = await server.submit({ description: "Two.", steps: sideBySide(2), constraints: { budget: { usd: 5 } } });
      const waiting = await server.until(id, "executing");
      await expect.poll(async () => (await getTask(server, id)).steps.map(({ status }) => status).sort()).toEqual(["running", "waiting"]);
      expect(waiting.budget?.reserved.usd).toBe(5);
      ends[0]?.();
      await expect.poll(() => ends.length).toBe(2);
      ends[1]?.();
      expect((await server.until(id, "completed")).budget?.used.usd).toBeCloseTo(0.02);
    });

    test("what was held for an attempt whose server died is counted, and held no more", async () => {
      let calls = 0;
      const server = await start((_, { signal }) => (++calls === 1 ? untilAborted(signal) : costing(0.5)));
      await server.addAgent("any", { costs: { usdPerAttempt: 0.5 } });
      await limit(server, { usd: 2 });
      const id = await server.submit({ description: "Go." });
      await expect.poll(() => calls).toBe(1);
      // A server that is gone altogether.
      await server.db.transaction((tx) => tx.run(sql`update attempts set worker = 'gone'`));
      await server.until(id, "completed");
      expect(await getBudget(server, "all")).toMatchObject({ used: { usd: 1, attempts: 2 }, reserved: { usd: 0, attempts: 0 }, guessed: { usd: 0.5 } });
    });
  });
}
