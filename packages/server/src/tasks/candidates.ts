// Who could take part in a plan, as planning sees them.
import type { Candidate, Candidates } from "../planning/pattern.ts";
import type { AgentIndex, RoutableAgent } from "../routing/agent-index.ts";
import { toCapabilityKey } from "../routing/capability.ts";

const MOST = 50;

export const toCandidates = (index: AgentIndex, project: string | null | undefined): Candidates => ({
  able: (requirements) => index.ranked({ requirements, project: project ?? undefined }, MOST).map(({ agent }) => toCandidate(agent)),
  named: (stems) => index.named(stems, project ?? undefined),
  canCover: (requirements) => index.capable({ requirements, project: project ?? undefined }).length > 0,
});
const toCandidate = ({ id, name, role, capabilities, price, unavailable }: RoutableAgent): Candidate => ({
  id,
  name,
  role,
  capabilities: capabilities.map((capability) => toCapabilityKey(capability.name)),
  price,
  available: unavailable === null,
});
