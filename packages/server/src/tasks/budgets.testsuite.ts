// What budgets count, warn of and stop, and that their counters are what the rows say, held against every store.
import { describe, expect, test } from "vitest";
import { getBudget } from "../budgets/budgets.ts";
import { sql } from "../store/sql.ts";
import { chain, costing, count, event, limit, LONG_LEASE, NOON, openClock, openServers, raise, sideBySide, untilAborted } from "./budgets.testkit.ts";
import { getTask, retryTask, setTaskBudget } from "./tasks.ts";
import type { OpenStore, Script } from "./tasks.testkit.ts";

export function testBudgets(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`budgets on ${store}`, () => {
    const { start, join } = openServers(freshStore);

    test("a task that has spent its budget fails, naming it, and nothing more of it begins", async () => {
      const server = await start(() => costing(0.4));
      await server.addAgent("any");
      const id = await server.submit({ description: "Three steps.", steps: chain(4), constraints: { budget: { usd: 1 } } });
      const task = await server.until(id, "failed");
      expect(task.failure).toMatchObject({ kind: "budget", stepId: "s2" });
      expect(task.failure?.detail).toMatch(/task's budget has no room: 0.8 USD of 1 USD used.*expected to take 0.4 USD \(what its last attempts/);
      expect(task.steps.map(({ status }) => status)).toEqual(["completed", "completed", "cancelled", "cancelled"]);
      expect(task.budget).toMatchObject({
        id: `task:${id}`,
        used: { usd: 0.8, tokens: 200, attempts: 2 },
        reserved: { usd: 0, attempts: 0 },
        state: "stopped",
      });
      expect(task.budget?.left.usd).toBeCloseTo(0.2);
    });

    test("raised, the task goes on where it stopped when it is tried again", async () => {
      const server = await start(() => costing(0.4));
      await server.addAgent("any");
      const id = await server.submit({ description: "Three steps.", steps: chain(3), constraints: { budget: { usd: 1 } } });
      await server.until(id, "failed");
      await raise(server, `task:${id}`, { usd: 2 });
      await retryTask(server, id);
      const task = await server.until(id, "completed");
      expect(task.steps.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1]);
      expect(task.budget?.used.usd).toBeCloseTo(1.2);
    });

    test("given later, it counts what begins from then on, and stops the task like one it came with", async () => {
      const waiting: (() => void)[] = [];
      const server = await start(async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return costing(0.4);
      });
      await server.addAgent("any");
      const id = await server.submit({ description: "Three steps.", steps: chain(4) });
      await expect.poll(() => waiting.length).toBe(1);
      await setTaskBudget(server, id, { usd: 0.5, warnAt: 0.8 });
      const letGo = setInterval(() => waiting.shift()?.(), 20);
      const task = await server.until(id, "failed").finally(() => clearInterval(letGo));
      expect(task.failure).toMatchObject({ kind: "budget", stepId: "s2", detail: expect.stringContaining("baton tasks budget") });
      expect([task.budget?.used, task.constraints.budget]).toMatchObject([{ usd: 0.4, attempts: 1 }, { usd: 0.5 }]);
      expect((await event(server, "budget.created")).taskId).toBe(id);
    });

    test("its limits are set anew; a task it ended goes on when it is retried, and not before", async () => {
      const server = await start(() => costing(0.4));
      await server.addAgent("any");
      const id = await server.submit({ description: "Three steps.", steps: chain(3), constraints: { budget: { attempts: 1 } } });
      await server.until(id, "failed");
      await setTaskBudget(server, id, { usd: 9, warnAt: 0.8 });
      expect(await getTask(server, id)).toMatchObject({
        status: "failed",
        budget: { state: "open", limits: { usd: 9, attempts: null }, used: { attempts: 1 } },
      });
      await retryTask(server, id);
      expect((await server.until(id, "completed")).budget?.used.attempts).toBe(3);
      await expect(setTaskBudget(server, id, { usd: 1, warnAt: 0.8 })).rejects.toMatchObject({ code: "conflict" });
    });

    test("raised while its steps wait for what others of it hold, it lets them go on", async () => {
      const waiting: (() => void)[] = [];
      const server = await start(async (work) => {
        if (work.title !== "Learn") await new Promise<void>((resolve) => waiting.push(resolve));
        return costing(0.4);
      });
      await server.addAgent("any");
      await server.until(await server.submit({ description: "Learn", constraints: { budget: { usd: 9 } } }), "completed");
      const id = await server.submit({ description: "Side by side", steps: sideBySide(3), constraints: { budget: { usd: 0.9 } } });
      await expect.poll(async () => (await getTask(server, id)).steps.filter(({ status }) => status === "waiting").length).toBe(1);
      await setTaskBudget(server, id, { usd: 9, warnAt: 0.8 });
      await expect.poll(() => waiting.length).toBe(3);
      for (const go of waiting) go();
      await server.until(id, "completed");
    });

    test.each([
      [{ attempts: 2 }, /2 attempts of 2 attempts/],
      [{ tokens: 250 }, /200 tokens of 250 tokens used.*expected to take 100 tokens/],
    ] as const)("what a task may spend is limited by %j", async (budget, detail) => {
      const server = await start(() => costing(0));
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Go.", steps: chain(3), constraints: { budget } }), "failed");
      expect(task.failure?.detail).toMatch(detail);
      expect(task.steps.filter(({ status }) => status === "completed")).toHaveLength(2);
    });

    test("an attempt is ended, without another try, when what it tells goes over its budget", async () => {
      const server = await start(async (_, { onUpdate, signal }) => {
        for (const cost of [0.2, 0.9, 1.4]) onUpdate({ kind: "usage", inputTokens: 1000, outputTokens: 10, cost: { amount: cost, currency: "USD" } });
        return untilAborted(signal);
      });
      await server.addAgent("any");
      const id = await server.submit({
        description: "Spend.",
        steps: [
          { id: "a", retries: 5 },
          { id: "b", needs: ["a"] },
        ],
        constraints: { budget: { usd: 1 } },
      });
      const task = await server.until(id, "failed");
      expect(task.failure).toMatchObject({
        kind: "budget",
        stepId: "a",
        detail: expect.stringMatching(/budget of 1 USD is used up: this attempt has spent 1.4 USD/),
      });
      expect(task.steps[0]?.attempts).toMatchObject([{ outcome: { kind: "budget", cost: { amount: 1.4 }, usage: { inputTokens: 1000 } } }]);
      expect(task.budget).toMatchObject({ used: { usd: 1.4, attempts: 1 }, reserved: { usd: 0 }, state: "stopped" });
    });

    test("an attempt is ended when the time of its budget is over", async () => {
      const server = await start((_, { signal }) => untilAborted(signal));
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Sit.", constraints: { budget: { seconds: 0.3 } } }), "failed");
      expect(task.failure).toMatchObject({ kind: "budget", detail: expect.stringMatching(/budget of 0.3 s is used up/) });
    });

    test("attempts side by side never hold more together than there is", async () => {
      let running = 0;
      let most = 0;
      const waiting: (() => void)[] = [];
      const script: Script = async (work) => {
        if (work.title === "Learn") return costing(0.3);
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running--;
        return costing(0.3);
      };
      const server = await start(script);
      // SQLite is for one server.
      const other = store === "Postgres" ? await join(script) : server;
      await server.addAgent("any");
      await server.until(await server.submit({ description: "Learn", constraints: { budget: { usd: 9 } } }), "completed");
      await limit(server, { usd: 1, period: "total" });
      await other.budgets.refresh();
      for (const one of [server, other, server, other]) await one.submit({ description: "Many", steps: sideBySide(3) });
      const letGo = setInterval(() => waiting.shift()?.(), 20);
      const stop = await event(server, "budget.stopped").finally(() => clearInterval(letGo));
      expect(stop.data["reason"]).toMatch(/has no room: 0.9 USD of 1 USD used\. The next attempt is expected to take 0.3 USD/);
      expect(most).toBeLessThanOrEqual(3);
      const budget = await getBudget(server, "all");
      expect(budget.used.usd).toBeCloseTo(0.9);
      expect(budget.reserved.usd).toBe(0);
      expect(budget.used.attempts).toBe(3);
    });

    test("what nobody tells is counted by the hour, and said to be", async () => {
      const clock = openClock(NOON);
      const server = await start(
        () => {
          clock.set(clock.now() + 60_000);
          return { ok: true, output: "done" };
        },
        LONG_LEASE,
        clock,
      );
      await server.addAgent("declared", { capabilities: ["a"], costs: { usdPerHour: 6, tokensPerHour: 6000 } });
      await server.addAgent("silent", { capabilities: ["b"], connector: { kind: "http", endpoint: "http://127.0.0.1:1" } });
      await server.addAgent("fixed", { capabilities: ["c"], costs: { usdPerAttempt: 0.25 } });
      await server.addAgent("command", { capabilities: ["d"] });
      await limit(server, { usd: 100 });
      const used = async (requirement: string) => {
        const before = (await getBudget(server, "all")).used;
        await server.until(await server.submit({ description: "Go.", requirements: [requirement] }), "completed");
        const after = (await getBudget(server, "all")).used;
        return [after.usd - before.usd, after.tokens - before.tokens].map((value) => Math.round(value * 1000) / 1000);
      };
      expect(await used("a")).toEqual([0.1, 100]);
      expect(await used("b")).toEqual([0.05, 16_667]);
      expect((await used("c"))[0]).toBe(0.25);
      expect(await used("d")).toEqual([0, 0]);
      const budget = await getBudget(server, "all");
      expect(budget.guessed.usd).toBeCloseTo(0.4);
      expect(budget.reason).toMatch(/0.4 USD of it nobody told: counted as declared, or by run rate/);
    });

    test("a guess holds what is left, so that it does not stop what may fit", async () => {
      const server = await start(() => costing(0.001));
      await server.addAgent("dear", { costs: { usdPerHour: 1000 } });
      const task = await server.until(await server.submit({ description: "Go.", constraints: { budget: { usd: 0.01 } } }), "completed");
      expect(task.budget?.used.usd).toBe(0.001);
    });

    test("it warns once", async () => {
      const server = await start(() => costing(0.3));
      await server.addAgent("any");
      await limit(server, { usd: 1, warnAt: 0.5 });
      for (let at = 0; at < 3; at++) await server.until(await server.submit({ description: "Go." }), "completed");
      expect((await event(server, "budget.warned")).data).toMatchObject({ name: "all", used: "0.6 USD", limit: "1 USD" });
      expect(await count(server, "budget.warned")).toBe(1);
      expect((await getBudget(server, "all")).state).toBe("warned");
    });

    test("without a budget nothing is held and nothing is counted", async () => {
      const server = await start(() => costing(1));
      await server.addAgent("any");
      await limit(server, { name: "other", scope: "project", projectId: "other", usd: 1 });
      await server.until(await server.submit({ description: "Go." }), "completed");
      expect(await server.db.all(sql`select hold from attempts where hold is not null`)).toEqual([]);
      expect((await getBudget(server, "other")).used.attempts).toBe(0);
    });
  });
}
