// The registry below /api/agents, as two older orchestrators had it: one of services at addresses, one of programs in terminals.
import { type Agent, Refusal } from "@baton/contract";
import { type Ask, defined, type Given, isObject, type OlderPath } from "./older-path.ts";
import { toAgentWord } from "./to-words.ts";

/** In the words of both. */
const toRegistered = (agent: Agent) => ({
  id: agent.id,
  name: agent.name,
  description: agent.description,
  type: agent.type,
  agent_type: agent.type,
  endpoint: "endpoint" in agent.connector ? agent.connector.endpoint : "url" in agent.connector ? agent.connector.url : null,
  capabilities: agent.capabilities.map(({ name }) => name),
  status: toAgentWord(agent.status) === "unhealthy" ? "error" : agent.enabled && agent.status.state !== "offline" ? "active" : "inactive",
  lifecycle: agent.status.lifecycle,
  projectId: agent.projectId,
  maxConcurrentTasks: agent.maxConcurrentTasks,
  resourceLimits: { memory: agent.resourceLimits.memory, cpu: agent.resourceLimits.cpu, timeout: agent.resourceLimits.timeoutMs },
  environment: agent.environment,
  config: agent.connector,
  metadata: agent.metadata,
  created_at: agent.createdAt,
  updated_at: agent.updatedAt,
});

/** Its own fields; what a mapping holds is anybody's. */
const toSnake = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]));

const TEMPLATES: Record<string, string> = { crewai: "crewai", databricks: "databricks_foundation", openai: "openai_compatible" };
/** By what sort of agent answers at an address. */
async function register(ask: Ask, { body }: Given): Promise<unknown> {
  const { agent_type: type = "custom", endpoint, config, ...others } = body;
  const settings = isObject(config) ? config : {};
  const rest = defined({ ...others, type });
  if (type === "a2a_server")
    return toRegistered(await ask("createAgent", { body: { ...rest, connector: { kind: "a2a", url: endpoint, protocol: "envelope", ...settings } } }));
  if (type === "langgraph")
    return toRegistered(await ask("createAgent", { body: { ...rest, connector: { kind: "langgraph", url: endpoint, assistant: "agent", ...settings } } }));
  const template = TEMPLATES[String(type)];
  if (template === undefined) return toRegistered(await ask("createAgent", { body: { ...rest, connector: { kind: "http", endpoint, ...settings } } }));
  const { name, description, capabilities, force } = others;
  return toRegistered(
    await ask("createAgentFromTemplate", { body: defined({ templateId: template, name, description, capabilities, endpoint, config, force }) }),
  );
}

const TYPES = ["claude-code", "worker", "monitor"];
/** A program in a terminal of its own for Claude Code; workers and monitors dial in, as `scripts/agent-wrapper.sh` lets them. */
async function create(ask: Ask, { body }: Given): Promise<unknown> {
  const { id, type, taskId, resourceLimits, environment, ...others } = body;
  if (!TYPES.includes(String(type))) {
    const issue = { path: "body.type", message: `${JSON.stringify(type)} is no type of agent`, allowed: TYPES };
    throw new Refusal("bad_input", `${issue.path}: ${issue.message}; allowed: ${TYPES.join(", ")}.`, { issues: [issue] });
  }
  const { timeout, ...limits } = isObject(resourceLimits) ? resourceLimits : {};
  const model = isObject(environment) ? environment["CLAUDE_MODEL"] : undefined;
  const args = ["--permission-mode", "default", ...(typeof model === "string" ? ["--model", model] : [])];
  const agent = await ask("createAgent", {
    body: defined({
      ...others,
      id,
      name: id,
      type,
      role: type === "monitor" ? "monitor" : "worker",
      connector: type === "claude-code" ? { kind: "terminal", dialect: "claude", command: "claude", args } : { kind: "dialin" },
      resourceLimits: resourceLimits === undefined ? undefined : defined({ ...limits, timeoutMs: timeout }),
      environment,
      ...(taskId === undefined ? {} : { metadata: { taskId } }),
    }),
  });
  return { success: true, agentId: agent.id, agent: toRegistered(agent) };
}

