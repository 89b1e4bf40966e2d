// SQL of agents and their loads.
import type { MessageWay } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { eachOf, forUpdate, oneOf, skipLocked, sql } from "../store/sql.ts";

export type Admission = "open" | "paused" | "draining" | "stopped" | "removed";
export interface AgentRow {
  seq: number;
  id: string;
  name: string;
  description: string;
  agent_type: string;
  endpoint: string | null;
  /** Sealed JSON. */
  connector: string;
  capabilities: string;
  category: string | null;
  role: string;
  project_id: string | null;
  max_concurrent_tasks: number;
  resource_limits: string;
  /** Sealed JSON. */
  environment: string;
  enabled: number;
  admission: Admission;
  metadata: string;
  /** JSON. */
  brakes: string;
  /** JSON. */
  costs: string;
  persona: string | null;
  /** JSON list of names. */
  aliases: string;
  /** JSON. */
  tool_servers: string;
  messages: MessageWay;
  /** JSON. */
  discovered: string | null;
  health: string;
  health_detail: string;
  observed_at: number | null;
  last_heartbeat_at: number | null;
  connected_to: string | null;
  connected_at: number | null;
  version: number;
  change_seq: number;
  created_at: number;
  updated_at: number;
}
export interface LoadRow {
  agent_id: string;
  active: number;
  completed: number;
  failed: number;
  duration_ms: number;
  /** Attempts in a row that timed out, found it unavailable or without quota. */
  streak: number;
  /** Until when it is given nothing, and why. */
  parked_until: number | null;
  parked_for: string | null;
  parked_reason: string | null;
}
/** Why an agent is given nothing for a while. */
export type ParkedFor = "quota" | "rate" | "circuit" | "budget";

/** Everything but seq and change_seq; returns false when the id or name is taken. */
export async function insertAgent(tx: Tx, row: Omit<AgentRow, "seq" | "change_seq">): Promise<boolean> {
  const inserted =
    await tx.run(sql`insert into agents (id, name, description, agent_type, endpoint, connector, capabilities, category, role, project_id, max_concurrent_tasks,
      resource_limits, environment, enabled, admission, metadata, brakes, costs, persona, aliases, tool_servers, messages, discovered, health, health_detail, observed_at, last_heartbeat_at, connected_to, connected_at, version, change_seq, created_at, updated_at)
    values (${row.id}, ${row.name}, ${row.description}, ${row.agent_type}, ${row.endpoint}, ${row.connector}, ${row.capabilities}, ${row.category}, ${row.role}, ${row.project_id},
      ${row.max_concurrent_tasks}, ${row.resource_limits}, ${row.environment}, ${row.enabled}, ${row.admission}, ${row.metadata}, ${row.brakes}, ${row.costs}, ${row.persona}, ${row.aliases}, ${row.tool_servers}, ${row.messages}, ${row.discovered}, ${row.health}, ${row.health_detail}, ${row.observed_at},
      ${row.last_heartbeat_at}, ${row.connected_to}, ${row.connected_at}, ${row.version}, 0, ${row.created_at}, ${row.updated_at}) on conflict do nothing`);
  if (inserted === 1)
    await tx.run(sql`insert into agent_loads (agent_id, active, completed, failed, duration_ms) values (${row.id}, 0, 0, 0, 0) on conflict do nothing`);
  return inserted === 1;
}
/** Writes every column that may change. @returns false when `version` is no longer the stored one. */
export async function updateAgent(tx: Tx, row: AgentRow, version: number): Promise<boolean> {
  const changed =
    await tx.run(sql`update agents set name = ${row.name}, description = ${row.description}, agent_type = ${row.agent_type}, endpoint = ${row.endpoint},
      connector = ${row.connector}, capabilities = ${row.capabilities}, category = ${row.category}, role = ${row.role}, max_concurrent_tasks = ${row.max_concurrent_tasks},
      resource_limits = ${row.resource_limits}, environment = ${row.environment}, enabled = ${row.enabled}, admission = ${row.admission}, metadata = ${row.metadata}, brakes = ${row.brakes}, costs = ${row.costs}, persona = ${row.persona}, aliases = ${row.aliases}, tool_servers = ${row.tool_servers}, messages = ${row.messages}, discovered = ${row.discovered},
      health = ${row.health}, health_detail = ${row.health_detail}, observed_at = ${row.observed_at}, last_heartbeat_at = ${row.last_heartbeat_at},
      connected_to = ${row.connected_to}, connected_at = ${row.connected_at}, version = ${version + 1}, updated_at = ${row.updated_at}
    where id = ${row.id} and version = ${version}`);
  return changed === 1;
}
export const stampChange = (tx: Tx, id: string, seq: number): Promise<number> => tx.run(sql`update agents set change_seq = ${seq} where id = ${id}`);
/** Agents changed after `seq`, the removed ones too. */
export const selectChangedAgents = (db: Reader, seq: number): Promise<AgentRow[]> =>
  db.all(sql`select * from agents where change_seq > ${seq} order by change_seq`);
