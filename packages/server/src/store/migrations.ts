// The schema, as the list of its migrations. One text for both stores; `seq` is the only column they declare differently.
// JSON is text: no statement looks inside it, but for one that passes over specs that name no files (conflicts/conflict-rows.ts). Times are milliseconds since 1970. Flags are 0 or 1.
import { access, guesses, logins, loginsElsewhere } from "./access-schema.ts";
import { askingLandings, landedWork, landingLinks, landings } from "./landing-schema.ts";
import { messageRules, messageSizes, messageWays, messages, messagesInHand, signing } from "./message-schema.ts";
import {
  projects,
  projectsOfApprovals,
  projectsOfBudgets,
  projectsOfLandings,
  projectsOfMessages,
  projectsOfSchedules,
  projectsOfSessions,
  projectsOfWorkspaces,
  secrets,
} from "./project-schema.ts";
import { pushSubscriptions } from "./push-schema.ts";
import type { Dialect } from "./sql.ts";
import { checkpoints, conflictQueue, conflicts, workspaceNeeds, workspaces } from "./migrations-of-workspaces.ts";

export interface Migration {
  name: string;
  up(dialect: Dialect): string[];
}

export const migrations: Migration[] = [
  { name: "spine", up: spine },
  { name: "hands", up: hands },
  { name: "personas", up: personas },
  { name: "patterns", up: patterns },
  { name: "approvals", up: approvals },
  { name: "approval rules", up: approvalRules },
  { name: "tools", up: tools },
  { name: "budgets", up: budgets },
  { name: "checks", up: checks },
  { name: "sessions", up: sessions },
  { name: "messages", up: messages },
  { name: "access", up: access },
  { name: "remembered commands", up: rememberedCommands },
  { name: "landings", up: landings },
  { name: "message sizes", up: messageSizes },
  { name: "message ways", up: messageWays },
  // The agent's own number of what it asks, of agents that ask again after they were away.
  { name: "questions asked again", up: () => ["alter table approvals add column ask_key text"] },
  { name: "landing links", up: landingLinks },
  { name: "workspaces", up: workspaces },
  { name: "checkpoints", up: checkpoints },
  { name: "signing", up: signing },
  { name: "message rules", up: messageRules },
  { name: "landed work", up: landedWork },
  { name: "projects", up: projects },
  { name: "messages in hand", up: messagesInHand },
  { name: "secrets", up: secrets },
  { name: "logins", up: logins },
  { name: "logins elsewhere", up: loginsElsewhere },
  { name: "conflicts", up: conflicts },
  { name: "audited changes", up: () => ["alter table audit add column changes text"] },
  { name: "projects of schedules", up: projectsOfSchedules },
  { name: "projects of sessions", up: projectsOfSessions },
  { name: "projects of budgets", up: projectsOfBudgets },
  // When a server that hands in what is due found it due, and until when others keep away.
  { name: "claims of schedules", up: () => ["claimed_at", "claimed_until"].map((column) => `alter table schedules add column ${column} bigint`) },
  { name: "leases of messages", up: () => ["alter table message_lanes add column lease_ms bigint"] },
  { name: "guesses", up: guesses },
  { name: "push subscriptions", up: pushSubscriptions },
  { name: "projects of approvals", up: projectsOfApprovals },
  { name: "projects of workspaces", up: projectsOfWorkspaces },
  { name: "projects of landings", up: projectsOfLandings },
  { name: "projects of messages", up: projectsOfMessages },
  { name: "conflict queue", up: conflictQueue },
  { name: "asking landings", up: askingLandings },
  { name: "workspace needs", up: workspaceNeeds },
];

/** What was said once and for all of every command, or of anything at all, is asked again. JSON lists. */
function rememberedCommands(): string[] {
  return [
    `delete from approval_rules where answer = 'allow' and (paths is null or kinds like '%"execute"%')`,
    `alter table approval_rules add column commands text`,
    `alter table approval_rules add column tools text`,
  ];
}

/** Which tool servers an agent may be handed: JSON, a word or a list of ids and names. */
function tools(): string[] {
  return [`alter table agents add column tool_servers text not null default '"any"'`];
}

