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
  });
}
