// SQL of workspaces, the repositories they are of, and the visits of attempts.
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { projectOfAgent, projectOfTask, type Scope, withinNamed } from "../store/scope.ts";
import { forUpdate, join, oneOf, type Sql, sql } from "../store/sql.ts";

export interface RepositoryRow {
  id: string;
  /** Its git directory, which all its work trees have in common: what makes it this repository. */
  common_dir: string;
  /** Of its main work tree; of a bare repository, `common_dir`. */
  path: string;
  created_at: number;
  /** When somebody named it who may name what this server runs. */
  named_at: number | null;
}
export interface WorkspaceRow {
  seq: number;
  id: string;
  /** `task` or `agent`. */
  kind: string;
  task_id: string | null;
  agent_id: string | null;
  /** Of its task, or agent; `*`: of none. */
  project: string;
  repository_id: string;
  path: string;
  branch: string;
  base_branch: string | null;
  base_commit: string;
  state: string;
  reason: string;
  server: string;
  /** The lease of whoever is at creating or removing it. */
  worker: string | null;
  /** Of the last snapshot. */
  snapshot_commit: string | null;
  snapshot_at: number | null;
  landed_commit: string | null;
  landed_at: number | null;
  created_at: number;
  last_used_at: number;
  removed_at: number | null;
  /** JSON: what `baton.yaml` said of it when it was made. */
  needs: string | null;
  /** On the disk, as measured last. */
  bytes: number | null;
  /** When it was found to be old, and its work not to have landed. */
  kept_at: number | null;
  /** JSON: what it is being set back to. */
  restoring: string | null;
  /** JSON: from when to when what was done is undone. */
  undone: string | null;
  /** The checkpoint it was set back to last. */
  restored: string | null;
}
export type NewWorkspace = Omit<WorkspaceRow, "seq" | "project" | "restoring" | "undone" | "restored" | "bytes" | "kept_at">;
export type FoundWorkspace = WorkspaceRow & { repository_path: string; common_dir: string };
export interface VisitRow {
  workspace_id: string;
  attempt_id: string;
  task_id: string;
  step_id: string;
  agent_id: string;
  worker: string;
  entered_at: number;
  left_at: number | null;
  /** Snapshots of what it found and what it left. */
  before_commit: string | null;
  after_commit: string | null;
}

/** The row that is there afterwards, this one or one that was there before. */
export async function keepRepository(tx: Tx, row: Omit<RepositoryRow, "named_at">): Promise<RepositoryRow> {
  await tx.run(
    sql`insert into repositories (id, common_dir, path, created_at) values (${row.id}, ${row.common_dir}, ${row.path}, ${row.created_at}) on conflict do nothing`,
  );
  return (await tx.all<RepositoryRow>(sql`select * from repositories where common_dir = ${row.common_dir}`))[0] as RepositoryRow;
}
export const nameRepository = (tx: Tx, id: string, at: number): Promise<number> =>
  tx.run(sql`update repositories set named_at = ${at} where id = ${id} and named_at is null`);

/** @returns whose it is; undefined when there is one for that task, or agent, already. */
export const insertWorkspace = async (tx: Tx, row: NewWorkspace): Promise<string | undefined> =>
  (
    await tx.all<{
      project: string;
    }>(sql`insert into workspaces (id, kind, task_id, agent_id, project, repository_id, path, branch, base_branch, base_commit, state, reason, server, worker, snapshot_commit, snapshot_at,
      landed_commit, landed_at, created_at, last_used_at, removed_at, needs)
    values (${row.id}, ${row.kind}, ${row.task_id}, ${row.agent_id},
      ${row.kind === "agent" ? projectOfAgent(sql`${row.agent_id}`) : projectOfTask(sql`${row.task_id}`)}, ${row.repository_id}, ${row.path}, ${row.branch}, ${row.base_branch}, ${row.base_commit}, ${row.state}, ${row.reason},
      ${row.server}, ${row.worker}, ${row.snapshot_commit}, ${row.snapshot_at}, ${row.landed_commit}, ${row.landed_at}, ${row.created_at}, ${row.last_used_at}, ${row.removed_at}, ${row.needs ?? null})
    on conflict do nothing returning project`)
  )[0]?.project;
/** Only from one of the states it is expected to be in. Its ports are given back when it is there no more. @returns whether it was. */
export async function moveWorkspace(
  tx: Tx,
  id: string,
  from: string,
  to: Pick<WorkspaceRow, "state" | "reason" | "worker"> & Partial<Pick<WorkspaceRow, "removed_at">>,
): Promise<boolean> {
  const moved = await tx.run(
    sql`update workspaces set state = ${to.state}, reason = ${to.reason}, worker = ${to.worker}, removed_at = ${to.removed_at ?? null} where id = ${id} and state = ${from}`,
  );
  if (moved === 1 && (to.state === "removed" || to.state === "lost")) await tx.run(sql`delete from workspace_ports where workspace_id = ${id}`);
  return moved === 1;
}
export const updateSnapshot = (tx: Tx, id: string, commit: string, at: number): Promise<number> =>
  tx.run(sql`update workspaces set snapshot_commit = ${commit}, snapshot_at = ${at} where id = ${id}`);
