// Agents, tasks, messages, services and figures at the root of the server, as an older orchestrator of a fleet had them.
import { cpus, freemem, loadavg, totalmem } from "node:os";
import { type Agent, Refusal } from "@baton/contract";
import { shareOfWell } from "../../agents/agents.ts";
import { type Ask, defined, type Given, isObject, type OlderPath } from "./older-path.ts";
import { agentWords, toAgentWord, toAgentWords, toServiceWords, toTaskWords, toWholeTaskWords } from "./to-words.ts";

const PAGE = 500;

/** All that the caller sees and the query names. */
async function allAgents(ask: Ask, query: Record<string, unknown>): Promise<Agent[]> {
  const agents: Agent[] = [];
  for (;;) {
    const { items, total } = await ask("listAgents", { query: { ...query, limit: PAGE, offset: agents.length } });
    agents.push(...items);
    if (items.length === 0 || agents.length >= total) return agents;
  }
}

async function listAgents(ask: Ask, { query }: Given): Promise<unknown> {
  const { status, agent_type: type, limit = PAGE, offset = 0, ...others } = query;
  const isWord = agentWords.some((word) => word === status);
  if (!isWord) {
    const { items, total } = await ask("listAgents", { query: defined({ ...others, status, type, limit, offset }) });
    return { agents: items.map(toAgentWords), count: items.length, total };
  }
  const matching = (await allAgents(ask, defined({ ...others, type }))).filter((agent) => toAgentWord(agent.status) === status);
  const agents = matching.slice(Number(offset) || 0).slice(0, Number(limit) || PAGE);
  return { agents: agents.map(toAgentWords), count: agents.length, total: matching.length };
}

/** Estimates were in seconds, and the name of a pattern had another name. What is not known by these names goes on as it is, to be judged there. */
function toTaskBody({ name, coordination_pattern: pattern, deadline, constraints, ...others }: Record<string, unknown>): Record<string, unknown> {
  const { estimated_duration: estimated, ...limits } = isObject(constraints) ? constraints : {};
  const held = defined({
    ...limits,
    deadline: limits["deadline"] ?? deadline,
    estimatedDurationMs: typeof estimated === "number" ? estimated * 1000 : estimated,
  });
  return defined({ ...others, title: name, pattern, constraints: isObject(constraints) || constraints === undefined ? held : constraints });
}
function toMessageBody({ query, body }: Given): Record<string, unknown> {
  const { expires_in_seconds: expires, ...others } = body;
  return defined({ senderId: query["sender_id"], ...others, ttlMs: typeof expires === "number" ? expires * 1000 : expires });
}

async function infrastructure(ask: Ask): Promise<unknown> {
  const [system, agents] = await Promise.all([ask("getSystemStatus", {}), allAgents(ask, {})]);
  const healthy = agents.filter((agent) => toAgentWord(agent.status) === "healthy").length;
  return {
    services: Object.fromEntries(agents.map((agent) => [agent.name, toServiceWords(agent)])),
    summary: { total: agents.length, healthy, system_health: shareOfWell(system.agents), servers: system.servers, store: system.store },
    // Of the machine this server is on.
    resources: {
      memory_total_bytes: totalmem(),
      memory_free_bytes: freemem(),
      process_memory_bytes: process.memoryUsage.rss(),
      cpus: cpus().length,
      load_average: loadavg(),
    },
  };
}

async function status(ask: Ask): Promise<unknown> {
  const [system, agents] = await Promise.all([ask("getSystemStatus", {}), allAgents(ask, {})]);
  const healthy = agents.filter((agent) => toAgentWord(agent.status) === "healthy").length;
  const active = Object.entries(system.tasks).filter(([state]) => !["completed", "failed", "cancelled"].includes(state));
  return {
    orchestrator_status: "running",
    version: system.version,
    total_agents: agents.length,
    healthy_agents: healthy,
    active_tasks: active.reduce((sum, [, count]) => sum + count, 0),
    running_attempts: system.attemptsRunning,
    system_health: shareOfWell(system.agents),
  };
}

