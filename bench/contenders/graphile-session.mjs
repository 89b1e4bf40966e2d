// What both settings of graphile-worker share. A completed job's row is deleted, so "recorded done" is "no longer there".
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Client } from "pg";
import { batches, countdown, deferred, until } from "../harness/waiting.mjs";

const quiet = new Logger(() => (level, message) => {
  if (String(level) === "error") console.error(message);
});

export async function openGraphile(url, workerSettings) {
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
  await utils.migrate();
  let begun = () => undefined;
  const preset = { worker: { connectionString: url, logger: quiet, ...workerSettings } };
  const runner = await run({ preset, noHandleSignals: true, taskList: { noop: async () => begun() }, crontab: "" });
  const reader = new Client({ connectionString: url });
  await reader.connect();
  let added = 0;
  const left = async () => Number((await reader.query("select count(*) from graphile_worker._private_jobs")).rows[0].count);
  return {
    recorded: async () => added - (await left()),
    async carryOut(count) {
      const all = countdown(count);
      begun = all.arrive;
      for (const numbers of batches(count, 500)) await utils.addJobs(numbers.map((number) => ({ identifier: "noop", payload: { number } })));
      added += count;
      await all.reached;
      await until(async () => (await left()) === 0);
    },
    async createToStart() {
      const start = deferred();
      begun = () => start.resolve(performance.now());
      const from = performance.now();
      await utils.addJob("noop", { number: 0 });
      added++;
      return (await start.promise) - from;
    },
    async close() {
      await runner.stop();
      await utils.release();
      await reader.end();
    },
  };
}
