// The tool servers that a step asked for, made ready for the agent that was chosen: looked up anew, since what could be had when it was
// chosen may not be there any more, and with their secrets in place.
import { Refusal, toolTakers } from "@baton/contract";
import { type KnownAgent, type Registry, toConnectorAgent } from "../agents/agents.ts";
import type { Connector, HandedServer } from "../connectors/connector.ts";
import type { Seal } from "../std/seal.ts";
import type { Going } from "./going.ts";
import type { StepSpec } from "./submission.ts";
import type { Happening } from "./task-machine.ts";

export interface HandToolsWorld {
  registry: Registry;
  seal: Seal;
  connectorOf(kind: "mcp"): Connector;
  /** Baton's own tools. Undefined: there is no way to them. */
  ownTools(attempt: { attemptId: string; agentId: string }): Promise<HandedServer | undefined>;
}
/** More are not told of one server. */
const MOST_RESOURCES = 50;

/** Those its step asked for, and Baton's own for an agent that is handed them. @returns what happens to the attempt instead when they cannot be had. */
export async function handAllTools(world: HandToolsWorld, attempt: Going, { row, connector }: KnownAgent): Promise<HandedServer[] | Happening> {
  // Most steps need no tools: their specification is not parsed once more.
  const asked = attempt.step.step_spec.includes('"tools"') ? ((JSON.parse(attempt.step.step_spec) as StepSpec).tools ?? []) : [];
  const found = await handTools(world, attempt.agentId, asked, attempt.step.project_id);
  const takesOwn = row.messages === "tools" && (toolTakers as readonly string[]).includes(connector.kind);
  if (!takesOwn || !Array.isArray(found)) return found;
  const own = await world.ownTools(attempt);
  return own === undefined ? found : [...found, own];
}
/** @returns what happens to the attempt instead when they cannot be had. */
async function handTools(world: HandToolsWorld, agentId: string, asked: readonly string[], project: string | null): Promise<HandedServer[] | Happening> {
  if (asked.length === 0) return [];
  const found = world.registry.index.handedTo(agentId, asked, project ?? undefined);
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
