// What was found of tool servers, as it is shown: tools and resources, each with its server and whether that gives it now.
import type { FoundTool, Tool } from "@baton/contract";
import type { AgentIndex, FoundServer, RoutableAgent } from "./agent-index.ts";
import { servesProject } from "./serves-project.ts";

export const toTools = ({ agent, offers }: FoundServer<RoutableAgent>): Tool[] =>
  offers.map(({ kind, name, description, uri }) => ({
    kind,
    serverId: agent.id,
    serverName: agent.name,
    name,
    description,
    uri,
    unavailable: agent.unavailable,
  }));

/** More are not shown for one step. */
const MOST = 50;
/** @param taker who would be handed what is asked for; undefined while nobody would. */
export function findFor(
  index: AgentIndex,
  { requirements, tools }: { requirements: readonly string[]; tools: readonly string[] },
  taker: string | undefined,
  project: string | undefined,
): { availableTools: FoundTool[]; availableResources: FoundTool[]; enhancedRequirements: { name: string; by: "agent" | "tools"; servers: string[] }[] } {
  const find = (name: string) => index.tools.find(name).filter(({ agent }) => servesProject(agent, project));
  const handed = tools.map((name) => {
    const servers = find(name).filter(({ agent }) => taker === undefined || (agent.unavailable === null && index.mayTake(taker, agent)));
    return { name, servers };
  });
  const asked = handed.flatMap(({ name, servers }) => servers.flatMap(toTools).map((tool) => ({ ...tool, matches: name, asked: true })));
  const others = requirements
    .filter((name) => !tools.includes(name))
    .flatMap((name) =>
      find(name)
        .flatMap(toTools)
        .map((tool) => ({ ...tool, matches: name, asked: false })),
    );
  const found = [...asked, ...others];
  return {
    availableTools: found.filter(({ kind }) => kind === "tool").slice(0, MOST),
    availableResources: found.filter(({ kind }) => kind === "resource").slice(0, MOST),
    enhancedRequirements: [
      ...requirements.map((name) => ({ name, by: "agent" as const, servers: [] })),
      ...handed.map(({ name, servers }) => ({ name, by: "tools" as const, servers: servers.map(({ agent }) => agent.name) })),
    ],
  };
}
