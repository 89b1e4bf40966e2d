// Every agent this server knows of, in memory: what the API lists and routing chooses from. The store is the truth; this
// copy follows it by the number of the last change, at once when hinted and at every poll otherwise.
import { AgentIndex } from "../routing/agent-index.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import { type LoadRow, selectChangedAgents, selectLoads, selectLoadsOf } from "./agent-rows.ts";
import { type KnownAgent, toKnown, toRoutable } from "./to-agent.ts";

/** Places taken and given back in memory by a transaction under way: every choice sees them, `end` forgets them. */
export interface Reservation {
  add(agentId: string, places: number): void;
  end(): void;
}
export interface Registry {
  readonly index: AgentIndex;
  find(idOrName: string): KnownAgent | undefined;
  all(): KnownAgent[];
  loadOf(id: string): LoadRow;
  /** For agents that come to us: whether the server they are connected to lives. True for all others. */
  isAttached(known: KnownAgent): boolean;
  /** Reads what changed in the store since the last time. */
  refresh(): Promise<void>;
  reserve(): Reservation;
  /** Takes over loads as the store has them. */
  putLoads(loads: readonly LoadRow[]): void;
  /** Reads the loads of these agents (default: all) anew: other servers change them too. */
  refreshLoads(ids?: readonly string[]): Promise<void>;
  setLiveServers(ids: readonly string[]): void;
  /** Called when somebody may have become able to take work. */
  onChange(listener: () => void): void;
}

export async function openRegistry(db: Db, seal: Seal): Promise<Registry> {
  const index = new AgentIndex();
  const agents = new Map<string, KnownAgent>();
  const names = new Map<string, string>();
  const seqs = new Map<string, string>();
  const loads = new Map<string, LoadRow>();
  /** By transactions under way, on top of what the store has. */
  const reserved = new Map<string, number>();
  const listeners = new Set<() => void>();
  let liveServers = new Set<string>();
  let cursor = -1;
  let refreshing: Promise<void> = Promise.resolve();

  const loadOf = (id: string): LoadRow => loads.get(id) ?? { agent_id: id, active: 0, completed: 0, failed: 0, duration_ms: 0 };
  const isAttached = ({ row, connector }: KnownAgent): boolean =>
    connector.kind !== "dialin" || (row.connected_to !== null && liveServers.has(row.connected_to));
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const showLoad = (id: string): void => index.setActive(id, loadOf(id).active + (reserved.get(id) ?? 0));
  function reserve(): Reservation {
    const own = new Map<string, number>();
    const move = (id: string, places: number): void => {
      const sum = (reserved.get(id) ?? 0) + places;
      if (sum === 0) reserved.delete(id);
      else reserved.set(id, sum);
      showLoad(id);
    };
    return {
      add: (id, places) => {
        own.set(id, (own.get(id) ?? 0) + places);
        move(id, places);
      },
      end: () => {
        for (const [id, places] of own) move(id, -places);
        own.clear();
      },
    };
  }
  function put(known: KnownAgent): void {
    const { row } = known;
    const before = agents.get(row.id);
    if (before) names.delete(before.row.name);
    if (row.admission === "removed") {
      agents.delete(row.id);
      loads.delete(row.id);
      seqs.delete(String(row.seq));
      return index.remove(row.id);
    }
    agents.set(row.id, known);
    names.set(row.name, row.id);
    seqs.set(String(row.seq), row.id);
    index.put(toRoutable(known, loadOf(row.id), isAttached(known)));
    showLoad(row.id);
  }
  async function readChanges(): Promise<void> {
    const rows = await selectChangedAgents(db, cursor);
    if (rows.length === 0) return;
    for (const row of rows) {
      put(toKnown(row, seal));
      cursor = Math.max(cursor, row.change_seq);
    }
    changed();
  }
  function putLoads(rows: readonly LoadRow[]): void {
    for (const row of rows) {
      loads.set(row.agent_id, row);
      const agent = index.get(row.agent_id);
      if (!agent) continue;
      const ended = row.completed + row.failed;
      agent.completed = row.completed;
      agent.failed = row.failed;
      agent.averageDurationMs = ended === 0 ? null : Math.round(row.duration_ms / ended);
      showLoad(row.agent_id);
    }
  }

  putLoads(await selectLoads(db));
  await readChanges();
  return {
    index,
    find: (idOrName) => agents.get(idOrName) ?? agents.get(names.get(idOrName) ?? seqs.get(idOrName) ?? ""),
    all: () => [...agents.values()],
    loadOf,
    isAttached,
    refresh: () => {
      refreshing = refreshing.then(readChanges, readChanges);
      return refreshing;
    },
    reserve,
    putLoads,
    refreshLoads: async (ids) => putLoads(ids ? await selectLoadsOf(db, ids) : await selectLoads(db)),
    setLiveServers: (ids) => {
      if (ids.length === liveServers.size && ids.every((id) => liveServers.has(id))) return;
      liveServers = new Set(ids);
      for (const known of agents.values()) if (known.connector.kind === "dialin") put(known);
      changed();
    },
    onChange: (listener) => void listeners.add(listener),
  };
}
