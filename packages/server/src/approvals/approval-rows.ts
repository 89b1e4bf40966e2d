// SQL of approvals.
import type { Approval } from "@baton/contract";
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { projectOfTask, type Scope, withinNamed } from "../store/scope.ts";
import { join, oneOf, rows, type Sql, sql } from "../store/sql.ts";

export interface ApprovalRow {
  seq: number;
  id: string;
  kind: Approval["kind"];
  /** Of those its task requires. */
  name: string | null;
  state: Approval["state"];
  title: string;
  /** JSON. */
  detail: string;
  /** JSON. */
  offer: string | null;
  task_id: string | null;
  step_id: string | null;
  attempt_id: string | null;
  /** Of the attempt when it asked: once it has changed hands, whoever has it asks anew. */
  fence: number | null;
  /** The agent's own number of it, of an agent that asks again after it was away. */
  ask_key: string | null;
  agent_id: string | null;
  /** Its task's; `*`: of none. */
  project: string;
  comment: string | null;
  decided_by: string | null;
  created_at: number;
  expires_at: number | null;
  on_timeout: Approval["onTimeout"];
  decided_at: number | null;
}
export type NewApprovalRow = Omit<ApprovalRow, "seq" | "state" | "project" | "comment" | "decided_by" | "decided_at"> & {
  /** Default: its task's. */
  project?: string;
};
const NEW = {
  id: "text",
  kind: "text",
  name: "text",
  title: "text",
  detail: "text",
  offer: "text",
  task_id: "text",
  step_id: "text",
  attempt_id: "text",
  fence: "int",
  ask_key: "text",
  agent_id: "text",
  created_at: "int",
  expires_at: "int",
  on_timeout: "text",
  project: "text",
} as const;
export const insertApprovals = (tx: Tx, approvals: readonly NewApprovalRow[]): Promise<number> =>
  tx.run(sql`insert into approvals (id, kind, name, state, title, detail, offer, task_id, step_id, attempt_id, fence, ask_key, agent_id, project, created_at, expires_at, on_timeout)
    select id, kind, name, 'open', title, detail, offer, task_id, step_id, attempt_id, fence, ask_key, agent_id, coalesce(project, ${projectOfTask(sql`task_id`)}), created_at, expires_at, on_timeout from ${rows(
      "x",
      NEW,
      approvals.map((one) => ({ ...one, project: one.project ?? null })),
    )}`);
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
/** The plan of a task that waits for a person. */
export const closePlanApproval = async (tx: Tx, taskId: string, { state, comment, by, at }: Closing): Promise<ApprovalRow[]> =>
  tx.all(sql`update approvals set state = ${state}, comment = ${comment}, decided_by = ${by}, decided_at = ${at}
    where task_id = ${taskId} and state = 'open' and kind = 'plan' returning *`);
/** What was open of tasks that ended, but for what attempts asked: those withdraw it themselves. */
export const withdrawOfTasks = (tx: Tx, taskIds: readonly string[], at: number): Promise<ApprovalRow[]> =>
  tx.all(
    sql`update approvals set state = 'withdrawn', decided_at = ${at} where task_id ${oneOf(taskIds)} and state = 'open' and attempt_id is null returning *`,
  );
export const selectDue = (db: Reader, now: number, limit: number): Promise<ApprovalRow[]> =>
  db.all(sql`select * from approvals where state = 'open' and expires_at is not null and expires_at <= ${now} order by expires_at limit ${limit}`);
export async function nextToExpire(db: Reader): Promise<number | undefined> {
  const found = await db.all<{ at: number | null }>(sql`select min(expires_at) as at from approvals where state = 'open' and expires_at is not null`);
  return found[0]?.at ?? undefined;
}
/** Of those a task requires, as they stand; of one that was asked again the newest. */
export const selectNamed = (db: Reader, taskId: string): Promise<ApprovalRow[]> =>
  db.all(sql`select * from approvals where task_id = ${taskId} and kind = 'named' order by seq`);
/** Something that this agent waits for. */
export const selectOpenOfAgent = async (db: Reader, agentId: string): Promise<ApprovalRow | undefined> =>
  (await db.all<ApprovalRow>(sql`select * from approvals where agent_id = ${agentId} and state = 'open' limit 1`))[0];
const isForsaken = sql`state = 'open' and attempt_id is not null
    and not exists (select 1 from attempts a where a.id = approvals.attempt_id and a.state = 'running' and a.fence = approvals.fence)`;
/** Questions of attempts that do not run any more: their server went away before it could withdraw them. */
export const selectForsaken = (db: Reader, limit: number): Promise<ApprovalRow[]> => db.all(sql`select * from approvals where ${isForsaken} limit ${limit}`);
/** Unless somebody has taken it up meanwhile. @returns it as it is then. */
export const withdrawIfForsaken = async (tx: Tx, id: string, at: number): Promise<ApprovalRow | undefined> =>
  (await tx.all<ApprovalRow>(sql`update approvals set state = 'withdrawn', decided_at = ${at} where id = ${id} and ${isForsaken} returning *`))[0];
/** What an attempt asked and will ask again goes on under the attempt's new fence. */
export const carryQuestions = (tx: Tx, taskId: string, attemptId: string, fence: number): Promise<number> =>
  tx.run(sql`update approvals set fence = ${fence} where task_id = ${taskId} and attempt_id = ${attemptId} and state = 'open' and ask_key is not null`);
/** What an attempt asked by this number of its agent's, last. */
export const selectAsked = async (tx: Tx, taskId: string, attemptId: string, key: string): Promise<ApprovalRow | undefined> =>
  (
    await tx.all<ApprovalRow>(
      sql`select * from approvals where task_id = ${taskId} and attempt_id = ${attemptId} and ask_key = ${key} order by seq desc limit 1`,
    )
  )[0];
export const selectApproval = async (db: Reader, id: string): Promise<ApprovalRow | undefined> =>
  (await db.all<ApprovalRow>(sql`select * from approvals where id = ${id}`))[0];
export const countOpen = async (db: Reader, taskId: string): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from approvals where task_id = ${taskId} and state = 'open'`))[0]?.n ?? 0;

export interface ApprovalFilter {
  scope: Scope;
  state?: string | undefined;
  taskId?: string | undefined;
  agentId?: string | undefined;
}
const where = ({ scope, state, taskId, agentId }: ApprovalFilter): Sql => {
  const parts: Sql[] = withinNamed(scope, sql`project`);
  // Written out, so that the indexes of the open ones are used.
  if (state === "open") parts.push(sql`state = 'open'`);
  else if (state !== undefined) parts.push(sql`state = ${state}`);
  if (taskId !== undefined) parts.push(sql`task_id = ${taskId}`);
  if (agentId !== undefined) parts.push(sql`agent_id = ${agentId}`);
  return parts.length === 0 ? sql`` : sql` where ${join(parts, " and ")}`;
};
export const selectApprovalPage = (db: Reader, filter: ApprovalFilter, limit: number, offset: number): Promise<ApprovalRow[]> =>
  db.all(sql`select * from approvals${where(filter)} order by seq desc limit ${limit} offset ${offset}`);
export const countApprovals = (db: Reader, filter: ApprovalFilter): Promise<number> => countUpTo(db, sql`approvals${where(filter)}`);
