// The schema of projects: one of the migrations.
import type { Dialect } from "./sql.ts";

/** A data key for each secret, sealed under the installation's key, and the value sealed under that. */
export function secrets(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // project `*`: of none, for agents that all projects share.
    `create table secrets (${seq}, id ${key} not null unique, name ${key} not null, project ${key} not null, version int not null, data_key text not null, value text not null,
      created_by text not null, created_at bigint not null, updated_at bigint not null, unique (project, name))`,
  ];
}

/** Schedules are of a project, as the tasks are that they hand in. */
export function projectsOfSchedules(dialect: Dialect): string[] {
  const [key, project] = dialect === "postgres" ? ['text collate "C"', "task::json ->> 'projectId'"] : ["text", "json_extract(task, '$.projectId')"];
  return [`alter table schedules add column project_id ${key}`, `update schedules set project_id = nullif(${project}, 'default')`];
}

/** Sessions are of a project, as the tasks are that talk in them: those there are become the newest one's that says so. */
export function projectsOfSessions(dialect: Dialect): string[] {
  return [
    `alter table sessions add column project_id ${dialect === "postgres" ? 'text collate "C"' : "text"}`,
    `update sessions set project_id = (select t.project_id from tasks t where t.session_id = sessions.id and t.project_id is not null order by t.seq desc limit 1)`,
    `create index sessions_project on sessions (project_id, seq)`,
  ];
}

/** Budgets are of the project of what they limit; `*`: of none. */
export function projectsOfBudgets(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    `alter table budgets add column project ${key} not null default '*'`,
    `update budgets set project = substr(subject, length('project:') + 1) where subject like 'project:%'`,
    `update budgets set project = coalesce((select t.project_id from tasks t where t.id = substr(budgets.subject, length('task:') + 1)), 'default') where subject like 'task:%'`,
    `update budgets set project = coalesce((select a.project_id from agents a where a.id = substr(budgets.subject, length('agent:') + 1)), '*') where subject like 'agent:%'`,
    `create index budgets_project on budgets (project, seq)`,
  ];
}

/** Approvals, and what was said with them once and for all, are of their task's project. `*`: of none. */
export function projectsOfApprovals(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  const ofTask = (id: string): string => `coalesce((select coalesce(t.project_id, 'default') from tasks t where t.id = ${id}), '*')`;
  return [
    ...["approvals", "approval_rules"].map((table) => `alter table ${table} add column project ${key} not null default '*'`),
    `update approvals set project = ${ofTask("approvals.task_id")}`,
    `update approval_rules set project = case when task_id is null then coalesce((select a.project_id from agents a where a.id = approval_rules.agent_id), '*')
      else ${ofTask("approval_rules.task_id")} end`,
    `create index approvals_project on approvals (project, seq)`,
    `create index approvals_project_state on approvals (project, state, seq)`,
    `create index approvals_state on approvals (state, seq)`,
    `create index approvals_agent on approvals (agent_id, seq) where agent_id is not null`,
    `create index approval_rules_project on approval_rules (project, seq)`,
  ];
}

/** Work trees are of the project of their task, or agent; checkpoints of that of their work tree; conflicts of that of both. `*`: of none. */
export function projectsOfWorkspaces(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  const ofWorkspace = (id: string): string => `coalesce((select w.project from workspaces w where w.id = ${id}), '*')`;
  return [
    ...["workspaces", "workspace_checkpoints", "workspace_conflicts"].map((table) => `alter table ${table} add column project ${key} not null default '*'`),
    `update workspaces set project = case when kind = 'agent' then coalesce((select a.project_id from agents a where a.id = workspaces.agent_id), '*')
      else coalesce((select coalesce(t.project_id, 'default') from tasks t where t.id = workspaces.task_id), '*') end`,
    `update workspace_checkpoints set project = ${ofWorkspace("workspace_checkpoints.workspace_id")}`,
    `update workspace_conflicts set project = ${ofWorkspace("workspace_conflicts.a_id")}
      where ${ofWorkspace("workspace_conflicts.a_id")} = ${ofWorkspace("workspace_conflicts.b_id")}`,
    `create index workspaces_project on workspaces (project, seq)`,
    `create index workspace_checkpoints_of on workspace_checkpoints (agent_id, project, seq) where agent_id is not null`,
    `create index workspace_conflicts_project on workspace_conflicts (project, seq)`,
  ];
}

/** Landings are of the project of their work tree, or task; verdicts of that of all that was judged. `*`: of none. */
export function projectsOfLandings(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    ...["landings", "gate_verdicts"].map((table) => `alter table ${table} add column project ${key} not null default '*'`),
    `update landings set project = coalesce((select w.project from workspaces w where w.id = landings.workspace_id),
      (select coalesce(t.project_id, 'default') from tasks t where t.id = landings.task_id), '*')`,
    `update gate_verdicts set project = coalesce((select case when min(l.project) = max(l.project) then min(l.project) end
      from gate_verdict_landings g join landings l on l.id = g.landing_id where g.verdict_id = gate_verdicts.id), '*')`,
    `create index landings_project on landings (project, seq)`,
    `create index gate_verdicts_project on gate_verdicts (project, seq)`,
  ];
}

/** Messages are of the project of whom they go to, or are from; mailboxes of whoever opened them; subscriptions of who subscribed. `*`: of none. */
export function projectsOfMessages(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  const ofAgent = (id: string): string => `(select a.project_id from agents a where a.id = ${id})`;
  return [
    ...["messages", "message_deliveries", "mailboxes", "message_subscriptions"].map(
      (table) => `alter table ${table} add column project ${key} not null default '*'`,
    ),
    `update messages set project = coalesce(${ofAgent("messages.recipient_id")}, ${ofAgent("messages.sender_id")}, '*')
      where exists (select 1 from agents where project_id is not null)`,
    `update message_deliveries set project = coalesce((select m.project from messages m where m.id = message_deliveries.message_id), '*')
      where exists (select 1 from agents where project_id is not null)`,
    `update message_subscriptions set project = coalesce(${ofAgent("message_subscriptions.subscriber_id")}, '*')`,
    // Of what has no project nobody asks by it.
    `create index messages_project on messages (project, seq) where project <> '*'`,
    `create index message_deliveries_dead_project on message_deliveries (project, seq) where state = 'dead'`,
    `create index message_subscriptions_project on message_subscriptions (project, seq)`,
  ];
}

export function projects(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // repositories: a JSON list of directories.
    `create table projects (${seq}, name ${key} not null unique, description text not null, repositories text not null, created_at bigint not null)`,
    `insert into projects (name, description, repositories, created_at) values ('default', '', '[]', 0)`,
    // What was only a label until now becomes the project of its name.
    `insert into projects (name, description, repositories, created_at)
      select distinct project_id, '', '[]', 0 from (select project_id from tasks union select project_id from agents) labels where project_id is not null and project_id <> 'default'`,
    `update tasks set project_id = null where project_id = 'default'`,
    // JSON lists of names. Who could come in before came into everything.
    `alter table users add column projects text not null default '["*"]'`,
    `alter table api_keys add column projects text not null default '["*"]'`,
  ];
}
