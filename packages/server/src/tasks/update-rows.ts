// SQL of what agents do and say during attempts.
import type { Reader, Tx } from "../store/db.ts";
import { rows, sql } from "../store/sql.ts";

export interface UpdateRow {
  attempt_id: string;
  n: number;
  at: number;
  /** JSON. */
  data: string;
}
const NEW = { attempt_id: "text", n: "int", at: "int", data: "text", fence: "int" } as const;
/** Only of attempts that still run under the fence the writer knows. @returns what was written. */
export const insertUpdates = (tx: Tx, updates: readonly (UpdateRow & { fence: number })[]): Promise<{ attempt_id: string; n: number }[]> =>
  tx.all(
    sql`insert into attempt_updates (attempt_id, n, at, data) select x.attempt_id, x.n, x.at, x.data from ${rows(
      "x",
      NEW,
      updates.map((one) => ({ ...one })),
    )} join attempts a on a.id = x.attempt_id and a.fence = x.fence and a.state = 'running' where true on conflict do nothing returning attempt_id, n`,
  );
export const lastUpdate = async (db: Reader, attemptId: string): Promise<number> =>
  (await db.all<{ n: number | null }>(sql`select max(n) as n from attempt_updates where attempt_id = ${attemptId}`))[0]?.n ?? 0;
export const selectUpdates = (db: Reader, attemptId: string, after: number, limit: number): Promise<UpdateRow[]> =>
  db.all(sql`select * from attempt_updates where attempt_id = ${attemptId} and n > ${after} order by n limit ${limit}`);
