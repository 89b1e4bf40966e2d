// The migrations of workspaces; their place among the others is in migrations.ts.
import type { Dialect } from "./sql.ts";

export function workspaces(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  const there = "state in ('creating', 'ready', 'removing')";
  return [
    // common_dir: the git directory that all its work trees share.
    `create table repositories (id ${key} primary key, common_dir ${key} not null unique, path text not null, created_at bigint not null)`,
    // worker: the lease of whoever is at making or removing it.
    `create table workspaces (${seq}, id ${key} not null unique, kind text not null, task_id ${key}, agent_id ${key}, repository_id ${key} not null, path text not null,
      branch text not null, base_branch text, base_commit text not null, state text not null, reason text not null, server text not null, worker ${key},
      snapshot_commit text, snapshot_at bigint, landed_commit text, landed_at bigint, created_at bigint not null, last_used_at bigint not null, removed_at bigint)`,
    // One at a time for a task, or an agent, of each repository.
    `create unique index workspaces_of_task on workspaces (task_id, repository_id) where kind = 'task' and ${there}`,
    `create unique index workspaces_of_agent on workspaces (agent_id, repository_id) where kind = 'agent' and ${there}`,
    `create index workspaces_task on workspaces (task_id) where task_id is not null`,
    `create index workspaces_agent on workspaces (agent_id) where agent_id is not null`,
    `create index workspaces_present on workspaces (repository_id) where state <> 'removed'`,
    // Attempts in workspaces, with snapshots of what they found and what they left.
    `create table workspace_visits (${seq}, workspace_id ${key} not null, attempt_id ${key} not null unique, task_id ${key} not null, step_id ${key} not null, agent_id ${key} not null,
      worker ${key} not null, entered_at bigint not null, left_at bigint, before_commit text, after_commit text)`,
    `create index workspace_visits_workspace on workspace_visits (workspace_id, seq)`,
    `create index workspace_visits_inside on workspace_visits (workspace_id) where left_at is null`,
  ];
}

export function checkpoints(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // commit_id, tree, head, branch, index_tree: of the snapshot. state: JSON. environment: sealed JSON.
    `create table workspace_checkpoints (${seq}, id ${key} not null unique, workspace_id ${key} not null, agent_id ${key}, kind text not null, description text not null, task_id ${key},
      step_id ${key}, attempt_id ${key}, commit_id text not null, tree text not null, head text not null, branch text, index_tree text, conversation text, state text not null,
      environment text not null, created_at bigint not null)`,
    `create index workspace_checkpoints_workspace on workspace_checkpoints (workspace_id, seq)`,
    `create index workspace_checkpoints_agent on workspace_checkpoints (agent_id, seq) where agent_id is not null`,
    // What it is being set back to. JSON.
    `alter table workspaces add column restoring text`,
    // From when to when what was done is undone: JSON, a list of pairs. restored: the checkpoint it was set back to last.
    `alter table workspaces add column undone text`,
    `alter table workspaces add column restored ${key}`,
    `create index workspace_visits_agent on workspace_visits (agent_id, seq)`,
  ];
}

export function workspaceNeeds(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // needs: JSON, what baton.yaml said when it was made. bytes: as measured last. kept_at: when it was found that it is old, and its work has not landed.
    `alter table workspaces add column needs text`,
    `alter table workspaces add column bytes bigint`,
    `alter table workspaces add column kept_at bigint`,
    `create index workspaces_ready on workspaces (server, last_used_at) where state = 'ready'`,
    // When somebody named it who may name what this server runs, as the commands of its baton.yaml are.
    `alter table repositories add column named_at bigint`,
    // Of one machine each belongs to one workspace at a time.
    `create table workspace_ports (host ${key} not null, port int not null, workspace_id ${key} not null, primary key (host, port))`,
    `create index workspace_ports_workspace on workspace_ports (workspace_id, port)`,
    `create table workspace_runs (${seq}, workspace_id ${key} not null, phase text not null, command text not null, ok int not null, how text not null, said text not null,
      started_at bigint not null, duration_ms bigint not null)`,
    `create index workspace_runs_workspace on workspace_runs (workspace_id, seq)`,
  ];
}

/** One of each two workspaces whose changes overlap, or did: `a_id` is the one that sorts first. */
export function conflicts(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // second_id: whose edit made it what it is. files: JSON. accepted: JSON, what somebody resolved. version: rises when it gets worse. told: the version its agents were told of.
    `create table workspace_conflicts (${seq}, id ${key} not null unique, repository_id ${key} not null, a_id ${key} not null, b_id ${key} not null, second_id ${key} not null, state text not null,
      severity text, files text not null, file_count int not null, accepted text, version int not null, told int not null, created_at bigint not null, updated_at bigint not null, unique (a_id, b_id))`,
    `create index workspace_conflicts_state on workspace_conflicts (state, seq)`,
    `create index workspace_conflicts_b on workspace_conflicts (b_id)`,
  ];
}

/** What open tasks say they are about, and tasks that wait for another that is about the same. */
export function conflictQueue(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // word: of a repository and a path in it. own: 1 the path itself, 0 a directory above it. seq: the task's.
    `create table task_files (word ${key} not null, own int not null, seq bigint not null, primary key (word, own, seq))`,
    `create index task_files_task on task_files (seq)`,
    `create table task_repositories (word ${key} primary key, taken int not null)`,
    // 1: it has rows in task_files.
    `alter table tasks add column declares int`,
    `create index tasks_declared on tasks (seq) where declares = 1 and completed_at is not null`,
    // JSON: for whom it waits. passes: 1 it waits for nobody any more, as it has waited long enough, or somebody said so.
    `alter table tasks add column in_the_way text`,
    `alter table tasks add column passes int`,
    `create index tasks_in_the_way on tasks (seq) where in_the_way is not null and completed_at is null`,
  ];
}
