// One line per route: which verb of which room answers it.
import {
  type Agent,
  type AgentAction,
  type ConnectionResult,
  type ConnectionTest,
  type FoundAgents,
  Refusal,
  relocating,
  type Setting,
  type SystemStatus,
} from "@baton/contract";
import {
  actOnAgent,
  agentStats,
  type AgentsWorld,
  checkAgentHealth,
  getAgent,
  getKnownAgent,
  heartbeatAgent,
  listAgents,
  patchAgent,
  removeAgent,
  statusOf,
  withRegistered,
} from "../agents/agents.ts";
import type { Notices } from "../notices/notices.ts";
import { getApproval, listApprovals, listRules, refuseWhileAsked, removeRule } from "../approvals/approvals.ts";
import { foreseeConflicts } from "../conflicts/conflicts.ts";
import { createBudget, getBudget, listBudgets, patchBudget, removeBudget } from "../budgets/budgets.ts";
import { getTerminal, typeInTerminal } from "../agents/agent-life.ts";
import { createAgent } from "../agents/create-agent.ts";
import { discoverAgent } from "../agents/discover-agent.ts";
import { listTools } from "../agents/list-tools.ts";
import type { Catalogue } from "../agents/catalogue.ts";
import { registerFromCatalogue } from "../agents/from-catalogue.ts";
import { registerFromTemplate } from "../agents/from-template.ts";
import type { Templates } from "../agents/templates.ts";
import {
  cancelTask,
  CHECK_RIGHT,
  decideApproval,
  decideNamed,
  decidePlan,
  countWork,
  getTask,
  getTaskResult,
  getTaskRow,
  giveBackWork,
  listAgentAttempts,
  listTasks,
  getCoordinationFigures,
  listUpdates,
  pauseTask,
  previewTask,
  resumeTask,
  retryTask,
  setTaskBudget,
  submitTask,
  type TasksWorld,
  tellPerformance,
} from "../tasks/tasks.ts";
import { createSchedule, getSchedule, listSchedules, patchSchedule, removeSchedule, runSchedule } from "../schedules/schedules.ts";
import { EVERYWHERE, type Identity } from "../access/access.ts";
import type { MessagesWorld } from "../messages/messages.ts";
import { type AccessHandlersWorld, toAccessHandlers } from "./access-handlers.ts";
import type { LandingsWorld } from "../landing/landing.ts";
import { landingHandlers } from "./landing-handlers.ts";
import { messageHandlers } from "./message-handlers.ts";
import { refuseHost } from "./host.ts";
import { once } from "./once.ts";
import { noticeHandlers } from "./notice-handlers.ts";
import { sessionHandlers } from "./session-handlers.ts";
import { workspaceHandlers } from "./workspace-handlers.ts";
import type { Handlers } from "./api-world.ts";

export interface HandlersWorld extends AgentsWorld, TasksWorld, MessagesWorld, LandingsWorld, AccessHandlersWorld {
  notices: Notices;
  templates: Templates;
  catalogue: Catalogue;
  testConnection(input: ConnectionTest): Promise<ConnectionResult>;
  /** Whether somebody waits behind the token of an A2A agent's call. */
  onPush(token: string): boolean;
  /** Coding agents on this server's PATH; `ask`: whether they may be run to tell more. */
  detect(given: { ask: boolean }): Promise<FoundAgents>;
  startedAt: number;
  version: string;
  /** As this server was started with them. */
  listSettings(): Setting[];
}
/** Whether the caller may name commands that this server runs. */
const mayCheck = ({ rights }: Identity) => ({ mayCheck: rights.includes(CHECK_RIGHT) });
const tagged = (agent: Agent) => ({ answer: agent, etag: agent.version });

