// Wake-ups between whoever sends and whoever waits, by each way there is: within one server, by Postgres, by Redis. They poll so seldom here
// that only a hint can be in time. And Redis is taken away.
import { describe, expect, onTestFinished, test } from "vitest";
import { openRedis } from "../../../../tests/private-servers.ts";
import { createDatabase, postgresUrl, redisUrl } from "../../../../tests/services.ts";
import type { Db } from "../store/db.ts";
import { withRedisHints } from "../store/redis-hints.ts";
import { freshSchema, silent, sqliteStores } from "../tasks/tasks.testkit.ts";
import { getResponse } from "./messages.ts";
import { OPERATOR, openTestPost, type TestPost } from "./messages.testkit.ts";

type Pair = readonly [TestPost, TestPost];
const SELDOM = { pollMs: 60_000 };

function testHints(way: string, openPair: () => Promise<Pair>): void {
  describe(`hints ${way}`, () => {
    test("whoever waits at one server is woken by what is sent at the other", async () => {
      const [one, other] = await openPair();
      const waiting = one.take("bob", 1, 20_000);
      await one.events.last();
      await other.send("bob", "hello");
      expect((await waiting).map(({ payload }) => payload)).toEqual(["hello"]);
    });
    test("whoever waits for an answer at one server is woken by the answer at the other", async () => {
      const [one, other] = await openPair();
      const { message } = await one.say({ senderId: "ann", recipientId: "bob", pattern: "request_response", timeoutMs: 60_000 });
      const waiting = getResponse(one, message.id, 20_000, OPERATOR);
      await one.events.last();
      await other.say({ senderId: "bob", pattern: "request_response", correlationId: message.id, payload: "yes" });
      expect(await waiting).toMatchObject({ state: "answered", response: { payload: "yes" } });
    });
    test("a hundred waiters at one server are each woken by their own message from the other", async () => {
      const [one, other] = await openPair();
      await Promise.all(Array.from({ length: 100 }, (_, n) => other.send("desk", n)));
      const seen: unknown[] = [];
      while (seen.length < 100) {
        const items = await one.take("desk", 10, 20_000);
        seen.push(...items.map(({ payload }) => payload));
        await one.done("desk", ...items.map(({ id }) => id));
      }
      expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 100 }, (_, n) => n));
    });
  });
}
async function pairOf(open: () => Promise<Db>): Promise<Pair> {
  const pair = [await openTestPost(open, SELDOM), await openTestPost(open, SELDOM)] as const;
  onTestFinished(async () => {
    for (const one of pair) await one.stop();
  });
  return pair;
}
testHints("within one server", async () => {
  const stores = sqliteStores();
  const post = await openTestPost(stores.open, SELDOM);
  onTestFinished(async () => {
    await post.stop();
    stores.remove();
  });
  return [post, post];
});

/** Hints go by Redis or not at all. */
const byRedis = (open: () => Promise<Db>, url: string) => async (): Promise<Db> =>
  withRedisHints({ ...(await open()), notify: () => undefined }, { url, log: silent });
const [postgres, redis] = [await postgresUrl(), await redisUrl()];
const database = postgres === undefined ? undefined : await createDatabase(postgres);
describe.skipIf(database === undefined)("with Postgres", () => {
  testHints("by Postgres", async () => pairOf(await freshSchema(database as string)));
  describe.skipIf(redis === undefined)("and Redis", () => {
    testHints("by Redis", async () => pairOf(byRedis(await freshSchema(database as string), redis as string)));
  });
});

test.skipIf(database === undefined || redis === undefined)(
  "Redis may die and come back at any time: nothing is lost, and wake-ups go on by Postgres meanwhile",
  async () => {
    const warned: string[] = [];
    const told: string[] = [];
    const log = { warn: (_: object, message: string) => void warned.push(message), info: (_: object, message: string) => void told.push(message) };
    const server = await openRedis();
    onTestFinished(server.remove);
    await server.start();
    const open = await freshSchema(database as string);
    const [one, other] = await pairOf(async () => withRedisHints(await open(), { url: server.url, log }));
    const exchange = async (payload: string): Promise<void> => {
      const waiting = one.take("bob", 1, 20_000);
      await one.events.last();
      await other.send("bob", payload);
      const items = await waiting;
      expect(items.map((item) => item.payload)).toEqual([payload]);
      await one.done("bob", ...items.map(({ id }) => id));
    };
    await exchange("with Redis");
    await server.kill();
    for (const n of [1, 2, 3]) await exchange(`without Redis ${n}`);
    while (warned.length < 2) await exchange("until both have noticed");
    expect(warned.join()).toContain("Redis is away");
    await server.start();
    while (told.length < 2) await exchange("while it comes back");
    await exchange("with Redis again");
  },
);
