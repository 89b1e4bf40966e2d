// SQL of secrets, and of everything else that is sealed where the key is replaced.
import type { Db, Reader, Tx } from "../store/db.ts";
import { type Scope, within } from "../store/scope.ts";
import { join, rows, sql, type Sql } from "../store/sql.ts";

export interface SecretRow {
  id: string;
  name: string;
  /** `*`: of no project, for agents that all share. */
  project: string;
  version: number;
  /** Its data key, sealed under the installation's. */
  data_key: string;
  /** Sealed under the data key. */
  value: string;
  created_by: string;
  created_at: number;
  updated_at: number;
}
export type ShownRow = Omit<SecretRow, "data_key" | "value">;
interface Filter {
  name?: string | undefined;
}
const SHOWN = sql`id, name, project, version, created_by, created_at, updated_at`;
function where(scope: Scope, { name }: Filter): Sql {
  const conditions = [...within(scope, sql`project`), ...(name === undefined ? [] : [sql`name = ${name}`])];
  return conditions.length === 0 ? sql`` : sql` where ${join(conditions, " and ")}`;
}
export const insertSecret = async (tx: Tx, row: SecretRow): Promise<boolean> =>
  (await tx.run(sql`insert into secrets (id, name, project, version, data_key, value, created_by, created_at, updated_at)
    values (${row.id}, ${row.name}, ${row.project}, ${row.version}, ${row.data_key}, ${row.value}, ${row.created_by}, ${row.created_at}, ${row.updated_at})
    on conflict (project, name) do nothing`)) === 1;
/** Not when somebody else replaced it meanwhile. */
export const updateSecret = async (tx: Tx, { id, version, data_key, value, updated_at }: SecretRow): Promise<boolean> =>
  (await tx.run(sql`update secrets set version = ${version}, data_key = ${data_key}, value = ${value}, updated_at = ${updated_at}
    where id = ${id} and version = ${version - 1}`)) === 1;
export const deleteSecret = async (tx: Tx, id: string): Promise<ShownRow | undefined> =>
  (await tx.all<ShownRow>(sql`delete from secrets where id = ${id} returning ${SHOWN}`))[0];
export const selectSecret = async (db: Reader, id: string): Promise<ShownRow | undefined> =>
  (await db.all<ShownRow>(sql`select ${SHOWN} from secrets where id = ${id}`))[0];
export const selectNamedSecret = async (db: Reader, project: string, name: string): Promise<SecretRow | undefined> =>
  (await db.all<SecretRow>(sql`select * from secrets where project = ${project} and name = ${name}`))[0];
export const selectSecrets = (db: Reader, scope: Scope, filter: Filter & { limit: number; offset: number }): Promise<ShownRow[]> =>
  db.all(sql`select ${SHOWN} from secrets${where(scope, filter)} order by project, name limit ${filter.limit} offset ${filter.offset}`);
export const countSecrets = async (db: Reader, scope: Scope, filter: Filter): Promise<number> =>
  Number((await db.all<{ n: number }>(sql`select count(*) as n from secrets${where(scope, filter)}`))[0]?.n);
export const countOf = async (db: Reader, project: string): Promise<number> =>
  Number((await db.all<{ n: number }>(sql`select count(*) as n from secrets where project = ${project}`))[0]?.n);

/** Where sealed values are, in rows that their `id` tells. What messages hold unsealed in the same columns is passed over. */
const SEALED_IN: readonly { table: Sql; columns: readonly Sql[] }[] = [
  { table: sql`secrets`, columns: [sql`data_key`] },
  { table: sql`agents`, columns: [sql`connector`, sql`environment`] },
  { table: sql`agent_config_templates`, columns: [sql`request_mapping`] },
  { table: sql`workspace_checkpoints`, columns: [sql`environment`] },
  { table: sql`push_keys`, columns: [sql`private_key`] },
  { table: sql`messages`, columns: [sql`payload`, sql`content_hash`, sql`signature`] },
];
const AT_ONCE = 200;

/** Seals anew what is not sealed as `current` begins. @returns how many values; what changes meanwhile is sealed anew by whoever changes it. */
export async function resealAll(db: Db, current: string, reseal: (sealed: string) => string): Promise<number> {
  let done = 0;
  for (const { table, columns } of SEALED_IN)
    for (const column of columns) {
      for (;;) {
        const found = await db.all<{ key: string; value: string }>(
          sql`select id as key, ${column} as value from ${table} where ${column} like 'sealed:%' and ${column} not like ${`${current}%`} limit ${AT_ONCE}`,
        );
        if (found.length === 0) break;
        const items = found.map((one) => ({ key: one.key, old: one.value, fresh: reseal(one.value) }));
        const changed = rows("fresh", { key: "text", old: "text", fresh: "text" }, items);
        done += await db.transaction((tx) =>
          tx.run(sql`update ${table} set ${column} = fresh.fresh from ${changed} where ${table}.id = fresh.key and ${table}.${column} = fresh.old`),
        );
      }
    }
  return done;
}
