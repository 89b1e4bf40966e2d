// Agents: who can be handed work. Registering checks before it stores; every change is a fact in the log; status is derived
// when it is asked for. An agent is removed by marking its row, so that what it did keeps its name.
import {
  type Agent,
  type AgentAction,
  type AgentInput,
  type AgentPatch,
  agentInput,
  type ConnectorSettings,
  type FoundAgent,
  type FoundAgents,
  type Page,
  parse,
  Refusal,
  relocating,
} from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import { toCapabilityKey } from "../routing/capability.ts";
import type { Saw } from "../std/saw.ts";
import { covers, EVERYWHERE, type Scope } from "../store/scope.ts";
import { type Admission, type AgentRow, findAgentByName, insertAgent, updateAgent } from "./agent-rows.ts";
import { deriveStatus } from "./agent-status.ts";
import { discoverAgent } from "./discover-agent.ts";
import { actOnLife, livingOf, livingOrRefuse, refuseUnlessRestarts } from "./agent-life.ts";
import { type AgentsWorld, changeAgent } from "./change-agent.ts";
import { type KnownAgent, patchRow, toAgent, toConnectorAgent, toKnown, toRow } from "./to-agent.ts";

export { adoptLiving } from "./agent-life.ts";
export { AGENTS_CHANNEL, openAgentChanges } from "./agent-changes.ts";
export type { AgentsWorld } from "./change-agent.ts";
export { createOnce } from "./creation-rows.ts";
export { openRegistry, type Registry, type Reservation } from "./registry.ts";
export { freeParked, type LoadRow, lockFreeLoads, lockLoads, updateLoads } from "./agent-rows.ts";
export { type Parking, parkingAfterFailures, parkingWithoutQuota } from "./parking.ts";
export { type KnownAgent, toConnectorAgent } from "./to-agent.ts";

/** @throws Refusal `not_found`. */
export function getKnownAgent(world: Pick<AgentsWorld, "registry">, idOrName: string): KnownAgent {
  const known = world.registry.find(idOrName);
  if (!known) throw new Refusal("not_found", `There is no agent ${idOrName}. GET /api/v1/agents lists them.`);
  return known;
}
export function toWire(world: Pick<AgentsWorld, "registry" | "seal" | "clock">, known: KnownAgent): Agent {
  const { registry } = world;
  return toAgent(known, registry.loadOf(known.row.id), registry.isAttached(known), world.seal, world.clock.now());
}
export const getAgent = (world: AgentsWorld, idOrName: string): Agent => toWire(world, getKnownAgent(world, idOrName));

/** Those of the projects, and those that all projects share. */
export const agentsWithin = ({ registry }: Pick<AgentsWorld, "registry">, scope: Scope): KnownAgent[] =>
  registry.all().filter(({ row }) => row.project_id === null || covers(scope, row.project_id));

