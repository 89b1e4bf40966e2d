// BullMQ on a Redis that appends every command to a file and syncs it once a second: a crash of the machine may lose
// that second, where Postgres with its defaults loses nothing. Completed jobs are kept, as is its default.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { batches, countdown, deferred } from "../harness/waiting.mjs";

export const settings = "6.7.0, ioredis 5.11.1: addBulk() of 500, concurrency 100, AOF everysec";
const name = `noop-${process.pid}`;

export async function open({ url }) {
  const connect = () => new Redis(url, { maxRetriesPerRequest: null });
  const [forQueue, forWorker] = [connect(), connect()];
  const queue = new Queue(name, { connection: forQueue });
  let begun = () => undefined;
  let completed = () => undefined;
  const worker = new Worker(name, async () => begun(), { connection: forWorker, concurrency: 100 });
  worker.on("error", (error) => console.error(error));
  worker.on("completed", () => completed());
  await worker.waitUntilReady();
  return {
    recorded: () => queue.getCompletedCount(),
    async carryOut(count) {
      const all = countdown(count);
      begun = () => undefined;
      completed = all.arrive;
      for (const numbers of batches(count, 500)) await queue.addBulk(numbers.map((number) => ({ name: "noop", data: { number } })));
      await all.reached;
    },
    async createToStart() {
      const start = deferred();
      const end = deferred();
      begun = () => start.resolve(performance.now());
      completed = end.resolve;
      const from = performance.now();
      await queue.add("noop", { number: 0 });
      await end.promise;
      return (await start.promise) - from;
    },
    async close() {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
      await Promise.all([forQueue.quit(), forWorker.quit()]);
    },
  };
}