export async function lockAgent(tx: Tx, id: string): Promise<AgentRow | undefined> {
  return (await tx.all<AgentRow>(sql`select * from agents where id = ${id}${forUpdate}`))[0];
}
export async function findAgentByName(tx: Tx, name: string): Promise<AgentRow | undefined> {
  return (await tx.all<AgentRow>(sql`select * from agents where name = ${name}${forUpdate}`))[0];
}
export const selectLoads = (db: Reader): Promise<LoadRow[]> => db.all(sql`select * from agent_loads`);
export const selectLoadsOf = (db: Reader, ids: readonly string[]): Promise<LoadRow[]> => db.all(sql`select * from agent_loads where agent_id ${oneOf(ids)}`);
/**
 * Loads written since an earlier read of a Postgres, without an index that every claim would have to keep: by the transaction that wrote a row.
 * `at` is what to ask with the next time (the oldest transaction this read may not have seen); without `since` all are read.
 */
export async function selectLoadsSince(db: Reader, since: string | undefined): Promise<{ at: string | undefined; loads: LoadRow[] }> {
  const rows = await db.all<{ at: string } & (LoadRow | { agent_id: null })>(sql`select pg_snapshot_xmin(pg_current_snapshot())::text as at, l.*
    from (select 1) as one left join agent_loads l on ${since === undefined ? sql`true` : sql`age(l.xmin) <= age(${since}::text::xid8::xid)`}`);
  return { at: rows[0]?.at, loads: rows.filter((row): row is { at: string } & LoadRow => row.agent_id !== null) };
}
/** Locks in the order of ids, so that two servers never wait for each other. */
export const lockLoads = (tx: Tx, ids: readonly string[]): Promise<LoadRow[]> =>
  tx.all(sql`select * from agent_loads where agent_id ${oneOf(ids)} order by agent_id${forUpdate}`);
/** Of these, those that nobody else has locked. */
export const lockFreeLoads = (tx: Tx, ids: readonly string[]): Promise<LoadRow[]> =>
  tx.all(sql`select * from agent_loads where agent_id ${oneOf(ids)}${skipLocked("agent_loads")}`);
/** Gives it work again if that is why it gets none. @returns its load, if it was. */
export const freeParked = (tx: Tx, id: string, parkedFor: ParkedFor): Promise<LoadRow[]> =>
  tx.all(
    sql`update agent_loads set parked_until = null, parked_for = null, parked_reason = null where agent_id = ${id} and parked_for = ${parkedFor} returning *`,
  );
export const updateLoads = (tx: Tx, loads: readonly LoadRow[]): Promise<number> =>
  tx.run(sql`update agent_loads set active = x.active, completed = x.completed, failed = x.failed, duration_ms = x.duration_ms, streak = x.streak,
      parked_until = x.parked_until, parked_for = x.parked_for, parked_reason = x.parked_reason
    from ${eachOf(
      "x",
      {
        agent_id: "text",
        active: "int",
        completed: "int",
        failed: "int",
        duration_ms: "int",
        streak: "int",
        parked_until: "int",
        parked_for: "text",
        parked_reason: "text",
      },
      loads.map((load) => ({ ...load })),
    )} where agent_loads.agent_id = x.agent_id`);
