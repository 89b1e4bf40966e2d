// Between the wire's agent, the stored row and what routing sees. Secrets are sealed in rows and masked on the wire.
import {
  type Agent,
  type AgentCosts,
  type AgentPatch,
  type Brakes,
  type Capability,
  type ConnectorSettings,
  type ParsedAgentInput,
  prices,
  type ToolServers,
} from "@baton/contract";
import type { ConnectorAgent } from "../connectors/connector.ts";
import type { Offer, RoutableAgent } from "../routing/agent-index.ts";
import { iso } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import { openShared, type Shared } from "../std/shared.ts";
import type { AgentRow, LoadRow, ParkedFor } from "./agent-rows.ts";
import { isParked, isProbed } from "./parking.ts";
import { deriveStatus, whyUnavailable } from "./agent-status.ts";
import { toOffers, toTooling } from "./tooling.ts";
import { maskAll, maskSettings, unmask, unmaskSettings } from "./masks.ts";

/** A row with its JSON parsed once: what the registry holds. */
export interface KnownAgent {
  row: AgentRow;
  connector: ConnectorSettings;
  capabilities: Capability[];
  brakes: Brakes;
  costs: AgentCosts;
  aliases: string[];
  toolServers: ToolServers;
  /** What it has as a tool server; undefined when it is none. */
  offers: Offer[] | undefined;
}

/** @param shared holds once what many agents have alike; whoever holds one alone has no use for it. */
export function toKnown(given: AgentRow, seal: Seal, shared: Shared = openShared()): KnownAgent {
  const row = shareRow(given, shared);
  const connector = JSON.parse(seal.open(row.connector)) as ConnectorSettings;
  return {
    row,
    connector,
    capabilities: shared.json(row.capabilities) as Capability[],
    brakes: shared.json(row.brakes) as Brakes,
    costs: shared.json(row.costs) as AgentCosts,
    aliases: shared.json(row.aliases) as string[],
    toolServers: shared.json(row.tool_servers) as ToolServers,
    offers: connector.kind === "mcp" ? toOffers(row.discovered) : undefined,
  };
}
const ALIKE = [
  "description",
  "agent_type",
  "capabilities",
  "category",
  "role",
  "project_id",
  "resource_limits",
  "admission",
  "metadata",
  "brakes",
  "costs",
  "persona",
  "aliases",
  "tool_servers",
  "messages",
  "health",
  "health_detail",
  "connected_to",
] as const satisfies (keyof AgentRow)[];
function shareRow(row: AgentRow, shared: Shared): AgentRow {
  const alike = ALIKE.map((column) => [column, row[column] === null ? null : shared.text(row[column])]);
  return { ...row, ...Object.fromEntries(alike) };
}
export const toCapabilities = (given: ParsedAgentInput["capabilities"]): Capability[] =>
  given.map((one) =>
    typeof one === "string"
      ? { name: one, proficiency: 1, technologies: [] }
      : { name: one.name, proficiency: one.proficiency ?? 1, technologies: one.technologies ?? [] },
  );

export function toRow(input: ParsedAgentInput, id: string, now: number, seal: Seal): Omit<AgentRow, "seq" | "change_seq"> {
  return {
    id,
    name: input.name,
    description: input.description,
    agent_type: input.type,
    endpoint: input.connector.kind === "http" ? input.connector.endpoint : null,
    connector: seal.seal(JSON.stringify(input.connector)),
    capabilities: JSON.stringify(toCapabilities(input.capabilities)),
    category: input.category ?? null,
    role: input.role,
    project_id: input.projectId ?? null,
    max_concurrent_tasks: input.maxConcurrentTasks,
    resource_limits: JSON.stringify(input.resourceLimits),
    environment: seal.seal(JSON.stringify(input.environment)),
    enabled: input.enabled ? 1 : 0,
    admission: "open",
    metadata: JSON.stringify(input.metadata),
    brakes: JSON.stringify(input.brakes),
    costs: JSON.stringify(input.costs),
    persona: input.persona || null,
    aliases: JSON.stringify(input.aliases),
    tool_servers: JSON.stringify(input.toolServers),
    messages: input.messages,
    discovered: null,
    health: "unknown",
    health_detail: "It has not been asked yet.",
    observed_at: null,
    last_heartbeat_at: null,
    connected_to: null,
    connected_at: null,
    version: 1,
    created_at: now,
    updated_at: now,
  };
}
export function patchRow(row: AgentRow, patch: AgentPatch, seal: Seal): AgentRow {
  const changed = { ...row };
  if (patch.description !== undefined) changed.description = patch.description;
  if (patch.connector !== undefined) {
    changed.connector = seal.seal(JSON.stringify(unmaskSettings(patch.connector, JSON.parse(seal.open(row.connector)) as ConnectorSettings)));
    changed.endpoint = patch.connector.kind === "http" ? patch.connector.endpoint : null;
  }
  if (patch.capabilities !== undefined) changed.capabilities = JSON.stringify(toCapabilities(patch.capabilities));
  if (patch.category !== undefined) changed.category = patch.category;
  if (patch.role !== undefined) changed.role = patch.role;
  if (patch.maxConcurrentTasks !== undefined) changed.max_concurrent_tasks = patch.maxConcurrentTasks;
  if (patch.resourceLimits !== undefined) changed.resource_limits = JSON.stringify(patch.resourceLimits);
  if (patch.environment !== undefined) changed.environment = seal.seal(JSON.stringify(unmask(patch.environment, JSON.parse(seal.open(row.environment)))));
  if (patch.enabled !== undefined) changed.enabled = patch.enabled ? 1 : 0;
  if (patch.persona !== undefined) changed.persona = patch.persona || null;
  if (patch.aliases !== undefined) changed.aliases = JSON.stringify(patch.aliases);
  if (patch.toolServers !== undefined) changed.tool_servers = JSON.stringify(patch.toolServers);
  if (patch.messages !== undefined) changed.messages = patch.messages;
  if (patch.brakes !== undefined) changed.brakes = JSON.stringify(patch.brakes);
  if (patch.costs !== undefined) changed.costs = JSON.stringify(patch.costs);
  if (patch.metadata !== undefined) changed.metadata = JSON.stringify(patch.metadata);
  return changed;
}

