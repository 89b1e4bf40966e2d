// A server with a fleet of many kinds under faults: see benches/soak.mjs for what is measured. The agents are the fake ones of the tests.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { NotHere, startApart } from "../harness/child.mjs";
import { median } from "../harness/statistics.mjs";
import { importBuilt } from "./built.mjs";
import { openFleet } from "./soak-fleet.mjs";

const SAMPLE_MS = 5000;
const MARKS = /(^|\0)BATON_(ATTEMPT|AGENT)_ID=/;
/** Longer than connections are kept for another call. */
const SETTLE_MS = 6000;

export async function soak({ place, seconds, terminals, others, inFlight }) {
  if (!readdirSync("/").includes("proc")) throw new NotHere("needs Linux's /proc");
  const { startBaton } = await importBuilt();
  const baton = await startBaton({ port: 0, host: "127.0.0.1", dataDir: place.directory, logLevel: "error", drainMs: 0 }, {});
  const { createClient } = await importBuilt("index.js", "client");
  const client = createClient({ url: baton.url });
  const fleet = await openFleet(client, baton.url, { terminals, others });
  const samples = [];
  const baseline = countDescriptors();
  const until = Date.now() + seconds * 1000;
  const load = startApart({
    file: "baton/soak-load.mjs",
    verb: "load",
    params: { url: baton.url, agents: fleet.agents, seconds, inFlight },
    timeoutMs: (seconds + 120) * 1000,
  });
  // The first fifth is the warm-up: agents start, pools fill, code is compiled.
  await pause((seconds * 1000) / 5);
  while (Date.now() < until) {
    await pause(SAMPLE_MS);
    globalThis.gc();
    samples.push(process.memoryUsage().rss);
  }
  await load.answer;
  load.end();
  await load.ended;
  const counts = await countAttempts(baton);
  await fleet.rest();
  await pause(SETTLE_MS);
  const descriptors = countDescriptors();
  await fleet.close();
  await baton.stop();
  const third = Math.floor(samples.length / 2);
  return {
    ...counts,
    orphans: markedProcesses(place.directory).length,
    descriptors: Math.max(0, descriptors - baseline),
    memoryGrowth: median(samples.slice(-third)) / median(samples.slice(0, third)),
    rss: (samples.at(-1) ?? 0) / 2 ** 20,
  };
}

async function countAttempts({ world }) {
  const { sql } = await importBuilt("store/sql.js");
  const rows = await world.db.all(sql`select state, count(*) as n from attempts group by state`);
  const of = (...states) => rows.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + row.n, 0);
  return { attempts: of("completed", "failed", "cancelled", "lost"), faults: of("failed", "cancelled", "lost") };
}
const countDescriptors = () => readdirSync("/proc/self/fd").length;
/** Of this fleet: its places lie in its data directory. */
function markedProcesses(directory) {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.filter((pid) => {
    try {
      const environment = readFileSync(join("/proc", pid, "environ"), "latin1");
      return MARKS.test(environment) && environment.includes(directory);
    } catch {
      return false; // It ended meanwhile, or is another user's.
    }
  });
}