export interface AgentQuery {
  limit: number;
  offset: number;
  status?: string | undefined;
  capability?: string | undefined;
  type?: string | undefined;
  connector?: string | undefined;
  projectId?: string | undefined;
  q?: string | undefined;
}
export function listAgents(world: AgentsWorld, scope: Scope, query: AgentQuery): Page<Agent> {
  const matching = agentsWithin(world, scope).filter((known) => matches(world, known, query));
  matching.sort((a, b) => a.row.seq - b.row.seq);
  const items = matching.slice(query.offset, query.offset + query.limit).map((known) => toWire(world, known));
  return { items, total: matching.length, limit: query.limit, offset: query.offset };
}
function matches(world: AgentsWorld, known: KnownAgent, query: AgentQuery): boolean {
  const { row } = known;
  if (query.type !== undefined && toCapabilityKey(row.agent_type) !== toCapabilityKey(query.type)) return false;
  if (query.connector !== undefined && known.connector.kind !== query.connector) return false;
  if (query.projectId !== undefined && row.project_id !== query.projectId) return false;
  if (query.q !== undefined && !`${row.name} ${row.description}`.toLowerCase().includes(query.q.toLowerCase())) return false;
  const wanted = query.capability === undefined ? undefined : toCapabilityKey(query.capability);
  if (
    wanted !== undefined &&
    !known.capabilities.some((one) => toCapabilityKey(one.name) === wanted || one.technologies.some((name) => toCapabilityKey(name) === wanted))
  )
    return false;
  if (query.status === undefined) return true;
  const status = statusOf(world, known);
  return [status.state, status.health, status.lifecycle].includes(query.status.toLowerCase() as never);
}
export function statusOf({ registry, clock }: Pick<AgentsWorld, "registry" | "clock">, known: KnownAgent) {
  return deriveStatus({
    row: known.row,
    kind: known.connector.kind,
    load: registry.loadOf(known.row.id),
    attached: registry.isAttached(known),
    now: clock.now(),
  });
}
/** Who of what was found is registered already: by the command that would be run. */
export function withRegistered(world: Pick<AgentsWorld, "registry">, found: FoundAgents): FoundAgents {
  const commandOf = (settings: ConnectorSettings): string | undefined => ("command" in settings ? settings.command : undefined);
  const byCommand = new Map(world.registry.all().map(({ row, connector }) => [commandOf(connector), row.name]));
  const commandOfFound = ({ registration, program }: FoundAgent): string | undefined => (registration === null ? program : commandOf(registration.connector));
  return { ...found, items: found.items.map((one) => ({ ...one, registeredAs: byCommand.get(commandOfFound(one)) ?? null })) };
}
/** States in which an agent does what it is for, or would. */
const WELL = ["idle", "busy", "paused", "draining", "parked"];
/** Of all agents, counted by state, the share that is well; 1 when there is none. Who was switched off is neither well nor ill. */
export function shareOfWell(byState: Record<string, number>): number {
  const count = (states: readonly string[]): number => states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
  const [well, all] = [count(WELL), count([...WELL, "offline", "error"])];
  return all === 0 ? 1 : well / all;
}
export function agentStats(world: AgentsWorld, scope: Scope) {
  const count = (keys: string[]): Record<string, number> => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return Object.fromEntries(counts);
  };
  const all = agentsWithin(world, scope);
  return {
    total: all.length,
    byState: count(all.map((known) => statusOf(world, known).state)),
    byType: count(all.map((known) => known.row.agent_type)),
    byConnector: count(all.map((known) => known.connector.kind)),
  };
}

/** @throws Refusal `not_found`, `version_mismatch` when `expected` is not the stored version. */
export async function patchAgent(world: AgentsWorld, idOrName: string, patch: AgentPatch, expected?: number, saw?: Saw<Agent>): Promise<Agent> {
  const { row } = getKnownAgent(world, idOrName);
  if (patch.connector) {
    const draft = patchRow(row, patch, world.seal);
    const agent = toConnectorAgent(toKnown(draft, world.seal), world.seal);
    await relocating("connector.", "body.connector.", () => world.connectorOf(agent.connector.kind).check(agent));
  }
  await changeAgent(world, row.id, (stored) => {
    if (expected !== undefined && stored.version !== expected) {
      throw new Refusal("version_mismatch", `Agent ${row.name} has version ${stored.version} now, not ${expected}. Read it again, then change it.`);
    }
    const changed = patchRow(stored, patch, world.seal);
    saw?.(toWire(world, toKnown(stored, world.seal)), toWire(world, toKnown(changed, world.seal)));
    return { row: changed, event: { type: "agent.updated", data: { fields: Object.keys(patch) } } };
  });
  // A tool server reached another way may have other tools; where it does not say, what it said before stands.
  if (patch.connector?.kind === "mcp") await discoverAgent(world, getKnownAgent(world, row.id)).catch(onlyUnavailable);
  return getAgent(world, row.id);
}
const onlyUnavailable = (error: unknown): void => {
  if (!(error instanceof Refusal) || error.code !== "unavailable") throw error;
};