export function toAgent(known: KnownAgent, load: LoadRow, attached: boolean, seal: Seal, now: number): Agent {
  const { row } = known;
  const ended = load.completed + load.failed;
  const environment = JSON.parse(seal.open(row.environment)) as Record<string, string>;
  return {
    id: row.id,
    seq: row.seq,
    name: row.name,
    description: row.description,
    type: row.agent_type,
    connector: maskSettings(known.connector),
    capabilities: known.capabilities,
    category: row.category,
    role: row.role as Agent["role"],
    projectId: row.project_id,
    maxConcurrentTasks: row.max_concurrent_tasks,
    resourceLimits: JSON.parse(row.resource_limits),
    environment: maskAll(environment),
    brakes: known.brakes,
    costs: known.costs,
    persona: row.persona,
    aliases: known.aliases,
    toolServers: known.toolServers,
    messages: row.messages,
    enabled: row.enabled === 1,
    metadata: JSON.parse(row.metadata),
    status: deriveStatus({ row, kind: known.connector.kind, load, attached, now }),
    successRate: ended === 0 ? null : load.completed / ended,
    averageDurationMs: ended === 0 ? null : Math.round(load.duration_ms / ended),
    attemptsEnded: ended,
    discovered: row.discovered === null ? null : JSON.parse(row.discovered),
    version: row.version,
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}
export function toRoutable(known: KnownAgent, load: LoadRow, attached: boolean, now: number): RoutableAgent {
  const ended = load.completed + load.failed;
  return {
    id: known.row.id,
    name: known.row.name,
    aliases: known.aliases,
    capabilities: known.capabilities,
    // A tool server does nothing but what is asked of one of its tools.
    onRequest: metadataOf(known)["onRequest"] === true || known.offers !== undefined,
    // Whose circuit was broken proves itself with one attempt first.
    maxConcurrentTasks: isProbed(known.brakes, load) ? 1 : known.row.max_concurrent_tasks,
    unavailable: whyUnavailable({ row: known.row, kind: known.connector.kind, load, attached, now }),
    parkedFor: isParked(load, now) ? (load.parked_for as ParkedFor) : null,
    completed: load.completed,
    failed: load.failed,
    averageDurationMs: ended === 0 ? null : Math.round(load.duration_ms / ended),
    role: known.row.role,
    project: known.row.project_id,
    price: priceOf(known),
    tools: toTooling(known),
  };
}
/** What its registration says work with it costs: an attempt, `metadata.price`, or the sum of what its tokens cost. */
function priceOf(known: KnownAgent): number | null {
  const { connector, costs } = known;
  if (costs.usdPerAttempt !== undefined) return costs.usdPerAttempt;
  const said = metadataOf(known)["price"];
  if (typeof said === "number" && said >= 0) return said;
  const counted = "prices" in connector ? prices.safeParse(connector.prices) : undefined;
  return counted?.success ? counted.data.input + counted.data.output : null;
}
const metadataOf = ({ row }: KnownAgent): Record<string, unknown> => JSON.parse(row.metadata) as Record<string, unknown>;
/** Opened once for each registration as it stands, not for each attempt. */
const opened = new WeakMap<KnownAgent, ConnectorAgent>();
export function toConnectorAgent(known: KnownAgent, seal: Seal): ConnectorAgent {
  const before = opened.get(known);
  if (before) return before;
  const agent = openAgent(known, seal);
  opened.set(known, agent);
  return agent;
}
const openAgent = (known: KnownAgent, seal: Seal): ConnectorAgent => ({
  id: known.row.id,
  name: known.row.name,
  type: known.row.agent_type,
  project: known.row.project_id,
  connector: known.connector,
  environment: JSON.parse(seal.open(known.row.environment)),
  resourceLimits: JSON.parse(known.row.resource_limits),
  persona: known.row.persona ?? undefined,
});
