// Follows the event log while the page is open and asks again for what an event made stale, in batches.
import type { Event } from "@baton/contract";
import { type QueryKey, hashKey } from "@tanstack/react-query";
import { affectedBy } from "./affected.ts";
import { askAgain } from "./ask-again.ts";
import { type Connection, type World, demandCredentials, isLockedOut } from "./world.ts";

/** What follows a quiet moment is shown soon. */
const FIRST_BATCH_MS = 120;
/** In a storm of events at most so often, and never before the answers to the last batch are in. */
const NEXT_BATCH_MS = 750;
const RECENT_EVENTS = 200;
const RETRY_MS = 5000;

export async function followLive(world: World, signal: AbortSignal): Promise<void> {
  const batch = openBatch(world, signal);
  while (!signal.aborted) {
    const { version } = world.access.get();
    try {
      const events = world.client().followEvents({ signal, onConnection: (isOpen) => signal.aborted || noteConnection(world, isOpen) });
      for await (const event of events) batch.add(event);
    } catch (error) {
      if (signal.aborted) return;
      if (isLockedOut(error)) await waitForOtherCredentials(world, version, signal);
      else await waitToRetry(world);
    }
  }
}

/** Resolves once what was refused is no longer what we have. */
function waitForOtherCredentials(world: World, refused: number, signal: AbortSignal): Promise<void> {
  if (world.access.get().version !== refused) return Promise.resolve();
  enter(world, "locked");
  demandCredentials(world.access);
  return new Promise((resolve) => {
    const settle = () => {
      leave();
      resolve();
    };
    const leave = world.access.subscribe(() => world.access.get().isDemanded || settle());
    signal.addEventListener("abort", settle, { once: true });
  });
}

async function waitToRetry(world: World): Promise<void> {
  enter(world, "lost");
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}

/** Whatever happened while no stream was open is asked for once it is. */
function noteConnection(world: World, isOpen: boolean): void {
  enter(world, isOpen ? "live" : "lost");
  if (isOpen) void askAgain(world.queries);
}

function enter(world: World, state: Connection["state"]): void {
  if (world.connection.get().state !== state) world.connection.set({ state, since: Date.now() });
}

function openBatch(world: World, signal: AbortSignal) {
  const stale = new Map<string, QueryKey>();
  let recent: Event[] = [];
  let isFlushing = false;
  let flushedAt = 0;
  async function flush() {
    isFlushing = true;
    while (recent.length > 0 && !signal.aborted) {
      const isQuiet = Date.now() - flushedAt > NEXT_BATCH_MS;
      await new Promise((resolve) => setTimeout(resolve, isQuiet ? FIRST_BATCH_MS : NEXT_BATCH_MS));
      flushedAt = Date.now();
      const keys = [...stale.values()];
      stale.clear();
      world.recentEvents.set([...recent.toReversed(), ...world.recentEvents.get()].slice(0, RECENT_EVENTS));
      recent = [];
      await Promise.all(keys.map((queryKey) => askAgain(world.queries, { queryKey })));
    }
    isFlushing = false;
  }
  return {
    add(event: Event) {
      for (const key of affectedBy(event)) stale.set(hashKey(key), key);
      recent.push(event);
      if (recent.length > RECENT_EVENTS) recent = recent.slice(-RECENT_EVENTS);
      if (!isFlushing) void flush();
    },
  };
}