/** `aliases`: a JSON list of names. */
function personas(): string[] {
  return [`alter table agents add column persona text`, `alter table agents add column aliases text not null default '[]'`];
}

function sessions(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // turns: how many there are. open_bytes: of those no summary stands for. summary_due: 1 when one should be made. summary_task: who is at it.
    `create table sessions (${seq}, id ${key} not null unique, title text, user_id ${key}, metadata text not null, window_turns int not null, window_tokens int not null,
      turns int not null, open_bytes bigint not null, summary text, summary_upto int not null, summary_at bigint, summary_due int, summary_task ${key}, summary_task_upto int,
      created_at bigint not null, last_activity_at bigint not null, expired_at bigint)`,
    `create index sessions_user on sessions (user_id, seq) where user_id is not null`,
    `create index sessions_idle on sessions (last_activity_at) where expired_at is null`,
    `create index sessions_expired on sessions (expired_at) where expired_at is not null`,
    `create index sessions_active on sessions (seq) where expired_at is null`,
    `create index sessions_to_summarize on sessions (id) where summary_due = 1`,
    `create table session_turns (session_id ${key} not null, n int not null, role text not null, content text not null, size int not null, agent_id ${key}, task_id ${key},
      metadata text not null, idempotency_key ${key}, at bigint not null, primary key (session_id, n))`,
    `create unique index session_turns_key on session_turns (session_id, idempotency_key) where idempotency_key is not null`,
    // A task is asked once and answered once, whoever writes it down.
    `create unique index session_turns_task on session_turns (task_id, role) where task_id is not null`,
    `create table session_pins (session_id ${key} not null, id ${key} not null, content text not null, turn int, at bigint not null, primary key (session_id, id))`,
    // How an agent goes on with its own conversation: it has heard the turns up to 'seen', and said what came of the task.
    `create table session_conversations (session_id ${key} not null, agent_id ${key} not null, conversation text not null, seen int not null, task_id ${key} not null, at bigint not null,
      primary key (session_id, agent_id))`,
  ];
}

function hands(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // What agents do and say while they work, in order; bounded per attempt by who writes it.
    `create table attempt_updates (attempt_id ${key} not null, n int not null, at bigint not null, data text not null, primary key (attempt_id, n))`,
    `create table approvals (${seq}, id ${key} not null unique, kind text not null, state text not null, title text not null, detail text not null, task_id ${key}, step_id ${key},
      attempt_id ${key}, fence int, agent_id ${key}, comment text, decided_by text, created_at bigint not null, expires_at bigint, decided_at bigint)`,
    `create index approvals_open on approvals (task_id) where state = 'open'`,
    `create index approvals_task on approvals (task_id) where task_id is not null`,
    `create table schedules (${seq}, id ${key} not null unique, name text not null unique, cron text, at bigint, timezone text not null, task text not null, catch_up text not null,
      overlap text not null, enabled int not null, next_at bigint, last_at bigint, last_task_id ${key}, created_at bigint not null, updated_at bigint not null)`,
    `create index schedules_due on schedules (next_at) where enabled = 1`,
    // What the agent said of itself when it was registered: a card, a list of tools. JSON.
    `alter table agents add column discovered text`,
    `alter table agents add column brakes text not null default '{}'`,
    // Failures in a row of the kind that says the agent cannot be reached or has no quota left; until when it is given nothing, and why.
    `alter table agent_loads add column streak int not null default 0`,
    `alter table agent_loads add column parked_until bigint`,
    `alter table agent_loads add column parked_for text`,
    `alter table agent_loads add column parked_reason text`,
  ];
}

