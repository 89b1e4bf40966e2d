// Postgres, shared by any number of servers. Statements of a transaction that are issued together travel together.
import { connect, type Socket } from "node:net";
import { Refusal } from "@baton/contract";
import postgres from "postgres";
import { type Db, tryAgain, type Tx } from "./db.ts";
import { type Lane, openLanes } from "./postgres-lanes.ts";
import { render, type Sql } from "./sql.ts";

export interface PostgresSettings {
  url: string;
  /** Connections of this server at the most. */
  maxConnections: number;
  /** How long a transaction of a server that stands still, or is cut off, may keep others waiting for its locks, in milliseconds. Default 10 s. */
  abandonedMs?: number;
}
const ABANDONED_MS = 10_000;

/** Deadlock, serialization, a transaction that stood still, admin shutdown, too many connections, and everything about the connection itself. */
const TRANSIENT = /^(40P01|25P03|40001|55P03|57P0[123]|53300|08\w{3}|CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|EPIPE|ETIMEDOUT)$/;
const isTransient = (error: unknown): boolean => error instanceof Error && TRANSIENT.test(String((error as { code?: unknown }).code));
/** It was there and went; asked again, it may well be there. */
const isBroken = (error: unknown): boolean => isTransient(error) && (error as { code?: unknown }).code !== "ECONNREFUSED";
/**
 * Transactions touch rows by their keys. A plan that was kept from when a table was nearly empty read all of it later, to join it with
 * some hundred keys: eight times the time for 20,000 rows.
 */
const BY_KEY = { enable_hashjoin: "off", enable_mergejoin: "off" };
/** Between tries to connect, in seconds. */
const LONGEST_PAUSE_S = 0.5;
const NOTIFY_GAP_MS = 5;
/** Postgres takes 8000; where keys would be more, the hint says nothing of them. */
const MAX_HINT_BYTES = 7500;

/** @throws Refusal `unavailable` when it cannot be reached or does not let this server in. */
export async function openPostgres(settings: PostgresSettings): Promise<Db> {
  const options = {
    connect_timeout: 10,
    // The driver's own pauses grow to 20 s: one that is back would be passed over for as long.
    backoff: (tries: number) => Math.min(LONGEST_PAUSE_S, 3 ** tries / 100),
    idle_timeout: 0,
    onnotice: () => undefined,
    // The driver asks for them on its own when it connects, and a connection that breaks under that question ends the process.
    fetch_types: false,
    // Which of several hosts is asked next is the driver's own.
    ...(settings.url.includes(",") ? {} : { socket: openWire }),
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    // Short statements by key on large tables: compiling them costs more than running them, and an index is nearly always
    // right (with the default cost of a random page, lists of unknown length were joined by reading whole tables: 28 ms for 1).
    connection: {
      application_name: "baton",
      jit: "off",
      random_page_cost: "1.1",
      // Its own connection is ended by the store, which else would hold the locks of a server that nobody hears of until the network gives it up.
      idle_in_transaction_session_timeout: settings.abandonedMs ?? ABANDONED_MS,
    },
  };
  // Most of the work is in transactions; what only reads shares the others.
  const readers = Math.max(1, Math.floor(settings.maxConnections / 3));
  const pool = postgres(settings.url, { ...options, max: readers });
  const lanes = openLanes(Math.max(1, settings.maxConnections - readers), (more) =>
    postgres(settings.url, { ...options, ...more, connection: { ...options.connection, ...BY_KEY } }),
  );
  try {
    await pool`select 1`.catch((error: unknown) => (isBroken(error) ? pool`select 1` : Promise.reject(error as Error)));
  } catch (error) {
    await pool.end({ timeout: 0 });
    if (!(error instanceof Error)) throw error;
    throw new Refusal("unavailable", `Postgres cannot be used: ${reasonOf(error)}. DATABASE_URL says where it is and who asks.`);
  }
  const pending = new Map<string, { timer: NodeJS.Timeout; keys: Set<string> | undefined }>();

  const transaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    lanes.use(async (lane) => {
      const plain = (text: string) => lane.ask(() => lane.connection.unsafe(text).execute());
      const begun = plain("begin");
      begun.catch(() => undefined);
      const last: Promise<unknown>[] = [begun];
      try {
        const result = await work(transactionOn(lane, last));
        // Travels with the last statements. If one of them fails, the server makes a rollback of it.
        const committed = plain("commit");
        await Promise.all([...last, committed]);
        return result;
      } catch (error) {
        await plain("rollback").catch(() => undefined);
        throw lane.error ?? (await firstCause(last)) ?? error;
      }
    });
  return {
    dialect: "postgres",
    // Reading again is harmless, and a connection that broke while nobody used it is only noticed now.
    all: (statement) => tryAgain({ isTransient }, () => query<never>(pool, statement)),
    transaction,
    isTransient,
    notify: (channel, keys) => {
      // Many commits within a few milliseconds make one notification.
      const waiting = pending.get(channel);
      if (waiting) {
        if (keys === undefined) waiting.keys = undefined;
        else for (const key of keys) waiting.keys?.add(key);
        return;
      }
      const send = () => {
        const told = pending.get(channel)?.keys;
        pending.delete(channel);
        pool.notify(channel, toHint(told)).catch(() => undefined);
      };
      pending.set(channel, { timer: setTimeout(send, NOTIFY_GAP_MS), keys: keys && new Set(keys) });
    },
    onNotify: async (channel, listener) => {
      const heard = (hint: string) => listener(hint === "" ? undefined : (JSON.parse(hint) as string[]));
      const { unlisten } = await tryAgain({ isTransient }, () => pool.listen(channel, heard, () => listener()));
      return unlisten;
    },
    close: async () => {
      for (const { timer } of pending.values()) clearTimeout(timer);
      await Promise.all([lanes.close(), pool.end({ timeout: 5 })]);
    },
  };
}

