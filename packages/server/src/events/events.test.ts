// The log as followers and listers see it, on SQLite in memory.
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../std/clock.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { openSqlite } from "../store/sqlite.ts";
import { type EventLog, openEventLog } from "./events.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openLog(): Promise<{ log: EventLog; append(...agentIds: string[]): Promise<number> }> {
  const db: Db = openSqlite({ file: ":memory:", synchronous: "normal" });
  await migrate(db, 0);
  const log = await openEventLog({ db, clock: systemClock, pollMs: 60_000 });
  closing.push(db.close, log.close);
  const append = async (...agentIds: string[]): Promise<number> => {
    const last = await db.transaction((tx) =>
      log.append(
        tx,
        agentIds.map((agentId) => ({ type: "agent.paused" as const, agentId })),
      ),
    );
    log.committed();
    return last;
  };
  return { log, append };
}
const first = async (events: AsyncIterable<{ seq: number; agentId: string | null }[]>): Promise<unknown> => {
  for await (const batch of events) return batch.map(({ seq, agentId }) => ({ seq, agentId }));
  return undefined;
};

test("a follower from a number that is not given out yet waits, and wakes nobody who follows from the end", async () => {
  const { log, append } = await openLog();
  await append("before");
  const stop = new AbortController();
  const far = first(log.follow({ after: Number.MAX_SAFE_INTEGER, signal: stop.signal }));
  const near = first(log.follow({ after: 1, signal: stop.signal }));
  await append("after");
  expect(await near).toEqual([{ seq: 2, agentId: "after" }]);
  stop.abort();
  expect(await far).toBeUndefined();
});

test("a follower from the number after next gets what comes then", async () => {
  const { log, append } = await openLog();
  const found = first(log.follow({ after: 2, signal: AbortSignal.timeout(5000) }));
  await append("one", "two");
  await append("three");
  expect(await found).toEqual([{ seq: 3, agentId: "three" }]);
});

test.each([
  ["agent.*", 2],
  ["agent.paused", 2],
  ["%.*", 0],
  ["Agent.*", 0],
  ["a_ent.*", 0],
  [".*", 0],
])("the type %s finds %i, listed and followed", async (type, count) => {
  const { log, append } = await openLog();
  await append("a", "b");
  expect((await log.list({ limit: 10, type })).items.length).toBe(count);
  const followed = first(log.follow({ after: 0, filter: { type }, signal: AbortSignal.timeout(50) }));
  expect(((await followed) as unknown[] | undefined)?.length ?? 0).toBe(count);
});