function spine(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  // Ids compare byte by byte on both stores: quicker than a language's order, and ranges of ids mean what they say.
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  // Queue tables are updated in place many times: room on the page keeps updates off the indexes, early vacuum keeps them small.
  const hot = dialect === "postgres" ? " with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)" : "";
  return [
    `create table servers (id ${key} primary key, name text not null, started_at bigint not null, lease_until bigint not null)`,

    `create table agents (${seq}, id ${key} not null unique, name text not null unique, description text not null, agent_type text not null, endpoint text,
      connector text not null, capabilities text not null, category text, role text not null, project_id ${key}, max_concurrent_tasks int not null,
      resource_limits text not null, environment text not null, enabled int not null, admission text not null, metadata text not null,
      health text not null, health_detail text not null, observed_at bigint, last_heartbeat_at bigint, connected_to text, connected_at bigint,
      version int not null, change_seq bigint not null, created_at bigint not null, updated_at bigint not null)`,
    `create index agents_changed on agents (change_seq)`,
    // One narrow row an agent, locked while an attempt is begun or ended: capacity and what its attempts came to.
    `create table agent_loads (agent_id ${key} primary key, active int not null, completed bigint not null, failed bigint not null, duration_ms bigint not null)${hot}`,

    `create table agent_config_templates (${seq}, id ${key} not null unique, name text not null unique, display_name text not null, description text not null,
      framework text not null, request_mapping text not null, response_mapping text not null, auth_config text not null, config text not null,
      example_request text, example_response text, is_builtin int not null, is_active int not null, created_at bigint not null, updated_at bigint not null)`,

    // Answers a repeated creation of an agent or template with what the first one made; tasks keep their keys themselves.
    `create table idempotent_creations (idempotency_key ${key} primary key, request_hash text not null, created_id text not null, created_at bigint not null)`,

    `create table tasks (${seq}, id ${key} not null unique, title text not null, description text not null, type text not null, priority int not null,
      status text not null, pattern text not null, project_id ${key}, session_id ${key}, spec text not null, waiting text, failure text, result text,
      paused int not null, max_running int, steps_total int not null, steps_left int not null, tasks_needed int not null, deadline_at bigint,
      idempotency_key ${key}, request_hash text, created_at bigint not null, started_at bigint, completed_at bigint,
      unsuccessful int)${hot}`,
    // No index names status: it changes in place, without touching any index, when a task begins.
    `create unique index tasks_idempotency on tasks (idempotency_key) where idempotency_key is not null`,
    `create index tasks_active on tasks (seq) where completed_at is null`,
    `create index tasks_unsuccessful on tasks (seq) where unsuccessful = 1`,
    `create index tasks_deadline on tasks (deadline_at) where deadline_at is not null and completed_at is null`,
    `create index tasks_project on tasks (project_id, seq) where project_id is not null`,
    `create index tasks_session on tasks (session_id, seq) where session_id is not null`,
    `create table task_needs (task_id ${key} not null, needs_task_id ${key} not null, primary key (task_id, needs_task_id))`,
    `create index task_needed_by on task_needs (needs_task_id)`,
    // Counts by status, kept in the transaction that changes a status: listing a million tasks costs no count over them.
    `create table task_counts (status text primary key, n bigint not null)`,

    `create table task_steps (task_id ${key} not null, step_id ${key} not null, position int not null, status text not null, spec text not null,
      needs_left int not null, route_key ${key} not null, queue_key bigint not null, run_at bigint, attempt int not null, retries_left int not null, losses int not null,
      reason text, output text, artifacts text, started_at bigint, completed_at bigint, primary key (task_id, step_id))${hot}`,
    `create index task_steps_ready on task_steps (route_key, queue_key) where status = 'ready'`,
    `create index task_steps_delayed on task_steps (run_at) where status = 'delayed'`,
    `create index task_steps_waiting on task_steps (route_key) where status = 'waiting'`,
    `create table step_needs (task_id ${key} not null, step_id ${key} not null, needs_step_id ${key} not null, primary key (task_id, needs_step_id, step_id))`,

    // id: task, place of the step, number — the attempts of a task are one range of the key.
    // fence: the lease's number. worker: the server that holds the lease, valid while its row in servers is.
    // signal: what another server asks the worker to do: 0 nothing, 1 take it up, 2 stop it.
    `create table attempts (id ${key} primary key, task_id ${key} not null, step_id ${key} not null, number int not null, fence int not null, agent_id ${key} not null,
      worker ${key} not null, state text not null, signal int not null, assignment text not null, progress text, outcome text,
      started_at bigint not null, ended_at bigint)${hot}`,
    `create index attempts_agent on attempts (agent_id, started_at)`,
    `create index attempts_running on attempts (worker) where state = 'running'`,
    `create index attempts_signalled on attempts (worker) where state = 'running' and signal <> 0`,
    `create view task_assignments as select id, task_id, agent_id, assignment as reasoning, outcome, started_at as assigned_at, ended_at as completed_at from attempts`,

    // One row holds the last number given out; it stays locked until commit, so numbers have no gaps and follow commit order.
    `create table event_head (one int primary key, seq bigint not null)`,
    `insert into event_head (one, seq) values (1, 0)`,
    `create table events (seq bigint primary key, at bigint not null, type text not null, task_id ${key}, step_id ${key}, attempt_id ${key}, agent_id ${key}, data text not null)`,
    `create index events_task on events (task_id, seq) where task_id is not null`,
    `create index events_agent on events (agent_id, seq) where agent_id is not null`,
  ];
}

