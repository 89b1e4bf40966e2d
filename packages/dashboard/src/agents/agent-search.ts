// What one wants to see of the agents, as it stands in the address. Pure.
import { type AgentStatus, agentStates } from "@baton/contract";

export interface AgentSearch {
  q?: string;
  status?: AgentStatus["state"];
  page?: number;
}

export function parseAgentSearch(search: Record<string, unknown>): AgentSearch {
  const { q, page } = search;
  const status = agentStates.find((state) => state === search["status"]);
  return {
    ...(typeof q === "string" && q !== "" ? { q } : typeof q === "number" ? { q: String(q) } : {}),
    ...(status === undefined ? {} : { status }),
    ...(typeof page === "number" && Number.isSafeInteger(page) && page > 0 ? { page } : {}),
  };
}
