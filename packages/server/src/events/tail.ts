// The end of the log kept at hand, so that a thousand followers cost one reading. Reads nothing while nobody follows.
import type { Event } from "@baton/contract";
import type { Db } from "../store/db.ts";
import { type EventFilter, selectEvents, selectHead } from "./event-rows.ts";

export interface Tail {
  /** Up to `limit` matching facts after `cursor`, and the number up to which nothing more can match. */
  read(cursor: number, limit: number, filter: EventFilter): Promise<{ events: Event[]; upTo: number }>;
  /** Resolves when the log may have grown past `cursor`, or `signal` aborts. */
  changed(cursor: number, signal: AbortSignal): Promise<void>;
  wake(): void;
  close(): void;
}
const KEPT = 5000;
const PAGE = 1000;

export function openTail(db: Db, pollMs: number): Tail {
  let recent: Event[] = [];
  let head = 0;
  let reading: Promise<void> | undefined;
  let dirty = false;
  let closed = false;
  const waiting = new Map<() => void, number>();
  const timer = setInterval(() => wake(), pollMs);
  timer.unref();

  async function refill(): Promise<void> {
    // Nobody waits for what lies before the lowest cursor: after a time without followers the tail starts anew there. A cursor
    // may lie beyond the end of the log; the tail does not, or whoever follows from the end would be woken without end.
    const lowest = Math.min(...waiting.values());
    if (head < lowest) {
      head = Math.max(head, Math.min(lowest, await selectHead(db)));
      recent = [];
    }
    release();
    for (;;) {
      const found = await selectEvents(db, head, PAGE, {});
      if (found.length === 0) return;
      head = (found.at(-1) as Event).seq;
      recent = [...recent, ...found].slice(-KEPT);
      release();
      // What is written after a page that is not full wakes us anew.
      if (found.length < PAGE) return;
    }
  }
  function release(): void {
    for (const [resolve, cursor] of waiting) if (closed || cursor < head) resolve();
  }
  function wake(): void {
    if (closed || waiting.size === 0) return;
    if (reading) {
      dirty = true;
      return;
    }
    // A reading that fails is tried again at the next poll: followers wait, they do not miss.
    reading = refill()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
        if (!dirty) return;
        dirty = false;
        wake();
      });
  }
  async function readStored(cursor: number, limit: number, filter: EventFilter) {
    // The head is asked first: with fewer facts than asked for, everything up to it has been looked at.
    const before = await selectHead(db);
    const events = await selectEvents(db, cursor, limit, filter);
    const last = events.at(-1)?.seq ?? cursor;
    return { events, upTo: events.length === limit ? last : Math.max(last, before) };
  }
  function readRecent(first: number, cursor: number, limit: number, filter: EventFilter) {
    const events: Event[] = [];
    let upTo = cursor;
    for (let at = cursor - first + 1; at < recent.length && events.length < limit; at++) {
      const event = recent[at] as Event;
      upTo = event.seq;
      if (matches(event, filter)) events.push(event);
    }
    return { events, upTo };
  }
  return {
    read: async (cursor, limit, filter) => {
      const first = recent[0]?.seq;
      return first === undefined || cursor < first - 1 || cursor > head ? readStored(cursor, limit, filter) : readRecent(first, cursor, limit, filter);
    },
    changed: (cursor, signal) =>
      new Promise<void>((resolve) => {
        const done = () => {
          signal.removeEventListener("abort", done);
          waiting.delete(done);
          resolve();
        };
        if (closed || signal.aborted || cursor < head) return resolve();
        waiting.set(done, cursor);
        signal.addEventListener("abort", done, { once: true });
        wake();
      }),
    wake,
    close: () => {
      closed = true;
      clearInterval(timer);
      release();
    },
  };
}

function matches(event: Event, filter: EventFilter): boolean {
  if (filter.taskId !== undefined && event.taskId !== filter.taskId) return false;
  if (filter.agentId !== undefined && event.agentId !== filter.agentId) return false;
  if (filter.type === undefined) return true;
  return filter.type.endsWith(".*") ? event.type.startsWith(filter.type.slice(0, -1)) : event.type === filter.type;
}
