// Messages carried to whoever is connected to this server: each recipient's are taken for it as they come, at most so many that it has not
// settled, and no faster than it reads. One timer serves all: it renews what they have in hand, and looks for what no hint told of.
import type { DeliveredMessage } from "@baton/contract";
import { extendInHand, listReady } from "./in-hand.ts";
import type { MessagesWorld } from "./messages-world.ts";

/** The way to one recipient. */
export interface Sink {
  /** Never throws. */
  deliver(message: DeliveredMessage): void;
  /** Resolves when it takes more; false: not for now. */
  ready(): Promise<boolean>;
}
export interface Settled {
  done: readonly string[];
  failed: readonly { id: string; reason: string; final: boolean }[];
}
export interface Feed {
  /** What it has in hand is delivered again, to whoever takes it next. */
  close(): Promise<void>;
}
export interface Feeds {
  /** The newest of a recipient takes the place of an older one. @param holding ids it has already. */
  open(recipientId: string, given: { window: number; holding: readonly string[] }, sink: Sink): Promise<Feed>;
  /** Resolves when it is stored. @throws Refusal `unavailable`. */
  settle(recipientId: string, settled: Settled): Promise<void>;
  close(): Promise<void>;
}
const LEASE_MS = 30_000;
const LOOK_MS = 5000;

interface Open {
  inHand: Set<string>;
  /** As many were taken as there was room for: there may be more. */
  isFull(): boolean;
  pump(): void;
  end(): void;
}
export function openFeeds(world: MessagesWorld): Feeds {
  const { post, wakes } = world.messaging;
  const feeds = new Map<string, Open>();
  const unlisten = wakes.listen((ids) => {
    if (ids === undefined) void logged(pumpReady);
    else for (const id of ids) feeds.get(id)?.pump();
  });
  async function pumpReady(): Promise<void> {
    for (const id of await listReady(world, [...feeds.keys()])) feeds.get(id)?.pump();
  }
  async function look(): Promise<void> {
    const holding = [...feeds].filter(([, { inHand }]) => inHand.size > 0).map(([id]) => id);
    await extendInHand(world, holding, LEASE_MS);
    await pumpReady();
  }
  const logged = (work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => world.log.warn({ error: String(error) }, "messages in hand could not be looked after; the next look follows"));
  const timer = setInterval(() => void logged(look), LOOK_MS);

  function begin(recipientId: string, window: number, holding: readonly string[], sink: Sink): Open {
    const inHand = new Set(holding);
    let ended = false;
    let again = false;
    let pumping = false;
    let full = false;
    const pump = (): void => {
      again = true;
      if (pumping) return;
      pumping = true;
      void take()
        .then(
          () => again,
          (error: unknown) => {
            world.log.warn({ error: String(error), recipientId }, "messages could not be taken; the next look follows");
            return false;
          },
        )
        .then((more) => {
          pumping = false;
          if (more && !ended) pump();
        });
    };
    async function take(): Promise<void> {
      do {
        again = false;
        const room = window - inHand.size;
        full = room <= 0;
        if (ended || full || !(await sink.ready())) return;
        const items = await post.receive({ recipientId, limit: room, leaseMs: LEASE_MS });
        full = items.length >= room;
        for (const { id } of items) inHand.add(id);
        // Ended meanwhile: nobody reads what is written to it.
        if (ended) return await post.giveBack({ recipientId, only: items.map(({ id }) => id), reason: GONE });
        for (const item of items) sink.deliver(item);
      } while (again);
    }
    return { inHand, isFull: () => full, end: () => void (ended = true), pump };
  }
  return {
    open: async (recipientId, { window, holding }, sink) => {
      feeds.get(recipientId)?.end();
      const open = begin(recipientId, window, holding, sink);
      feeds.set(recipientId, open);
      await post.giveBack({ recipientId, except: holding, reason: "It was handed out to a connection that broke." });
      open.pump();
      return {
        close: async () => {
          open.end();
          if (feeds.get(recipientId) !== open) return;
          feeds.delete(recipientId);
          if (open.inHand.size > 0) await post.giveBack({ recipientId, only: [...open.inHand], reason: GONE });
        },
      };
    },
    settle: async (recipientId, { done, failed }) => {
      await post.settle({ recipientId, done, failed });
      const open = feeds.get(recipientId);
      for (const id of [...done, ...failed.map((one) => one.id)]) open?.inHand.delete(id);
      // Of what comes of it for others and itself, the post tells.
      if (open?.isFull()) open.pump();
    },
    close: async () => {
      clearInterval(timer);
      unlisten();
      for (const open of feeds.values()) open.end();
    },
  };
}
const GONE = "Its connection ended before it was acknowledged.";
