// A choice put into words: the assignment that is stored with the attempt, and why nobody can take a piece of work.
import type { Assignment, WaitingFor } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { AgentIndex, Choice, Demand, RoutableAgent } from "./agent-index.ts";

/** Below this many ended attempts an agent's record says little. */
const THIN_RECORD = 5;

export function toAssignment(choice: Choice, demand: Demand, now: number): Assignment {
  const { agent, active } = choice;
  const ended = agent.completed + agent.failed;
  const estimate = agent.averageDurationMs;
  return {
    agentId: agent.id,
    agentName: agent.name,
    score: round(choice.score),
    // The share of success one may expect, with a thin record drawn towards a half (rule of succession).
    confidence: round((agent.completed + 1) / (ended + 2)),
    reasons: reasons(choice, demand, active, ended),
    estimatedDurationMs: estimate,
    risks: risks(ended, choice.successRate),
    alternatives: choice.alternatives.map((other) => ({ agentId: other.agent.id, agentName: other.agent.name, score: round(other.score) })),
    assignedAt: iso(now),
    expectedCompletionAt: estimate === null ? null : iso(now + estimate),
  };
}

function reasons({ agent, ...choice }: Choice, demand: Demand, active: number, ended: number): string[] {
  const others = choice.considered - 1;
  return [
    demand.agent !== undefined
      ? "The step names this agent."
      : `Best score of ${choice.considered} that could take it now${others > 0 && choice.alternatives[0] ? `; next is ${choice.alternatives[0].agent.name} with ${round(choice.alternatives[0].score)}` : ""}.`,
    demand.requirements.length === 0
      ? "Nothing in particular is required (0)."
      : `Has ${demand.requirements.join(", ")}: proficiency ${round(choice.proficiencySum)} in sum (+${round(0.5 * choice.proficiencySum)}).`,
    ended === 0 ? "No record yet, taken as 100 % (+0.3)." : `Succeeded in ${agent.completed} of ${ended} attempts (+${round(0.3 * choice.successRate)}).`,
    `Busy with ${active} of ${agent.maxConcurrentTasks} (+${round(0.2 * (1 - active / agent.maxConcurrentTasks))}).`,
  ];
}
function risks(ended: number, rate: number): Assignment["risks"] {
  const found: Assignment["risks"] = [];
  if (ended < THIN_RECORD) found.push({ kind: "thin_record", detail: `Only ${ended} attempts have ended so far.`, severity: "low" });
  if (ended >= THIN_RECORD && rate < 0.9) {
    found.push({ kind: "low_success", detail: `${Math.round(rate * 100)} % of its attempts succeeded.`, severity: rate < 0.5 ? "high" : "medium" });
  }
  return found;
}

/** Why nobody takes it: nobody has the capabilities, those who have them may not, or all of them are busy (null: only a matter of time). */
export function whyNobody(index: AgentIndex, demand: Demand): WaitingFor | null {
  const wanted = describe(demand);
  const capable = index.capable(demand).filter((id) => !demand.excluded?.includes(id));
  if (capable.length === 0) {
    const known = demand.agent !== undefined && index.get(demand.agent) !== undefined;
    const detail = known ? `${demand.agent} does not have ${demand.requirements.join(", ")}.` : `No registered agent ${wanted}.`;
    return { kind: "agent", detail };
  }
  const agents = capable.map((id) => index.get(id) as RoutableAgent);
  const open = agents.filter((agent) => agent.unavailable === null);
  if (open.length > 0) return null;
  const listed = agents.slice(0, 3).map((agent) => `${agent.name} ${agent.unavailable}`);
  const more = agents.length > 3 ? `, and ${agents.length - 3} more` : "";
  return {
    kind: "agent",
    detail: `${agents.length === 1 ? "The only agent" : `All ${agents.length} agents`} that ${wanted} cannot take work: ${listed.join(", ")}${more}.`,
  };
}
const describe = (demand: Demand): string =>
  demand.agent !== undefined ? `is called ${demand.agent}` : demand.requirements.length === 0 ? "takes any work" : `has ${demand.requirements.join(", ")}`;
const round = (value: number): number => Math.round(value * 1000) / 1000;
