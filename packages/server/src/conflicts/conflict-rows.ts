// SQL of conflicts. Of each two workspaces there is one row, whoever sees it first.
import { ALL_PROJECTS, type OverlappingFile, type Page } from "@baton/contract";
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { forUpdate, join, oneOf, type Sql, sql } from "../store/sql.ts";

export interface ConflictRow {
  seq: number;
  id: string;
  repository_id: string;
  /** The workspace whose id sorts first. */
  a_id: string;
  b_id: string;
  /** That of both workspaces; `*`: they are of several, or of none. */
  project: string;
  /** Whose edit made it what it is. */
  second_id: string;
  state: string;
  severity: string | null;
  /** JSON: the worst of them. */
  files: string;
  file_count: number;
  /** JSON, what somebody resolved; null: nobody did. */
  accepted: string | null;
  /** Rises when it gets worse. */
  version: number;
  /** The version that its agents were told of. */
  told: number;
  created_at: number;
  updated_at: number;
}
/** What somebody resolved. */
export interface Accepted {
  by: string;
  note: string;
  at: number;
  files: Pick<OverlappingFile, "path" | "severity">[];
}
export const filesOf = ({ files }: Pick<ConflictRow, "files">): OverlappingFile[] => JSON.parse(files) as OverlappingFile[];
export const acceptedOf = ({ accepted }: Pick<ConflictRow, "accepted">): Accepted | undefined =>
  accepted === null ? undefined : (JSON.parse(accepted) as Accepted);
const projectOfBoth = ({ a_id, b_id }: Pair): Sql =>
  sql`coalesce((select w.project from workspaces w join workspaces x on x.project = w.project where w.id = ${a_id} and x.id = ${b_id}), ${ALL_PROJECTS})`;
export type FoundConflict = ConflictRow & { repository_path: string };
export type Pair = Pick<ConflictRow, "a_id" | "b_id">;

export type NewConflict = Omit<ConflictRow, "seq" | "project">;
/** @returns false when there is one of the two already. */
export const insertConflict = async (tx: Tx, row: NewConflict): Promise<boolean> =>
  (await tx.run(sql`insert into workspace_conflicts (id, repository_id, a_id, b_id, project, second_id, state, severity, files, file_count, accepted, version, told, created_at, updated_at)
    values (${row.id}, ${row.repository_id}, ${row.a_id}, ${row.b_id}, ${projectOfBoth(row)}, ${row.second_id}, ${row.state}, ${row.severity}, ${row.files}, ${row.file_count}, ${row.accepted}, ${row.version},
      ${row.told}, ${row.created_at}, ${row.updated_at}) on conflict do nothing`)) === 1;
/** All of it that may change. */
export const updateConflict = (tx: Tx, row: ConflictRow): Promise<number> =>
  tx.run(sql`update workspace_conflicts set second_id = ${row.second_id}, state = ${row.state}, severity = ${row.severity}, files = ${row.files}, file_count = ${row.file_count},
    accepted = ${row.accepted}, version = ${row.version}, updated_at = ${row.updated_at} where id = ${row.id}`);
export const lockPair = async (tx: Tx, { a_id, b_id }: Pair): Promise<ConflictRow | undefined> =>
  (await tx.all<ConflictRow>(sql`select * from workspace_conflicts where a_id = ${a_id} and b_id = ${b_id}${forUpdate}`))[0];
export const lockConflict = async (tx: Tx, id: string): Promise<ConflictRow | undefined> =>
  (await tx.all<ConflictRow>(sql`select * from workspace_conflicts where id = ${id}${forUpdate}`))[0];
/** Never back. */
export const updateTold = (tx: Tx, id: string, version: number): Promise<number> =>
  tx.run(sql`update workspace_conflicts set told = ${version} where id = ${id} and told < ${version}`);

