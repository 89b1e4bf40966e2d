// An agent: somebody who can be handed work. What it can do, how it is reached, its limits, and its status on three axes.
import { z } from "zod";
import { acpConnector } from "./acp-connector.ts";
import { claudeConnector } from "./claude-connector.ts";
import { terminalConnector } from "./terminal-connector.ts";
import { roles } from "./coordination.ts";
import { httpUrl, id, instant, instantIn, json, jsonObject, label, milliseconds, pageQuery, text } from "./json.ts";
import { a2aConnector } from "./a2a-connector.ts";
import { brakes } from "./brakes.ts";
import { agentCosts } from "./budget.ts";
import { langgraphConnector } from "./langgraph-connector.ts";
import { mcpConnector } from "./mcp-connector.ts";
import { toolServers } from "./mcp-server.ts";
import { openaiConnector } from "./openai-connector.ts";
import { authConfig, mappingOverride } from "./template.ts";

export const capability = z.object({
  name: z.string(),
  /** 0..1; 1 when the registration does not say. */
  proficiency: z.number().min(0).max(1),
  technologies: z.array(z.string()),
});
export type Capability = z.infer<typeof capability>;
export const messageWays = ["auto", "turn", "mailbox", "tools"] as const;
export type MessageWay = (typeof messageWays)[number];
const capabilityIn = z.union([
  label,
  z.strictObject({ name: label, proficiency: z.number().min(0).max(1).optional(), technologies: z.array(label).max(100).optional() }),
]);

/** Any HTTP agent, through a template's mapping or one of its own. */
export const httpConnector = z.strictObject({
  kind: z.literal("http"),
  endpoint: httpUrl,
  /** A template's id or name. Its mappings apply where `mapping` does not say otherwise. */
  template: id.optional(),
  mapping: mappingOverride.optional(),
  auth: authConfig.optional(),
  config: z.record(z.string().max(200), json).optional(),
  /** Asked with GET for health; default `/health`. */
  healthPath: text(2000).optional(),
  /** Where it takes messages: each is posted there as JSON, and acknowledged by a status of 2xx. */
  messagesPath: text(2000).optional(),
});
/** A command in a process group of its own: the work as JSON on stdin, the answer on stdout. */
export const processConnector = z.strictObject({
  kind: z.literal("process"),
  command: text(4000).min(1),
  args: z.array(text(8000)).max(200).default([]),
  /** Absolute. Default: a fresh directory per attempt, kept while its artifacts are. */
  cwd: text(4000).optional(),
  /** `json`: the last line of stdout that is JSON is the answer. `text`: all of stdout is. */
  output: z.enum(["json", "text"]).default("json"),
});
/** An agent that connects to Baton by WebSocket and waits for work. */
export const dialinConnector = z.strictObject({ kind: z.literal("dialin") });

export const connector = z.discriminatedUnion("kind", [
  httpConnector,
  processConnector,
  dialinConnector,
  claudeConnector,
  terminalConnector,
  a2aConnector,
  langgraphConnector,
  acpConnector,
  mcpConnector,
  openaiConnector,
]);
export type ConnectorSettings = z.infer<typeof connector>;
export type HttpConnector = z.infer<typeof httpConnector>;
export type ProcessConnector = z.infer<typeof processConnector>;

export const resourceLimits = z.strictObject({
  /** Such as "512MB" or "2GB". */
  memory: z
    .string()
    .regex(/^\d+(\.\d+)?\s?([KMGT]i?B|B)$/i, "must look like 512MB or 2GB")
    .optional(),
  /** Cores, such as "2" or "0.5". */
  cpu: z
    .string()
    .regex(/^\d+(\.\d+)?$/, "must be a number of cores such as 2 or 0.5")
    .optional(),
  timeoutMs: milliseconds
    .min(100)
    .max(7 * 86_400_000)
    .optional(),
});

const fields = {
  name: id,
  description: text(4000).default(""),
  type: text(100).default("custom"),
  connector,
  capabilities: z.array(capabilityIn).max(200).default([]),
  category: text(100).optional(),
  role: z.enum(roles).default("worker"),
  /** Who it is to be, in words for a model: told to agents that are models, and put before the description of the work for all others. */
  persona: text(20_000).optional(),
  /** Other names it answers to. A name or id goes before an alias; of several with one alias the oldest answers. */
  aliases: z.array(id).max(20).default([]),
  projectId: text(200).optional(),
  maxConcurrentTasks: z.number().int().min(1).max(100_000).default(1),
  resourceLimits: resourceLimits.default({}),
  environment: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be an environment variable name")
        .max(200),
      text(32_000),
    )
    .default({}),
  brakes: brakes.default({}),
  toolServers: toolServers.default("any"),
  /**
   * How it gets what it is sent while it is not connected. `auto`: over its connection, by its webhook (`messagesPath`), or, for agents that are
   * talked to (acp, claude, terminal, a2a, langgraph, openai), as a turn; what is left waits in its mailbox. `turn`: as a turn. `mailbox`: it waits.
   * `tools`: as `auto`, and with each attempt it is handed tools to send and read messages itself (acp, claude, openai).
   */
  messages: z.enum(messageWays).default("auto"),
  /** What work with it costs where it does not say so itself; budgets count by it. */
  costs: agentCosts.default({}),
  enabled: z.boolean().default(true),
  metadata: jsonObject.default({}),
};
export const agentInput = z.strictObject({ id: id.optional(), ...fields });
export type AgentInput = z.input<typeof agentInput>;
export type ParsedAgentInput = z.output<typeof agentInput>;
export const agentPatch = z.strictObject({
  description: text(4000).optional(),
  connector: connector.optional(),
  capabilities: z.array(capabilityIn).max(200).optional(),
  category: text(100).optional(),
  role: z.enum(roles).optional(),
  /** Empty: none any more. */
  persona: text(20_000).optional(),
  aliases: z.array(id).max(20).optional(),
  maxConcurrentTasks: z.number().int().min(1).max(100_000).optional(),
  resourceLimits: resourceLimits.optional(),
  environment: fields.environment.unwrap().optional(),
  brakes: brakes.optional(),
  toolServers: toolServers.optional(),
  messages: z.enum(messageWays).optional(),
  costs: agentCosts.optional(),
  enabled: z.boolean().optional(),
  metadata: jsonObject.optional(),
});
export type AgentPatch = z.infer<typeof agentPatch>;

