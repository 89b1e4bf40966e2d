// A creation that is asked for twice under one idempotency key makes one thing. Names are unique, so two such requests at
// once cannot both succeed; the key says which of the two refusals is a repetition.
import { createHash } from "node:crypto";
import { Refusal } from "@baton/contract";
import { sql } from "../store/sql.ts";
import type { Clock } from "../std/clock.ts";
import type { Db } from "../store/db.ts";

export async function createOnce<T extends { id: string }>(
  world: { db: Db; clock: Clock },
  key: string | undefined,
  request: unknown,
  find: (id: string) => T | Promise<T>,
  create: () => Promise<T>,
): Promise<{ made: T; created: boolean }> {
  if (key === undefined) return { made: await create(), created: true };
  const hash = createHash("sha256").update(JSON.stringify(request)).digest("base64");
  const earlier = await findCreation(world.db, key, hash);
  if (earlier !== undefined) return { made: await find(earlier), created: false };
  try {
    const made = await create();
    await world.db.transaction((tx) =>
      tx.run(
        sql`insert into idempotent_creations (idempotency_key, request_hash, created_id, created_at) values (${key}, ${hash}, ${made.id}, ${world.clock.now()}) on conflict do nothing`,
      ),
    );
    return { made, created: true };
  } catch (error) {
    const meanwhile = error instanceof Refusal && error.code === "name_taken" ? await findCreation(world.db, key, hash) : undefined;
    if (meanwhile === undefined) throw error;
    return { made: await find(meanwhile), created: false };
  }
}
async function findCreation(db: Db, key: string, hash: string): Promise<string | undefined> {
  const [row] = await db.all<{ request_hash: string; created_id: string }>(
    sql`select request_hash, created_id from idempotent_creations where idempotency_key = ${key}`,
  );
  if (row && row.request_hash !== hash)
    throw new Refusal("idempotency_mismatch", "This Idempotency-Key was used for another request. Use a new key for a new request.");
  return row?.created_id;
}