async function list(ask: Ask, { query }: Given): Promise<unknown> {
  const { agent_type: type, status, limit = 500, ...others } = query;
  const { items } = await ask("listAgents", { query: defined({ ...others, type, limit }) });
  const agents = items.map(toRegistered);
  return status === undefined ? agents : agents.filter((agent) => agent.status === status || agent.lifecycle === status);
}

/** What changes of an agent, in the words of both; an address is of the connector it has. */
async function update(ask: Ask, { params, body }: Given): Promise<unknown> {
  const { endpoint, status, config, resourceLimits, ...others } = body;
  const known = endpoint === undefined && config === undefined ? undefined : await ask("getAgent", { params });
  const address = known && "url" in known.connector ? "url" : "endpoint";
  const { timeout, ...limits } = isObject(resourceLimits) ? resourceLimits : {};
  const connector = known && { ...known.connector, ...(isObject(config) ? config : {}), ...(endpoint === undefined ? {} : { [address]: endpoint }) };
  const agent = await ask("updateAgent", {
    params,
    body: defined({
      ...others,
      connector,
      resourceLimits: resourceLimits === undefined ? undefined : defined({ ...limits, timeoutMs: timeout }),
      enabled: status === undefined ? undefined : status === "active",
    }),
  });
  return { ...toRegistered(agent), success: true, agent: toRegistered(agent) };
}

/** `checkpoint` answers with the id to roll back to. */
async function act(ask: Ask, { params, body }: Given): Promise<unknown> {
  const { action, checkpointId, description, ...others } = body;
  if (action === "checkpoint") return { success: true, checkpoint: await ask("createCheckpoint", { params, body: defined({ description, ...others }) }) };
  if (action === "rollback") return { success: true, ...(await ask("rollBack", { params: { ...params, checkpointId } })) };
  return { success: true, agent: toRegistered(await ask("actOnAgent", { params, body: { action, ...others } })) };
}

async function checkHealth(ask: Ask, { params }: Given): Promise<unknown> {
  const { agentId, health, detail, responseTimeMs, checkedAt } = await ask("checkAgentHealth", { params });
  return { agent_id: agentId, status: health, response: detail, response_time_ms: responseTimeMs, checked_at: checkedAt };
}

async function stats(ask: Ask): Promise<unknown> {
  const { total, byState, byType } = await ask("getAgentStats", {});
  const of = (...states: string[]): number => states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
  const [inactive, error] = [of("offline", "disabled"), of("error")];
  const active = total - inactive - error;
  return { total, active, inactive, error, by_type: byType, total_agents: total, active_agents: active, inactive_agents: inactive, agents_by_type: byType };
}

const agents = "/api/agents";
const one = `${agents}/{id}`;
export const registryPaths: readonly OlderPath[] = [
  { method: "GET", path: agents, as: "listAgents", answer: list },
  { method: "GET", path: `${agents}/stats`, as: "getAgentStats", answer: stats },
  { method: "POST", path: `${agents}/register`, as: "createAgent", answer: register },
  { method: "POST", path: `${agents}/create`, as: "createAgent", status: 201, answer: create },
  { method: "POST", path: `${agents}/test-connection`, as: "testConnection", answer: (ask, { body }) => ask("testConnection", { body }) },
  { method: "GET", path: one, as: "getAgent", answer: async (ask, { params }) => toRegistered(await ask("getAgent", { params })) },
  { method: "PUT", path: one, as: "updateAgent", answer: update },
  { method: "PATCH", path: one, as: "actOnAgent", answer: act },
  {
    method: "DELETE",
    path: one,
    as: "removeAgent",
    answer: async (ask, { params }) => {
      await ask("removeAgent", { params });
      return { success: true };
    },
  },
  { method: "GET", path: `${one}/status`, as: "getAgentStatus", answer: (ask, { params }) => ask("getAgentStatus", { params }) },
  { method: "POST", path: `${one}/health`, as: "checkAgentHealth", answer: checkHealth },
  { method: "GET", path: "/api/agent-templates", as: "listTemplates", answer: async (ask) => (await ask("listTemplates", {})).items.map(toSnake) },
  { method: "GET", path: "/api/agent-templates/{id}", as: "getTemplate", answer: async (ask, { params }) => toSnake(await ask("getTemplate", { params })) },
];
