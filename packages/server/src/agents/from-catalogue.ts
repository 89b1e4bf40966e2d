// Registering an entry of the catalogue on a backing: who the agent is comes from the entry, how it is reached from the backing.
import { type Agent, type AgentFromCatalogue, agentInput, type ConnectorSettings, parse, Refusal, relocating, type ToolServers } from "@baton/contract";
import { getKnownAgent } from "./agents.ts";
import type { Catalogue } from "./catalogue.ts";
import type { AgentsWorld } from "./change-agent.ts";
import { createAgent } from "./create-agent.ts";
import { toConnectorAgent } from "./to-agent.ts";

export interface FromCatalogueWorld extends AgentsWorld {
  catalogue: Catalogue;
}
interface Backing {
  connector: ConnectorSettings;
  environment: Record<string, string>;
  maxConcurrentTasks: number | undefined;
  toolServers: ToolServers;
}

/** @throws Refusal `not_found` for entry or backing agent; `conflict` for what is a part of Baton itself; else as createAgent. */
export async function registerFromCatalogue(world: FromCatalogueWorld, input: AgentFromCatalogue): Promise<Agent> {
  const { entry: wanted, backing: _, backingAgent: __, ...own } = input;
  const entry = world.catalogue.get(wanted);
  if (entry.kind === "service") throw new Refusal("conflict", `${entry.name} is a part of Baton and needs no registration. ${entry.description}`);
  const { connector, environment, maxConcurrentTasks, toolServers } = toBacking(world, input);
  const registration = parse(
    agentInput,
    {
      name: entry.name,
      description: entry.description,
      type: connector.kind,
      category: entry.category,
      role: entry.role,
      persona: entry.persona,
      aliases: entry.aliases,
      capabilities: entry.capabilities,
      ...own,
      connector,
      toolServers,
      environment: { ...environment, ...own.environment },
      maxConcurrentTasks: own.maxConcurrentTasks ?? maxConcurrentTasks ?? entry.maxConcurrentTasks,
      metadata: { ...own.metadata, catalogue: entry.name, priority: entry.priority },
    },
    "body",
  );
  return relocating("body.connector.", "body.backing.", () => createAgent(world, registration));
}

function toBacking(world: FromCatalogueWorld, { backing, backingAgent }: AgentFromCatalogue): Backing {
  if ((backing === undefined) === (backingAgent === undefined)) {
    const message = "give one of backing, a connector's settings, and backingAgent, an agent's name";
    throw new Refusal("bad_input", `body: ${message}`, { issues: [{ path: "body.backing", message }] });
  }
  if (backing !== undefined) return { connector: backing, environment: {}, maxConcurrentTasks: undefined, toolServers: "any" };
  const known = getKnownAgent(world, backingAgent ?? "");
  // Secrets of the backing go along as they are; answers mask them like everybody's.
  const { connector, environment } = toConnectorAgent(known, world.seal);
  return { connector, environment, maxConcurrentTasks: known.row.max_concurrent_tasks, toolServers: known.toolServers };
}
