// The place where a run happens: its servers, its fresh stores, its children, and the way to end them all.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotHere, runApart } from "./child.mjs";
import { startPostgres } from "./postgres.mjs";
import { startRedis } from "./redis.mjs";

export async function openLab({ quick, rounds, only, say }) {
  const abort = new AbortController();
  const postgres = await startPostgres();
  const redis = await startRedis();
  return {
    quick,
    rounds,
    only,
    say,
    postgres,
    redis,
    signal: abort.signal,
    /** Ends the measurement that runs; whoever waits for it sees the signal's reason. */
    abort: (reason) => abort.abort(new Error(reason)),
    measure: (what) => runApart({ ...what, signal: abort.signal }),
    onFreshStore: (needs, use) => onFreshStore({ postgres, redis }, needs, use),
    async close() {
      if (!redis.missing) await redis.stop();
      if (!postgres.missing) await postgres.stop();
    },
  };
}

/** Gives `use` a store nobody used before (`{url}` or `{directory}`) and removes it afterwards. */
async function onFreshStore({ postgres, redis }, needs, use) {
  if (needs === "redis") {
    if (redis.missing) throw new NotHere(redis.missing);
    return use({ url: redis.url });
  }
  if (needs === "postgres") {
    if (postgres.missing) throw new NotHere(postgres.missing);
    const database = await postgres.freshDatabase();
    return use({ url: database.url }).finally(database.drop);
  }
  const directory = mkdtempSync(join(tmpdir(), "baton-bench-store-"));
  return use({ directory }).finally(() => rmSync(directory, { recursive: true, force: true }));
}