const ADMISSIONS = {
  pause: ["paused", "agent.paused"],
  resume: ["open", "agent.resumed"],
  drain: ["draining", "agent.draining"],
  start: ["open", "agent.started"],
  restart: ["open", "agent.started"],
  stop: ["stopped", "agent.stopped"],
} as const;
/** @throws Refusal `not_found`; `conflict` for a start or stop of an agent that does not live here, or a restart of one that runs elsewhere; `unavailable` when it does not start; `bad_input`. */
export async function actOnAgent(world: AgentsWorld, idOrName: string, { action, graceful, instances }: AgentAction): Promise<Agent> {
  const known = getKnownAgent(world, idOrName);
  if ((action === "scale") !== (instances !== undefined)) {
    const message = action === "scale" ? "is missing: how many pieces of work it may have at once, from 1" : `is for scale, not for ${action}`;
    throw new Refusal("bad_input", `body.instances: ${message}`, { issues: [{ path: "body.instances", message }] });
  }
  if (action === "scale") return patchAgent(world, known.row.id, { maxConcurrentTasks: instances });
  const [admission, type] = ADMISSIONS[action];
  const isLife = action === "start" || action === "stop" || action === "restart";
  const lives = livingOf(world, known) !== undefined;
  if (action === "restart" && !lives) refuseUnlessRestarts(world, known);
  else if (isLife) livingOrRefuse(world, known);
  // Nothing more is handed to one that is being ended.
  if (action === "stop") await admit(world, known.row.id, admission, type);
  if (lives) await actOnLife(world, known, action, graceful);
  if (action !== "stop") await admit(world, known.row.id, admission, type);
  return getAgent(world, known.row.id);
}
const admit = (world: AgentsWorld, id: string, admission: Admission, type: NewEvent["type"]): Promise<void> =>
  changeAgent(world, id, (stored) => (stored.admission === admission ? undefined : { row: { ...stored, admission }, event: { type } }));

/** @throws Refusal `conflict` while it carries something out. */
export async function removeAgent(world: AgentsWorld, idOrName: string, saw?: Saw<Agent>): Promise<void> {
  const known = getKnownAgent(world, idOrName);
  const { row } = known;
  await world.registry.refreshLoads([row.id]);
  const { active } = world.registry.loadOf(row.id);
  if (active > 0) throw new Refusal("conflict", `Agent ${row.name} works on ${active} attempts. Drain it first (action drain), then remove it.`);
  await livingOf(world, known)?.stop(toConnectorAgent(known, world.seal), true);
  await changeAgent(world, row.id, (stored) => {
    saw?.(toWire(world, toKnown(stored, world.seal)), undefined);
    return {
      row: { ...stored, name: `${stored.name}#${stored.id}`, admission: "removed" satisfies Admission },
      event: { type: "agent.removed", data: { name: stored.name } },
    };
  });
}

/** Asks the agent now, and keeps what it said; with `onlyNews` nothing is written when its health is what it was. */
export async function checkAgentHealth(world: AgentsWorld, idOrName: string, onlyNews = false) {
  const known = getKnownAgent(world, idOrName);
  const connector = world.connectorOf(known.connector.kind);
  const attached = world.registry.isAttached(known);
  const seen = connector.observe
    ? await connector.observe(toConnectorAgent(known, world.seal))
    : {
        health: attached ? ("healthy" as const) : ("unknown" as const),
        detail: attached ? "Nothing speaks against it: this kind is not asked." : "It is not connected.",
        responseTimeMs: 0,
      };
  const at = world.clock.now();
  await changeAgent(world, known.row.id, (stored) => {
    if (onlyNews && stored.health === seen.health) return undefined;
    const event: NewEvent | undefined =
      stored.health === seen.health ? undefined : { type: "agent.health_changed", data: { from: stored.health, to: seen.health, detail: seen.detail } };
    return { row: { ...stored, health: seen.health, health_detail: seen.detail, observed_at: at }, event };
  });
  return { agentId: known.row.id, health: seen.health, detail: seen.detail, responseTimeMs: seen.responseTimeMs, checkedAt: new Date(at).toISOString() };
}

