// A server that agents have dialled in to and that has nothing for them: its memory, and its processor time.
import { setTimeout as pause } from "node:timers/promises";
import { startApart } from "../harness/child.mjs";
import { startBaton } from "./start.mjs";

const KIB = 1024;
const SETTLE_MS = 1000;

/** Needs `--expose-gc`: memory that is only not yet collected is nobody's cost. */
export async function idleAgents({ place, warmUp, agents, seconds }) {
  const baton = await startBaton(place);
  const crowds = [await dialIn(baton.url, "early", warmUp)];
  const before = await memory();
  crowds.push(await dialIn(baton.url, "idle", agents));
  const after = await memory();
  const cpu = await cpuShare(seconds);
  const connected = baton.world.registry.all().filter((known) => known.connector.kind === "dialin" && baton.world.registry.isAttached(known)).length;
  if (connected !== warmUp + agents) throw new Error(`${connected} agents are connected after ${seconds} s, not ${warmUp + agents}`);
  for (const crowd of crowds) crowd.end();
  await baton.stop();
  return {
    rssPerAgent: (after.rss - before.rss) / agents / KIB,
    heapPerAgent: (after.heapUsed - before.heapUsed) / agents / KIB,
    serverRss: after.rss / KIB / KIB,
    cpu,
  };
}

/** A process that holds `count` agents; resolves once all are connected. */
async function dialIn(url, name, count) {
  const crowd = startApart({ file: "baton/idle-crowd.mjs", verb: "dialIn", params: { url, name, count } });
  await crowd.answer;
  return crowd;
}

async function memory() {
  await pause(SETTLE_MS);
  for (let time = 0; time < 3; time++) {
    globalThis.gc();
    await pause(100);
  }
  return process.memoryUsage();
}

/** Per cent of one core, over `seconds`. */
async function cpuShare(seconds) {
  const from = process.cpuUsage();
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / (seconds * 10_000);
}
