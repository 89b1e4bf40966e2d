// SQL of approvals.
import type { Approval } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { join, type Sql, sql } from "../store/sql.ts";

export interface ApprovalRow {
  seq: number;
  id: string;
  kind: string;
  state: Approval["state"];
  title: string;
  /** JSON. */
  detail: string;
  task_id: string | null;
  step_id: string | null;
  attempt_id: string | null;
  /** Of the attempt when it asked: once it has changed hands, whoever has it asks anew. */
  fence: number | null;
  agent_id: string | null;
  comment: string | null;
  decided_by: string | null;
  created_at: number;
  expires_at: number | null;
  decided_at: number | null;
}
export type NewApprovalRow = Omit<ApprovalRow, "seq" | "state" | "comment" | "decided_by" | "decided_at">;

export const insertApproval = (tx: Tx, row: NewApprovalRow): Promise<number> =>
  tx.run(sql`insert into approvals (id, kind, state, title, detail, task_id, step_id, attempt_id, fence, agent_id, created_at, expires_at)
    values (${row.id}, ${row.kind}, 'open', ${row.title}, ${row.detail}, ${row.task_id}, ${row.step_id}, ${row.attempt_id}, ${row.fence}, ${row.agent_id}, ${row.created_at}, ${row.expires_at})`);
export interface Closing {
  state: Exclude<Approval["state"], "open">;
  comment: string | null;
  by: string | null;
  at: number;
}
/** Once: only what is open is closed. @returns it as it is then. */
export const closeApproval = async (tx: Tx, id: string, { state, comment, by, at }: Closing): Promise<ApprovalRow | undefined> =>
  (
    await tx.all<ApprovalRow>(
      sql`update approvals set state = ${state}, comment = ${comment}, decided_by = ${by}, decided_at = ${at} where id = ${id} and state = 'open' returning *`,
    )
  )[0];
/** Questions of attempts that do not run any more: their server went away before it could withdraw them. */
export const selectForsaken = (db: Reader, limit: number): Promise<ApprovalRow[]> =>
  db.all(sql`select * from approvals where state = 'open' and attempt_id is not null
    and not exists (select 1 from attempts a where a.id = approvals.attempt_id and a.state = 'running' and a.fence = approvals.fence) limit ${limit}`);
export const selectApproval = async (db: Reader, id: string): Promise<ApprovalRow | undefined> =>
  (await db.all<ApprovalRow>(sql`select * from approvals where id = ${id}`))[0];
export const countOpen = async (db: Reader, taskId: string): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from approvals where task_id = ${taskId} and state = 'open'`))[0]?.n ?? 0;

export interface ApprovalFilter {
  state?: string | undefined;
  taskId?: string | undefined;
  agentId?: string | undefined;
}
const where = ({ state, taskId, agentId }: ApprovalFilter): Sql => {
  const parts: Sql[] = [];
  // Written out, so that the index of the open ones is used.
  if (state === "open") parts.push(sql`state = 'open'`);
  else if (state !== undefined) parts.push(sql`state = ${state}`);
  if (taskId !== undefined) parts.push(sql`task_id = ${taskId}`);
  if (agentId !== undefined) parts.push(sql`agent_id = ${agentId}`);
  return parts.length === 0 ? sql`` : sql` where ${join(parts, " and ")}`;
};
export const selectApprovalPage = (db: Reader, filter: ApprovalFilter, limit: number, offset: number): Promise<ApprovalRow[]> =>
  db.all(sql`select * from approvals${where(filter)} order by seq desc limit ${limit} offset ${offset}`);
export const countApprovals = async (db: Reader, filter: ApprovalFilter): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from approvals${where(filter)}`))[0]?.n ?? 0;
