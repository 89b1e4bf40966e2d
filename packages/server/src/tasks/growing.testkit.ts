// What the suites of growing plans share: what a piece of work is, and servers whose counts are compared with their rows when a test ends.
import type { Work } from "@baton/contract";
import { afterEach, expect } from "vitest";
import { sql } from "../store/sql.ts";
import { type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

export const typeOf = (work: Work): unknown => (work.input as { type?: unknown } | null)?.type;

/** To be called within `describe`. @returns starts a server with these agents, which is stopped after the test. */
export function growingServers(freshStore: () => Promise<OpenStore>): (script: Script, agents: Record<string, object>) => Promise<TestServer> {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      // However a plan grew, what is kept as a count agrees with the rows.
      const wrong = await server.db.all(sql`select t.id from tasks t where t.status in ('completed', 'executing', 'queued', 'waiting') and t.steps_left <>
        (select count(*) from task_steps s where s.task_id = t.id and s.status in ('blocked', 'ready', 'delayed', 'waiting', 'held', 'running'))`);
      const total = await server.db.all(sql`select t.id from tasks t where t.steps_total <> (select count(*) from task_steps s where s.task_id = t.id)`);
      await server.stop();
      expect([wrong, total]).toEqual([[], []]);
    }
  });
  return async (script, agents) => {
    const server = await openTestServer(await freshStore(), script);
    servers.push(server);
    for (const [name, more] of Object.entries(agents)) await server.addAgent(name, more);
    return server;
  };
}