export const updateLanded = (tx: Tx, id: string, commit: string, at: number): Promise<number> =>
  tx.run(sql`update workspaces set landed_commit = ${commit}, landed_at = ${at} where id = ${id}`);
export const setRestoring = (tx: Tx, id: string, restoring: string | null): Promise<number> =>
  tx.run(sql`update workspaces set restoring = ${restoring} where id = ${id}`);
export const setUndone = (tx: Tx, id: string, undone: string, restored: string): Promise<number> =>
  tx.run(sql`update workspaces set undone = ${undone}, restored = ${restored} where id = ${id}`);
/** Somebody works in it again: what comes of that has not landed. */
export const touchWorkspace = (tx: Tx, id: string, at: number): Promise<number> =>
  tx.run(sql`update workspaces set last_used_at = ${at}, landed_commit = null, landed_at = null, kept_at = null where id = ${id}`);

const found = sql`select w.*, r.path as repository_path, r.common_dir from workspaces w join repositories r on r.id = w.repository_id`;
/** By its id, or the id of the task whose it is or was: the newest. */
export const selectWorkspace = async (db: Reader, id: string): Promise<FoundWorkspace | undefined> =>
  (
    await db.all<FoundWorkspace>(sql`${found} where w.id = ${id} or w.task_id = ${id} order by case when w.id = ${id} then 0 else 1 end, w.seq desc limit 1`)
  )[0];
export const lockWorkspace = async (tx: Tx, id: string): Promise<WorkspaceRow | undefined> =>
  (await tx.all<WorkspaceRow>(sql`select * from workspaces where id = ${id}${forUpdate}`))[0];
/** The one that is there of a task or an agent. */
export const selectPresent = async (db: Reader, repositoryId: string, owner: { taskId: string } | { agentId: string }): Promise<FoundWorkspace | undefined> =>
  (
    await db.all<FoundWorkspace>(
      "taskId" in owner
        ? sql`${found} where w.repository_id = ${repositoryId} and w.kind = 'task' and w.task_id = ${owner.taskId} and w.state in ('creating', 'ready', 'restoring', 'removing')`
        : sql`${found} where w.repository_id = ${repositoryId} and w.kind = 'agent' and w.agent_id = ${owner.agentId} and w.state in ('creating', 'ready', 'restoring', 'removing')`,
    )
  )[0];
/** Those that take work, and whose work has not landed. */
export const selectLive = (db: Reader): Promise<FoundWorkspace[]> => db.all(sql`${found} where w.state = 'ready' and w.landed_at is null order by w.seq`);
/** Those that should be found on a disk. */
export const selectAllPresent = (db: Reader): Promise<FoundWorkspace[]> => db.all(sql`${found} where w.state <> 'removed' order by w.seq`);

export interface WorkspaceFilter {
  scope: Scope;
  state?: string | undefined;
  taskId?: string | undefined;
  agentId?: string | undefined;
  repository?: string | undefined;
}
function conditions({ scope, state, taskId, agentId, repository }: WorkspaceFilter): Sql {
  const all: Sql[] = [sql`1 = 1`, ...withinNamed(scope, sql`w.project`)];
  if (state === "present") all.push(sql`w.state <> 'removed'`);
  else if (state !== undefined) all.push(sql`w.state = ${state}`);
  if (taskId !== undefined) all.push(sql`w.task_id = ${taskId}`);
  if (agentId !== undefined) all.push(sql`w.agent_id = ${agentId}`);
  if (repository !== undefined) all.push(sql`(r.id = ${repository} or r.path = ${repository})`);
  return join(all, " and ");
}
export const selectWorkspacePage = (db: Reader, filter: WorkspaceFilter, limit: number, offset: number): Promise<FoundWorkspace[]> =>
  db.all(sql`${found} where ${conditions(filter)} order by w.seq desc limit ${limit} offset ${offset}`);
export const countWorkspaces = (db: Reader, filter: WorkspaceFilter): Promise<number> =>
  countUpTo(db, sql`workspaces w join repositories r on r.id = w.repository_id where ${conditions(filter)}`);

