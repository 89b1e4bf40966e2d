// Changes of agents that come together, on real stores.
import { afterEach, describe, expect, test, vi } from "vitest";
import { sql } from "../store/sql.ts";
import { done, eachStore, type OpenStore, openTestServer, type TestServer } from "../tasks/tasks.testkit.ts";
import type { Tx } from "../store/db.ts";
import { selectLoadsSince } from "./agent-rows.ts";
import { attachAgent, heartbeatAgent } from "./agents.ts";

const stores = await eachStore();
const crowd = Array.from({ length: 450 }, (_, number) => `agent-${number}`);
/** Counts the transactions of a server, from when it is asked to. */
function countTransactions(server: TestServer): () => number {
  const spy = vi.spyOn(server.db, "transaction");
  return () => spy.mock.calls.length;
}

describe.each(stores)("changes of agents on %s", (name, freshStore) => {
  const it = test.skipIf(freshStore === undefined);
  const opened: TestServer[] = [];
  afterEach(async () => {
    for (const server of opened.splice(0)) await server.stop();
  });
  const openServer = async (): Promise<TestServer> => {
    const server = await openTestServer(await (freshStore as () => Promise<OpenStore>)(), () => done());
    opened.push(server);
    return server;
  };
  const attach = (server: TestServer, agentName: string, prepare: (id: string) => Promise<void> = async () => undefined) =>
    attachAgent(server, { name: agentName, capabilities: ["wait"] }, server.dispatcher.lease() ?? "none", undefined, prepare);

  it("agents that dial in at once are written together, each with an event and a change of its own", async () => {
    const server = await openServer();
    const before = await server.events.last();
    const transactions = countTransactions(server);
    const known = await Promise.all(crowd.map((agentName) => attach(server, agentName)));
    // Far fewer, with whatever else the server writes meanwhile.
    expect(transactions()).toBeLessThan(crowd.length / 2);
    expect(known.map(({ row }) => row.name)).toEqual(crowd);
    expect(new Set(known.map(({ row }) => row.change_seq)).size).toBe(crowd.length);
    const events = [];
    for (let after = before; ; ) {
      const { items, nextCursor } = await server.events.list({ after, limit: 500 });
      if (items.length === 0) break;
      events.push(...items.filter(({ type }) => type === "agent.connected"));
      after = nextCursor;
    }
    const connectedBy = new Map(events.map(({ agentId, seq }) => [agentId, seq]));
    for (const { row } of known) expect(connectedBy.get(row.id)).toBe(row.change_seq);
  });

  it("one that is refused does not take with it those it came with", async () => {
    const server = await openServer();
    await server.addAgent("taken");
    const answers = await Promise.allSettled(["first", "taken", "last"].map((agentName) => attach(server, agentName)));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(answers[1]).toMatchObject({ reason: { code: "name_taken" } });
  });

  it("one that the store cannot take does not take with it those it came with", async () => {
    const server = await openServer();
    const broken = server.changes.make(async (tx) => {
      await tx.run(sql`update no_such_table set a = 1`);
      return { id: "broken", event: undefined };
    });
    const answers = await Promise.allSettled([attach(server, "before"), broken, attach(server, "after")]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(server.registry.find("before")?.row.connected_to).toBe(server.dispatcher.lease());
    expect(server.registry.find("after")?.row.connected_to).toBe(server.dispatcher.lease());
  });

  it("one that cannot be prepared is told so, and the others go on", async () => {
    const server = await openServer();
    const answers = await Promise.allSettled([
      attach(server, "fine"),
      attach(server, "unprepared", () => Promise.reject(new Error("no link"))),
      attach(server, "fine too"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test.skipIf(freshStore === undefined || !/postgres/i.test(name))(
    "of loads only what was written since is read, and nothing that committed late is missed",
    async () => {
      const server = await openServer();
      await Promise.all(["ann", "bob", "cid"].map((agentName) => attach(server, agentName)));
      const idOf = (agentName: string) => server.registry.find(agentName)?.row.id as string;
      const write = (tx: Tx, agentName: string) => tx.run(sql`update agent_loads set active = active + 1 where agent_id = ${idOf(agentName)}`);
      const readSince = async (since: string | undefined) => {
        const { at, loads } = await selectLoadsSince(server.db, since);
        return { at, agents: loads.map(({ agent_id }) => server.registry.find(agent_id)?.row.name ?? "").sort((a, b) => a.localeCompare(b)) };
      };
      const all = await readSince(undefined);
      expect(all.agents).toEqual(["ann", "bob", "cid"]);
      await server.db.transaction((tx) => write(tx, "ann"));
      let duringLate: typeof all | undefined;
      await server.db.transaction(async (late) => {
        await write(late, "cid");
        await server.db.transaction((tx) => write(tx, "bob"));
        duringLate = await readSince(all.at);
      });
      expect(duringLate?.agents).toEqual(["ann", "bob"]);
      expect((await readSince(duringLate?.at)).agents).toContain("cid");
      await expect.poll(async () => (await readSince((await readSince(undefined)).at)).agents).toEqual([]);
    },
  );

  it("changes of one agent are made in the order in which they were asked for", async () => {
    const server = await openServer();
    await attach(server, "moody");
    const moods = Array.from({ length: 50 }, (_, number) => (number % 2 === 0 ? "degraded" : "healthy"));
    await Promise.all(moods.map((health, number) => heartbeatAgent(server, "moody", { health, detail: `mood ${number}` })));
    expect(server.registry.find("moody")?.row).toMatchObject({ health: "healthy", health_detail: "mood 49" });
  });
});
