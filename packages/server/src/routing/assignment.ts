// A choice put into words: the assignment that is stored with the attempt, and why nobody can take a piece of work.
import type { Assignment, WaitingFor } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { AgentIndex, Choice, Demand, RoutableAgent } from "./agent-index.ts";
import { ROLE_BONUS } from "./score.ts";
import { servesProject } from "./serves-project.ts";
import { whyNoTools } from "./why-no-tools.ts";

/** Below this many ended attempts an agent's record says little. */
const THIN_RECORD = 5;

/** What a choice rested on: stored with the attempt, put into words only when somebody reads it. */
export interface ChoiceFacts {
  agentId: string;
  agentName: string;
  score: number;
  proficiencySum: number;
  completed: number;
  failed: number;
  active: number;
  places: number;
  considered: number;
  requirements: readonly string[];
  /** The step named this agent. */
  named: boolean;
  /** The plan wants this one to do it. */
  preferred?: true;
  /** It holds the conversation of the task's session; or why who does was passed over, in words. */
  holder?: true | string;
  /** The role its part prefers, when the agent has it. */
  role?: string;
  /** Names of the tool servers it is handed. */
  handed?: string[];
  estimateMs: number | null;
  at: number;
  alternatives: { id: string; name: string; score: number }[];
}
export function toFacts(choice: Choice, demand: Demand, now: number): ChoiceFacts {
  const { agent } = choice;
  return {
    agentId: agent.id,
    agentName: agent.name,
    score: round(choice.score),
    proficiencySum: round(choice.proficiencySum),
    completed: agent.completed,
    failed: agent.failed,
    active: choice.active,
    places: agent.maxConcurrentTasks,
    considered: choice.considered,
    requirements: demand.requirements,
    named: demand.agent !== undefined,
    ...(demand.preferred === agent.id ? { preferred: true as const } : {}),
    ...(demand.holder === undefined ? {} : { holder: choice.passedOver ?? true }),
    ...(demand.role !== undefined && demand.role === agent.role ? { role: demand.role } : {}),
    ...(choice.handed.length > 0 ? { handed: choice.handed.map((server) => server.agent.name) } : {}),
    estimateMs: agent.averageDurationMs,
    at: now,
    alternatives: choice.alternatives.map((other) => ({ id: other.agent.id, name: other.agent.name, score: round(other.score) })),
  };
}

/** @param expectedMs taken as the estimate where the agent has no record. */
export function toAssignment(facts: ChoiceFacts, expectedMs?: number): Assignment {
  const estimate = facts.estimateMs ?? expectedMs ?? null;
  return {
    agentId: facts.agentId,
    agentName: facts.agentName,
    score: facts.score,
    // The share of success one may expect, with a thin record drawn towards a half (rule of succession).
    confidence: round((facts.completed + 1) / (facts.completed + facts.failed + 2)),
    reasons: toReasons(facts),
    estimatedDurationMs: estimate,
    risks: toRisks(facts),
    alternatives: facts.alternatives.map(({ id, name, score }) => ({ agentId: id, agentName: name, score })),
    assignedAt: iso(facts.at),
    expectedCompletionAt: estimate === null ? null : iso(facts.at + estimate),
  };
}
/** The first reason, which says in short why this one. */
export function mainReason({
  named,
  preferred,
  holder,
  considered,
  alternatives: [next],
}: Pick<ChoiceFacts, "named" | "preferred" | "holder" | "considered" | "alternatives">): string {
  // Said first: what was said before must be told anew, because the agent that knows it is another.
  const aside = typeof holder === "string" ? `${holder}; this one is told what was said. ` : "";
  if (named) return `${aside}The step names this agent.`;
  if (preferred) return "The plan gives it this part.";
  if (holder === true) return "It holds the conversation of this session.";
  if (aside !== "")
    return `${aside}It ${considered === 1 || !next ? "is the only one that could take it now" : `has the best score of ${considered} that could take it now`}.`;
  if (considered === 1 || !next) return "The only one that could take it now.";
  return `Best score of ${considered} that could take it now; next is ${next.name} with ${next.score}.`;
}
function toReasons(facts: ChoiceFacts): string[] {
  const { completed, failed, active, places, requirements, proficiencySum } = facts;
  const ended = completed + failed;
  return [
    mainReason(facts),
    requirements.length === 0
      ? "Nothing in particular is required (0)."
      : `Has ${requirements.join(", ")}: proficiency ${proficiencySum} in sum (+${round(0.5 * proficiencySum)}).`,
    ended === 0 ? "No record yet, taken as 100 % (+0.3)." : `Succeeded in ${completed} of ${ended} attempts (+${round((0.3 * completed) / ended)}).`,
    `Busy with ${active} of ${places} (+${round(0.2 * (1 - active / places))}).`,
    ...(facts.role === undefined ? [] : [`Is a ${facts.role}, as this part prefers (+${ROLE_BONUS}).`]),
    ...(facts.handed === undefined ? [] : [`Is handed the ${facts.handed.length === 1 ? "tool server" : "tool servers"} ${facts.handed.join(", ")}.`]),
  ];
}
function toRisks({ completed, failed }: ChoiceFacts): Assignment["risks"] {
  const ended = completed + failed;
  const detail = ended === 0 ? "It has not done anything yet." : `Only ${ended} of its attempts ${ended === 1 ? "has" : "have"} ended so far.`;
  if (ended < THIN_RECORD) return [{ kind: "thin_record", detail, severity: "low" }];
  const rate = completed / ended;
  if (rate >= 0.9) return [];
  return [{ kind: "low_success", detail: `${Math.round(rate * 100)} % of its attempts succeeded.`, severity: rate < 0.5 ? "high" : "medium" }];
}

/** Why nobody takes it: the tools it asks for cannot be had, nobody has the capabilities, those who have them may not, or all of them are busy (null: only a matter of time). */
export function whyNobody(index: AgentIndex, demand: Demand): WaitingFor | null {
  const wanted = describe(demand);
  const capable = index.capable(demand);
  if (capable.length === 0) {
    const tools = whyNoTools(index, demand);
    if (tools !== undefined) return { kind: "agent", detail: tools };
    const named = demand.agent === undefined ? undefined : index.get(demand.agent);
    const known = named !== undefined && servesProject(named, demand.project);
    const detail = known ? `${demand.agent} does not have ${demand.requirements.join(", ")}.` : `No registered agent ${wanted}.`;
    return { kind: "agent", detail };
  }
  const agents = capable.map((id) => index.get(id) as RoutableAgent);
  const open = agents.filter((agent) => agent.unavailable === null);
  if (open.length > 0) return null;
  const listed = agents.slice(0, 3).map((agent) => `${agent.name} ${agent.unavailable}`);
  const more = agents.length > 3 ? `, and ${agents.length - 3} more` : "";
  // It is only a matter of time for those whose quota comes back by itself.
  const isFor = (...kinds: RoutableAgent["parkedFor"][]): boolean => agents.some(({ parkedFor }) => kinds.includes(parkedFor));
  const kind = isFor("quota", "rate") ? "quota" : isFor("budget") ? "budget" : "agent";
  return {
    kind,
    detail: `${agents.length === 1 ? "The only agent" : `All ${agents.length} agents`} that ${wanted} cannot take work: ${listed.join(", ")}${more}.`,
  };
}
const describe = (demand: Demand): string =>
  demand.agent !== undefined ? `is called ${demand.agent}` : demand.requirements.length === 0 ? "takes any work" : `has ${demand.requirements.join(", ")}`;
const round = (value: number): number => Math.round(value * 1000) / 1000;
