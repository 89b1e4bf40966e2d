// The suite on both stores, and what many servers on one Postgres must not do: let a follower pass a number that commits late.
import type { Event } from "@baton/contract";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { newId, systemClock } from "../std/clock.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { openPostgres } from "../store/postgres.ts";
import { sql } from "../store/sql.ts";
import { freshSchema, sqliteStores } from "../tasks/tasks.testkit.ts";
import { type EventLog, openEventLog } from "./events.ts";
import { testEvents } from "./events.testsuite.ts";

const directories: { remove(): void }[] = [];
afterAll(() => {
  for (const one of directories) one.remove();
});
testEvents("SQLite", async () => {
  const stores = sqliteStores();
  directories.push(stores);
  return stores.open;
});

const url = await postgresUrl();
if (url === undefined) describe.skip("the log on Postgres", () => test("skipped: no Postgres answers here"));
else {
  const database = await createDatabase(url);
  const late = await createDatabase(url);
  testEvents("Postgres", () => freshSchema(database));

  describe("the log with many writers on one Postgres", () => {
    const opened: { db: Db; log: EventLog }[] = [];
    const open = async () => {
      const db = await openPostgres({ url: late, maxConnections: 6 });
      await migrate(db, systemClock.now());
      const server = { db, log: await openEventLog({ db, clock: systemClock, newId, pollMs: 20 }) };
      opened.push(server);
      return server;
    };
    afterEach(async () => {
      for (const { db, log } of opened.splice(0)) {
        await log.close();
        await db.close();
      }
    });
    const follow = async ({ log }: { log: EventLog }, last: () => number | undefined): Promise<Event[]> => {
      const stop = new AbortController();
      const seen: Event[] = [];
      for await (const batch of log.follow({ after: 0, signal: stop.signal })) {
        seen.push(...batch);
        if (seen.at(-1)?.seq === last()) break;
      }
      return seen;
    };

    test("a number that was taken first and commits late is not passed: later writers wait for it", async () => {
      const [slow, quick] = [await open(), await open()];
      const before = await slow.log.last();
      let commit: () => void = () => undefined;
      const mayCommit = new Promise<void>((resolve) => (commit = resolve));
      let taken: (n: number) => void = () => undefined;
      const hasTaken = new Promise<number>((resolve) => (taken = resolve));
      const late = slow.db.transaction(async (tx) => {
        taken(await slow.log.append(tx, [{ type: "task.submitted", taskId: "late" }]));
        await mayCommit;
      });
      expect(await hasTaken).toBe(before + 1);
      const following = follow(quick, () => before + 2);
      const overtaking = quick.db.transaction((tx) => quick.log.append(tx, [{ type: "task.submitted", taskId: "overtaking" }]));
      // The second writer is seen to wait for the first one's row before anything is committed.
      const watcher = await open();
      for (;;) {
        const [row] = await watcher.db.all<{ n: number }>(
          sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        if (row?.n === 1) break;
      }
      expect((await watcher.log.list({ after: before, limit: 10 })).items).toEqual([]);
      commit();
      await Promise.all([late, overtaking]);
      quick.log.committed();
      expect((await following).slice(before).map(({ seq, taskId }) => [seq, taskId])).toEqual([
        [before + 1, "late"],
        [before + 2, "overtaking"],
      ]);
    });
  });
}
