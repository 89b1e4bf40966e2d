// Why the tools that a piece of work asks for keep everybody from it, in words: nobody gives them, who gives them may not now, or nobody who
// could do the work is one to be handed them.
import type { AgentIndex, Demand, RoutableAgent } from "./agent-index.ts";
import { servesProject } from "./serves-project.ts";

const SHOWN = 3;

/** undefined: the tools are not why. */
export function whyNoTools(index: AgentIndex, demand: Demand): string | undefined {
  const { tools = [], ...rest } = demand;
  for (const asked of tools) {
    const found = index.tools
      .find(asked)
      .map(({ agent }) => agent)
      .filter((agent) => servesProject(agent, demand.project));
    if (found.length === 0) return `No registered tool server gives ${asked}.`;
    if (found.every(({ unavailable }) => unavailable !== null))
      return `${found.length === 1 ? "The only tool server that gives" : `All ${found.length} tool servers that give`} ${asked} cannot be used: ${list(found, ({ name, unavailable }) => `${name} ${unavailable}`)}.`;
  }
  const able = index.capable(rest).map((id) => index.get(id) as RoutableAgent);
  if (tools.length === 0 || able.length === 0) return undefined;
  const barred = list(able, (agent) => `${agent.name} ${agent.tools?.why ?? "is handed no tool servers"}`);
  return `${able.length === 1 ? "The only agent that could do it cannot" : `None of the ${able.length} agents that could do it can`} be handed ${tools.join(", ")}: ${barred}.`;
}

const list = (agents: readonly RoutableAgent[], toWords: (agent: RoutableAgent) => string): string =>
  agents.slice(0, SHOWN).map(toWords).join("; ") + (agents.length > SHOWN ? `, and ${agents.length - SHOWN} more` : "");
