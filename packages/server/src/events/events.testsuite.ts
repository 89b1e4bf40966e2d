// What the log promises on every store: every fact once, in order, without a gap, to whoever follows from wherever.
import type { Event } from "@baton/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newId, systemClock } from "../std/clock.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { type EventFilter, type EventLog, type NewEvent, openEventLog } from "./events.ts";

/** `freshStore` makes an empty store; what it answers opens that store, each time as another server would. */
export function testEvents(store: string, freshStore: () => Promise<() => Promise<Db>>): void {
  describe(`the log on ${store}`, () => {
    let db: Db;
    let log: EventLog;
    const stops: AbortController[] = [];
    beforeEach(async () => {
      db = await (await freshStore())();
      await migrate(db, systemClock.now());
      log = await openEventLog({ db, clock: systemClock, newId, pollMs: 50 });
    });
    afterEach(async () => {
      for (const stop of stops.splice(0)) stop.abort();
      await log.close();
      await db.close();
    });
    const append = async (...events: NewEvent[]): Promise<number> => {
      const last = await db.transaction((tx) => log.append(tx, events));
      log.committed();
      return last;
    };
    const fact = (n: number, more: Partial<NewEvent> = {}): NewEvent => ({ type: "task.submitted", taskId: `t${n}`, data: { n }, ...more });
    const many = (from: number, count: number) => Array.from({ length: count }, (_, at) => fact(from + at));
    /** Follows until `count` facts were seen. */
    const take = async (count: number, query: { after?: number; filter?: EventFilter } = {}, beforeEachBatch?: () => Promise<void>): Promise<Event[]> => {
      const stop = new AbortController();
      stops.push(stop);
      const seen: Event[] = [];
      if (count === 0) return seen;
      for await (const batch of log.follow({ ...query, signal: stop.signal })) {
        await beforeEachBatch?.();
        seen.push(...batch);
        if (seen.length >= count) return seen;
      }
      return seen;
    };
    const seqs = (events: readonly Event[]) => events.map((event) => event.seq);
    const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, at) => from + at);

    test("numbers facts from 1 without gaps, in the order they were appended", async () => {
      expect(await append(fact(1), fact(2))).toBe(2);
      expect(await append(fact(3))).toBe(3);
      expect(await append()).toBe(0);
      const { items, nextCursor } = await log.list({ limit: 10 });
      expect(items.map(({ seq, data }) => [seq, data["n"]])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
      expect(nextCursor).toBe(3);
      expect(await log.last()).toBe(3);
    });

    test("keeps all that a fact says, and null for what it does not", async () => {
      const data = { text: "żółć 👩‍👧 \u0001", deep: [{ a: null }] };
      await append({ type: "attempt.started", taskId: "t", stepId: "s", attemptId: "a", agentId: "g", data }, { type: "agent.updated" });
      const { items } = await log.list({ limit: 2 });
      expect(items[0]).toMatchObject({ type: "attempt.started", taskId: "t", stepId: "s", attemptId: "a", agentId: "g", data });
      expect(items[1]).toMatchObject({ taskId: null, stepId: null, attemptId: null, agentId: null, data: {} });
    });

    test("a transaction that is taken back leaves no fact and no gap", async () => {
      await append(fact(1));
      const failing = db.transaction(async (tx) => {
        await log.append(tx, many(2, 5));
        throw new Error("stop");
      });
      await expect(failing).rejects.toThrow("stop");
      expect(await append(fact(7))).toBe(2);
      expect(seqs(await take(2, { after: 0 }))).toEqual([1, 2]);
    });

    test("pages of the log follow one another", async () => {
      await append(...many(1, 25));
      const found: number[] = [];
      for (let after = 0; ; ) {
        const page = await log.list({ after, limit: 10 });
        found.push(...seqs(page.items));
        if (page.items.length === 0) break;
        after = page.nextCursor;
      }
      expect(found).toEqual(upTo(25));
    });

    test("filters by task, agent, type and kind of type, and combines them", async () => {
      await append(
        fact(1),
        { type: "task.completed", taskId: "t1" },
        { type: "attempt.started", taskId: "t1", agentId: "g" },
        { type: "agent.paused", agentId: "g" },
        { type: "task.completed", taskId: "t2" },
      );
      const found = async (filter: EventFilter) => seqs((await log.list({ limit: 10, ...filter })).items);
      expect(await found({ taskId: "t1" })).toEqual([1, 2, 3]);
      expect(await found({ agentId: "g" })).toEqual([3, 4]);
      expect(await found({ type: "task.completed" })).toEqual([2, 5]);
      expect(await found({ type: "task.*" })).toEqual([1, 2, 5]);
      expect(await found({ type: "task.*", taskId: "t1" })).toEqual([1, 2]);
      expect(await found({ type: "task" })).toEqual([]);
    });

    test("who follows with a filter sees the same as a page with it, old facts and new", async () => {
      await append(fact(1), { type: "task.completed", taskId: "t1" }, { type: "agent.paused", agentId: "g" });
      const following = take(3, { after: 0, filter: { type: "task.*" } });
      await append({ type: "agent.resumed", agentId: "g" });
      await append({ type: "task.failed", taskId: "t2" });
      expect((await following).map(({ type }) => type)).toEqual(["task.submitted", "task.completed", "task.failed"]);
    });

    test("who follows without a cursor sees what comes from now on", async () => {
      await append(...many(1, 3));
      const stop = new AbortController();
      stops.push(stop);
      const batches = log.follow({ signal: stop.signal })[Symbol.asyncIterator]();
      const next = batches.next();
      // The follower has asked where the log ends once a reading of its own is answered.
      await log.last();
      await append(fact(4));
      expect(seqs((await next).value as Event[])).toEqual([4]);
    });

    test("who resumes from any number goes on with the next", async () => {
      await append(...many(1, 30));
      for (const after of [0, 1, 15, 29]) expect(seqs(await take(30 - after, { after }))).toEqual(upTo(30, after + 1));
    });

    test("a follower that is slow reads what has left the tail from the store, then the tail", async () => {
      const count = 12_000;
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const slow = take(count, { after: 0 }, () => released);
      const quick = take(count, { after: 0 });
      for (let at = 0; at < count; at += 1000) await append(...many(at, 1000));
      expect(seqs(await quick)).toEqual(upTo(count));
      release();
      expect(seqs(await slow)).toEqual(upTo(count));
    });

    test("followers that begin at 0, late, or at once see all of it while writers write", async () => {
      const writers = 6;
      const each = 40;
      const early = take(writers * each, { after: 0 });
      const write = async (name: number) => {
        for (let at = 0; at < each; at++) await append(fact(name * 1000 + at));
      };
      const writing = Promise.all(Array.from({ length: writers }, (_, name) => write(name)));
      const joining = Promise.all([1, 2, 3].map(() => take(writers * each, { after: 0 })));
      await writing;
      const seen = [await early, ...(await joining), await take(writers * each, { after: 0 })];
      for (const one of seen) expect(seqs(one)).toEqual(upTo(writers * each));
      // Each writer's facts are in the order it wrote them.
      for (let name = 0; name < writers; name++) {
        const own = (seen[0] as Event[]).map((event) => event.data["n"] as number).filter((n) => Math.floor(n / 1000) === name);
        expect(own).toEqual(Array.from({ length: each }, (_, at) => name * 1000 + at));
      }
    });

    test("a follower ends when it is told to, and when the log closes", async () => {
      const stop = new AbortController();
      const following = (async () => {
        for await (const batch of log.follow({ after: 0, signal: stop.signal })) expect(batch).toEqual([]);
        return "ended";
      })();
      stop.abort();
      expect(await following).toBe("ended");
      const other = take(1, { after: 0 });
      await log.close();
      expect(await other).toEqual([]);
    });
  });
}
