// The log under writers in several processes: whoever follows it never passes a number that commits late, and sees all of them.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Event } from "@baton/contract";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type EventLog, openEventLog } from "../../packages/server/src/events/events.ts";
import { newId, systemClock } from "../../packages/server/src/std/clock.ts";
import type { Db } from "../../packages/server/src/store/db.ts";
import { migrate } from "../../packages/server/src/store/migrate.ts";
import { openPostgres } from "../../packages/server/src/store/postgres.ts";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer } from "./cluster.ts";
import { seedOfRun } from "./dice.ts";

const WRITER = fileURLToPath(new URL("log-writer.mjs", import.meta.url));
const seed = seedOfRun();
const url = await postgresUrl();
const database = url === undefined ? "" : await createDatabase(url);
const opened: { db: Db; log: EventLog }[] = [];

beforeAll(compileServer);
afterEach(async () => {
  for (const { db, log } of opened.splice(0)) {
    await log.close();
    await db.close();
  }
});
async function open(pollMs: number): Promise<{ db: Db; log: EventLog }> {
  const db = await openPostgres({ url: database, maxConnections: 4 });
  await migrate(db, systemClock.now());
  const server = { db, log: await openEventLog({ db, clock: systemClock, newId, pollMs }) };
  opened.push(server);
  return server;
}
/** Runs a writer to its end. @returns how many facts it committed. */
function runWriter(name: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [WRITER, database, String(seed + name), "150"], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("close", (code) => (code === 0 ? resolve(Number(said)) : reject(new Error(`Writer ${name} ended with ${code}.`))));
  });
}
async function follow(log: EventLog, after: number, last: () => number | undefined): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const batch of log.follow({ after, signal: AbortSignal.timeout(60_000) })) {
    seen.push(...batch);
    if (seen.at(-1)?.seq === last()) break;
  }
  return seen;
}

describe.skipIf(url === undefined)("the log under writers in several processes", () => {
  test(`shows every follower every number once and in order (BATON_CHAOS_SEED=${seed})`, async () => {
    const [hinted, polling] = [await open(60_000), await open(15)];
    const end: { seq: number | undefined } = { seq: undefined };
    const early = [follow(hinted.log, 0, () => end.seq), follow(polling.log, 0, () => end.seq)];
    const writing = Promise.all([1, 2, 3, 4].map(runWriter));
    const joined = follow(polling.log, 0, () => end.seq);
    const committed = (await writing).reduce((sum, n) => sum + n, 0);
    end.seq = await hinted.db.transaction((tx) => hinted.log.append(tx, [{ type: "task.submitted", taskId: "end" }]));
    hinted.log.committed();
    expect(end.seq).toBe(committed + 1);
    for (const seen of [...(await Promise.all(early)), await joined, await follow(polling.log, 0, () => end.seq)]) {
      expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: committed + 1 }, (_, at) => at + 1));
      // What was appended in one transaction stays together.
      for (const [at, event] of seen.entries()) if (Number(event.data["at"] ?? 0) > 0) expect(seen[at - 1]?.taskId).toBe(event.taskId);
    }
  });
});