function patterns(): string[] {
  return [
    // What was wrong with the step's last answer, once it was sent back. dropped: 1 when its plan did without it, which a retry respects.
    `alter table task_steps add column feedback text`,
    `alter table task_steps add column dropped int`,
    // When its plan is to be looked at again though no step ended.
    `alter table tasks add column grow_at bigint`,
    // `open` while its plan waits for a person's word.
    `alter table tasks add column review text`,
    `create index tasks_growing on tasks (grow_at) where grow_at is not null`,
  ];
}

function approvals(): string[] {
  return [
    // Which of those its task requires it is.
    `alter table approvals add column name text`,
    // approve or reject: what it counts as when nobody decides in time.
    `alter table approvals add column on_timeout text not null default 'reject'`,
    `create index approvals_due on approvals (expires_at) where state = 'open' and expires_at is not null`,
    `create index approvals_open_agent on approvals (agent_id) where state = 'open' and agent_id is not null`,
    // Of those a task requires, how many are not given: nothing of it begins before.
    `alter table tasks add column approvals_needed int not null default 0`,
  ];
}

function approvalRules(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // A rule that would cover what is asked. JSON.
    `alter table approvals add column offer text`,
    // task_id or agent_id, by its scope. kinds, paths: JSON.
    `create table approval_rules (${seq}, id ${key} not null unique, task_id ${key}, agent_id ${key}, kinds text not null, paths text, answer text not null,
      approval_id ${key} not null, created_by text not null, created_at bigint not null)`,
    `create index approval_rules_task on approval_rules (task_id) where task_id is not null`,
    `create index approval_rules_agent on approval_rules (agent_id) where agent_id is not null`,
  ];
}

/** Money is counted in billionths of a dollar: whole numbers add up to the same whoever adds them. */
function budgets(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  const amounts = (prefix: string): string => ["usd", "tokens", "ms", "attempts"].map((kind) => `${prefix}_${kind} bigint not null default 0`).join(", ");
  return [
    // subject: `everything`, or `agent:`, `project:`, `task:` and an id. waiting: 0 no step waits for it, 1 some do, 2 some do and it is worth trying.
    `create table budgets (${seq}, id ${key} not null unique, name text not null unique, subject ${key} not null, period text not null,
      limit_usd bigint, limit_tokens bigint, limit_ms bigint, limit_attempts bigint, warn_at double precision not null,
      ${amounts("used")}, ${amounts("held")}, guessed_usd bigint not null default 0, guessed_tokens bigint not null default 0,
      period_start bigint not null, renews_at bigint, warned int not null default 0, stopped int not null default 0, waiting int not null default 0,
      created_at bigint not null, updated_at bigint not null)`,
    `create index budgets_subject on budgets (subject)`,
    `create index budgets_waiting on budgets (waiting, renews_at) where waiting > 0`,
    // JSON: of a running attempt what is held for it and by which budgets, of an ended one what it came to. Null: no budget knows of it.
    `alter table attempts add column hold text`,
    `alter table agents add column costs text not null default '{}'`,
    // A step set aside because this budget has nothing left for it; null: because nobody can take it.
    `alter table task_steps add column budget_id ${key}`,
    `drop index task_steps_waiting`,
    `create index task_steps_waiting on task_steps (route_key) where status = 'waiting' and budget_id is null`,
    `create index task_steps_budget on task_steps (budget_id, queue_key) where status = 'waiting' and budget_id is not null`,
  ];
}

function checks(): string[] {
  // What its agent was told was wrong, by a word for each failure, so that none is told twice. A JSON list.
  return [`alter table task_steps add column told text`];
}
