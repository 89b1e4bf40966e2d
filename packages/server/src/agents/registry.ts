// Every agent this server knows of, in memory: what the API lists and routing chooses from. The store is the truth; this
// copy follows it by the number of the last change, at once when hinted and at every poll otherwise.
import { AgentIndex } from "../routing/agent-index.ts";
import type { Clock } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import { openShared } from "../std/shared.ts";
import type { Db } from "../store/db.ts";
import { isParked } from "./parking.ts";
import { type LoadRow, selectChangedAgents, selectLoads, selectLoadsOf, selectLoadsSince } from "./agent-rows.ts";
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
  /** Gives work again to agents whose parking is over. @returns when the next one's is. */
  unpark(): number | undefined;
  /** Called when an agent was parked: `unpark` has something new to wait for. */
  onParked(listener: () => void): void;
  /** Called when somebody may have become able to take work. */
  onChange(listener: () => void): void;
}

const NO_LOAD = { active: 0, completed: 0, failed: 0, duration_ms: 0, streak: 0, parked_until: null, parked_for: null, parked_reason: null };
const changesPlaces = (before: LoadRow | undefined, row: LoadRow): boolean => before?.streak !== row.streak || before.parked_until !== row.parked_until;

export async function openRegistry(db: Db, seal: Seal, clock: Clock): Promise<Registry> {
  const index = new AgentIndex();
  const agents = new Map<string, KnownAgent>();
  const names = new Map<string, string>();
  /** Agents that are given nothing for a while. */
  const parked = new Set<string>();
  const seqs = new Map<string, string>();
  const loads = new Map<string, LoadRow>();
  /** By transactions under way, on top of what the store has. */
  const reserved = new Map<string, number>();
  const shared = openShared();
  const listeners = new Set<() => void>();
  const parkedListeners = new Set<() => void>();
  let liveServers = new Set<string>();
  let cursor = -1;
  /** Of a Postgres: the transaction up to which loads are known. */
  let loadsAsOf: string | undefined;
  let refreshing: Promise<void> = Promise.resolve();
  let nextRefresh: Promise<void> | undefined;

  const loadOf = (id: string): LoadRow => loads.get(id) ?? { ...NO_LOAD, agent_id: id };
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
    index.put(toRoutable(known, loadOf(row.id), isAttached(known), clock.now()));
    showLoad(row.id);
  }
  async function readChanges(): Promise<void> {
    const rows = await selectChangedAgents(db, cursor);
    if (rows.length === 0) return;
    for (const row of rows) {
      put(toKnown(row, seal, shared));
      cursor = Math.max(cursor, row.change_seq);
    }
    changed();
  }
  /** All who ask before it begins share it. */
  const beginRefresh = (): Promise<void> => {
    nextRefresh = undefined;
    return readChanges();
  };
  function putLoads(rows: readonly LoadRow[]): void {
    let anyNew = false;
    let anyFreed = false;
    for (const row of rows) {
      const before = loads.get(row.agent_id);
      anyFreed ||= row.parked_until === null && before !== undefined && before.parked_until !== null;
      loads.set(row.agent_id, row);
      const isNew = isParked(row, clock.now()) && before?.parked_until !== row.parked_until;
      if (isNew) parked.add(row.agent_id);
      anyNew ||= isNew;
      const agent = index.get(row.agent_id);
      const known = agents.get(row.agent_id);
      if (!agent || !known) continue;
      if (changesPlaces(before, row)) {
        put(known);
        continue;
      }
      const ended = row.completed + row.failed;
      agent.completed = row.completed;
      agent.failed = row.failed;
      agent.averageDurationMs = ended === 0 ? null : Math.round(row.duration_ms / ended);
      showLoad(row.agent_id);
    }
    if (anyNew) for (const listener of parkedListeners) listener();
    if (anyFreed) changed();
  }

  async function refreshAll(): Promise<void> {
    if (db.dialect !== "postgres") return putLoads(await selectLoads(db));
    const { at, loads: written } = await selectLoadsSince(db, loadsAsOf);
    loadsAsOf = at;
    putLoads(written);
  }

  await refreshAll();
  await readChanges();
  return {
    index,
    find: (idOrName) => agents.get(idOrName) ?? agents.get(names.get(idOrName) ?? seqs.get(idOrName) ?? index.get(idOrName)?.id ?? ""),
    all: () => [...agents.values()],
    loadOf,
    isAttached,
    refresh: () => {
      nextRefresh ??= refreshing = refreshing.then(beginRefresh, beginRefresh);
      return nextRefresh;
    },
    reserve,
    putLoads,
    refreshLoads: async (ids) => (ids ? putLoads(await selectLoadsOf(db, ids)) : refreshAll()),
    setLiveServers: (ids) => {
      if (ids.length === liveServers.size && ids.every((id) => liveServers.has(id))) return;
      liveServers = new Set(ids);
      for (const known of agents.values()) if (known.connector.kind === "dialin") put(known);
      changed();
    },
    unpark: () => {
      const now = clock.now();
      const over = [...parked].filter((id) => !isParked(loadOf(id), now));
      for (const id of over) {
        parked.delete(id);
        const known = agents.get(id);
        if (known) put(known);
      }
      if (over.length > 0) changed();
      return parked.size === 0 ? undefined : Math.min(...[...parked].map((id) => loadOf(id).parked_until ?? now));
    },
    onParked: (listener) => void parkedListeners.add(listener),
    onChange: (listener) => void listeners.add(listener),
  };
}
