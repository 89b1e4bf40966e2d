// The words of older clients for what the contract says: snake case, seconds, and a state of agents in one word.
import type { Agent, AgentStatus, Task, TaskSummary } from "@baton/contract";

export const agentWords = ["healthy", "unhealthy", "starting", "paused", "offline"] as const;
type AgentWord = (typeof agentWords)[number];
const words: Record<AgentStatus["state"], AgentWord> = {
  idle: "healthy",
  busy: "healthy",
  parked: "healthy",
  draining: "healthy",
  paused: "paused",
  disabled: "paused",
  offline: "offline",
  error: "unhealthy",
};
export const toAgentWord = ({ lifecycle, state }: Pick<AgentStatus, "lifecycle" | "state">): AgentWord =>
  lifecycle === "starting" ? "starting" : words[state];

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
export const toAgentWords = (agent: Agent) => ({
  agent_id: agent.id,
  name: agent.name,
  type: agent.type,
  status: toAgentWord(agent.status),
  status_reason: agent.status.reason,
  capabilities: agent.capabilities.map(({ name }) => name),
  current_load: agent.status.load.factor,
  success_rate: agent.successRate,
  response_time: seconds(agent.averageDurationMs),
  last_health_check: agent.status.facts[0]?.at ?? null,
});
export const toServiceWords = ({ name, connector, maxConcurrentTasks, status }: Agent) => ({
  name,
  kind: connector.kind,
  status: toAgentWord(status),
  status_reason: status.reason,
  instances: maxConcurrentTasks,
  busy: status.load.active,
});
export const toTaskWords = (task: TaskSummary) => ({
  task_id: task.id,
  name: task.title,
  description: task.description,
  type: task.type,
  priority: task.priority,
  status: task.status,
  status_reason: task.reason,
  created_at: task.createdAt,
  started_at: task.startedAt,
  completed_at: task.completedAt,
});
export const toWholeTaskWords = (task: Task) => ({
  ...toTaskWords(task),
  session_id: task.sessionId ?? task.id,
  coordination_pattern: task.pattern,
  assigned_agents: [...new Set(task.steps.flatMap(({ attempts }) => attempts.map(({ assignment }) => assignment.agentName)))],
  requirements: task.requirements,
  payload: task.payload,
  constraints: task.constraints,
  results: task.result,
  error: task.failure?.detail ?? null,
});
