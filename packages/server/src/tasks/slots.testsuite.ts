// `maxAgents`, held against every store: no more of a task goes at once than it allows, and what waits keeps nobody else from going.
import { afterEach, describe, expect, test } from "vitest";
import { cancelTask, getTask } from "./tasks.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

export function testSlots(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`slots of tasks on ${store}`, () => {
    const servers: TestServer[] = [];
    let open: OpenStore;
    const start = async (script: Script) => {
      open = await freshStore();
      return join(script);
    };
    const join = async (script: Script) => {
      const server = await openTestServer(open, script);
      servers.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop();
    });
    const statuses = async (server: TestServer, id: string) => (await getTask(server, id)).steps.map((step) => step.status);
    const untilCompleted = async (server: TestServer, taskId: string, stepId: string): Promise<void> => {
      for await (const events of server.events.follow({ after: 0, filter: { taskId }, signal: AbortSignal.timeout(30_000) }))
        if (events.some((event) => event.type === "attempt.completed" && event.stepId === stepId)) return;
      throw new Error(`${stepId} did not complete.`);
    };

    test("a step that nobody can take leaves the slot to one that can be served", async () => {
      const server = await start((work) => done(work.stepId));
      await server.addAgent("writer", { capabilities: ["writing"] });
      const id = await server.submit({
        description: "Fly, then write.",
        constraints: { maxAgents: 1 },
        steps: [
          { id: "fly", requirements: ["flying"] },
          { id: "write", requirements: ["writing"] },
          { id: "write-more", requirements: ["writing"] },
        ],
      });
      const waiting = await server.until(id, "waiting");
      expect(waiting.steps.map((step) => step.status)).toEqual(["waiting", "completed", "completed"]);
      await server.addAgent("bird", { capabilities: ["flying"] });
      expect((await server.until(id, "completed")).steps[0]?.status).toBe("completed");
    });

    test("a step whose agent is busy elsewhere leaves the slot to one whose agent is free", async () => {
      let release = (): void => undefined;
      const busy = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await start(async (work) => {
        if (work.description === "Paint all day.") await busy;
        return done(work.stepId);
      });
      await server.addAgent("painter", { capabilities: ["painting"], maxConcurrentTasks: 1 });
      await server.addAgent("writer", { capabilities: ["writing"] });
      const other = await server.submit({ description: "Paint all day.", requirements: ["painting"] });
      await server.until(other, "executing");
      const id = await server.submit({
        description: "Paint and write.",
        constraints: { maxAgents: 1 },
        steps: [
          { id: "paint", requirements: ["painting"] },
          { id: "write", requirements: ["writing"] },
          { id: "read", requirements: ["writing"] },
        ],
      });
      await untilCompleted(server, id, "read");
      expect(await statuses(server, id)).toEqual(["ready", "completed", "completed"]);
      release();
      await server.until(id, "completed");
    });

    test("a step between two tries leaves its slot to the next", async () => {
      const server = await start((work) => (work.stepId === "frail" ? { ok: false, kind: "unavailable", detail: "away" } : done()));
      await server.addAgent("any");
      const id = await server.submit({ description: "Go.", constraints: { maxAgents: 1 }, steps: [{ id: "frail" }, { id: "sound" }] });
      await untilCompleted(server, id, "sound");
      expect(await statuses(server, id)).toEqual(["delayed", "completed"]);
      await cancelTask(server, id);
    });

    test("whatever its steps require and whichever server takes them, no more of a task goes at once than it allows", async () => {
      const going = new Map<string, number>();
      const most = new Map<string, number>();
      const script: Script = async ({ taskId }) => {
        const now = (going.get(taskId) ?? 0) + 1;
        going.set(taskId, now);
        most.set(taskId, Math.max(most.get(taskId) ?? 0, now));
        await new Promise((resolve) => setImmediate(resolve));
        going.set(taskId, (going.get(taskId) ?? 0) - 1);
        return done();
      };
      const first = await start(script);
      // SQLite is for one server.
      const second = store === "SQLite" ? first : await join(script);
      const kinds = ["a", "b", "c", "d"];
      for (const kind of kinds) await first.addAgent(kind, { capabilities: [kind], maxConcurrentTasks: 3 });
      await second.registry.refresh();
      const steps = Array.from({ length: 24 }, (_, n) => ({ id: `s${n}`, requirements: [kinds[n % 4] as string], needs: n < 12 ? [] : [`s${n - 12}`] }));
      const ids = await Promise.all(
        Array.from({ length: 6 }, (_, n) => (n % 2 ? first : second).submit({ description: "Go.", constraints: { maxAgents: 1 + (n % 3) }, steps })),
      );
      for (const [n, id] of ids.entries()) {
        await first.until(id, "completed");
        expect(most.get(id)).toBeLessThanOrEqual(1 + (n % 3));
      }
    });

    test("what stands in line of a task that is full does not stand before other tasks", async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await start(async (work) => {
        if (work.stepId === "hold") await held;
        return done();
      });
      await server.addAgent("holder", { capabilities: ["holding"] });
      await server.addAgent("any", { capabilities: ["x", "y"], maxConcurrentTasks: 1 });
      const full = await server.submit({
        description: "Full.",
        constraints: { maxAgents: 1 },
        steps: [{ id: "hold", requirements: ["holding"] }, ...Array.from({ length: 20 }, (_, n) => ({ id: `s${n}`, requirements: [n % 2 ? "x" : "y"] }))],
      });
      await server.until(full, "executing");
      for (const requirements of [["x"], ["y"]]) await server.until(await server.submit({ description: "Other.", requirements }), "completed");
      expect((await statuses(server, full)).filter((status) => status === "completed")).toEqual([]);
      release();
      await server.until(full, "completed");
    });
  });
}
