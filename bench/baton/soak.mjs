// A server with a fleet of many kinds under faults: see benches/soak.mjs for what is measured. The agents are the fake ones of the tests.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { NotHere, startApart } from "../harness/child.mjs";
import { median } from "../harness/statistics.mjs";
import { importBuilt } from "./built.mjs";
import { openFleet } from "./soak-fleet.mjs";

const SAMPLE_MS = 5000;
const MARKS = /(^|\0)BATON_(ATTEMPT|AGENT)_ID=/;
/** Longer than connections are kept for another call. */
const SETTLE_MS = 20_000;

export async function soak({ place, seconds, terminals, others, inFlight }) {
  if (!readdirSync("/").includes("proc")) throw new NotHere("needs Linux's /proc");
  const { startBaton } = await importBuilt();
  const baton = await startBaton({ port: 0, host: "127.0.0.1", dataDir: place.directory, logLevel: "error", drainMs: 0 }, {});
  const { createClient } = await importBuilt("index.js", "client");
  const client = createClient({ url: baton.url });
  const fleet = await openFleet(client, baton.url, { terminals, others });
  const samples = [];
  /** Tasks for so long, then rest until all has gone that goes. @param watch called every few seconds */
  const round = async (roundSeconds, watch) => {
    const load = startApart({
      file: "baton/soak-load.mjs",
      verb: "load",
      params: { url: baton.url, agents: fleet.agents, seconds: roundSeconds, inFlight },
      timeoutMs: (roundSeconds + 120) * 1000,
    });
    const until = Date.now() + roundSeconds * 1000;
    while (Date.now() < until) {
      await pause(Math.min(SAMPLE_MS, roundSeconds * 1000));
      watch();
    }
    await load.answer;
    load.end();
    await load.ended;
    await fleet.rest();
    await pause(SETTLE_MS);
    return readDescriptors();
  };
  // The first fifth is the warm-up: agents start, pools and watchers open what they keep, code is compiled. What is open after it is there to stay.
  const before = await round(seconds / 5, () => undefined);
  await fleet.wake();
  const after = await round((seconds * 4) / 5, () => {
    globalThis.gc();
    samples.push(process.memoryUsage().rss);
  });
  const counts = await countAttempts(baton);
  await fleet.close();
  await baton.stop();
  const third = Math.floor(samples.length / 2);
  return {
    ...counts,
    orphans: markedProcesses(place.directory).length,
    descriptors: Math.max(0, after.length - before.length),
    // By what they are open for, for whoever looks for a leak.
    open: { before: tally(before), after: tally(after) },
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
/** What each descriptor is open for: a path, or `socket`, `pipe` and the like without its number. */
function readDescriptors() {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [
        readlinkSync(`/proc/self/fd/${fd}`)
          .replace(/:\[\d+\]$/, "")
          .replace(/[\w-]{20,}/g, "…"),
      ];
    } catch {
      return []; // That of the reading itself.
    }
  });
}
const tally = (names) =>
  Object.fromEntries([...new Set(names)].toSorted((a, b) => a.localeCompare(b)).map((name) => [name, names.filter((one) => one === name).length]));
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
