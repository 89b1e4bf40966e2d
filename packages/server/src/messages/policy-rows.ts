// SQL of the number that every change of what is demanded of messages counts up.
import type { Reader, Tx } from "../store/db.ts";
import { sql } from "../store/sql.ts";

export const selectPolicyVersion = async (db: Reader): Promise<number> =>
  (await db.all<{ version: number }>(sql`select version from message_policies where one = 1`))[0]?.version ?? 0;
/** In the transaction of the change. */
export const countUpPolicyVersion = (tx: Tx): Promise<number> => tx.run(sql`update message_policies set version = version + 1 where one = 1`);