export function toHandlers(world: HandlersWorld): Handlers {
  const act = async (id: string, action: AgentAction) => {
    const agent = await actOnAgent(world, id, action);
    if (action.action === "restart") await giveBackWork(world, getKnownAgent(world, agent.id));
    return tagged(agent);
  };
  return {
    getLive: async () => ({ answer: { status: "ok", version: world.version, uptimeMs: world.clock.now() - world.startedAt } }),
    getReady: async () => readiness(world),
    listSettings: async () => ({ answer: { items: world.listSettings() } }),
    getSystemStatus: async () => ({ answer: await systemStatus(world) }),

    listAgents: async ({ query, who }) => ({ answer: listAgents(world, who.scope, query) }),
    createAgent: async ({ body, idempotencyKey, who }) => {
      refuseHost(who, body.connector, "body.connector", body.environment);
      return once(
        world,
        idempotencyKey,
        ["agent", body],
        (id) => getAgent(world, id),
        () => createAgent(world, body),
      );
    },
    getPerformance: async ({ query, who }) => ({ answer: await tellPerformance(world, who.scope, query) }),
    getAgentStats: async ({ who }) => ({ answer: agentStats(world, who.scope) }),
    testConnection: async ({ body }) => ({ answer: await relocating("connector.", "body.", () => world.testConnection(body)) }),
    detectAgents: async ({ query }) => ({ answer: withRegistered(world, await world.detect({ ask: query.ask === "true" })) }),
    createAgentFromTemplate: async ({ body, idempotencyKey, who }) => {
      refuseHost(who, { auth: body.auth }, "body.auth");
      return once(
        world,
        idempotencyKey,
        ["from-template", body],
        (id) => getAgent(world, id),
        () => registerFromTemplate(world, body),
      );
    },
    createAgentFromCatalogue: async ({ body, idempotencyKey, who }) => {
      refuseHost(who, body.backing, "body.backing", body.environment);
      if (body.backingAgent !== undefined) refuseHost(who, getKnownAgent(world, body.backingAgent).connector, "body.backingAgent");
      return once(
        world,
        idempotencyKey,
        ["from-catalogue", body],
        (id) => getAgent(world, id),
        () => registerFromCatalogue(world, body),
      );
    },
    getAgent: async ({ params }) => tagged(getAgent(world, params.id)),
    updateAgent: async ({ params, body, ifMatch, who, saw }) => {
      refuseHost(who, getKnownAgent(world, params.id).connector, "params.id", body.environment);
      refuseHost(who, body.connector, "body.connector", body.environment);
      return tagged(await patchAgent(world, params.id, body, ifMatch === undefined ? undefined : Number(ifMatch), saw));
    },
    removeAgent: async ({ params, saw }) => {
      await removeAgent(world, params.id, saw);
      return {};
    },
    actOnAgent: ({ params, body }) => act(params.id, body),
    controlAgent: ({ params, body }) => act(params.id, body),
    checkAgentHealth: async ({ params }) => ({ answer: await checkAgentHealth(world, params.id) }),
    getAgentStatus: async ({ params }) => ({ answer: statusOf(world, getKnownAgent(world, params.id)) }),
    discoverAgent: async ({ params }) => {
      await discoverAgent(world, getKnownAgent(world, params.id));
      return { answer: getAgent(world, params.id) };
    },
    heartbeatAgent: async ({ params, body }) => ({ answer: await heartbeatAgent(world, params.id, body) }),
    getTerminal: async ({ params }) => ({ answer: await getTerminal(world, getKnownAgent(world, params.id)) }),
    typeInTerminal: async ({ params, body }) => {
      const known = getKnownAgent(world, params.id);
      await refuseWhileAsked(world, known.row.id);
      return { answer: await typeInTerminal(world, known, body) };
    },
    listAgentAttempts: async ({ params, query, who }) => ({ answer: await listAgentAttempts(world, who.scope, params.id, query.limit) }),

    listTools: async ({ query, who }) => ({ answer: listTools(world, who.scope, query) }),
    listCatalogue: async ({ query }) => ({ answer: { items: world.catalogue.list(query), services: world.catalogue.services } }),
    getCatalogueEntry: async ({ params }) => ({ answer: world.catalogue.get(params.id) }),

    listTemplates: async () => ({ answer: { items: world.templates.list() } }),
    createTemplate: ({ body, idempotencyKey }) =>
      once(
        world,
        idempotencyKey,
        ["template", body],
        (id) => world.templates.get(id),
        () => world.templates.create(body),
      ),
    getTemplate: async ({ params }) => ({ answer: world.templates.get(params.id) }),
    replaceTemplate: async ({ params, body, saw }) => ({ answer: await world.templates.replace(params.id, body, saw) }),
    removeTemplate: async ({ params, saw }) => {
      await world.templates.remove(params.id, saw);
      return {};
    },

    getCoordinationFigures: async ({ query, who }) => ({ answer: await getCoordinationFigures(world, who.scope, query) }),
    listTasks: async ({ query, who }) => ({ answer: await listTasks(world, who.scope, query) }),
    submitTask: async ({ body, idempotencyKey, who }) => {
      const { id, created } = await submitTask(world, body, { idempotencyKey, ...mayCheck(who), mayName: mayCheck(who).mayCheck });
      const task = await getTask(world, id);
      return { answer: task, status: created ? 201 : 200 };
    },
    previewTask: async ({ body, who }) => {
      const planned = await previewTask(world, body, mayCheck(who));
      return { answer: { ...planned, conflicts: await foreseeConflicts(world, body, who.scope) } };
    },
    getTask: async ({ params }) => ({ answer: await getTask(world, params.id) }),
    cancelTask: async ({ params }) => ({ answer: await cancelTask(world, params.id).then(() => getTask(world, params.id)) }),
    pauseTask: async ({ params }) => ({ answer: await pauseTask(world, params.id).then(() => getTask(world, params.id)) }),
    resumeTask: async ({ params }) => ({ answer: await resumeTask(world, params.id).then(() => getTask(world, params.id)) }),
    retryTask: async ({ params }) => ({ answer: await retryTask(world, params.id).then(() => getTask(world, params.id)) }),
    setTaskBudget: async ({ params, body }) => ({ answer: await setTaskBudget(world, params.id, body).then(() => getTask(world, params.id)) }),
    decidePlan: async ({ params, body, caller, who }) => ({
      answer: await decidePlan(world, params.id, body, caller, mayCheck(who)).then(() => getTask(world, params.id)),
    }),
    listPlans: async () => ({ answer: { items: world.plans.list() } }),
    listTaskEvents: async ({ params, query }) => ({ answer: await world.events.list({ ...query, taskId: (await getTaskRow(world, params.id)).id }) }),
    listAttemptUpdates: async ({ params, query }) => ({ answer: await listUpdates(world, params.id, query) }),

    decideTaskApproval: async ({ params, body, caller }) => ({ answer: await decideNamed(world, params.id, body, caller) }),

    listApprovals: async ({ query, who }) => ({ answer: await listApprovals(world, { ...query, scope: who.scope }) }),
    listApprovalRules: async ({ query, who }) => ({ answer: await listRules(world, { ...query, scope: who.scope }) }),
    removeApprovalRule: async ({ params, caller, saw }) => {
      await removeRule(world, params.id, caller, saw);
      return {};
    },
    getApproval: async ({ params }) => ({ answer: await getApproval(world, params.id) }),
    decideApproval: async ({ params, body, caller }) => ({ answer: await decideApproval(world, params.id, body, caller) }),

    listBudgets: async ({ query, who }) => ({ answer: await listBudgets(world, who.scope, query) }),
    createBudget: ({ body, idempotencyKey }) =>
      once(
        world,
        idempotencyKey,
        ["budget", body],
        (id) => getBudget(world, id),
        () => createBudget(world, body),
      ),
    getBudget: async ({ params }) => ({ answer: await getBudget(world, params.id) }),
    updateBudget: async ({ params, body, saw }) => ({ answer: await patchBudget(world, params.id, body, saw) }),
    removeBudget: async ({ params, saw }) => {
      await removeBudget(world, params.id, saw);
      return {};
    },

    listSchedules: async ({ query, who }) => ({ answer: await listSchedules(world, who.scope, query) }),
    createSchedule: ({ body, idempotencyKey, who }) =>
      once(
        world,
        idempotencyKey,
        ["schedule", body],
        (id) => getSchedule(world, id),
        () => createSchedule(world, body, mayCheck(who)),
      ),
    getSchedule: async ({ params }) => ({ answer: await getSchedule(world, params.id) }),
    updateSchedule: async ({ params, body, who, saw }) => ({ answer: await patchSchedule(world, params.id, body, { ...mayCheck(who), saw }) }),
    removeSchedule: async ({ params, saw }) => {
      await removeSchedule(world, params.id, saw);
      return {};
    },
    runSchedule: async ({ params }) => ({ answer: await getTask(world, await runSchedule(world, params.id)) }),

    ...noticeHandlers(world),
    ...sessionHandlers(world),
    ...messageHandlers(world),
    ...landingHandlers(world),
    ...workspaceHandlers(world),

    pushA2a: async ({ params }) => {
      if (!world.onPush(params.token)) throw new Refusal("not_found", "Nobody waits for this here.");
      return {};
    },

    ...toAccessHandlers(world),
    getTaskResult: async ({ params }) => ({ answer: await getTaskResult(world, params.id) }),
  };
}

async function readiness(world: HandlersWorld) {
  const store = await world.events.last().then(
    () => ({ ok: true, detail: `${world.db.dialect} answers` }),
    (error: unknown) => ({ ok: false, detail: `${world.db.dialect} does not answer: ${String(error)}` }),
  );
  const leased = world.dispatcher.lease() !== undefined;
  const lease = { ok: leased, detail: leased ? "this server may begin attempts" : "this server has no lease now" };
  const ready = store.ok && lease.ok;
  return { answer: { status: ready ? ("ready" as const) : ("starting" as const), checks: { store, lease } }, status: ready ? 200 : 503 };
}
async function systemStatus(world: HandlersWorld): Promise<SystemStatus> {
  const [work, lastEvent] = await Promise.all([countWork(world), world.events.last()]);
  return {
    version: world.version,
    startedAt: new Date(world.startedAt).toISOString(),
    server: world.settings.serverName,
    store: world.db.dialect,
    servers: work.servers,
    tasks: work.tasks,
    agents: agentStats(world, EVERYWHERE).byState,
    attemptsRunning: work.attemptsRunning,
    lastEvent,
  };
}
