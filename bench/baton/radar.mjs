// Many live work trees of one large repository: how long it takes from the second edit of a file until the conflict is told, and what looking costs while
// nothing changes and while some are written to.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inFlight, until } from "../harness/waiting.mjs";
import { importBuilt } from "./built.mjs";
import { fileName, makeRepository } from "./large-repository.mjs";
import { startBaton } from "./start.mjs";

const SETTLE_MS = 15_000;
/** Ticks of /proc are hundredths of a second. */
const TICK_MS = 10;

export async function radar({ place, trees, files, samples, seconds, isOff }) {
  const repository = join(place.directory, "repository");
  makeRepository(repository, files);
  const baton = await startBaton(place, undefined, { conflicts: isOff ? "off" : "warn" });
  const { createClient } = await importBuilt("index.js", "client");
  const client = createClient({ url: baton.url });
  const began = performance.now();
  const paths = [];
  await inFlight(trees, 2, async (number) => {
    const id = `task-${number}`;
    await client.submitTask({ body: { id, description: "Work.", requirements: ["noop"], repository, workspace: "task" } });
    const { status, reason } = await client.waitForTask(id);
    if (status !== "completed") throw new Error(`Task ${id} is ${status}: ${reason}`);
    paths[number] = (await client.getWorkspace({ params: { id } })).path;
  });
  const created = (performance.now() - began) / trees;
  await pause(SETTLE_MS);
  const idle = await cpuShare(() => pause(seconds * 1000));
  const delays = isOff ? [] : await measureDelays(baton, paths, samples);
  const busy = await cpuShare(() => writeOn(paths.slice(0, 10), seconds));
  const rss = process.memoryUsage().rss / 1024 / 1024;
  await baton.stop();
  return { created, idle, busy, rss, delays };
}

/** Of as many pairs, one after another, each on a file of its own; milliseconds. */
async function measureDelays(baton, paths, samples) {
  const delays = [];
  for (let sample = 0; sample < samples; sample++) {
    const [one, other] = [paths[(2 * sample) % paths.length], paths[(2 * sample + 1 + 2 * Math.floor((2 * sample) / paths.length)) % paths.length]];
    const file = fileName(sample * 7);
    appendFileSync(join(one, file), "one\n");
    // At any time of a round.
    await pause(Math.random() * 3000);
    const after = await baton.world.events.last();
    const began = performance.now();
    appendFileSync(join(other, file), "other\n");
    await until(async () => (await baton.world.events.list({ after, limit: 500, type: "conflict.*" })).items.some(({ data }) => data.files.includes(file)), {
      everyMs: 20,
      what: `the conflict in ${file}`,
    });
    delays.push(performance.now() - began);
  }
  return delays;
}
/** A line to one file of each, every second: what agents at work do. */
async function writeOn(paths, seconds) {
  for (let second = 0; second < seconds; second++) {
    for (const [at, path] of paths.entries()) appendFileSync(join(path, fileName(1000 + 100 * at)), `${second}\n`);
    await pause(1000);
  }
}
/** Of this process and all that it ran, per cent of one core. */
async function cpuShare(work) {
  const [from, since] = [ticks(), performance.now()];
  await work();
  return ((ticks() - from) * TICK_MS * 100) / (performance.now() - since);
}
/** utime, stime, cutime and cstime; the name before them may have spaces. */
function ticks() {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}
