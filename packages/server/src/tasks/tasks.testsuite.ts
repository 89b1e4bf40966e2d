// What carrying out means, held against every store.
import { EVERYWHERE } from "../store/scope.ts";
import type { Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { cancelTask, getCoordinationFigures, listTasks, pauseTask, previewTask, resumeTask, retryTask, submitTask } from "./tasks.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer, untilAborted } from "./tasks.testkit.ts";
import { parse, type TaskInput, taskInput } from "@baton/contract";
import type { DispatcherSettings } from "./tasks.ts";

export function testTasks(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`tasks on ${store}`, () => {
    const servers: TestServer[] = [];
    let open: OpenStore;
    const start = async (script: Script, settings?: Partial<DispatcherSettings>) => {
      open = await freshStore();
      return join(script, settings);
    };
    /** Another server on the same store. */
    const join = async (script: Script, settings?: Partial<DispatcherSettings>) => {
      const server = await openTestServer(open, script, settings);
      servers.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop();
    });

    test("a task without steps is done by an agent that has what it requires, and says why that one", async () => {
      const server = await start((work) => done({ said: work.description }));
      await server.addAgent("writer", { capabilities: ["writing"] });
      await server.addAgent("painter", { capabilities: ["painting"] });
      const task = await server.until(await server.submit({ description: "Write it.", requirements: ["Writing"] }), "completed");
      expect(task.result).toEqual({ said: "Write it." });
      expect(task.steps[0]?.attempts[0]?.assignment).toMatchObject({ agentName: "writer", score: 1 });
      expect(task.steps[0]?.attempts[0]?.assignment.reasons.join(" ")).toContain("Has writing");
    });

    test("steps run when what they need is done, and get its output", async () => {
      const seen: Work[] = [];
      const server = await start((work) => {
        seen.push(work);
        return done(`${work.stepId} of ${JSON.stringify(work.input)}`);
      });
      await server.addAgent("any");
      const id = await server.submit({
        description: "A diamond.",
        steps: [
          { id: "a", input: { n: 1 } },
          { id: "b", needs: ["a"], input: { from: "$.steps.a.output" } },
          { id: "c", needs: ["a"] },
          { id: "d", needs: ["b", "c"], input: ["$.steps.b.output", "$.task.description"] },
        ],
      });
      const task = await server.until(id, "completed");
      expect(seen.map((work) => work.stepId).sort()).toEqual(["a", "b", "c", "d"]);
      expect(seen.at(-1)?.input).toEqual(['b of {"from":"a of {\\"n\\":1}"}', "A diamond."]);
      expect(seen.find((work) => work.stepId === "c")?.input).toEqual({ a: 'a of {"n":1}' });
      expect(task.result).toBe(task.steps[3]?.output);
    });

    test("a task nobody can do waits, says for whom, and begins when such an agent comes", async () => {
      const server = await start(() => done());
      await server.addAgent("other", { capabilities: ["singing"] });
      const id = await server.submit({ description: "Dance.", requirements: ["dancing"] });
      const waiting = await server.until(id, "waiting");
      expect(waiting.waitingFor).toEqual({ kind: "agent", detail: "No registered agent has dancing." });
      await server.addAgent("dancer", { capabilities: ["dancing"] });
      expect((await server.until(id, "completed")).status).toBe("completed");
    });

    test("what an agent reports as its error is not tried again", async () => {
      let tries = 0;
      const server = await start(() => {
        tries++;
        return { ok: false, kind: "agent_error", detail: "cannot" };
      });
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Try." }), "failed");
      expect(task.failure).toEqual({ kind: "agent_error", detail: "cannot", stepId: "main" });
      expect(tries).toBe(1);
    });

    test("when a step fails, steps behind it are skipped and steps beside it are told to stop", async () => {
      const server = await start((work, { signal }) => (work.stepId === "bad" ? { ok: false, kind: "agent_error", detail: "no" } : untilAborted(signal)));
      await server.addAgent("any");
      const id = await server.submit({ description: "Two.", steps: [{ id: "beside" }, { id: "bad" }, { id: "behind", needs: ["bad"] }] });
      const task = await server.until(id, "failed");
      expect(Object.fromEntries(task.steps.map((step) => [step.id, step.status]))).toEqual({ beside: "cancelled", bad: "failed", behind: "skipped" });
    });

    test("an unavailable agent's step goes to another one", async () => {
      const server = await start((_work, _context, agent) => (agent === "broken" ? { ok: false, kind: "unavailable", detail: "not there" } : done(agent)), {});
      await server.addAgent("broken", { capabilities: [{ name: "x", proficiency: 1 }] });
      await server.addAgent("spare", { capabilities: [{ name: "x", proficiency: 0.1 }] });
      const task = await server.until(await server.submit({ description: "Go.", requirements: ["x"] }), "completed");
      expect(task.result).toBe("spare");
      expect(task.steps[0]?.attempts.map((attempt) => attempt.state)).toEqual(["failed", "completed"]);
    });

    test("an attempt that takes too long is ended and counts as timed out", async () => {
      const server = await start((_work, { signal }) => untilAborted(signal));
      await server.addAgent("slow");
      const task = await server.until(await server.submit({ description: "Hurry.", steps: [{ id: "s", timeoutMs: 50, retries: 0 }] }), "failed");
      expect(task.failure).toMatchObject({ kind: "timeout", stepId: "s" });
    });

    test("cancel reaches the agent and ends the task once", async () => {
      let aborted = false;
      const server = await start(async (_work, { signal }) => {
        const outcome = await untilAborted(signal);
        aborted = true;
        return outcome;
      });
      await server.addAgent("any", { maxConcurrentTasks: 1 });
      const id = await server.submit({ description: "Endless." });
      await server.until(id, "executing");
      await cancelTask(server, id);
      const task = await server.until(id, "cancelled");
      expect(task.steps[0]?.status).toBe("cancelled");
      const next = await server.submit({ description: "After it the place is free.", steps: [{ id: "s", timeoutMs: 20, retries: 0 }] });
      await server.until(next, "failed");
      expect(aborted).toBe(true);
      await expect(pauseTask(server, id)).rejects.toThrow("cannot be paused");
    });

    test("a paused task begins no further step until it is resumed", async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await start(async (work) => {
        if (work.stepId === "first") await held;
        return done();
      });
      await server.addAgent("any");
      const id = await server.submit({ description: "Two.", steps: [{ id: "first" }, { id: "second", needs: ["first"] }] });
      await server.until(id, "executing");
      await pauseTask(server, id);
      release();
      const after = await server.events.list({ limit: 100, taskId: id });
      expect(after.items.map((event) => event.type)).toContain("task.paused");
      const paused = await server.until(id, "paused");
      expect(paused.steps[1]?.status).not.toBe("running");
      await resumeTask(server, id);
      expect((await server.until(id, "completed")).stepsDone).toBe(2);
    });

    test("retry keeps what was completed and does the rest again", async () => {
      const tries: string[] = [];
      const server = await start((work) => {
        tries.push(work.stepId);
        return work.stepId === "b" && tries.filter((id) => id === "b").length === 1 ? { ok: false, kind: "agent_error", detail: "not yet" } : done(work.stepId);
      });
      await server.addAgent("any");
      const id = await server.submit({ description: "Three.", steps: [{ id: "a" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }] });
      await server.until(id, "failed");
      await retryTask(server, id);
      const task = await server.until(id, "completed");
      expect(tries).toEqual(["a", "b", "b", "c"]);
      expect(task.failure).toBeNull();
    });

    test("a task waits for the tasks it depends on", async () => {
      const order: string[] = [];
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await start(async (work) => {
        if (work.description === "first") await held;
        order.push(work.description);
        return done();
      });
      await server.addAgent("any");
      const first = await server.submit({ description: "first" });
      const second = await server.submit({ description: "second", dependsOn: [first] });
      expect((await server.until(second, "waiting")).waitingFor?.kind).toBe("dependency");
      release();
      await server.until(second, "completed");
      expect(order).toEqual(["first", "second"]);
    });

    test("the same idempotency key gives the same task, and refuses another request", async () => {
      const server = await start(() => done());
      await server.addAgent("any");
      const submit = (input: TaskInput) => submitTask(server, parse(taskInput, input, "body"), { idempotencyKey: "k" });
      const [one, two] = await Promise.all([submit({ description: "x" }), submit({ description: "x" })]);
      expect(one?.id).toBe(two?.id);
      expect(new Set([one?.created, two?.created])).toEqual(new Set([false, true]));
      await expect(submit({ description: "y" })).rejects.toMatchObject({ code: "idempotency_mismatch" });
      expect((await listTasks(server, EVERYWHERE, { limit: 10, offset: 0 })).total).toBe(1);
    });

    test("urgent steps go first, and old ones before young ones", async () => {
      const order: string[] = [];
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await start(async (work) => {
        if (work.description === "blocker") await held;
        order.push(work.description);
        return done();
      });
      await server.addAgent("one", { maxConcurrentTasks: 1 });
      await server.submit({ description: "blocker" });
      const ids = [];
      for (const [description, priority] of [
        ["low", "low"],
        ["normal 1", "normal"],
        ["normal 2", "normal"],
        ["critical", "critical"],
      ] as const)
        ids.push(await server.submit({ description, priority }));
      release();
      for (const id of ids) await server.until(id, "completed");
      expect(order).toEqual(["blocker", "critical", "normal 1", "normal 2", "low"]);
    });

    test("an agent never has more at once than its places, and a task no more than it allows", async () => {
      let now = 0;
      let most = 0;
      const server = await start(async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return done();
      });
      await server.addAgent("five", { maxConcurrentTasks: 5 });
      const wide = await server.submit({ description: "Wide.", steps: Array.from({ length: 40 }, (_, n) => ({ id: `s${n}` })) });
      await server.until(wide, "completed");
      expect(most).toBeLessThanOrEqual(4);
      most = 0;
      const narrow = await server.submit({
        description: "Narrow.",
        constraints: { maxAgents: 2 },
        steps: Array.from({ length: 20 }, (_, n) => ({ id: `s${n}` })),
      });
      await server.until(narrow, "completed");
      expect(most).toBeLessThanOrEqual(2);
    });

    test("searching takes every character as it is written", async () => {
      const server = await start(() => done());
      for (const description of ["100% sure", "100 per cent", "a_b", "axb", "back\\slash"]) await server.submit({ description });
      const found = async (q: string) => (await listTasks(server, EVERYWHERE, { limit: 10, offset: 0, q })).items.map((task) => task.description);
      expect(await found("100%")).toEqual(["100% sure"]);
      expect(await found("A_B")).toEqual(["a_b"]);
      expect(await found("back\\")).toEqual(["back\\slash"]);
    });

    test("a deadline that passes ends the task", async () => {
      const server = await start((_work, { signal }) => untilAborted(signal));
      await server.addAgent("any");
      const id = await server.submit({ description: "Late.", constraints: { deadline: new Date(Date.now() + 300).toISOString() } });
      expect((await server.until(id, "failed")).failure).toMatchObject({ kind: "timeout" });
    });

    test("previewing shows who would do it and why, and stores nothing", async () => {
      const server = await start(() => done());
      await server.addAgent("ann", { capabilities: ["x"] });
      const preview = await previewTask(server, parse(taskInput, { description: "x then y", requirements: ["x", "y"] }, "body"));
      expect(preview.steps.map((step) => step.assignment?.agentName ?? step.waitingFor?.detail)).toEqual(["ann", "No registered agent has y."]);
      expect((await listTasks(server, EVERYWHERE, { limit: 1, offset: 0 })).total).toBe(0);
    });

    test("what every task does leaves no place taken and every count right", async () => {
      const server = await start((work) => (work.description === "3" ? { ok: false, kind: "agent_error", detail: "three" } : done()));
      const id = await server.addAgent("any", { maxConcurrentTasks: 3 });
      const ids = await Promise.all(Array.from({ length: 50 }, (_, n) => server.submit({ description: String(n % 10) })));
      for (const one of ids) await server.until(one, "completed", "failed");
      await server.registry.refreshLoads();
      expect(server.registry.loadOf(id)).toMatchObject({ active: 0, completed: 45, failed: 5 });
      expect((await listTasks(server, EVERYWHERE, { limit: 1, offset: 0, status: "completed" })).total).toBe(45);
      expect((await listTasks(server, EVERYWHERE, { limit: 1, offset: 0, status: "active" })).total).toBe(0);
      const since = new Date(server.clock.now() + 1000).toISOString();
      const figures = { tasks: 50, completed: 45, failed: 5, cancelled: 0, successRate: 0.9, averageDurationMs: expect.any(Number) };
      expect(await getCoordinationFigures(server, EVERYWHERE, { until: since })).toEqual({
        patterns: [{ pattern: "single", ...figures, averageSteps: 1 }],
        total: figures,
        isPartial: false,
      });
      const nothing = { tasks: 0, completed: 0, failed: 0, cancelled: 0, successRate: null, averageDurationMs: null };
      expect(await getCoordinationFigures(server, EVERYWHERE, { since })).toEqual({ patterns: [], total: nothing, isPartial: false });
      expect((await getCoordinationFigures(server, { projects: ["other"] }, {})).total).toEqual(nothing);
    });
  });
}