/** Statements that travel together go out in pieces of a kilobyte: by Nagle's algorithm, which the driver leaves on, each piece waits for the answer to the one before. */
function openWire({ host, port, path }: { host: string[]; port: number[]; path: string | false }): Socket {
  const wire = path ? connect(path) : connect({ host: host[0] as string, port: port[0] as number, noDelay: true });
  // By which TLS asks for its certificate.
  return path ? wire : Object.assign(wire, { host: host[0], port: port[0] });
}

function toHint(keys: ReadonlySet<string> | undefined): string {
  const hint = keys === undefined ? "" : JSON.stringify([...keys]);
  return Buffer.byteLength(hint) > MAX_HINT_BYTES ? "" : hint;
}

/** Where every address of a host refused, Node says so in a code only. */
const reasonOf = (error: Error & { code?: string }): string => (error.message === "" ? (error.code ?? error.name) : error.message);

/** Once a statement has failed, all after it fail for that reason: the first one says why. */
async function firstCause(statements: readonly Promise<unknown>[]): Promise<unknown> {
  const failed = (await Promise.allSettled(statements)).filter((one) => one.status === "rejected").map((one): unknown => one.reason);
  return failed.find((reason) => !(reason instanceof Error && "code" in reason && reason.code === "25P02"));
}
function transactionOn(lane: Lane, last: Promise<unknown>[]): Tx {
  const ask = <Row>(statement: Sql) => lane.ask(() => query<Row>(lane.connection, statement));
  return {
    leave: (statement) => {
      // Looked at with the commit; until then nobody waits for it.
      statement.catch(() => undefined);
      last.push(statement);
    },
    all: ask,
    // Without prepared statements Postgres takes several at a time.
    script: async (statements) => void (await lane.ask(() => lane.connection.unsafe(statements.join(";\n")).execute())),
    run: async (statement) => (await ask(statement)).count,
  };
}
function query<Row>(connection: postgres.Sql | postgres.ReservedSql, statement: Sql): Promise<Row[] & { count: number }> {
  const { text, params } = render(statement, "postgres");
  return connection.unsafe(text, params as never[], { prepare: true }).execute() as unknown as Promise<Row[] & { count: number }>;
}