const live = sql`select id from workspaces where state in ('creating', 'ready', 'restoring') and landed_at is null`;
export const countLive = async (db: Reader, { a_id, b_id }: Pair): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from (${live}) as l where l.id ${oneOf([a_id, b_id])}`))[0]?.n ?? 0;
const found = sql`select c.*, r.path as repository_path from workspace_conflicts c join repositories r on r.id = c.repository_id`;
export const selectConflict = async (db: Reader, id: string): Promise<FoundConflict | undefined> =>
  (await db.all<FoundConflict>(sql`${found} where c.id = ${id}`))[0];
const STANDING = ["open", "eased", "resolved"];
/** Not gone yet, of these workspaces. */
export const selectStanding = (db: Reader, ids: readonly string[]): Promise<ConflictRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.all(sql`select * from workspace_conflicts where state ${oneOf(STANDING)} and (a_id ${oneOf(ids)} or b_id ${oneOf(ids)})`);
/** Not gone yet, although one of the two is. */
export const selectEnded = (db: Reader): Promise<ConflictRow[]> =>
  db.all(sql`select * from workspace_conflicts where state ${oneOf(STANDING)} and (a_id not in (${live}) or b_id not in (${live})) order by seq limit 1000`);
/** Open, and worse than its agents know. */
export const selectUntold = (db: Reader): Promise<FoundConflict[]> =>
  db.all(sql`${found} where c.state = 'open' and c.told < c.version order by c.seq limit 100`);

export interface ConflictFilter {
  scope: Scope;
  state?: string | undefined;
  workspaceId?: string | undefined;
  taskId?: string | undefined;
  repository?: string | undefined;
}
function conditions({ scope, state, workspaceId, taskId, repository }: ConflictFilter): Sql {
  const all: Sql[] = [sql`1 = 1`, ...withinNamed(scope, sql`c.project`)];
  if (state !== undefined) all.push(sql`c.state = ${state}`);
  if (workspaceId !== undefined) all.push(sql`(c.a_id = ${workspaceId} or c.b_id = ${workspaceId})`);
  if (taskId !== undefined)
    all.push(sql`exists (select 1 from workspaces w where w.id in (c.a_id, c.b_id) and (w.task_id = ${taskId}
      or exists (select 1 from workspace_visits v where v.workspace_id = w.id and v.task_id = ${taskId})))`);
  if (repository !== undefined) all.push(sql`(r.id = ${repository} or r.path = ${repository})`);
  return join(all, " and ");
}
export async function selectConflictPage(db: Reader, filter: ConflictFilter, limit: number, offset: number): Promise<Page<FoundConflict>> {
  const where = conditions(filter);
  const [items, total] = await Promise.all([
    db.all<FoundConflict>(sql`${found} where ${where} order by c.seq desc limit ${limit} offset ${offset}`),
    countUpTo(db, sql`workspace_conflicts c join repositories r on r.id = c.repository_id where ${where}`),
  ]);
  return { items, total, limit, offset };
}
/** Open ones, the oldest first. */
export const selectOpen = (db: Reader, limit: number): Promise<ConflictRow[]> =>
  db.all(sql`select * from workspace_conflicts where state = 'open' order by seq limit ${limit}`);
export interface OwnerRow {
  id: string;
  kind: string;
  task_id: string | null;
  agent_id: string | null;
  path: string;
  branch: string;
  /** Of the attempt that came last. */
  visit_task_id: string | null;
  visit_agent_id: string | null;
  /** Of its task; null: the default one, or it has none. */
  project_id: string | null;
  /** Whose the work tree is; `*`: nobody's alone. */
  project: string;
}
export const selectOwners = (db: Reader, ids: readonly string[]): Promise<OwnerRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.all(sql`select w.id, w.kind, w.task_id, w.agent_id, w.path, w.branch, v.task_id as visit_task_id, v.agent_id as visit_agent_id, t.project_id, w.project from workspaces w
        left join workspace_visits v on v.seq = (select max(x.seq) from workspace_visits x where x.workspace_id = w.id)
        left join tasks t on t.id = coalesce(w.task_id, v.task_id) where w.id ${oneOf(ids)}`);
