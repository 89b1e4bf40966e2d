// Hints by Redis, between servers that share a store: who has something new to look at. Published where Redis takes them, else by the store's
// own way, which is heard as well. A hint that is lost costs a poll and nothing else; after Redis was away, everything is looked at once.
import { createHash } from "node:crypto";
import { Refusal } from "@baton/contract";
import { Redis } from "ioredis";
import type { Db } from "./db.ts";
import { sql } from "./sql.ts";

export interface RedisHints {
  url: string;
  log: { warn(about: object, message: string): void; info(about: object, message: string): void };
}
type Listener = (keys?: readonly string[]) => void;
/** What comes within this time is one hint. */
const GAP_MS = 1;
const MAX_KEYS = 2000;
const FIRST_MS = 2000;
const LONGEST_WAIT_MS = 2000;

/** @throws Refusal `bad_input` for a URL that is none. A Redis that does not answer is warned of, and connected to when it does. */
export async function withRedisHints(db: Db, { url, log }: RedisHints): Promise<Db> {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new Refusal("bad_input", "REDIS_URL must be an address such as redis://127.0.0.1:6379.");
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: FIRST_MS,
    retryStrategy: (tries: number) => Math.min(LONGEST_WAIT_MS, 50 * 2 ** Math.min(tries, 10)),
  };
  const [publisher, subscriber] = [new Redis(url, options), new Redis(url, options)];
  const prefix = `baton:${await nameOf(db)}:`;
  const listeners = new Map<string, Set<Listener>>();
  const waiting = new Map<string, { keys: Set<string> | undefined; timer: NodeJS.Timeout }>();
  let isAway = false;
  let isClosing = false;
  let reason = "the connection closed";
  for (const connection of [publisher, subscriber]) {
    connection.on("error", (error: Error) => (reason = error.message));
    connection.on("close", () => {
      if (!isAway && !isClosing) log.warn({ error: reason }, "Redis is away: servers hint at each other by Postgres until it is back");
      isAway = true;
    });
  }
  subscriber.on("message", (channel: string, hint: string) => {
    const keys = hint === "" ? undefined : (JSON.parse(hint) as string[]);
    for (const listener of listeners.get(channel) ?? []) listener(keys);
  });
  // What was said meanwhile is not said again.
  subscriber.on("ready", () => {
    if (isAway) log.info({}, "Redis is back");
    isAway = false;
    for (const channel of listeners.keys()) void subscribe(channel);
  });
  async function subscribe(channel: string): Promise<void> {
    try {
      await subscriber.subscribe(channel);
    } catch (error) {
      log.warn({ error: String(error) }, "a channel of Redis could not be heard; it is tried again when Redis is back");
      return;
    }
    for (const listener of listeners.get(channel) ?? []) listener();
  }
  await Promise.all([publisher, subscriber].map((connection) => connection.connect().catch(() => undefined)));

  function publish(channel: string, keys: readonly string[] | undefined): void {
    const byStore = (): void => db.notify(channel, keys);
    if (publisher.status !== "ready") return byStore();
    publisher.publish(prefix + channel, keys === undefined || keys.length > MAX_KEYS ? "" : JSON.stringify(keys)).catch(byStore);
  }
  return {
    ...db,
    notify: (channel, keys) => {
      const earlier = waiting.get(channel);
      if (earlier) {
        if (keys === undefined) earlier.keys = undefined;
        else for (const key of keys) earlier.keys?.add(key);
        return;
      }
      const send = (): void => {
        const told = waiting.get(channel)?.keys;
        waiting.delete(channel);
        publish(channel, told && [...told]);
      };
      waiting.set(channel, { timer: setTimeout(send, GAP_MS), keys: keys && new Set(keys) });
    },
    onNotify: async (channel, listener) => {
      const name = prefix + channel;
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      if (subscriber.status === "ready") await subscribe(name);
      const stop = await db.onNotify(channel, listener);
      return async () => {
        set.delete(listener);
        await stop();
      };
    },
    close: async () => {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      isClosing = true;
      publisher.disconnect();
      subscriber.disconnect();
      await db.close();
    },
  };
}
/** Of the store, so that two that share a Redis do not wake each other. */
async function nameOf(db: Db): Promise<string> {
  const [row] = await db.all<{ name: string }>(sql`select current_database() || '/' || current_schema() || '@' || coalesce(inet_server_port(), 0) as name`);
  return createHash("sha256")
    .update(row?.name ?? "")
    .digest("hex")
    .slice(0, 16);
}
