// Registering an agent: everything that can be known of it is asked and checked before it is stored.
import { type Agent, type ParsedAgentInput, Refusal, relocating } from "@baton/contract";
import type { Connector, ConnectorAgent } from "../connectors/connector.ts";
import { insertAgent } from "./agent-rows.ts";
import { getAgent } from "./agents.ts";
import type { AgentsWorld } from "./change-agent.ts";
import { toDiscovered } from "./discover-agent.ts";
import { toConnectorAgent, toKnown, toRow } from "./to-agent.ts";

/** What its connector can check without calling it. @throws Refusal `unsafe_endpoint`, `bad_input`. */
export function checkRegistration(world: AgentsWorld, input: ParsedAgentInput): Promise<void> {
  const draft = { ...toRow(input, input.id ?? "draft", 0, world.seal), seq: 0, change_seq: 0 };
  return checkConnector(world.connectorOf(input.connector.kind), toConnectorAgent(toKnown(draft, world.seal), world.seal));
}
/** Agents answer to id and name: one's id must not be another's name, or work meant for the one would go to the other. */
function refuseSharedName(world: AgentsWorld, { id, name }: ParsedAgentInput): void {
  const other = world.registry.all().find(({ row }) => row.id === name || row.name === id);
  if (other)
    throw new Refusal("name_taken", `Agent ${other.row.name} (${other.row.id}) answers to ${other.row.id === name ? name : id} already. Choose another.`);
}
/**
 * Validate, check what its connector can check, ask it what it can do and whether it is well, store.
 * @throws Refusal `name_taken`, `unsafe_endpoint`, `bad_input`, `conflict` when it does not say what it can do and the registration does not either.
 */
export async function createAgent(world: AgentsWorld, input: ParsedAgentInput): Promise<Agent> {
  const now = world.clock.now();
  refuseSharedName(world, input);
  const draft = { ...toRow(input, input.id ?? world.newId(), now, world.seal), seq: 0, change_seq: 0 };
  const connector = world.connectorOf(input.connector.kind);
  const asConnected = toConnectorAgent(toKnown(draft, world.seal), world.seal);
  await checkConnector(connector, asConnected);
  const found = await connector.discover?.(asConnected).catch((error: unknown) => {
    // Who says what the agent can need not be told by the agent.
    if (!(error instanceof Refusal) || error.code !== "unavailable") throw error;
    if (input.capabilities.length > 0) return undefined;
    throw new Refusal("conflict", `${error.message} Or name its capabilities, and it is registered without being asked.`);
  });
  const seen = await connector.observe?.(asConnected);
  const row = {
    ...draft,
    ...(found ? toDiscovered(input, found) : {}),
    ...(seen ? { health: seen.health, health_detail: seen.detail, observed_at: world.clock.now() } : {}),
  };
  await world.changes.make(async (tx) => {
    if (!(await insertAgent(tx, row)))
      throw new Refusal("name_taken", `There is an agent with the name ${row.name} or the id ${row.id} already. Choose another, or PATCH that one.`);
    return { id: row.id, event: { type: "agent.registered", agentId: row.id, data: { name: row.name, connector: input.connector.kind } } };
  });
  return getAgent(world, row.id);
}

/** @throws Refusal naming where in the request it is wrong. */
export const checkConnector = (connector: Connector, agent: ConnectorAgent): Promise<void> =>
  relocating("connector.", "body.connector.", () => connector.check(agent));
