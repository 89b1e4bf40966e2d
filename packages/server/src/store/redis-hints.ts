// Hints by Redis, between servers that share a store: who has something new to look at. Published where Redis takes them, else by the store's
// own way, which is heard as well. A hint that is lost costs a poll and nothing else; after Redis was away, everything is looked at once.
import type { Db } from "./db.ts";
import { connectRedis, nameOf } from "./redis-connection.ts";

export interface RedisHints {
  url: string;
  log: { warn(about: object, message: string): void; info(about: object, message: string): void };
}
type Listener = (keys?: readonly string[]) => void;
/** What comes within this time is one hint. */
const GAP_MS = 1;
const MAX_KEYS = 2000;

/** @throws Refusal `bad_input` for a URL that is none. A Redis that does not answer is warned of, and connected to when it does. */
export async function withRedisHints(db: Db, { url, log }: RedisHints): Promise<Db> {
  const [publisher, subscriber] = [connectRedis(url), connectRedis(url)];
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
