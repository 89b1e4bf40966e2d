// SQLite in one file: one writer and one reader connection. A second process on the same file is refused at open.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Refusal } from "@baton/contract";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import type { Db, Tx } from "./db.ts";
import { inChunks, render, type Sql } from "./sql.ts";

export interface SqliteSettings {
  /** A path, or `:memory:` for a store that dies with the process. */
  file: string;
  /** `full` survives power loss; `normal` survives the death of the process and may lose the last commits when the machine dies. */
  synchronous: "full" | "normal";
}

/** @throws Refusal `conflict` when another process has the file open. */
export function openSqlite(settings: SqliteSettings): Db {
  const inMemory = settings.file === ":memory:";
  if (!inMemory) mkdirSync(dirname(settings.file), { recursive: true, mode: 0o700 });
  const lock = inMemory ? undefined : lockFile(`${settings.file}.lock`, settings.file);
  const writer = connect(settings.file, settings.synchronous);
  const reader = inMemory ? writer : connect(settings.file, settings.synchronous);
  const listeners = new Map<string, Set<(keys?: readonly string[]) => void>>();
  let tail: Promise<unknown> = Promise.resolve();

  async function transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    writer.exec("begin immediate");
    const last: Promise<unknown>[] = [];
    const tx: Tx = {
      all: async (statement) => writer.all(statement),
      run: async (statement) => writer.run(statement),
      script: async (statements) => writer.exec(statements.join(";\n")),
      leave: (statement) => {
        // Looked at with the commit; until then nobody waits for it.
        statement.catch(() => undefined);
        last.push(statement);
      },
    };
    try {
      const result = await work(tx);
      await Promise.all(last);
      writer.exec("commit");
      return result;
    } catch (error) {
      writer.exec("rollback");
      throw error;
    }
  }
  return {
    dialect: "sqlite",
    all: async (statement) => {
      // An in-memory store has one connection: a reader waits for the transaction under way.
      if (inMemory) await tail.catch(() => undefined);
      return reader.all(statement);
    },
    transaction: (work) => {
      const turn = tail.then(
        () => transact(work),
        () => transact(work),
      );
      tail = turn;
      return turn;
    },
    isTransient: () => false,
    notify: (channel, keys) => {
      for (const listener of listeners.get(channel) ?? []) listener(keys);
    },
    onNotify: async (channel, listener) => {
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(listener));
      return async () => void set.delete(listener);
    },
    close: async () => {
      await tail.catch(() => undefined);
      writer.close();
      if (reader !== writer) reader.close();
      lock?.close();
    },
  };
}

/** The lock belongs to the process and goes with it, however it ends: nothing stale can be left behind. */
function lockFile(path: string, file: string): DatabaseSyncInstance {
  const lock = new DatabaseSync(path);
  try {
    lock.exec("pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive;");
    return lock;
  } catch (error) {
    lock.close();
    if (!String(error).includes("locked")) throw error;
    throw new Refusal("conflict", `Another Baton server is using ${file}. Stop it, choose another --data-dir, or share one Postgres by DATABASE_URL.`);
  }
}

interface Connection {
  all<Row>(statement: Sql): Row[];
  run(statement: Sql): number;
  exec(text: string): void;
  close(): void;
}
const MAX_PREPARED = 500;
function connect(file: string, synchronous: "full" | "normal"): Connection {
  const database = new DatabaseSync(file);
  database.exec(
    `pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma busy_timeout = 5000; pragma foreign_keys = on;
     pragma cache_size = -65536; pragma temp_store = memory; pragma wal_autocheckpoint = 4000;`,
  );
  const prepared = new Map<string, StatementSyncInstance>();
  const prepare = (text: string): StatementSyncInstance => {
    const known = prepared.get(text);
    if (known) return known;
    if (prepared.size >= MAX_PREPARED) prepared.clear();
    const statement = database.prepare(text);
    prepared.set(text, statement);
    return statement;
  };
  return {
    all: <Row>(statement: Sql) => {
      const found: Row[][] = [];
      for (const part of inChunks(statement)) {
        const { text, params } = render(part, "sqlite");
        found.push(prepare(text).all(...(params as string[])) as Row[]);
      }
      return found.length === 1 ? (found[0] as Row[]) : found.flat();
    },
    run: (statement) => {
      let changes = 0;
      for (const part of inChunks(statement)) {
        const { text, params } = render(part, "sqlite");
        changes += Number(prepare(text).run(...(params as string[])).changes);
      }
      return changes;
    },
    exec: (text) => database.exec(text),
    close: () => database.close(),
  };
}
