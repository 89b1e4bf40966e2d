// The store's port. Both stores run the same statements; `store.testsuite.ts` holds them to the same meaning.
import { MAX_COUNTED, Refusal } from "@baton/contract";
import { type Dialect, type Sql, sql } from "./sql.ts";

export interface Reader {
  all<Row>(statement: Sql): Promise<Row[]>;
}
/**
 * Inside a transaction. Statements run in the order they are issued, also when they are not awaited one by one (Postgres
 * gets them in one go then); whoever does not await a statement awaits it before the transaction ends.
 */
export interface Tx extends Reader {
  /** How many rows it changed. */
  run(statement: Sql): Promise<number>;
  /** Statements without values, of which nothing is answered: all in one go. */
  script(statements: readonly string[]): Promise<void>;
  /** For statements whose answers nobody needs: they are waited for together with the commit, which fails if one of them does. */
  leave(statement: Promise<unknown>): void;
}
export interface Db extends Reader {
  readonly dialect: Dialect;
  /**
   * All or nothing; durable when it resolves. On Postgres it runs at READ COMMITTED and may be refused by a deadlock or a
   * lost connection: `isTransient` tells, and the caller may do it all again. Calls do not nest.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  isTransient(error: unknown): boolean;
  /**
   * A hint to every server on this store, this one included, that something changed. May be lost or merged with others.
   * `keys` says what; a listener that is given none is to look at everything.
   */
  notify(channel: string, keys?: readonly string[]): void;
  onNotify(channel: string, listener: (keys?: readonly string[]) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * How many rows a list has, as far as a page tells: what that costs does not grow with how many there are.
 * @param from what comes after `from`, with its condition.
 */
export const countUpTo = async (db: Reader, from: Sql): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from (select 1 as one from ${from} limit ${MAX_COUNTED}) counted`))[0]?.n ?? 0;

const PAUSES_MS = [20, 100, 400];
/** Does again what a deadlock or a broken connection spoiled, a few times. @throws Refusal `unavailable` when that does not pass. */
export async function tryAgain<T>({ isTransient }: Pick<Db, "isTransient">, work: () => Promise<T>): Promise<T> {
  for (const ms of [...PAUSES_MS, undefined]) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (ms === undefined) break;
      await new Promise<void>((resolve) => setTimeout(resolve, ms));
    }
  }
  throw new Refusal("unavailable", "The store does not answer right now. Try again.", { retryAfterSeconds: 1 });
}
