// A process that writes facts as a server does: several connections, transactions of random size that hold their commits back for a
// moment, some of them taken back. Usage: log-writer.mjs <database url> <seed> <transactions>
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { openEventLog } from "../../packages/server/dist/events/events.js";
import { openPostgres } from "../../packages/server/dist/store/postgres.js";

const [url, seed, count] = process.argv.slice(2);
let state = Number(seed);
/** 0 ≤ x < 1, from the seed. */
const chance = () => (state = (state * 48271) % 2147483647) / 2147483647;

const db = await openPostgres({ url, maxConnections: 6 });
const log = await openEventLog({ db, clock: { now: () => Date.now() }, newId: randomUUID, pollMs: 100 });

async function write(name) {
  const [size, holdsMs, isTakenBack] = [1 + Math.floor(chance() * 5), chance() < 0.2 ? chance() * 30 : 0, chance() < 0.15];
  try {
    await db.transaction(async (tx) => {
      await log.append(
        tx,
        Array.from({ length: size }, (_, at) => ({ type: "task.submitted", taskId: `${seed}-${name}`, data: { at } })),
      );
      await wait(holdsMs);
      if (isTakenBack) throw new Error("taken back");
    });
    log.committed();
    return size;
  } catch (error) {
    if (error.message !== "taken back") throw error;
    return 0;
  }
}
const sizes = [];
const lane = async (first) => {
  for (let name = first; name < Number(count); name += 4) sizes.push(await write(name));
};
await Promise.all([0, 1, 2, 3].map(lane));
await log.close();
await db.close();
process.stdout.write(String(sizes.reduce((sum, size) => sum + size, 0)));
