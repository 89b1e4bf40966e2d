// Hints by Redis: published and subscribed to, kept nowhere.
import type { HintBus } from "./hints.ts";
import { connectRedis } from "./redis-connection.ts";

/** @param store names the store, so that two that share a Redis do not meet there. @throws Refusal `bad_input` for a URL that is none. */
export function openRedisBus(url: string, store: string): HintBus {
  const [publisher, subscriber] = [connectRedis(url), connectRedis(url)];
  const prefix = `baton:${store}:`;
  let reason = "the connection closed";
  return {
    name: "Redis",
    get isReady() {
      return publisher.status === "ready" && subscriber.status === "ready";
    },
    publish: (channel, hint) => publisher.publish(prefix + channel, hint),
    subscribe: (channel) => subscriber.subscribe(prefix + channel),
    open: async (told) => {
      for (const connection of [publisher, subscriber]) {
        connection.on("error", (error: Error) => (reason = error.message));
        connection.on("close", () => told.away(reason));
      }
      subscriber.on("message", (channel: string, hint: string) => told.hint(channel.slice(prefix.length), hint));
      subscriber.on("ready", told.ready);
      await Promise.all([publisher, subscriber].map((connection) => connection.connect().catch(() => undefined)));
    },
    close: () => {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