/** Entered again, after its server died, it goes on with what it found at first. */
export const insertVisit = (tx: Tx, row: VisitRow): Promise<number> =>
  tx.run(sql`insert into workspace_visits (workspace_id, attempt_id, task_id, step_id, agent_id, worker, entered_at, left_at, before_commit, after_commit)
    values (${row.workspace_id}, ${row.attempt_id}, ${row.task_id}, ${row.step_id}, ${row.agent_id}, ${row.worker}, ${row.entered_at}, ${row.left_at}, ${row.before_commit}, ${row.after_commit})
    on conflict (attempt_id) do update set worker = excluded.worker, left_at = null`);
export const updateVisit = (tx: Tx, attemptId: string, worker: string, leftAt: number, afterCommit: string | null): Promise<number> =>
  tx.run(sql`update workspace_visits set left_at = ${leftAt}, after_commit = ${afterCommit} where attempt_id = ${attemptId} and worker = ${worker}`);
export const updateVisitBefore = (tx: Tx, attemptId: string, commit: string): Promise<number> =>
  tx.run(sql`update workspace_visits set before_commit = ${commit} where attempt_id = ${attemptId} and before_commit is null`);
export const selectVisit = async (db: Reader, attemptId: string): Promise<VisitRow | undefined> =>
  (await db.all<VisitRow>(sql`select * from workspace_visits where attempt_id = ${attemptId}`))[0];
export interface VisitFilter {
  workspaceId?: string;
  agentId?: string;
  /** Of workspaces of these projects that are there. */
  presentIn?: Scope;
}
/** Newest first. */
export const selectVisits = (db: Reader, { workspaceId, agentId, presentIn }: VisitFilter, limit: number): Promise<VisitRow[]> => {
  const all: Sql[] = [sql`1 = 1`];
  if (workspaceId !== undefined) all.push(sql`v.workspace_id = ${workspaceId}`);
  if (agentId !== undefined) all.push(sql`v.agent_id = ${agentId}`);
  if (presentIn) {
    const isThere = [sql`w.id = v.workspace_id`, sql`w.state = 'ready'`, ...withinNamed(presentIn, sql`w.project`)];
    all.push(sql`exists (select 1 from workspaces w where ${join(isThere, " and ")})`);
  }
  return db.all(sql`select v.* from workspace_visits v where ${join(all, " and ")} order by v.seq desc limit ${limit}`);
};
export const updateBytes = (tx: Tx, id: string, bytes: number): Promise<number> => tx.run(sql`update workspaces set bytes = ${bytes} where id = ${id}`);
export const updateKept = (tx: Tx, id: string, reason: string, at: number): Promise<number> =>
  tx.run(sql`update workspaces set kept_at = ${at}, reason = ${reason} where id = ${id} and state = 'ready'`);
/** Of a server: what each that is there takes. */
export const selectSizes = (db: Reader, server: string): Promise<Pick<WorkspaceRow, "repository_id" | "bytes">[]> =>
  db.all(sql`select repository_id, bytes from workspaces where server = ${server} and state in ('creating', 'ready', 'restoring', 'removing')`);
export const selectUnmeasured = (db: Reader, server: string): Promise<Pick<WorkspaceRow, "id" | "path">[]> =>
  db.all(sql`select id, path from workspaces where server = ${server} and state = 'ready' and bytes is null`);
/** Of a server, whose agent keeps it or whose task is over, nobody in it, and not used since `before`; but for those that were found to be kept since then. Oldest first. */
export const selectRetirable = (db: Reader, server: string, { now, before }: { now: number; before: number }, limit: number): Promise<FoundWorkspace[]> =>
  db.all(sql`${found} where w.state = 'ready' and w.server = ${server} and w.last_used_at < ${before} and coalesce(w.landed_at, 0) < ${before}
    and (w.kept_at is null or w.kept_at < coalesce(w.landed_at, 0))
    and not exists (select 1 from workspace_visits v join servers s on s.id = v.worker and s.lease_until >= ${now} where v.workspace_id = w.id and v.left_at is null)
    and (w.kind = 'agent' or not exists (select 1 from tasks t where t.id = w.task_id and t.status not in ('completed', 'failed', 'cancelled')))
    order by w.last_used_at limit ${limit}`);

/** Attempts that are in these workspaces, of servers that live. */
export const selectInside = async (db: Reader, ids: readonly string[], now: number): Promise<Pick<VisitRow, "workspace_id" | "attempt_id">[]> =>
  ids.length === 0
    ? []
    : db.all(sql`select v.workspace_id, v.attempt_id from workspace_visits v join servers s on s.id = v.worker and s.lease_until >= ${now}
        where v.left_at is null and v.workspace_id ${oneOf(ids)} order by v.entered_at`);
/** Leases under which somebody works. */
export const selectLiveServers = async (db: Reader, now: number): Promise<Set<string>> =>
  new Set((await db.all<{ id: string }>(sql`select id from servers where lease_until >= ${now}`)).map(({ id }) => id));
