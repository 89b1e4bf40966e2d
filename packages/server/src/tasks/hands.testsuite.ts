// What attempts tell and ask, and the brakes on agents, held against every store.
import { EVERYWHERE } from "../store/scope.ts";
import type { Outcome } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { statusOf, getKnownAgent, patchAgent } from "../agents/agents.ts";
import { listApprovals } from "../approvals/approvals.ts";
import type { Answer, Question } from "../connectors/connector.ts";
import { sql } from "../store/sql.ts";
import { cancelTask, decideApproval, type DispatcherSettings, getTask, listTasks, listUpdates } from "./tasks.ts";
import { type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

const done: Outcome = { ok: true, output: "done" };
const question: Question = { kind: "permission", title: "May I run ls?", detail: { command: "ls" }, timeoutMs: 60_000 };

export function testHands(store: string, freshStore: () => Promise<OpenStore>): void {
  const servers: TestServer[] = [];
  const start = async (script: Script, settings?: Partial<DispatcherSettings>) => {
    const server = await openTestServer(await freshStore(), script, settings);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  const openApprovals = async (server: TestServer) => (await listApprovals(server, { scope: EVERYWHERE, state: "open", limit: 10, offset: 0 })).items;
  const firstApproval = async (server: TestServer) => {
    await expect.poll(() => openApprovals(server)).toHaveLength(1);
    return (await openApprovals(server))[0] as { id: string };
  };

  describe(`what an attempt tells on ${store}`, () => {
    test("is kept in order, with pieces of text joined, and is all there when the attempt ends", async () => {
      const server = await start((_, context) => {
        context.onUpdate({ kind: "text", text: "Hel" });
        context.onUpdate({ kind: "text", text: "lo" });
        context.onUpdate({ kind: "tool", callId: "1", title: "ls", status: "running" });
        context.onUpdate({ kind: "tool", callId: "1", status: "completed", output: "a b" });
        context.onUpdate({ kind: "usage", inputTokens: 3, outputTokens: null, cost: null });
        return done;
      });
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Tell." }), "completed");
      const attemptId = task.steps[0]?.attempts[0]?.id ?? "";
      const { items, nextCursor } = await listUpdates(server, attemptId, { after: 0, limit: 100 });
      expect(items.map(({ n, update }) => [n, update])).toEqual([
        [1, { kind: "text", text: "Hello" }],
        [2, { kind: "tool", callId: "1", title: "ls", status: "completed", output: "a b" }],
        [3, { kind: "usage", inputTokens: 3, outputTokens: null, cost: null }],
      ]);
      expect(await listUpdates(server, attemptId, { after: nextCursor, limit: 10 })).toEqual({ items: [], nextCursor });
    });
    test("is announced in the log, and bounded", async () => {
      const server = await start(async (_, context) => {
        for (let n = 0; n < 6000; n++) context.onUpdate({ kind: "tool", callId: String(n), title: `call ${n}`, status: "completed" });
        return done;
      });
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Tell." }), "completed");
      const { items } = await server.events.list({ limit: 100, taskId: task.id, type: "attempt.updated" });
      const upTo = items.at(-1)?.data["upTo"] as number;
      expect(upTo).toBe(5001);
      const last = await listUpdates(server, task.steps[0]?.attempts[0]?.id ?? "", { after: upTo - 1, limit: 10 });
      expect(last.items).toMatchObject([{ update: { kind: "note", text: expect.stringContaining("more than is kept") } }]);
    });
    test("of what a failed attempt used is counted too", async () => {
      const cost = { amount: 0.25, currency: "USD" };
      const server = await start(() => ({ ok: false, kind: "agent_error", detail: "no", usage: { inputTokens: 5, outputTokens: 6 }, cost }));
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Fail." }), "failed");
      expect(task.cost).toEqual(cost);
      expect(task.steps[0]?.attempts[0]?.outcome).toMatchObject({ ok: false, usage: { inputTokens: 5, outputTokens: 6 } });
    });
    test("of what cannot be true nothing is counted, and it is said", async () => {
      const server = await start((_, { onUpdate }) => {
        onUpdate({ kind: "usage", inputTokens: 70, outputTokens: -70, cost: { amount: 0.5, currency: "USD" } });
        return { ok: true, output: "done", usage: { inputTokens: 1e300, outputTokens: 7 }, cost: { amount: -1e9, currency: "USD" } };
      });
      await server.addAgent("liar");
      const task = await server.until(await server.submit({ description: "Lie.", constraints: { budget: { usd: 1 } } }), "completed");
      expect(task.cost).toEqual({ amount: 0.5, currency: "USD" });
      expect(task.budget).toMatchObject({ used: { usd: 0.5, attempts: 1 } });
      const { items } = await listUpdates(server, task.steps[0]?.attempts[0]?.id ?? "", { after: 0, limit: 10 });
      const notes = items.flatMap(({ update }) => (update.kind === "note" ? [update.text] : []));
      expect(notes).toEqual([
        expect.stringMatching(/-70 output tokens/),
        expect.stringMatching(/1e\+300 input tokens/),
        expect.stringMatching(/-1000000000 USD/),
      ]);
    });
  });

  describe(`a question on ${store}`, () => {
    const asking: (answers: Answer[]) => Script = (answers) => async (_, context) => {
      answers.push(await context.ask(question));
      return done;
    };
    test("makes its task wait for a person, and goes on with what the person says", async () => {
      const answers: Answer[] = [];
      const server = await start(asking(answers));
      await server.addAgent("curious");
      const id = await server.submit({ description: "Ask." });
      const waiting = await server.until(id, "waiting");
      expect(waiting.waitingFor).toEqual({ kind: "approval", detail: "curious asks: May I run ls?" });
      expect((await listTasks(server, EVERYWHERE, { status: "waiting", limit: 10, offset: 0 })).total).toBe(1);
      const [open] = await openApprovals(server);
      expect(open).toMatchObject({ kind: "permission", title: "May I run ls?", detail: { command: "ls" }, taskId: id, stepId: "main", decidedBy: null });
      await decideApproval(server, open?.id ?? "", { decision: "approve", comment: "this once" }, "ann");
      expect((await server.until(id, "completed")).waitingFor).toBeNull();
      expect(answers).toEqual([{ decision: "approved", comment: "this once" }]);
      const counts = await server.db.all<{ status: string; n: number }>(sql`select status, n from task_counts where n <> 0`);
      expect(counts).toEqual([{ status: "completed", n: 1 }]);
    });
    test("is decided once", async () => {
      const server = await start(asking([]));
      await server.addAgent("curious");
      const id = await server.submit({ description: "Ask." });
      const open = await firstApproval(server);
      await decideApproval(server, open.id, { decision: "reject" }, "ann");
      await expect(decideApproval(server, open.id, { decision: "approve" }, "bob")).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining("by ann"),
      });
      await server.until(id, "completed");
    });
    test("nobody answers in time is a no", async () => {
      const answers: Answer[] = [];
      const server = await start(async (_, context) => {
        answers.push(await context.ask({ ...question, timeoutMs: 50 }));
        return done;
      });
      await server.addAgent("curious");
      await server.until(await server.submit({ description: "Ask." }), "completed");
      expect(answers).toEqual([{ decision: "expired", comment: null }]);
      expect((await listApprovals(server, { scope: EVERYWHERE, state: "expired", limit: 10, offset: 0 })).total).toBe(1);
    });
    test("is withdrawn when its task is cancelled", async () => {
      const answers: Answer[] = [];
      const server = await start(asking(answers));
      await server.addAgent("curious");
      const id = await server.submit({ description: "Ask." });
      await firstApproval(server);
      await cancelTask(server, id);
      await expect.poll(() => answers).toEqual([{ decision: "ended", comment: null }]);
      await expect.poll(async () => (await listApprovals(server, { scope: EVERYWHERE, limit: 10, offset: 0 })).items[0]?.state).toBe("withdrawn");
      expect((await getTask(server, id)).status).toBe("cancelled");
    });
    test("is withdrawn when the server that asked is gone, and the step asks again elsewhere", async () => {
      const open = await freshStore();
      const first = await openTestServer(open, (_, context) => context.ask(question).then(() => done), { leaseMs: 1000 });
      servers.push(first);
      await first.addAgent("curious");
      const id = await first.submit({ description: "Ask." });
      const before = await firstApproval(first);
      // As if it had been killed: its lease runs out and it does not hear of it.
      await first.db.transaction(async (tx) => void (await tx.run(sql`update attempts set worker = 'gone' where task_id = ${id}`)));
      await expect
        .poll(async () => (await listApprovals(first, { scope: EVERYWHERE, limit: 10, offset: 0 })).items.map((one) => one.state))
        .toEqual(["open", "withdrawn"]);
      const [again] = await openApprovals(first);
      expect(again?.id).not.toBe(before.id);
      await decideApproval(first, again?.id ?? "", { decision: "approve" }, "ann");
      await first.until(id, "completed");
    });
    test("takes nothing of the attempt's time", async () => {
      const server = await start(async (_, context) => {
        await context.ask(question);
        return context.signal.aborted ? { ok: false, kind: "cancelled", detail: "late" } : done;
      });
      await server.addAgent("curious");
      const id = await server.submit({ description: "Ask.", steps: [{ id: "only", timeoutMs: 100, retries: 0 }] });
      const open = await firstApproval(server);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await decideApproval(server, open.id, { decision: "approve" }, "ann");
      await server.until(id, "completed");
    });
  });

  describe(`brakes on ${store}`, () => {
    const quota = (until?: string): Outcome => ({ ok: false, kind: "quota", detail: "429: resets later", ...(until ? { until } : {}) });
    test("an agent without quota is parked until it is back, and the step goes to another", async () => {
      const until = new Date(Date.now() + 60_000).toISOString();
      const server = await start((_, __, name) => (name === "poor" ? quota(until) : done));
      const poor = await server.addAgent("poor", { capabilities: [{ name: "x", proficiency: 1 }] });
      await server.addAgent("rich", { capabilities: [{ name: "x", proficiency: 0.1 }] });
      const task = await server.until(await server.submit({ description: "Do.", requirements: ["x"] }), "completed");
      expect(task.steps[0]?.attempts.map((one) => one.assignment.agentName)).toEqual(["poor", "rich"]);
      expect(statusOf(server, getKnownAgent(server, poor))).toMatchObject({ state: "parked", reason: expect.stringContaining(until) });
      expect((await server.events.list({ limit: 10, type: "agent.parked" })).items).toMatchObject([{ agentId: poor, data: { for: "quota", until } }]);
    });
    test("a step whose only agent has no quota waits for it, spends no try, and goes on when it is back", async () => {
      let asked = 0;
      const server = await start(() => (++asked <= 3 ? quota(new Date(Date.now() + 300).toISOString()) : done), { pollMs: 60_000 });
      await server.addAgent("poor");
      const id = await server.submit({ description: "Do.", steps: [{ id: "only", retries: 0 }] });
      expect((await server.until(id, "waiting")).waitingFor).toMatchObject({ kind: "quota", detail: expect.stringContaining("quota is used up") });
      await server.until(id, "completed");
      expect(asked).toBe(4);
    });
    test("an agent that cannot be reached is given nothing after some attempts, then one to prove itself", async () => {
      let reachable = false;
      let atOnce = 0;
      let most = 0;
      const server = await start(
        async () => {
          atOnce++;
          most = Math.max(most, atOnce);
          await new Promise((resolve) => setTimeout(resolve, 20));
          atOnce--;
          return reachable ? done : { ok: false, kind: "unavailable", detail: "connection refused" };
        },
        { pollMs: 60_000 },
      );
      const id = await server.addAgent("flaky", { brakes: { circuit: { failures: 2, openMs: 400 } } });
      const fail = await Promise.all([1, 2].map(() => server.submit({ description: "Do.", steps: [{ id: "only", retries: 0 }] })));
      for (const one of fail) await server.until(one, "failed");
      expect(statusOf(server, getKnownAgent(server, id))).toMatchObject({ state: "parked", reason: expect.stringContaining("2 attempts in a row") });
      reachable = true;
      most = 0;
      const rest = await Promise.all([1, 2, 3].map(() => server.submit({ description: "Do." })));
      for (const one of rest) await server.until(one, "completed");
      const starts = (await server.events.list({ limit: 100, type: "attempt.started" })).items.slice(2);
      const ends = (await server.events.list({ limit: 100, type: "attempt.completed" })).items;
      // Nobody else began before the first had proved the agent.
      expect(starts[1]?.seq).toBeGreaterThan(ends[0]?.seq ?? Number.POSITIVE_INFINITY);
      expect(statusOf(server, getKnownAgent(server, id)).state).toBe("idle");
    });
    test("an agent begins as many attempts within a minute as its registration says, and the rest waits", async () => {
      const server = await start(() => done);
      const id = await server.addAgent("slow", { brakes: { attemptsPerMinute: 2 } });
      const tasks = await Promise.all([1, 2, 3].map(() => server.submit({ description: "Do." })));
      await expect.poll(async () => (await listTasks(server, EVERYWHERE, { status: "completed", limit: 1, offset: 0 })).total).toBe(2);
      await expect
        .poll(async () => (await Promise.all(tasks.map((one) => getTask(server, one)))).map((one) => one.waitingFor?.kind ?? one.status).sort())
        .toEqual(["completed", "completed", "quota"]);
      expect(server.registry.loadOf(id).active).toBe(0);
      // With more allowed, it goes on when the parking is over.
      await patchAgent(server, id, { brakes: {} });
      await server.db.transaction(async (tx) => void (await tx.run(sql`update agent_loads set parked_until = ${Date.now()}`)));
      await server.registry.refreshLoads();
      for (const one of tasks) await server.until(one, "completed");
    });
    test("an attempt that makes the same call again and again is ended, whatever it costs", async () => {
      const server = await start(async (_, context) => {
        for (let n = 0; !context.signal.aborted; n++) {
          context.onUpdate({ kind: "tool", callId: String(n), title: "ls", input: { path: "." }, status: "completed" });
          await new Promise((resolve) => setImmediate(resolve));
        }
        return { ok: false, kind: "cancelled", detail: "stopped", cost: { amount: 0, currency: "USD" } };
      });
      await server.addAgent("circling", { brakes: { identicalCalls: 10 } });
      const task = await server.until(await server.submit({ description: "Do." }), "failed");
      expect(task.failure?.detail).toContain("the same call 10 times");
      expect(task.steps[0]?.attempts[0]?.outcome).toMatchObject({ ok: false, kind: "limit" });
    });
    test("an attempt that has fallen silent is ended", async () => {
      const server = await start(
        (_, context) =>
          new Promise((resolve) => {
            context.onUpdate({ kind: "text", text: "Let me think." });
            context.signal.addEventListener("abort", () => resolve({ ok: false, kind: "cancelled", detail: "stopped" }));
          }),
      );
      await server.addAgent("silent", { brakes: { noProgressMs: 1000 } });
      const task = await server.until(await server.submit({ description: "Do." }), "failed");
      expect(task.failure?.detail).toContain("told nothing of what it does");
    });
  });

  describe(`a step that continues another on ${store}`, () => {
    test("is for the same agent, which is told where its conversation stands", async () => {
      const told: (string | undefined)[] = [];
      const server = await start((work, _, name) => {
        told.push(work.conversation);
        return { ok: true, output: name, conversation: `with ${name}` };
      });
      for (const name of ["a", "b", "c"]) await server.addAgent(name);
      const id = await server.submit({ description: "Do.", steps: [{ id: "one" }, { id: "other" }, { id: "two", continues: "one", needs: ["other"] }] });
      const { steps } = await server.until(id, "completed");
      expect(steps[2]?.output).toBe(steps[0]?.output);
      expect(steps[1]?.output).not.toBe(steps[0]?.output);
      expect(told).toEqual([undefined, undefined, `with ${steps[0]?.output as string}`]);
    });
    test("is refused when it names an agent of its own, or a step that is not there", async () => {
      const server = await start(() => done);
      await expect(server.submit({ description: "Do.", steps: [{ id: "a" }, { id: "b", continues: "a", agent: "x" }] })).rejects.toMatchObject({
        code: "bad_input",
      });
      await expect(server.submit({ description: "Do.", steps: [{ id: "b", continues: "a" }] })).rejects.toMatchObject({ code: "bad_input" });
    });
  });
}