export const lifecycles = ["pending", "starting", "running", "paused", "draining", "stopping", "stopped", "error"] as const;
export const healths = ["healthy", "degraded", "warning", "critical", "unknown"] as const;
/** What an agent is, in one word, derived from its three axes and its load. */
export const agentStates = ["idle", "busy", "parked", "paused", "draining", "disabled", "offline", "error"] as const;
export const fact = z.object({ source: z.string(), what: z.string(), at: instant });
export type Fact = z.infer<typeof fact>;
export const agentStatus = z.object({
  state: z.enum(agentStates),
  /** Why it is so, in a sentence. */
  reason: z.string(),
  since: instant.nullable(),
  lifecycle: z.enum(lifecycles),
  health: z.enum(healths),
  enabled: z.boolean(),
  load: z.object({ active: z.number().int(), max: z.number().int(), factor: z.number() }),
  /** The observations it was derived from, newest first. */
  facts: z.array(fact),
});
export type AgentStatus = z.infer<typeof agentStatus>;

export const agent = z.object({
  id: z.string(),
  seq: z.number().int(),
  ...fields,
  category: z.string().nullable(),
  persona: z.string().nullable(),
  projectId: z.string().nullable(),
  capabilities: z.array(capability),
  status: agentStatus,
  /** Success share 0..1 of the attempts that ended; null before the first. */
  successRate: z.number().nullable(),
  averageDurationMs: z.number().nullable(),
  attemptsEnded: z.number().int(),
  /** What it said of itself when it was registered: a card, a list of tools. */
  discovered: json.nullable(),
  version: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
});
/** Environment values and auth are masked in every answer. */
export type Agent = z.infer<typeof agent>;

export const agentQuery = pageQuery.extend({
  status: text(50).optional(),
  capability: label.optional(),
  type: text(100).optional(),
  connector: text(50).optional(),
  projectId: text(200).optional(),
  q: text(200).optional(),
});
/**
 * `start`, `stop`, `restart`: only agents that live in a terminal. `stop` is given 5 s to tidy up unless `graceful` is false. `scale`: how many pieces of work
 * it may have at once, in `instances`; for commands each is a process. What runs beyond that goes on, and nothing new is handed over until it has ended.
 */
export const agentAction = z.strictObject({
  action: z.enum(["pause", "resume", "drain", "start", "stop", "restart", "scale"]),
  graceful: z.boolean().default(true),
  instances: z.number().int().min(1).max(100_000).optional(),
});
export type AgentAction = z.infer<typeof agentAction>;
export const heartbeat = z.strictObject({ health: z.enum(healths).optional(), detail: text(1000).optional(), at: instantIn.optional() });

export const agentFromTemplate = z.strictObject({
  templateId: id,
  name: id,
  projectId: text(200).optional(),
  description: text(4000).optional(),
  endpoint: httpUrl,
  capabilities: z.array(capabilityIn).max(200),
  maxConcurrentTasks: z.number().int().min(1).max(100_000).optional(),
  config: z.record(z.string().max(200), json).optional(),
  mapping: httpConnector.shape.mapping,
  auth: authConfig.optional(),
  /** Register although the test call failed; the agent then starts with unknown health. */
  force: z.boolean().default(false),
});
export const connectionTest = z.strictObject({
  endpoint: httpUrl,
  template: id.optional(),
  mapping: httpConnector.shape.mapping,
  auth: authConfig.optional(),
  config: z.record(z.string().max(200), json).optional(),
  testQuery: text(4000).default("Hello, this is a test"),
});
export type ConnectionTest = z.infer<typeof connectionTest>;
export type AgentFromTemplate = z.infer<typeof agentFromTemplate>;
export const connectionResult = z.object({
  success: z.boolean(),
  statusCode: z.number().int().optional(),
  response: json.optional(),
  extractedResult: json.optional(),
  warning: z.string().optional(),
  error: z.string().optional(),
  message: z.string(),
  durationMs: z.number(),
});
export type ConnectionResult = z.infer<typeof connectionResult>;
export const healthCheck = z.object({ agentId: z.string(), health: z.enum(healths), detail: z.string(), responseTimeMs: z.number(), checkedAt: instant });
export const agentStats = z.object({
  total: z.number().int(),
  byState: z.record(z.string(), z.number().int()),
  byType: z.record(z.string(), z.number().int()),
  byConnector: z.record(z.string(), z.number().int()),
});
