// The crash test: real server processes, killed with SIGKILL at random while they work, lose nothing and do nothing twice.
// BATON_CHAOS_SEED repeats a schedule; BATON_CHAOS_MINUTES makes the run longer.
import { afterEach, beforeAll, describe, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer } from "./cluster.ts";
import { runCrash } from "./crash-run.ts";
import { clearStage, expectNoFaults, limitMs, startRun, times } from "./stage.ts";

const url = await postgresUrl();
const database = url === undefined ? undefined : await createDatabase(url);

beforeAll(compileServer);
afterEach(clearStage);

describe("servers that are killed", () => {
  test.skipIf(database === undefined)(
    "three on one Postgres whose connections break lose nothing and do nothing twice",
    async () => expectNoFaults(runCrash(await startRun(3, database, { tasks: 1300 * times, kills: 22 * times, killGapMs: 2000, downMs: 1000 }))),
    limitMs,
  );
  test(
    "one on SQLite loses nothing and does nothing twice",
    async () => expectNoFaults(runCrash(await startRun(1, undefined, { tasks: 750 * times, kills: 12 * times, killGapMs: 2500, downMs: 300 }))),
    limitMs,
  );
});
