// The crash test: real server processes, killed with SIGKILL at random while they work, lose nothing and do nothing twice.
// BATON_CHAOS_SEED repeats a schedule; BATON_CHAOS_MINUTES makes the run longer.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { openPostgres } from "../../packages/server/src/store/postgres.ts";
import { openSqlite } from "../../packages/server/src/store/sqlite.ts";
import type { Db, Reader } from "../../packages/server/src/store/db.ts";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer, openServer, type ServerProcess } from "./cluster.ts";
import { type CrashRun, runCrash } from "./crash-run.ts";
import { openDice, seedOfRun } from "./dice.ts";

const LEASE_MS = 2000;
const POLL_MS = 200;
/** What the agents' own work and the test may add to lease and poll. */
const SLACK_MS = 10_000;
const minutes = Number(process.env["BATON_CHAOS_MINUTES"] ?? 0);
/** How many times the short run. */
const times = Math.max(1, Math.round(minutes * 2));
const limitMs = 150_000 + minutes * 120_000;
const seed = seedOfRun();
const environment = { BATON_LEASE_MS: String(LEASE_MS), BATON_POLL_MS: String(POLL_MS), BATON_RECONNECT_MS: String(LEASE_MS), BATON_RATE_LIMIT: "1000000" };

const directories: string[] = [];
const started: ServerProcess[] = [];
const url = await postgresUrl();
const database = url === undefined ? undefined : await createDatabase(url);

beforeAll(compileServer, 120_000);
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
  if (process.env["BATON_CHAOS_KEEP"] !== undefined) return;
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function startRun(count: number, databaseUrl: string | undefined, more: Pick<CrashRun, "tasks" | "kills" | "killGapMs" | "downMs">): Promise<CrashRun> {
  const directory = mkdtempSync(join(tmpdir(), "baton-chaos-"));
  directories.push(directory);
  const servers = await Promise.all(
    Array.from({ length: count }, (_, at) => openServer({ name: `server-${at}`, dataDir: directory, databaseUrl, environment })),
  );
  started.push(...servers);
  const open = async (): Promise<Db> =>
    databaseUrl === undefined ? openSqlite({ file: join(directory, "baton.db"), synchronous: "full" }) : openPostgres({ url: databaseUrl, maxConnections: 2 });
  const withStore = async <Answer>(work: (store: Reader) => Promise<Answer>): Promise<Answer> => {
    const store = await open();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const disturb = databaseUrl === undefined ? {} : { disturb: () => breakConnections(databaseUrl) };
  return { ...disturb, dice: openDice(seed), servers, withStore, patienceMs: LEASE_MS + POLL_MS + SLACK_MS, ...more };
}
/** Every third connection breaks, whatever is going on there. */
async function breakConnections(databaseUrl: string): Promise<void> {
  const admin = postgres(databaseUrl, { max: 1 });
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and pid % 3 = 0`;
  await admin.end();
}
async function holds(run: CrashRun): Promise<void> {
  const { faults, figures } = await runCrash(run);
  console.log(`BATON_CHAOS_SEED=${seed} ${JSON.stringify(figures)}`);
  expect(faults.join("\n"), `repeat it with BATON_CHAOS_SEED=${seed}`).toBe("");
}

describe("servers that are killed", () => {
  test.skipIf(database === undefined)(
    "three on one Postgres whose connections break lose nothing and do nothing twice",
    async () => holds(await startRun(3, database, { tasks: 1300 * times, kills: 22 * times, killGapMs: 2000, downMs: 1000 })),
    limitMs,
  );
  test(
    "one on SQLite loses nothing and does nothing twice",
    async () => holds(await startRun(1, undefined, { tasks: 750 * times, kills: 12 * times, killGapMs: 2500, downMs: 300 })),
    limitMs,
  );
});
