// The tools and resources of all registered tool servers: found by capability, name or words, of one server, or for one agent.
import type { Page, Tool, ToolQuery } from "@baton/contract";
import { toTools } from "../routing/found-tools.ts";
import type { RoutableAgent } from "../routing/agent-index.ts";
import { covers, type Scope } from "../store/scope.ts";
import { getKnownAgent } from "./agents.ts";
import type { AgentsWorld } from "./change-agent.ts";

/** @throws Refusal `not_found` when the server or agent is not there. */
export function listTools(world: AgentsWorld, scope: Scope, { match, server, agent, limit, offset }: ToolQuery): Page<Tool> {
  const { index } = world.registry;
  const serverId = server === undefined ? undefined : getKnownAgent(world, server).row.id;
  const agentId = agent === undefined ? undefined : getKnownAgent(world, agent).row.id;
  const found = match === undefined ? allServers(world) : index.tools.find(match);
  const tools = found
    .filter(({ agent: { project = null } }) => project === null || covers(scope, project))
    .filter((one) => (serverId === undefined || one.agent.id === serverId) && (agentId === undefined || index.mayTake(agentId, one.agent)))
    .flatMap(toTools);
  return { items: tools.slice(offset, offset + limit), total: tools.length, limit, offset };
}
const allServers = ({ registry }: AgentsWorld) =>
  registry
    .all()
    .filter((known) => known.offers !== undefined)
    .sort((a, b) => a.row.seq - b.row.seq)
    .map(({ row, offers = [] }) => ({ slot: -1, agent: registry.index.get(row.id) as RoutableAgent, offers }));
