// The tool servers that a step asked for, made ready for the agent that was chosen: looked up anew, since what could be had when it was
// chosen may not be there any more, and with their secrets in place.
import { Refusal } from "@baton/contract";
import { type Registry, toConnectorAgent } from "../agents/agents.ts";
import type { Connector, HandedServer } from "../connectors/connector.ts";
import type { Seal } from "../std/seal.ts";
import type { Happening } from "./task-machine.ts";

export interface HandToolsWorld {
  registry: Registry;
  seal: Seal;
  connectorOf(kind: "mcp"): Connector;
}
/** More are not told of one server. */
const MOST_RESOURCES = 50;

/** @returns what happens to the attempt instead when they cannot be had. */
export async function handTools(world: HandToolsWorld, agentId: string, asked: readonly string[]): Promise<HandedServer[] | Happening> {
  if (asked.length === 0) return [];
  const found = world.registry.index.handedTo(agentId, asked);
  if (!found)
    return { ok: false, kind: "released", detail: `The tools it needs (${asked.join(", ")}) were gone when it was to begin; another attempt follows.` };
  try {
    return await Promise.all(
      found.map(async ({ agent, offers }): Promise<HandedServer> => {
        const known = world.registry.find(agent.id);
        const server = known && (await world.connectorOf("mcp").hand?.(toConnectorAgent(known, world.seal)));
        if (!known || !server) throw new Refusal("not_found", "it is not there any more");
        const resources = offers.flatMap(({ uri, name, description }) => (uri === null ? [] : [{ uri, name, description }]));
        return { ...server, handed: { resources: resources.slice(0, MOST_RESOURCES), resourceLimits: JSON.parse(known.row.resource_limits) } };
      }),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, kind: "agent_error", detail: `The tools it needs (${asked.join(", ")}) cannot be handed over: ${error.message}` };
  }
}
