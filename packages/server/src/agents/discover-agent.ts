// Asking an agent what it can do: when it is registered, when it is reached another way, and whenever somebody wants it.
import { agentInput, type Capability, parse, type ParsedAgentInput, Refusal } from "@baton/contract";
import type { Discovery } from "../connectors/connector.ts";
import type { AgentRow } from "./agent-rows.ts";
import { type AgentsWorld, changeAgent } from "./change-agent.ts";
import { type KnownAgent, toCapabilities, toConnectorAgent } from "./to-agent.ts";
import { toOffers } from "./tooling.ts";

const MAX_CAPABILITIES = 200;
const MAX_DISCOVERED_CHARS = 262_144;

/** What an agent said of itself, where the registration does not say it. */
export function toDiscovered(
  input: Pick<ParsedAgentInput, "description" | "capabilities">,
  { description, capabilities, detail }: Discovery,
): Pick<AgentRow, "description" | "capabilities" | "discovered"> {
  const told = parse(agentInput.shape.capabilities, capabilities.slice(0, MAX_CAPABILITIES), "agent.capabilities");
  const text = JSON.stringify(detail);
  return {
    description: input.description === "" ? (description ?? "").slice(0, 4000) : input.description,
    capabilities: JSON.stringify(toCapabilities(input.capabilities.length === 0 ? told : input.capabilities)),
    discovered: text.length <= MAX_DISCOVERED_CHARS ? text : null,
  };
}

/** Asks it anew, and keeps what it says. @throws Refusal `conflict` when its kind says nothing of itself; `unavailable`. */
export async function discoverAgent(world: AgentsWorld, known: KnownAgent): Promise<void> {
  const connector = world.connectorOf(known.connector.kind);
  if (!connector.discover) throw new Refusal("conflict", `${known.row.name} is reached by ${known.connector.kind}, whose agents do not say what they can do.`);
  const found = await connector.discover(toConnectorAgent(known, world.seal));
  await changeAgent(world, known.row.id, (stored) => {
    const capabilities = JSON.parse(stored.capabilities) as Capability[];
    // What a tool server had is what it can do, unless somebody said otherwise.
    const had = new Set(toOffers(stored.discovered).map(({ name }) => name));
    const isOwn = known.offers !== undefined && capabilities.every(({ name }) => had.has(name));
    const told = toDiscovered({ description: stored.description, capabilities: isOwn ? [] : capabilities }, found);
    return { row: { ...stored, ...told }, event: { type: "agent.updated", data: { fields: ["discovered"] } } };
  });
}
