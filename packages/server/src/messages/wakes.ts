// Who is to look at his mailbox: told on every server by the store's hints, which may be lost. Whoever waits looks again after a while.
import type { Db } from "../store/db.ts";

export interface Wakes {
  /** Something may be there for these. */
  wake(recipientIds: readonly string[]): void;
  /** Resolves when something may be there for it, after `ms`, or when `signal` aborts. */
  wait(recipientId: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `listener` whenever something may be there for somebody; without keys for anybody. */
  listen(listener: (recipientIds: readonly string[] | undefined) => void): () => void;
  close(): Promise<void>;
}
const CHANNEL = "baton_messages";

export async function openWakes(db: Db): Promise<Wakes> {
  const waiting = new Map<string, Set<() => void>>();
  const listeners = new Set<(recipientIds: readonly string[] | undefined) => void>();
  function tell(keys: readonly string[] | undefined): void {
    for (const key of keys ?? [...waiting.keys()]) for (const resolve of waiting.get(key) ?? []) resolve();
    for (const listener of listeners) listener(keys);
  }
  const stop = await db.onNotify(CHANNEL, tell);
  return {
    wake: (keys) => {
      if (keys.length === 0) return;
      // Those of this server need no way through the store.
      if (db.dialect === "postgres") tell(keys);
      db.notify(CHANNEL, keys);
    },
    wait: (key, ms, signal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          const set = waiting.get(key);
          set?.delete(done);
          if (set?.size === 0) waiting.delete(key);
          resolve();
        };
        const timer = setTimeout(done, ms);
        waiting.set(key, (waiting.get(key) ?? new Set()).add(done));
        if (signal?.aborted) done();
        else signal?.addEventListener("abort", done, { once: true });
      }),
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      await stop();
      tell(undefined);
    },
  };
}
