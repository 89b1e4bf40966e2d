// SQL of what people said once and for all.
import { ALL_PROJECTS } from "@baton/contract";
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { projectOfTask, type Scope, withinNamed } from "../store/scope.ts";
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
  /** Where it counts; `*`: everywhere. */
  project: string;
  created_by: string;
  created_at: number;
}
export interface RuleFilter {
  scope: Scope;
  taskId?: string | undefined;
  agentId?: string | undefined;
}
export const insertRule = (tx: Tx, row: Omit<RuleRow, "seq">): Promise<number> =>
  tx.run(sql`insert into approval_rules (id, task_id, agent_id, kinds, paths, commands, tools, answer, approval_id, project, created_by, created_at)
    values (${row.id}, ${row.task_id}, ${row.agent_id}, ${row.kinds}, ${row.paths}, ${row.commands}, ${row.tools}, ${row.answer}, ${row.approval_id}, ${row.project}, ${row.created_by}, ${row.created_at})`);
export const deleteRule = async (tx: Tx, id: string): Promise<RuleRow | undefined> =>
  (await tx.all<RuleRow>(sql`delete from approval_rules where id = ${id} returning *`))[0];
export const selectRule = async (db: Reader, id: string): Promise<RuleRow | undefined> =>
  (await db.all<RuleRow>(sql`select * from approval_rules where id = ${id}`))[0];
/** Newest first: the last word counts. What was said of an agent counts in the project it was said in. */
export const selectRulesFor = (db: Reader, taskId: string, agentId: string): Promise<RuleRow[]> =>
  db.all(sql`select * from approval_rules where (task_id = ${taskId} or agent_id = ${agentId})
    and project in (${ALL_PROJECTS}, ${projectOfTask(sql`${taskId}`)}) order by seq desc`);
const where = ({ scope, taskId, agentId }: RuleFilter): Sql => {
  const parts = [
    ...withinNamed(scope, sql`project`),
    ...(taskId === undefined ? [] : [sql`task_id = ${taskId}`]),
    ...(agentId === undefined ? [] : [sql`agent_id = ${agentId}`]),
  ];
  return parts.length === 0 ? sql`` : sql` where ${join(parts, " and ")}`;
};
export const selectRulePage = (db: Reader, filter: RuleFilter, limit: number, offset: number): Promise<RuleRow[]> =>
  db.all(sql`select * from approval_rules${where(filter)} order by seq desc limit ${limit} offset ${offset}`);
export const countRules = (db: Reader, filter: RuleFilter): Promise<number> => countUpTo(db, sql`approval_rules${where(filter)}`);
