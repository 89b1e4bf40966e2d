// The suite on both stores, and what two servers on one Postgres must do: hand each message to one, and wake each other.
import { afterAll, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "../tasks/tasks.testkit.ts";
import { openTestPost } from "./messages.testkit.ts";
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
