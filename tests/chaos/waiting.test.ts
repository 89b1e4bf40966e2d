// The crash test of what waits: servers killed with SIGKILL while people are asked, while they decide, while checks run and while plans grow. What was
// decided is decided once and heard, nothing begins before it may, and no place leaks.
// BATON_CHAOS_SEED repeats a schedule; BATON_CHAOS_MINUTES makes the run longer.
import { afterEach, beforeAll, describe, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { compileServer } from "./cluster.ts";
import { clearStage, expectNoFaults, limitMs, startRun, times } from "./stage.ts";
import { runWaiting } from "./waiting-run.ts";

const url = await postgresUrl();
const database = url === undefined ? undefined : await createDatabase(url);
const short = { tasks: 36 * times, kills: 5 * times, killGapMs: 1500, downMs: 200 };

beforeAll(compileServer);
afterEach(clearStage);

describe("servers that are killed while people and checks are waited for", () => {
  test.skipIf(database === undefined)(
    "two on one Postgres decide everything once, and begin nothing that nobody let begin",
    async () => expectNoFaults(runWaiting(await startRun(2, database, short))),
    limitMs,
  );
  test(
    "one on SQLite decides everything once, and begins nothing that nobody let begin",
    async () => expectNoFaults(runWaiting(await startRun(1, undefined, short))),
    limitMs,
  );
});
