// Orders of events in which work could stay where it is for ever, held against every store.
import type { Outcome } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { actOnAgent, removeAgent } from "../agents/agents.ts";
import { sql } from "../store/sql.ts";
import { cancelTask, type DispatcherSettings, getTask, listTasks, pauseTask, resumeTask, retryTask } from "./tasks.ts";
import { type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

const done: Outcome = { ok: true, output: "done" };
const failure: Outcome = { ok: false, kind: "agent_error", detail: "no" };
const untilAborted = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: false, kind: "cancelled", detail: "told to stop" }), { once: true }));
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

    test("an agent that does not heed its time limit holds neither the step nor its place", { timeout: 15_000 }, async () => {
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
  });
}
