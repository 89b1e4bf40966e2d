// One follower of the log for all who hear the same: it begins with the first listener and ends with the last. Whoever cannot be told at the
// pace of the log is let go by itself, never waited for.
import type { Event } from "@baton/contract";
import type { EventsDoor } from "../api-world.ts";

export interface News {
  /** From now on. @returns what ends it. */
  listen(listener: (event: Event) => void): () => void;
}
const AGAIN_MS = 1000;

export function openNews(events: EventsDoor, failed: (error: unknown) => void): News {
  const listeners = new Set<(event: Event) => void>();
  let following: AbortController | undefined;
  async function follow(signal: AbortSignal): Promise<void> {
    let after = await events.last();
    while (!signal.aborted) {
      try {
        for await (const batch of events.follow({ after, filter: {}, signal }))
          for (const event of batch) {
            after = event.seq;
            for (const listener of listeners) listener(event);
          }
        // The log is closed: the server stops.
        return;
      } catch (error) {
        failed(error);
        await new Promise<void>((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }
  return {
    listen: (listener) => {
      listeners.add(listener);
      if (following === undefined) {
        following = new AbortController();
        follow(following.signal).catch(failed);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        following?.abort();
        following = undefined;
      };
    },
  };
}
