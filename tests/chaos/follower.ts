// Somebody who follows the log through all kills, and keeps what was seen.
import type { Client } from "@baton/client";
import type { Event } from "@baton/contract";

export interface Follower {
  name: string;
  seen: Event[];
  /** Resolves when the event with this number was seen. @throws when that takes longer. */
  until(seq: number, ms: number): Promise<void>;
  close(): Promise<void>;
}

export function follow(client: Client, name: string, after: number): Follower {
  const seen: Event[] = [];
  const stopped = new AbortController();
  const waiting = new Set<() => void>();
  const ended = (async () => {
    for await (const event of client.followEvents({ after, signal: stopped.signal })) {
      seen.push(event);
      for (const look of waiting) look();
    }
  })();
  return {
    name,
    seen,
    until: (seq, ms) =>
      new Promise<void>((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`${name} has seen the log up to ${seen.at(-1)?.seq} and not up to ${seq} within ${ms} ms.`));
        }, ms);
        const look = () => {
          if ((seen.at(-1)?.seq ?? after) < seq) return;
          done();
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      stopped.abort();
      await ended;
    },
  };
}
