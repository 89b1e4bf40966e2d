// Where a crash test is played: servers on a store of their own, and how both are broken.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { expect } from "vitest";
import type { Db, Reader } from "../../packages/server/src/store/db.ts";
import { openPostgres } from "../../packages/server/src/store/postgres.ts";
import { openSqlite } from "../../packages/server/src/store/sqlite.ts";
import { openServer, type ServerProcess } from "./cluster.ts";
import type { CrashReport, CrashRun } from "./crash-run.ts";
import { openDice, seedOfRun } from "./dice.ts";

const LEASE_MS = 2000;
const POLL_MS = 200;
/** What the agents' own work and the test may add to lease and poll. */
const SLACK_MS = 20_000;
const minutes = Number(process.env["BATON_CHAOS_MINUTES"] ?? 0);
/** How many times the short run. */
export const times = Math.max(1, Math.round(minutes * 2));
export const limitMs = 600_000 + minutes * 480_000;
const seed = seedOfRun();
const environment = { BATON_LEASE_MS: String(LEASE_MS), BATON_POLL_MS: String(POLL_MS), BATON_RECONNECT_MS: String(LEASE_MS), BATON_RATE_LIMIT: "1000000" };

const directories: string[] = [];
const started: ServerProcess[] = [];

export async function startRun(
  count: number,
  databaseUrl: string | undefined,
  more: Pick<CrashRun, "tasks" | "kills" | "killGapMs" | "downMs">,
  settings: Record<string, string> = {},
): Promise<CrashRun & { directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), "baton-chaos-"));
  directories.push(directory);
  const servers = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      openServer({ name: `server-${at}`, dataDir: directory, databaseUrl, environment: { ...environment, ...settings } }),
    ),
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
  return { ...disturb, directory, dice: openDice(seed), servers, withStore, patienceMs: LEASE_MS + POLL_MS + SLACK_MS, ...more };
}
/** Every third connection breaks, whatever is going on there. */
async function breakConnections(databaseUrl: string): Promise<void> {
  const admin = postgres(databaseUrl, { max: 1 });
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and pid % 3 = 0`;
  await admin.end();
}
export async function clearStage(): Promise<void> {
  for (const server of started.splice(0)) await server.kill();
  if (process.env["BATON_CHAOS_KEEP"] !== undefined) return;
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}
export async function expectNoFaults(report: Promise<CrashReport>): Promise<void> {
  const { faults, figures } = await report;
  console.log(`BATON_CHAOS_SEED=${seed} ${JSON.stringify(figures)}`);
  expect(faults.join("\n"), `repeat it with BATON_CHAOS_SEED=${seed}`).toBe("");
}
