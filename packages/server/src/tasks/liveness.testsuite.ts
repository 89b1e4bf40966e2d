// Orders of events in which work could stay where it is for ever, held against every store.
import { EVERYWHERE } from "../store/scope.ts";
import type { Outcome, Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { actOnAgent, removeAgent } from "../agents/agents.ts";
import type { Link } from "./dialin-door.ts";
import { sql } from "../store/sql.ts";
import { openDialinDoor, cancelTask, type DispatcherSettings, getTask, listTasks, pauseTask, resumeTask, retryTask } from "./tasks.ts";
import { type OpenStore, openTestServer, type Script, type TestServer, untilAborted } from "./tasks.testkit.ts";

const done: Outcome = { ok: true, output: "done" };
const failure: Outcome = { ok: false, kind: "agent_error", detail: "no" };
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
/** No poll comes to the rescue: what goes on does so by itself. */
const UNPOLLED = { pollMs: 60_000 };

export function testLiveness(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`nothing gets stuck on ${store}`, () => {
    const servers: TestServer[] = [];
    const start = async (script: Script, settings?: Partial<DispatcherSettings>) => {
      const server = await openTestServer(await freshStore(), script, settings);
      servers.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop();
    });

    test.for([
      ["completed", done],
      ["failed", failure],
    ] as const)("a task that %s while it was paused has ended: it cannot be resumed", async ([status, outcome]) => {
      const { open, opened } = gate();
      const server = await start(() => opened.then(() => outcome));
      await server.addAgent("any");
      const id = await server.submit({ description: "Pause me." });
      await server.until(id, "executing");
      await pauseTask(server, id);
      open();
      await server.until(id, status);
      await expect(resumeTask(server, id)).rejects.toMatchObject({ code: "conflict" });
      await expect(pauseTask(server, id)).rejects.toMatchObject({ code: "conflict" });
      expect((await getTask(server, id)).status).toBe(status);
    });

    test("an agent that does not heed its time limit holds neither the step nor its place", async () => {
      const server = await start((work) => (work.stepId === "deaf" ? new Promise<Outcome>(() => undefined) : done));
      const agent = await server.addAgent("deaf");
      const id = await server.submit({ description: "Never.", steps: [{ id: "deaf", timeoutMs: 20, retries: 0 }] });
      expect((await server.until(id, "failed")).failure).toMatchObject({ kind: "timeout" });
      expect(server.registry.loadOf(agent).active).toBe(0);
    });

    test("a connector that throws fails the attempt, once", async () => {
      let calls = 0;
      const server = await start(() => {
        calls++;
        throw new TypeError("boom");
      });
      await server.addAgent("any");
      const task = await server.until(await server.submit({ description: "Throw." }), "failed");
      expect(task.failure).toMatchObject({ kind: "agent_error", detail: expect.stringContaining("boom") });
      expect(calls).toBe(1);
    });

    test("however many wait for an agent, all of them begin when it comes", async () => {
      const server = await start(() => done);
      await server.addAgent("other", { capabilities: ["singing"] });
      const ids = await Promise.all(Array.from({ length: 1100 }, () => server.submit({ description: "Dance.", requirements: ["dancing"] })));
      for (const id of ids) await server.until(id, "waiting");
      await server.addAgent("dancer", { capabilities: ["dancing"] });
      for (const id of ids) await server.until(id, "completed");
    });

    test("a step that avoids an agent goes back to it when nobody else is left", async () => {
      let broken = true;
      const server = await start((_work, _context, agent) => (agent === "first" && broken ? { ok: false, kind: "unavailable", detail: "not there" } : done));
      await server.addAgent("first", { capabilities: [{ name: "x", proficiency: 1 }] });
      const spare = await server.addAgent("spare", { capabilities: [{ name: "x", proficiency: 0.1 }] });
      const id = await server.submit({ description: "Go.", requirements: ["x"] });
      const signal = AbortSignal.timeout(60_000);
      for await (const _ of server.events.follow({ after: 0, filter: { taskId: id, type: "step.retrying" }, signal })) break;
      await removeAgent(server, spare);
      broken = false;
      const task = await server.until(id, "completed");
      expect(task.steps[0]?.attempts.map((attempt) => attempt.assignment.agentName)).toEqual(["first", "first"]);
    });

    test("why a step that avoids an agent waits names everybody who could do it", async () => {
      const server = await start(() => ({ ok: false, kind: "unavailable", detail: "not there" }));
      const first = await server.addAgent("first", { capabilities: [{ name: "x", proficiency: 1 }] });
      const spare = await server.addAgent("spare", { capabilities: [{ name: "x", proficiency: 0.1 }] });
      const id = await server.submit({ description: "Go.", requirements: ["x"] });
      for await (const _ of server.events.follow({ after: 0, filter: { taskId: id, type: "step.retrying" }, signal: AbortSignal.timeout(60_000) })) break;
      await actOnAgent(server, first, { action: "pause", graceful: true });
      await removeAgent(server, spare);
      expect((await server.until(id, "waiting")).reason).toContain("first is paused");
    });

    test("a server that carries out all it may takes the next step as soon as one has ended", async () => {
      const server = await start(() => done, { ...UNPOLLED, maxConcurrentAttempts: 1 });
      await server.addAgent("any");
      const ids = await Promise.all(Array.from({ length: 5 }, () => server.submit({ description: "One by one." })));
      for (const id of ids) await server.until(id, "completed");
    });

    test("lines that share an agent both go on as its places come free", async () => {
      const { open, opened } = gate();
      const server = await start((work) => (work.description === "first" ? opened.then(() => done) : done), UNPOLLED);
      await server.addAgent("both", { capabilities: ["x", "y"], maxConcurrentTasks: 5 });
      const first = await Promise.all(Array.from({ length: 4 }, () => server.submit({ description: "first" })));
      const ids = await Promise.all(["x", "y", "x", "y", "x", "y"].map((one) => server.submit({ description: "then", requirements: [one] })));
      open();
      for (const id of [...first, ...ids]) await server.until(id, "completed");
    });

    test("a task that is tried again before what it depends on is done says what it waits for", async () => {
      const { open, opened } = gate();
      const server = await start((work) => (work.description === "first" ? opened.then(() => done) : done));
      await server.addAgent("any");
      const first = await server.submit({ description: "first" });
      const second = await server.submit({ description: "second", dependsOn: [first] });
      await cancelTask(server, second);
      await retryTask(server, second);
      const waiting = await server.until(second, "waiting");
      expect(waiting.waitingFor).toMatchObject({ kind: "dependency", detail: expect.stringContaining(first) });
      open();
      await server.until(second, "completed");
    });

    test("a task says when what it depends on has failed", async () => {
      const { open, opened } = gate();
      const server = await start(() => opened.then(() => failure));
      await server.addAgent("any");
      const first = await server.submit({ description: "first" });
      const second = await server.submit({ description: "second", dependsOn: [first] });
      open();
      await server.until(first, "failed");
      const waiting = await getTask(server, second);
      expect(waiting.waitingFor?.detail).toContain("failed; retry it, or cancel this one");
      expect(waiting.reason).toBe(waiting.waitingFor?.detail);
      expect((await listTasks(server, EVERYWHERE, { limit: 1, offset: 0, status: "waiting" })).items[0]?.reason).toBe(waiting.reason);
    });

    test("a task that is tried again has the tries its steps came with", async () => {
      let calls = 0;
      const server = await start(() => {
        calls++;
        return { ok: false, kind: "timeout", detail: "too slow" };
      });
      await server.addAgent("any");
      const id = await server.submit({ description: "Once.", steps: [{ id: "once", retries: 0 }] });
      await server.until(id, "failed");
      await retryTask(server, id);
      await server.until(id, "failed");
      expect(calls).toBe(2);
    });

    test("an agent that dialled in is told to come back when its server loses its lease, and gets work again", async () => {
      const server = await start(() => done);
      const door = openDialinDoor(server);
      const came = gate();
      const connect = (closed: () => void) => {
        const link: Link = {
          send: (frame) => {
            if (frame.type !== "attempt.start") return;
            const { attemptId, fence } = frame.work;
            void attached.then(({ agentId }) => door.ended(agentId, link, { attemptId, fence }, done));
          },
          close: () => void attached.then(({ agentId }) => door.detach(agentId, link)).then(closed),
        };
        const attached = door.attach({ type: "agent.attach", agent: { name: "caller" }, holding: [] }, link);
        return attached;
      };
      await connect(came.open);
      await server.until(await server.submit({ description: "Before." }), "completed");
      await server.db.transaction((tx) => tx.run(sql`delete from servers`));
      await came.opened;
      await expect.poll(() => server.dispatcher.lease()).toBeDefined();
      await connect(() => undefined);
      await server.until(await server.submit({ description: "After." }), "completed");
    });

    test("an attempt cancelled before the server it was handed to took it up leaves no place taken", async () => {
      const calls: string[] = [];
      const server = await start((work, { signal }) => {
        calls.push(work.attemptId);
        return untilAborted(signal);
      });
      const agent = await server.addAgent("any");
      const id = await server.submit({ description: "Hand me over." });
      await server.until(id, "executing");
      await cancelTask(server, id);
      await expect.poll(() => server.registry.loadOf(agent).active).toBe(0);
      // As another server leaves it that handed this one an attempt and then cancelled it: stopped, and never begun here.
      const [attempt] = await server.db.all<{ id: string }>(sql`select id from attempts where task_id = ${id}`);
      await server.db.transaction(async (tx) => {
        await tx.run(sql`update attempts set state = 'running', signal = 2, outcome = null, ended_at = null where task_id = ${id}`);
        await tx.run(sql`update agent_loads set active = 1`);
      });
      await server.registry.refreshLoads();
      await expect.poll(() => server.registry.loadOf(agent).active).toBe(0);
      expect(calls).toEqual([attempt?.id]);
    });

    test("a step whose agent was filled by another server at the last moment is still waiting for its first attempt", async () => {
      const { open, opened } = gate();
      const server = await start(() => opened.then(() => done), UNPOLLED);
      await server.addAgent("one", { maxConcurrentTasks: 1 });
      // As another server leaves it that has just given the agent something.
      await server.db.transaction((tx) => tx.run(sql`update agent_loads set active = 1`));
      const id = await server.submit({ description: "Too late." });
      const task = await getTask(server, id);
      expect([task.status, task.startedAt, task.steps[0]?.status, task.steps[0]?.startedAt]).toEqual(["queued", null, "ready", null]);
      expect(task.reason).toBe("In line: the one agent that may do it now is busy.");
      expect((await listTasks(server, EVERYWHERE, { limit: 1, offset: 0, status: "queued" })).total).toBe(1);
      await server.db.transaction((tx) => tx.run(sql`update agent_loads set active = 0`));
      await server.registry.refreshLoads();
      server.dispatcher.turn.wake();
      open();
      expect((await server.until(id, "completed")).steps[0]?.attempts.map((attempt) => attempt.number)).toEqual([1]);
      expect((await listTasks(server, EVERYWHERE, { limit: 1, offset: 0, status: "active" })).total).toBe(0);
    });

    test("of two results for one attempt in one turn only the one under the lease counts", async () => {
      const server = await start((_work, { signal }) => untilAborted(signal));
      const agent = await server.addAgent("any");
      const id = await server.submit({ description: "Twice." });
      await server.until(id, "executing");
      const going = server.dispatcher.attempts.all()[0]?.going;
      if (!going) throw new Error("nothing is carried out");
      const { attemptId, agentId, number, fence, startedAt, step } = going;
      const same = {
        attemptId,
        taskId: id,
        stepId: step.step_id,
        agentId,
        number,
        startedAt,
        routeKey: step.route_key,
        retriesLeft: 0,
        losses: 0,
        tries: 0,
        stepSpec: step.step_spec,
        told: [],
        taskSpec: step.task_spec,
      };
      const settle = (fence: number, output: string) => server.dispatcher.turn.settle({ ...same, fence, happening: { ok: true, output } }, going.worker);
      const answers = await Promise.all([settle(fence - 1, "stale"), settle(fence, "right")]);
      expect(answers.map(({ accepted }) => accepted)).toEqual([false, true]);
      const task = await server.until(id, "completed");
      expect([task.result, task.stepsDone]).toEqual(["right", 1]);
      expect(server.registry.loadOf(agent).active).toBe(0);
    });

    test("what a cancelled attempt comes to does not count for the attempt after it, though both end in one turn", async () => {
      const { open, opened } = gate();
      const seen: string[] = [];
      const server = await start(async (work) => {
        seen.push(work.stepId);
        if (work.stepId === "a") await opened;
        return done;
      });
      await server.addAgent("deaf");
      const id = await server.submit({ description: "Again.", steps: [{ id: "a" }, { id: "b", needs: ["a"] }] });
      await server.until(id, "executing");
      await cancelTask(server, id);
      await retryTask(server, id);
      await expect.poll(() => seen.length).toBe(2);
      open();
      const task = await server.until(id, "completed");
      expect([seen, task.stepsDone, task.steps.map((step) => step.status)]).toEqual([["a", "a", "b"], 2, ["completed", "completed"]]);
    });

    test("a result that comes while its server has lost its lease is recorded, not thrown away", async () => {
      const server = await start(() => done);
      const door = openDialinDoor(server);
      let offer: (work: Work) => void = () => undefined;
      const offered = new Promise<Work>((resolve) => (offer = resolve));
      const link: Link = { send: (frame) => frame.type === "attempt.start" && offer(frame.work), close: () => undefined };
      const { agentId } = await door.attach({ type: "agent.attach", agent: { name: "caller" }, holding: [] }, link);
      const id = await server.submit({ description: "Work through it." });
      const { attemptId, fence } = await offered;
      door.accepted(agentId, link, { attemptId, fence });
      const before = server.dispatcher.lease();
      await server.db.transaction((tx) => tx.run(sql`delete from servers`));
      await expect.poll(() => [undefined, before].includes(server.dispatcher.lease())).toBe(false);
      expect(await door.ended(agentId, link, { attemptId, fence }, done)).toMatchObject({ accepted: true });
      expect((await server.until(id, "completed")).steps[0]?.attempts).toHaveLength(1);
    });
  });
}
