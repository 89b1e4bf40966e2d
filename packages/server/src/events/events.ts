// The log: what happened, in order. Facts are appended in the transaction that makes them true, and followed from a cursor
// by whoever wants to know. Numbers have no gaps and follow the order of commits over all servers, so a follower that has
// seen number n has seen everything up to n, for good. Following is by re-reading: a lost hint only costs the poll's time.
import type { Event } from "@baton/contract";
import type { Clock } from "../std/clock.ts";
import type { Db, Tx } from "../store/db.ts";
import { type EventFilter, insertEvents, type NewEvent, selectEvents, selectHead, takeNumbers } from "./event-rows.ts";
import { openTail, type Tail } from "./tail.ts";

export type { EventFilter, NewEvent } from "./event-rows.ts";

export interface EventLog {
  /** Writes facts; call it last in the transaction, because writers queue for their numbers. @returns the last number. */
  append(tx: Tx, events: readonly NewEvent[]): Promise<number>;
  /** Says that a transaction with facts was committed. A hint: followers look at once instead of at the next poll. */
  committed(): void;
  list(query: { after?: number | undefined; limit: number } & EventFilter): Promise<{ items: Event[]; nextCursor: number }>;
  /** Batches of facts with a number above `after` (default: from now on), until `signal` aborts. Never skips or repeats one. */
  follow(query: { after?: number | undefined; filter?: EventFilter; signal: AbortSignal }): AsyncIterable<Event[]>;
  last(): Promise<number>;
  close(): Promise<void>;
}
export interface EventsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  /** How long a follower may be late when every hint is lost. */
  pollMs: number;
}

const CHANNEL = "baton_events";
const BATCH = 500;

export async function openEventLog(world: EventsWorld): Promise<EventLog> {
  const tail: Tail = openTail(world.db, world.pollMs);
  let closed = false;
  const id = world.newId();
  /** What we told others comes back to us, who have looked already. */
  const isOwn = (tellers: readonly string[] | undefined): boolean => tellers?.length === 1 && tellers[0] === id;
  const stopListening = await world.db.onNotify(CHANNEL, (tellers) => {
    if (!isOwn(tellers)) tail.wake();
  });
  async function* follow(query: { after?: number | undefined; filter?: EventFilter; signal: AbortSignal }): AsyncIterable<Event[]> {
    let cursor = query.after ?? (await selectHead(world.db));
    const filter = query.filter ?? {};
    while (!query.signal.aborted && !closed) {
      const { events, upTo } = await tail.read(cursor, BATCH, filter);
      cursor = upTo;
      if (events.length > 0) yield events;
      else await tail.changed(cursor, query.signal);
    }
  }
  return {
    append: async (tx, events) => {
      if (events.length === 0) return 0;
      const last = takeNumbers(tx, events.length);
      tx.leave(insertEvents(tx, world.clock.now(), events));
      return last;
    },
    committed: () => {
      tail.wake();
      world.db.notify(CHANNEL, [id]);
    },
    list: async ({ after = 0, limit, ...filter }) => {
      const items = await selectEvents(world.db, after, limit, filter);
      return { items, nextCursor: items.at(-1)?.seq ?? after };
    },
    follow,
    last: () => selectHead(world.db),
    close: async () => {
      closed = true;
      tail.close();
      await stopListening();
    },
  };
}
