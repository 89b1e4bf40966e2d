// SQL of the keys agents sign with, and of who must sign.
import type { Reader, Tx } from "../../store/db.ts";
import { oneOf, sql } from "../../store/sql.ts";

export interface SigningKeyRow {
  seq: number;
  id: string;
  agent_id: string;
  created_at: number;
  retired_at: number | null;
}
export const selectSigningKeys = (db: Reader, ids: readonly string[]): Promise<SigningKeyRow[]> =>
  db.all(sql`select * from signing_keys where id ${oneOf(ids)}`);
export const selectKeysOf = (db: Reader, agentId: string): Promise<SigningKeyRow[]> =>
  db.all(sql`select * from signing_keys where agent_id = ${agentId} order by seq`);
/** @returns false when there is this key already, whosever it is. */
export const insertSigningKey = async (tx: Tx, row: Pick<SigningKeyRow, "id" | "agent_id" | "created_at">): Promise<boolean> =>
  (await tx.run(sql`insert into signing_keys (id, agent_id, created_at) values (${row.id}, ${row.agent_id}, ${row.created_at}) on conflict do nothing`)) === 1;
export const retireKey = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run(sql`update signing_keys set retired_at = ${now} where id = ${id} and retired_at is null`);
export const deleteKey = (tx: Tx, id: string): Promise<number> => tx.run(sql`delete from signing_keys where id = ${id}`);

export const selectRequired = async (db: Reader): Promise<string[]> =>
  (await db.all<{ agent_id: string }>(sql`select agent_id from signing_required`)).map(({ agent_id }) => agent_id);
export const insertRequired = (tx: Tx, agentId: string): Promise<number> =>
  tx.run(sql`insert into signing_required (agent_id) values (${agentId}) on conflict do nothing`);
export const deleteRequired = (tx: Tx, agentId: string): Promise<number> => tx.run(sql`delete from signing_required where agent_id = ${agentId}`);
