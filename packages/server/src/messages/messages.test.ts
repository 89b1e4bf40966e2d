// The suite on both stores, and what two servers on one Postgres must do: hand each message to one, and wake each other.
import { afterAll, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "../tasks/tasks.testkit.ts";
import { openTestPost } from "./messages.testkit.ts";
import type { Db } from "../store/db.ts";
import { migrations } from "../store/migrations.ts";
import { openPostgres } from "../store/postgres.ts";
import { sql } from "../store/sql.ts";
import { openSqlite } from "../store/sqlite.ts";
import { selectOpen } from "./delivery-rows.ts";
import { testMessages } from "./messages.testsuite.ts";
import { testPayloads } from "./payload.testsuite.ts";
import { patternsOf } from "./topics.ts";

const directories: { remove(): void }[] = [];
afterAll(() => {
  for (const one of directories) one.remove();
});
const freshFile = async () => {
  const stores = sqliteStores();
  directories.push(stores);
  return stores.open;
};
testMessages("SQLite", freshFile);
testPayloads("SQLite", freshFile);

/** @param db with nothing in it, not even tables. */
async function expectOldHanded(db: Db): Promise<void> {
  const at = migrations.findIndex(({ name }) => name === "messages in hand");
  await db.transaction(async (tx) => {
    await tx.script(migrations.slice(0, at).flatMap(({ up }) => up(db.dialect)));
    await tx.run(
      sql`insert into message_lanes (recipient_id, sender_id, priority, state, waiting, handed, touched_at) values ('bob', 'ann', 1, 'handed', 1, 2, 0)`,
    );
    for (const [message, state, tries] of [
      ["m1", "handed", 3],
      ["m2", "handed", 1],
      ["m3", "queued", 0],
    ] as const)
      await tx.run(sql`insert into message_deliveries (message_id, recipient_id, sender_id, priority, queue_key, state, tries, expires_at)
        values (${message}, 'bob', 'ann', 1, 0, ${state}, ${tries}, 9)`);
    await tx.script(migrations.slice(at).flatMap(({ up }) => up(db.dialect)));
  });
  const seen = await selectOpen(db, "bob", 0, 10);
  expect(seen.map(({ message_id, state, tries }) => [message_id, state, tries])).toEqual([
    ["m1", "handed", 3],
    ["m2", "handed", 1],
    ["m3", "queued", 0],
  ]);
  await db.close();
}
test("what an older version had handed out is still in hand, with its tries, on SQLite", () =>
  expectOldHanded(openSqlite({ file: ":memory:", synchronous: "normal" })));

test("the patterns that match a topic are all there are, each once", () => {
  expect(patternsOf("a").sort()).toEqual(["*", "a"]);
  expect(patternsOf("a.b").sort()).toEqual(["*", "*.*", "*.b", "a.*", "a.b"]);
  expect(new Set(patternsOf("a.b.c.d.e.f.g.h")).size).toBe(patternsOf("a.b.c.d.e.f.g.h").length);
});

const url = await postgresUrl();
if (url === undefined) describe.skip("messages on Postgres", () => test("skipped: no Postgres answers here"));
else {
  const database = await createDatabase(url);
  testMessages("Postgres", () => freshSchema(database));
  testPayloads("Postgres", () => freshSchema(database));

  test("what an older version had handed out is still in hand, with its tries, on Postgres", async () =>
    expectOldHanded(await openPostgres({ url: await createDatabase(url), maxConnections: 2 })));

  describe("messages on two servers with one Postgres", () => {
    test("each message is handed to one of those who ask, and a lane's order holds over both", async () => {
      const open = await freshSchema(database);
      const servers = [await openTestPost(open), await openTestPost(open)] as const;
      const count = 60;
      const order: number[] = [];
      for (let n = 0; n < count; n++) await servers[n % 2]?.send("bob", n);
      await Promise.all(
        servers.map(async (server) => {
          while (order.length < count) {
            const items = await server.take("bob", 7);
            order.push(...items.map(({ payload }) => payload as number));
            await server.done("bob", ...items.map(({ id }) => id));
          }
        }),
      );
      expect(order).toEqual(Array.from({ length: count }, (_, n) => n));
      for (const server of servers) await server.stop();
    });
    test("whoever waits at one is woken by what is sent at the other", async () => {
      const open = await freshSchema(database);
      // Polls so seldom that only a hint can be in time.
      const [one, other] = [await openTestPost(open, { pollMs: 60_000 }), await openTestPost(open, { pollMs: 60_000 })];
      const waiting = one.take("bob", 1, 20_000);
      await one.events.last();
      await other.send("bob", "hello");
      expect((await waiting).map(({ payload }) => payload)).toEqual(["hello"]);
      await one.stop();
      await other.stop();
    });
  });
}
