// SQL of the rules of who may send what to whom.
import type { MessageRule } from "@baton/contract";
import type { Reader, Tx } from "../../store/db.ts";
import { sql } from "../../store/sql.ts";

export interface RuleRow {
  seq: number;
  id: string;
  name: string;
  description: string;
  effect: MessageRule["effect"];
  /** JSON lists. */
  from_parties: string;
  to_parties: string;
  message_types: string;
  topics: string;
  patterns: string;
  created_at: number;
  updated_at: number;
}
export const selectRules = (db: Reader): Promise<RuleRow[]> => db.all(sql`select * from message_rules order by seq`);
export const selectRulePage = (db: Reader, limit: number, offset: number): Promise<RuleRow[]> =>
  db.all(sql`select * from message_rules order by seq limit ${limit} offset ${offset}`);
export const countRules = async (db: Reader): Promise<number> => (await db.all<{ n: number }>(sql`select count(*) as n from message_rules`))[0]?.n ?? 0;
/** By id or name. */
export const selectRule = async (db: Reader, idOrName: string): Promise<RuleRow | undefined> =>
  (
    await db.all<RuleRow>(
      sql`select * from message_rules where id = ${idOrName} or name = ${idOrName} order by case when id = ${idOrName} then 0 else 1 end limit 1`,
    )
  )[0];
/** @returns false when the name is taken. */
export const insertRule = async (tx: Tx, row: Omit<RuleRow, "seq">): Promise<boolean> =>
  (await tx.run(sql`insert into message_rules (id, name, description, effect, from_parties, to_parties, message_types, topics, patterns, created_at, updated_at)
    values (${row.id}, ${row.name}, ${row.description}, ${row.effect}, ${row.from_parties}, ${row.to_parties}, ${row.message_types}, ${row.topics}, ${row.patterns},
      ${row.created_at}, ${row.updated_at}) on conflict do nothing`)) === 1;
export const updateRule = (tx: Tx, row: Omit<RuleRow, "seq" | "created_at" | "name">): Promise<number> =>
  tx.run(sql`update message_rules set description = ${row.description}, effect = ${row.effect}, from_parties = ${row.from_parties}, to_parties = ${row.to_parties},
    message_types = ${row.message_types}, topics = ${row.topics}, patterns = ${row.patterns}, updated_at = ${row.updated_at} where id = ${row.id}`);
export const deleteRule = (tx: Tx, id: string): Promise<number> => tx.run(sql`delete from message_rules where id = ${id}`);
