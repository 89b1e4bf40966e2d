// Hints by a bus beside the store, between servers that share a store: who has something new to look at. Said by the bus where it takes them, else by
// the store's own way, which is heard as well. A hint that is lost costs a poll and nothing else; after the bus was away, everything is looked at once.
import type { Db } from "./db.ts";

/** Carries short texts to whoever listens, or does not. It connects by itself, again and again. */
export interface HintBus {
  name: string;
  readonly isReady: boolean;
  /** Rejects when it was not taken. */
  publish(channel: string, hint: string): Promise<unknown>;
  /** From now on, until the connection breaks. */
  subscribe(channel: string): Promise<unknown>;
  /** Connects, for a while: resolves when it is, or when it is not for now. */
  open(told: { hint(channel: string, hint: string): void; ready(): void; away(reason: string): void }): Promise<void>;
  close(): void;
}
export interface HintLog {
  warn(about: object, message: string): void;
  info(about: object, message: string): void;
}
type Listener = (keys?: readonly string[]) => void;
/** What comes within this time is one hint. */
const GAP_MS = 1;
const MAX_KEYS = 2000;

/** A bus that does not answer is warned of, and used when it does. */
export async function withHints(db: Db, bus: HintBus, log: HintLog): Promise<Db> {
  const listeners = new Map<string, Set<Listener>>();
  const waiting = new Map<string, { keys: Set<string> | undefined; timer: NodeJS.Timeout }>();
  let isAway = false;
  let isClosing = false;
  async function subscribe(channel: string): Promise<void> {
    try {
      await bus.subscribe(channel);
    } catch (error) {
      log.warn({ error: String(error) }, `a channel of ${bus.name} could not be heard; it is tried again when ${bus.name} is back`);
      return;
    }
    for (const listener of listeners.get(channel) ?? []) listener();
  }
  await bus.open({
    hint: (channel, hint) => {
      const keys = hint === "" ? undefined : (JSON.parse(hint) as string[]);
      for (const listener of listeners.get(channel) ?? []) listener(keys);
    },
    // What was said meanwhile is not said again.
    ready: () => {
      if (isAway) log.info({}, `${bus.name} is back`);
      isAway = false;
      for (const channel of listeners.keys()) void subscribe(channel);
    },
    away: (reason) => {
      if (!isAway && !isClosing) log.warn({ error: reason }, `${bus.name} is away: servers hint at each other by Postgres until it is back`);
      isAway = true;
    },
  });

  function publish(channel: string, keys: readonly string[] | undefined): void {
    const byStore = (): void => db.notify(channel, keys);
    if (!bus.isReady) return byStore();
    bus.publish(channel, keys === undefined || keys.length > MAX_KEYS ? "" : JSON.stringify(keys)).catch(byStore);
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
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(listener));
      if (bus.isReady) await subscribe(channel);
      const stop = await db.onNotify(channel, listener);
      return async () => {
        set.delete(listener);
        await stop();
      };
    },
    close: async () => {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      isClosing = true;
      bus.close();
      await db.close();
    },
  };
}
