// The schema of gates, verdicts, and the landings that they guard: one of the migrations.
import type { Dialect } from "./sql.ts";

export function landings(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    `create table gate_sets (${seq}, id ${key} not null unique, repository ${key} not null unique, gates text not null, updated_by text not null, updated_at bigint not null)`,
    // Written once, never changed. results, landing_ids: JSON.
    `create table gate_verdicts (${seq}, id ${key} not null unique, repository ${key} not null, tree ${key} not null, base ${key} not null, gates_hash ${key} not null, state text not null,
      passes int not null, reason text not null, results text not null, landing_ids text not null, created_at bigint not null)`,
    `create index gate_verdicts_tree on gate_verdicts (repository, tree, seq)`,
    `create index gate_verdicts_of_tree on gate_verdicts (tree, seq)`,
    `create table gate_verdict_landings (landing_id ${key} not null, verdict_id ${key} not null, primary key (landing_id, verdict_id))`,

    // One a repository. worker: the server that works on it, valid while its row in servers is; fence: rises whenever it changes hands.
    // batch_limit, failed_tree: what it remembers of a batch that failed.
    `create table landing_queues (${seq}, id ${key} not null unique, repository ${key} not null unique, git_directory text not null, mark text not null, worker ${key}, fence int not null,
      batch_limit int, failed_tree ${key}, created_by text not null, created_at bigint not null)`,
    `create table landings (${seq}, id ${key} not null unique, queue_id ${key} not null, repository ${key} not null, source text not null, source_commit text, target text not null,
      method text, mode text, message text, gates text not null, task_id ${key}, state text not null, reason text not null, failure text, tries int not null, run_id ${key},
      verdict_id ${key}, commit_id ${key}, tree ${key}, previous ${key}, requested_by text not null, queued_at bigint not null, created_at bigint not null, updated_at bigint not null,
      landed_at bigint)`,
    `create index landings_open on landings (queue_id, queued_at, seq) where state in ('queued', 'judging', 'moving')`,
    `create index landings_repository on landings (repository, seq)`,
    `create index landings_state on landings (state, seq)`,
    `create index landings_task on landings (task_id, seq) where task_id is not null`,
    `create index landings_run on landings (run_id) where run_id is not null`,
    // What was judged and is being moved: written with its verdict, before anything moves. mode, landing_ids: JSON.
    `create table landing_runs (id ${key} primary key, queue_id ${key} not null, target text not null, state text not null, mode text not null, base ${key} not null, tip ${key} not null,
      tree ${key} not null, verdict_id ${key} not null, landing_ids text not null, created_at bigint not null)`,
    `create unique index landing_runs_moving on landing_runs (queue_id) where state = 'moving'`,
  ];
}

/** Of landings of workspaces. returns: JSON, a list of what was given back. */
export const landedWork = (dialect: Dialect): string[] => [
  `alter table landings add column workspace_id ${dialect === "postgres" ? 'text collate "C"' : "text"}`,
  `alter table landings add column returns text not null default '[]'`,
  `alter table landings add column max_feedback int not null default 0`,
  `create index landings_returned on landings (seq) where state = 'returned'`,
];
/** Of gates that ask somebody: JSON, a list. */
export const askingLandings = (): string[] => [
  `alter table landings add column asked text not null default '[]'`,
  `create index landings_asking on landings (seq) where state = 'asking'`,
];
export const landingLinks = (): string[] => [`alter table landings add column link text`];
