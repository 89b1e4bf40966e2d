// The place where a run happens: its servers, its fresh stores, its children, and the way to end them all.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotHere, runApart } from "./child.mjs";
import { startNats } from "./nats.mjs";
import { startPostgres } from "./postgres.mjs";
import { startRedis } from "./redis.mjs";

export async function openLab({ quick, rounds, only, say }) {
  const abort = new AbortController();
  const postgres = await startPostgres();
  const redis = await startRedis();
  const nats = await startNats();
  return {
    quick,
    rounds,
    only,
    say,
    postgres,
    redis,
    nats,
    signal: abort.signal,
    /** Ends the measurement that runs; whoever waits for it sees the signal's reason. */
    abort: (reason) => abort.abort(new Error(reason)),
    measure: (what) => runApart({ ...what, signal: abort.signal }),
    openStore: (needs) => openStore({ postgres, redis, nats }, needs),
    /** Gives `use` a store nobody used before and removes it afterwards. */
    async onFreshStore(needs, use) {
      const store = await openStore({ postgres, redis, nats }, needs);
      return use(store.place).finally(store.drop);
    },
    async close() {
      if (!nats.missing) await nats.stop();
      if (!redis.missing) await redis.stop();
      if (!postgres.missing) await postgres.stop();
    },
  };
}

/** An empty store: `place` is `{url, directory}` as far as it needs them, `drop` removes it. */
async function openStore({ postgres, redis, nats }, needs) {
  if (needs === "redis" || needs === "nats") {
    const server = needs === "redis" ? redis : nats;
    if (server.missing) throw new NotHere(server.missing);
    return { place: { url: server.url }, drop: async () => undefined };
  }
  if (needs === "postgres" && postgres.missing) throw new NotHere(postgres.missing);
  const database = needs === "postgres" ? await postgres.freshDatabase() : undefined;
  const directory = mkdtempSync(join(tmpdir(), "baton-bench-store-"));
  const drop = async () => {
    rmSync(directory, { recursive: true, force: true });
    await database?.drop();
  };
  return { place: { url: database?.url, directory }, drop };
}
