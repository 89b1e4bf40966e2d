// Forward migrations, run at start under a lock. A migration that has run is never changed; a newer schema than this
// program knows is refused, so that an old server does not write into a new store.
import { Refusal } from "@baton/contract";
import { type Db, tryAgain, type Tx } from "./db.ts";
import { migrations } from "./migrations.ts";
import { sql } from "./sql.ts";

const LOCK = 7_236_481_002; // any number no other program on the same database uses for pg_advisory_xact_lock

/** @returns how many were applied. @throws Refusal `conflict` when the store is ahead of this program. */
export function migrate(db: Db, now: number): Promise<number> {
  return tryAgain(db, () => db.transaction((tx) => applyTo(db, tx, now)));
}
async function applyTo(db: Db, tx: Tx, now: number): Promise<number> {
  if (db.dialect === "postgres") await tx.all(sql`select pg_advisory_xact_lock(${LOCK})`);
  await tx.run(sql`create table if not exists schema_migrations (version int primary key, name text not null, applied_at bigint not null)`);
  const done = await tx.all<{ version: number }>(sql`select coalesce(max(version), 0) as version from schema_migrations`);
  const current = done[0]?.version ?? 0;
  if (current > migrations.length) {
    throw new Refusal("conflict", `The store has schema ${current}; this program knows ${migrations.length}. Start the newer Baton.`);
  }
  const missing = migrations.slice(current);
  if (missing.length > 0) await tx.script(missing.flatMap(({ up }) => up(db.dialect)));
  for (const [at, { name }] of missing.entries())
    await tx.run(sql`insert into schema_migrations (version, name, applied_at) values (${current + at + 1}, ${name}, ${now})`);
  return missing.length;
}
