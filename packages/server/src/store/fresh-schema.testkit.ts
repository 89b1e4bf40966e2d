// Empty stores on Postgres for tests, each in a schema of its own. One whose test is over is emptied and used again: migrations take half a
// second on a new connection, and emptying ten milliseconds.
import postgres from "postgres";
import { onTestFinished } from "vitest";
import type { Db } from "./db.ts";
import { migrate } from "./migrate.ts";
import { openPostgres } from "./postgres.ts";

export type OpenStore = () => Promise<Db>;
interface Database {
  admin: postgres.Sql;
  /** Schemas whose tests are over. */
  free: string[];
  made: number;
  /** What migrations wrote into tables, as JSON by table. */
  first: Map<string, string>;
}
const DEADLOCK = "40P01";
const databases = new Map<string, Database>();

/** @param url a database that is this test file's own. @returns what opens the store, as often as wanted: as several servers would. */
export async function freshSchema(url: string): Promise<OpenStore> {
  const database: Database = databases.get(url) ?? {
    admin: postgres(url, { max: 1, idle_timeout: 1, onnotice: () => undefined }),
    free: [],
    made: 0,
    first: new Map(),
  };
  databases.set(url, database);
  const used = database.free.pop();
  const name = used ?? `s${++database.made}`;
  const open = () => openPostgres({ url: `${url}?search_path=${name}`, maxConnections: 5 });
  await (used === undefined ? make(database, name, open) : empty(database, name));
  try {
    onTestFinished(() => void database.free.push(name));
  } catch (error) {
    // Asked for by a hook: it serves more than one test.
    if (!String(error).includes("onTestFinished")) throw error;
  }
  return open;
}
async function make({ admin, first }: Database, schema: string, open: OpenStore): Promise<void> {
  await admin.unsafe(`create schema ${schema}`);
  const db = await open();
  await migrate(db, 0);
  await db.close();
  for (const table of await tablesOf(admin, schema)) {
    const [row] = await admin.unsafe<{ rows: string | null }[]>(`select json_agg(t)::text as rows from ${schema}.${table} t`);
    if (row && row.rows !== null) first.set(table, row.rows);
  }
}
async function empty({ admin, first }: Database, schema: string): Promise<void> {
  const tables = await tablesOf(admin, schema);
  const sequences = await admin<{ name: string }[]>`select sequencename as name from pg_sequences where schemaname = ${schema}`;
  const statements = [
    ...tables.map((table) => `delete from ${schema}.${table}`),
    ...sequences.map(({ name }) => `alter sequence ${schema}.${name} restart`),
    ...[...first].map(
      ([table, rows]) =>
        `insert into ${schema}.${table} overriding system value select * from json_populate_recordset(null::${schema}.${table}, '${rows.replaceAll("'", "''")}')`,
    ),
  ];
  await emptied(admin, statements.join("; "));
}
/** All of it or nothing: several statements at once are one transaction. A server of the test before may still be at its last change; then it is done again. */
async function emptied(admin: postgres.Sql, statements: string): Promise<void> {
  try {
    await admin.unsafe(statements);
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== DEADLOCK) throw error;
    await emptied(admin, statements);
  }
}
async function tablesOf(admin: postgres.Sql, schema: string): Promise<string[]> {
  const rows = await admin<{ name: string }[]>`select tablename as name from pg_tables where schemaname = ${schema}`;
  return rows.map(({ name }) => name);
}
