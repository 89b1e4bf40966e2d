// SQL of what people said once and for all.
import type { Reader, Tx } from "../store/db.ts";
import { join, type Sql, sql } from "../store/sql.ts";

export interface RuleRow {
  seq: number;
  id: string;
  /** One of the two is set. */
  task_id: string | null;
  agent_id: string | null;
  /** JSON. */
  kinds: string;
  /** JSON. */
  paths: string | null;
  /** JSON. */
  commands: string | null;
  /** JSON. */
  tools: string | null;
  answer: "allow" | "deny";
  approval_id: string;
  created_by: string;
  created_at: number;
}
export interface RuleFilter {
  taskId?: string | undefined;
  agentId?: string | undefined;
}
export const insertRule = (tx: Tx, row: Omit<RuleRow, "seq">): Promise<number> =>
  tx.run(sql`insert into approval_rules (id, task_id, agent_id, kinds, paths, commands, tools, answer, approval_id, created_by, created_at)
    values (${row.id}, ${row.task_id}, ${row.agent_id}, ${row.kinds}, ${row.paths}, ${row.commands}, ${row.tools}, ${row.answer}, ${row.approval_id}, ${row.created_by}, ${row.created_at})`);
export const deleteRule = async (tx: Tx, id: string): Promise<RuleRow | undefined> =>
  (await tx.all<RuleRow>(sql`delete from approval_rules where id = ${id} returning *`))[0];
/** Newest first: the last word counts. */
export const selectRulesFor = (db: Reader, taskId: string, agentId: string): Promise<RuleRow[]> =>
  db.all(sql`select * from approval_rules where task_id = ${taskId} or agent_id = ${agentId} order by seq desc`);
const where = ({ taskId, agentId }: RuleFilter): Sql => {
  const parts = [...(taskId === undefined ? [] : [sql`task_id = ${taskId}`]), ...(agentId === undefined ? [] : [sql`agent_id = ${agentId}`])];
  return parts.length === 0 ? sql`` : sql` where ${join(parts, " and ")}`;
};
export const selectRulePage = (db: Reader, filter: RuleFilter, limit: number, offset: number): Promise<RuleRow[]> =>
  db.all(sql`select * from approval_rules${where(filter)} order by seq desc limit ${limit} offset ${offset}`);
export const countRules = async (db: Reader, filter: RuleFilter): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from approval_rules${where(filter)}`))[0]?.n ?? 0;
