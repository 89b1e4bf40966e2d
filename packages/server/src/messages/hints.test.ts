// Wake-ups between whoever sends and whoever waits, by each way there is: within one server, by Postgres, Redis, RabbitMQ. They poll so seldom here
// that only a hint can be in time. And each bus is taken away.
import { describe, expect, onTestFinished, test } from "vitest";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { openRedis, type PrivateServer } from "../../../../tests/private-servers.ts";
import { amqpUrl, createDatabase, postgresUrl, redisUrl } from "../../../../tests/services.ts";
import type { Db } from "../store/db.ts";
import { openAmqpBus } from "../store/amqp-bus.ts";
import { type HintBus, type HintLog, withHints } from "../store/hints.ts";
import { openRedisBus } from "../store/redis-bus.ts";
import { nameOf } from "../store/redis-connection.ts";
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

type OpenBus = (url: string, store: string) => HintBus;
const withBus =
  (open: () => Promise<Db>, bus: OpenBus, url: string, log: HintLog = silent) =>
  async (): Promise<Db> => {
    const db = await open();
    return withHints(db, bus(url, await nameOf(db)), log);
  };
/** Hints go by the bus or not at all. */
const byBusAlone = (open: () => Promise<Db>, bus: OpenBus, url: string) => withBus(async () => ({ ...(await open()), notify: () => undefined }), bus, url);
const [postgres, redis, amqp] = [await postgresUrl(), await redisUrl(), await amqpUrl()];
const database = postgres === undefined ? undefined : await createDatabase(postgres);
const buses: [string, OpenBus, string | undefined, () => Promise<Mortal>][] = [
  ["Redis", openRedisBus, redis, openRedis],
  ["RabbitMQ", openAmqpBus, amqp, async () => openRelay(amqp as string)],
];
/** Something that is killed and comes back. */
type Mortal = Pick<PrivateServer, "url" | "start" | "kill" | "remove">;

describe.skipIf(database === undefined)("with Postgres", () => {
  testHints("by Postgres", async () => pairOf(await freshSchema(database as string)));
  describe.each(buses)("and %s", (name, bus, url, openMortal) => {
    describe.skipIf(url === undefined)("that answers", () => {
      testHints(`by ${name}`, async () => pairOf(byBusAlone(await freshSchema(database as string), bus, url as string)));
    });
    test.skipIf(url === undefined)("it may die and come back at any time: nothing is lost, and wake-ups go on by Postgres meanwhile", async () => {
      const warned: string[] = [];
      const told: string[] = [];
      const log = { warn: (_: object, message: string) => void warned.push(message), info: (_: object, message: string) => void told.push(message) };
      const server = await openMortal();
      onTestFinished(server.remove);
      await server.start();
      const [one, other] = await pairOf(withBus(await freshSchema(database as string), bus, server.url, log));
      const exchange = async (payload: string): Promise<void> => {
        const waiting = one.take("bob", 1, 20_000);
        await one.events.last();
        await other.send("bob", payload);
        const items = await waiting;
        expect(items.map((item) => item.payload)).toEqual([payload]);
        await one.done("bob", ...items.map(({ id }) => id));
      };
      await exchange("while it is there");
      await server.kill();
      for (const n of [1, 2, 3]) await exchange(`without it ${n}`);
      while (warned.length < 2) await exchange("until both have noticed");
      expect(warned.join()).toContain(`${name} is away`);
      await server.start();
      while (told.length < 2) await exchange("while it comes back");
      await exchange("with it again");
    });
    test.skipIf(url === undefined)("an address that is none is refused, without the words of it", async () => {
      expect(() => bus("http://user:hidden@h", "store")).toThrow(/_URL must be an address such as/);
      expect(() => bus("http://user:hidden@h", "store")).not.toThrow(/hidden/);
    });
  });
});

/** A way to a server that is not ours to kill, which breaks and is mended instead. */
async function openRelay(to: string): Promise<Mortal> {
  const { hostname, port, username, password } = new URL(to);
  const sockets = new Set<Socket>();
  const relay = createServer((socket) => {
    const onward = connect(Number(port || 5672), hostname);
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => sockets.delete(one));
    }
    socket.pipe(onward).pipe(socket);
  });
  const listen = async (at: number): Promise<number> => {
    await once(relay.listen(at, "127.0.0.1"), "listening");
    return (relay.address() as AddressInfo).port;
  };
  const kill = async (): Promise<void> => {
    if (!relay.listening) return;
    relay.close();
    for (const socket of sockets) socket.destroy();
    await once(relay, "close");
  };
  const own = await listen(0);
  return { url: `amqp://${username}:${password}@127.0.0.1:${own}`, start: async () => void (relay.listening || (await listen(own))), kill, remove: kill };
}