/** What lives between pieces of work is started; everybody else is there already, or not for this server to start. */
async function deployAll(ask: Ask): Promise<unknown> {
  const agents = await allAgents(ask, {});
  const start = async ({ id, connector, status: stands }: Agent): Promise<boolean> => {
    if (connector.kind !== "terminal" || stands.lifecycle === "running") return toAgentWord(stands) !== "offline" && toAgentWord(stands) !== "unhealthy";
    try {
      await ask("actOnAgent", { params: { id }, body: { action: "start" } });
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  };
  const results = await Promise.all(agents.map(async (agent) => [agent.name, await start(agent)] as const));
  const successful = results.filter(([, worked]) => worked).length;
  return { results: Object.fromEntries(results), summary: { total: results.length, successful, failed: results.length - successful } };
}

/** Without an offset, a time is that of the server's own clock. */
function toInstant(told: unknown): unknown {
  if (typeof told !== "string") return told;
  const at = Date.parse(told);
  return Number.isNaN(at) ? told : new Date(at).toISOString();
}
async function performance(ask: Ask, { query }: Given): Promise<unknown> {
  const told = await ask("getPerformance", { query: defined({ from: toInstant(query["start_date"]), to: toInstant(query["end_date"]) }) });
  return {
    time_range: { start: told.from, end: told.to },
    // Without an attempt nothing has gone wrong, and who formats these expects numbers.
    average_success_rate: told.successRate ?? 1,
    average_response_time: (told.averageDurationMs ?? 0) / 1000,
    task_completion_rate: told.successRate ?? 1,
    attempts: told.attempts,
    agent_performance: Object.fromEntries(
      told.agents.map((agent) => [
        agent.name,
        { agent_id: agent.agentId, success_rate: agent.successRate ?? 1, response_time: (agent.averageDurationMs ?? 0) / 1000, attempts: agent.attempts },
      ]),
    ),
  };
}

export const fleetPaths: readonly OlderPath[] = [
  {
    method: "GET",
    path: "/health",
    as: "getLive",
    answer: async (ask) => {
      const { status: word, version, uptimeMs } = await ask("getLive", {});
      return { status: word === "ok" ? "healthy" : word, version, uptime_seconds: uptimeMs / 1000, timestamp: new Date().toISOString() };
    },
  },
  { method: "GET", path: "/status", as: "getSystemStatus", answer: status },
  { method: "GET", path: "/agents", as: "listAgents", isPage: true, answer: listAgents },
  { method: "GET", path: "/agents/{id}", as: "getAgent", isPage: true, answer: async (ask, { params }) => toAgentWords(await ask("getAgent", { params })) },
  {
    method: "POST",
    path: "/tasks",
    as: "submitTask",
    status: 201,
    answer: async (ask, { body }) => {
      const task = await ask("submitTask", { body: toTaskBody(body) });
      return { session_id: task.sessionId ?? task.id, task_id: task.id, status: "submitted", message: "Task submitted successfully" };
    },
  },
  {
    method: "GET",
    path: "/tasks",
    as: "listTasks",
    isPage: true,
    answer: async (ask, { query }) => {
      const { items, total, limit, offset } = await ask("listTasks", { query });
      return { tasks: items.map(toTaskWords), total, limit, offset };
    },
  },
  { method: "GET", path: "/tasks/{id}", as: "getTask", isPage: true, answer: async (ask, { params }) => toWholeTaskWords(await ask("getTask", { params })) },
  {
    method: "DELETE",
    path: "/tasks/{id}",
    as: "cancelTask",
    answer: async (ask, { params }) => {
      const { id, status: word } = await ask("cancelTask", { params });
      return { message: `Task ${id} cancelled successfully`, task_id: id, status: word };
    },
  },
  {
    method: "POST",
    path: "/messages/send",
    as: "sendMessage",
    answer: async (ask, given) => ({ message_id: (await ask("sendMessage", { body: toMessageBody(given) })).id, status: "sent" }),
  },
  {
    method: "POST",
    path: "/messages/broadcast",
    as: "broadcastMessage",
    answer: async (ask, given) => ({ message_id: (await ask("broadcastMessage", { body: toMessageBody(given) })).id, status: "broadcast" }),
  },
  { method: "GET", path: "/infrastructure/status", as: "getSystemStatus", answer: infrastructure },
  { method: "POST", path: "/infrastructure/deploy-all", as: "actOnAgent", answer: deployAll },
  {
    method: "GET",
    path: "/infrastructure/services/{id}",
    as: "getAgent",
    answer: async (ask, { params }) => toServiceWords(await ask("getAgent", { params })),
  },
  {
    method: "POST",
    path: "/infrastructure/services/{id}/control",
    as: "controlAgent",
    answer: async (ask, { params, body: { instances, ...body } }) => {
      // How many it is to be may be said with any action.
      const scaled = instances === undefined ? undefined : await ask("controlAgent", { params, body: { action: "scale", instances } });
      const agent = scaled !== undefined && body["action"] === "scale" ? scaled : await ask("controlAgent", { params, body });
      return { message: `${String(body["action"])}: ${agent.name}`, service: toServiceWords(agent) };
    },
  },
  { method: "GET", path: "/analytics/performance", as: "getPerformance", answer: performance },
];
