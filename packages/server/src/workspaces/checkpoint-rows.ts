// SQL of checkpoints.
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { join, type Sql, sql } from "../store/sql.ts";

export interface CheckpointRow {
  seq: number;
  id: string;
  workspace_id: string;
  /** Its workspace's. */
  project: string;
  agent_id: string | null;
  kind: string;
  description: string;
  task_id: string | null;
  step_id: string | null;
  attempt_id: string | null;
  /** Of the snapshot, and what is needed to set its files back. */
  commit_id: string;
  tree: string;
  head: string;
  branch: string | null;
  index_tree: string | null;
  /** By which the agent can be asked to go on from here. */
  conversation: string | null;
  /** JSON, but for the environment. */
  state: string;
  /** Sealed JSON. */
  environment: string;
  created_at: number;
}
export const insertCheckpoint = (tx: Tx, row: Omit<CheckpointRow, "seq">): Promise<number> =>
  tx.run(sql`insert into workspace_checkpoints (id, workspace_id, project, agent_id, kind, description, task_id, step_id, attempt_id, commit_id, tree, head, branch, index_tree, conversation, state, environment, created_at)
    values (${row.id}, ${row.workspace_id}, ${row.project}, ${row.agent_id}, ${row.kind}, ${row.description}, ${row.task_id}, ${row.step_id}, ${row.attempt_id}, ${row.commit_id}, ${row.tree}, ${row.head},
      ${row.branch}, ${row.index_tree}, ${row.conversation}, ${row.state}, ${row.environment}, ${row.created_at})`);
/** All but the newest `kept`. What they hold stays within reach: each snapshot has the one before among its parents. */
export const deleteOlder = (tx: Tx, workspaceId: string, kept: number): Promise<number> =>
  tx.run(sql`delete from workspace_checkpoints where workspace_id = ${workspaceId} and seq < (select min(seq) from
    (select seq from workspace_checkpoints where workspace_id = ${workspaceId} order by seq desc limit ${kept}) newest)`);
export interface CheckpointFilter {
  agentId?: string | undefined;
  workspaceId?: string | undefined;
}
function conditions({ agentId, workspaceId }: CheckpointFilter, scope: Scope): Sql {
  const all: Sql[] = withinNamed(scope, sql`project`);
  if (agentId !== undefined) all.push(sql`agent_id = ${agentId}`);
  if (workspaceId !== undefined) all.push(sql`workspace_id = ${workspaceId}`);
  return join(all, " and ");
}
export const selectCheckpoints = (db: Reader, filter: CheckpointFilter, scope: Scope, limit: number): Promise<CheckpointRow[]> =>
  db.all(sql`select * from workspace_checkpoints where ${conditions(filter, scope)} order by seq desc limit ${limit}`);
export const selectCheckpoint = async (db: Reader, id: string): Promise<CheckpointRow | undefined> =>
  (await db.all<CheckpointRow>(sql`select * from workspace_checkpoints where id = ${id}`))[0];