/** Heartbeats closer together than this that say nothing new are not written. */
const HEARTBEAT_GAP_MS = 5000;
/** The agent says it is alive, and perhaps how well. */
export async function heartbeatAgent(world: AgentsWorld, idOrName: string, beat: { health?: string | undefined; detail?: string | undefined }) {
  const { row } = getKnownAgent(world, idOrName);
  const now = world.clock.now();
  await changeAgent(world, row.id, (stored) => {
    const health = beat.health ?? stored.health;
    if (health === stored.health && now - (stored.last_heartbeat_at ?? 0) < HEARTBEAT_GAP_MS) return undefined;
    const event: NewEvent | undefined =
      health === stored.health ? undefined : { type: "agent.health_changed", data: { from: stored.health, to: health, detail: beat.detail ?? "" } };
    const said = beat.health === undefined ? {} : { health, health_detail: beat.detail ?? "The agent said so.", observed_at: now };
    return { row: { ...stored, ...said, last_heartbeat_at: now }, event };
  });
  return statusOf(world, getKnownAgent(world, row.id));
}

/** Who says they are an agent: what projects they are in, and the one agent they may be by the word of an admin. */
export interface AgentSpeaker {
  scope: Scope;
  agent?: string | undefined;
}
const maySpeakFor = ({ scope, agent }: AgentSpeaker, { name, project_id }: AgentRow): boolean =>
  scope.projects === "all" || agent === name || (project_id !== null && covers(scope, project_id));
/**
 * A dial-in agent connected to this server: created when its name is new, else updated by what it says of itself.
 * `prepare` runs once its id is known and before it is offered any work.
 */
export async function attachAgent(
  world: AgentsWorld,
  said: Omit<AgentInput, "connector">,
  server: string,
  who: AgentSpeaker = { scope: EVERYWHERE },
  prepare: (id: string) => Promise<void>,
): Promise<KnownAgent> {
  const now = world.clock.now();
  const { projects } = who.scope;
  const input = parse(agentInput, { ...said, connector: { kind: "dialin" }, ...(projects === "all" ? {} : { projectId: projects[0] }) }, "agent");
  const id = await world.changes.make(async (tx) => {
    const stored = await findAgentByName(tx, input.name);
    if (stored && JSON.parse(world.seal.open(stored.connector)).kind !== "dialin") {
      throw new Refusal("name_taken", `Agent ${input.name} exists and is reached another way. Choose another name, or remove that agent.`);
    }
    if (stored && !maySpeakFor(who, stored)) throw new Refusal("name_taken", `Another agent is called ${input.name}. Choose another name.`);
    const connected = { connected_to: server, connected_at: now, health: "healthy", health_detail: "It is connected.", observed_at: now };
    if (!stored) {
      const row = { ...toRow(input, world.newId(), now, world.seal), ...connected };
      if (!(await insertAgent(tx, row))) throw new Refusal("name_taken", `The name ${input.name} was taken just now. Connect again.`);
      return { id: row.id, event: { type: "agent.connected", agentId: row.id, data: { name: row.name, server } } };
    }
    const patch: AgentPatch = {
      ...(said.description === undefined ? {} : { description: said.description }),
      ...(said.capabilities ? { capabilities: input.capabilities } : {}),
      ...(said.maxConcurrentTasks ? { maxConcurrentTasks: said.maxConcurrentTasks } : {}),
      ...(said.metadata ? { metadata: input.metadata } : {}),
    };
    await updateAgent(tx, { ...patchRow(stored, patch, world.seal), ...connected, updated_at: now }, stored.version);
    return { id: stored.id, event: { type: "agent.connected", agentId: stored.id, data: { name: stored.name, server } } };
  }, prepare);
  return getKnownAgent(world, id);
}
/** Its connection to `server` of that time closed. Nothing changes when it has connected again meanwhile, here or elsewhere. */
export const detachAgent = (world: AgentsWorld, id: string, server: string, connectedAt: number | null): Promise<void> =>
  changeAgent(world, id, (stored) =>
    stored.connected_to !== server || stored.connected_at !== connectedAt
      ? undefined
      : { row: { ...stored, connected_to: null }, event: { type: "agent.disconnected", data: { server } } },
  );
