// pg-boss at its best: LISTEN/NOTIFY wakes the workers (its default is a poll every 2 s for one job), full batches are
// followed at once by the next, and a batch is completed by one statement.
import { Client } from "pg";
import { PgBoss } from "pg-boss";
import { batches, countdown, deferred, until } from "../harness/waiting.mjs";

export const settings = "12.33.7: insert() of 500, work() batchSize 500, localConcurrency 4, burstWhenBatchFull, useListenNotify";
const queue = "noop";

export async function open({ url }) {
  const boss = new PgBoss({ connectionString: url, useListenNotify: true });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  await boss.createQueue(queue, { notify: true });
  const reader = new Client({ connectionString: url });
  await reader.connect();
  let handedIn = 0;
  let begun = () => undefined;
  await boss.work(queue, { batchSize: 500, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (jobs) => begun(jobs.length));
  const recorded = async () => Number((await reader.query("select count(*) from pgboss.job where name = $1 and state = 'completed'", [queue])).rows[0].count);
  return {
    recorded,
    async carryOut(count) {
      const all = countdown(count);
      begun = all.arrive;
      for (const numbers of batches(count, 500))
        await boss.insert(
          queue,
          numbers.map((number) => ({ data: { number } })),
        );
      handedIn += count;
      await all.reached;
      await until(async () => (await recorded()) === handedIn, { everyMs: 5 });
    },
    async createToStart() {
      const start = deferred();
      begun = () => start.resolve(performance.now());
      const from = performance.now();
      await boss.send(queue, { number: 0 });
      handedIn++;
      return (await start.promise) - from;
    },
    async close() {
      await boss.stop({ graceful: false });
      await reader.end();
    },
  };
}
