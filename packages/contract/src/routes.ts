// ONE TABLE of every route: the server mounts it, the client calls it, the OpenAPI document prints it.
import { z } from "zod";
import * as access from "./access.ts";
import { a2aNotification } from "./a2a-connector.ts";
import { a2aEnvelope, a2aEnvelopeQuery, a2aReceipt } from "./a2a-message.ts";
import * as agents from "./agent.ts";
import * as analytics from "./analytics.ts";
import * as budgets from "./budget.ts";
import * as figures from "./coordination-figures.ts";
import { agentFromCatalogue, catalogueEntry, catalogueQuery } from "./catalogue.ts";
import * as approvals from "./approval.ts";
import * as rules from "./approval-rule.ts";
import { detectQuery, foundAgents } from "./detection.ts";
import * as events from "./event.ts";
import * as gates from "./gate.ts";
import { id, page, pageQuery } from "./json.ts";
import * as landings from "./landing.ts";
import * as projects from "./project.ts";
import * as push from "./push.ts";
import * as schedules from "./schedule.ts";
import * as secrets from "./secret.ts";
import * as sessions from "./session.ts";
import * as messages from "./message.ts";
import * as messageRules from "./message-rule.ts";
import * as signatures from "./signature.ts";
import { settingList } from "./setting.ts";
import * as system from "./system.ts";
import * as tasks from "./task.ts";
import { planDecision } from "./plan-decision.ts";
import { planTemplate } from "./plan-template.ts";
import { preview } from "./preview.ts";
import { template, templateInput } from "./template.ts";
import { terminalInput, terminalScreen } from "./terminal-connector.ts";
import { tool, toolQuery } from "./tool.ts";
import * as checkpoints from "./checkpoint.ts";
import * as conflicts from "./conflict.ts";
import * as updates from "./update.ts";
import * as workspaces from "./workspace.ts";

export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `{name}` for parameters. Relative to the server's root. */
  path: string;
  summary: string;
  tag: "agents" | "templates" | "tasks" | "approvals" | "budgets" | "schedules" | "sessions" | "messages" | "landings" | "workspaces" | "events" | "access" | "notices" | "system";
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** Body of the answer; absent: 204. */
  answer?: z.ZodType;
  /** Status of the answer when it worked. */
  status: 200 | 201 | 202 | 204 | 303;
  /** Answered without credentials even where they are demanded. */
  open?: true;
  /** Creates something: takes `Idempotency-Key`. */
  creates?: true;
  /** Takes `If-Match` with the ETag of the version it means to change. */
  versioned?: true;
  /** Takes bodies as large as a message may be. */
  large?: true;
  /** Answers with Server-Sent Events instead of a body. */
  stream?: true;
  /** Answers, as long as there is something to tell, with lines of one of these types instead of a body. */
  lines?: readonly string[];
}

const byId = z.strictObject({ id });
const v1 = "/api/v1";

export const routes = {
  getLive: { method: "GET", path: "/health/live", summary: "The process answers", tag: "system", answer: system.liveness, status: 200, open: true },
  getReady: { method: "GET", path: "/health/ready", summary: "The store answers and work is taken", tag: "system", answer: system.readiness, status: 200, open: true },
  listSettings: { method: "GET", path: `${v1}/settings`, summary: "What this server was started with, and what each setting means", tag: "system", answer: settingList, status: 200 },
  getSystemStatus: { method: "GET", path: `${v1}/system/status`, summary: "Counts of tasks, agents and servers", tag: "system", answer: system.systemStatus, status: 200 },

  listAgents: { method: "GET", path: `${v1}/agents`, summary: "Agents, filtered and paged", tag: "agents", query: agents.agentQuery, answer: page(agents.agent), status: 200 },
  createAgent: { method: "POST", path: `${v1}/agents`, summary: "Register an agent", tag: "agents", body: agents.agentInput, answer: agents.agent, status: 201, creates: true },
  getAgentStats: { method: "GET", path: `${v1}/agents/stats`, summary: "How many agents of which state, type and connector", tag: "agents", answer: agents.agentStats, status: 200 },
  detectAgents: { method: "GET", path: `${v1}/agents/detect`, summary: "Coding agents found on the server's own PATH, and how each would be registered; reads no credentials", tag: "agents", query: detectQuery, answer: foundAgents, status: 200 },
  testConnection: { method: "POST", path: `${v1}/agents/test-connection`, summary: "Call an HTTP agent once and show what its mapping extracts", tag: "agents", body: agents.connectionTest, answer: agents.connectionResult, status: 200 },
  createAgentFromTemplate: { method: "POST", path: `${v1}/agents/from-template`, summary: "Register an HTTP agent through a template", tag: "agents", body: agents.agentFromTemplate, answer: agents.agent, status: 201, creates: true },
  createAgentFromCatalogue: { method: "POST", path: `${v1}/agents/from-catalogue`, summary: "Register an entry of the catalogue on a backing", tag: "agents", body: agentFromCatalogue, answer: agents.agent, status: 201, creates: true },
  getPerformance: { method: "GET", path: `${v1}/analytics/performance`, summary: "How agents did over a time: attempts, success and duration, by agent", tag: "agents", query: analytics.performanceQuery, answer: analytics.performance, status: 200 },
  getAgent: { method: "GET", path: `${v1}/agents/{id}`, summary: "One agent, by id or name", tag: "agents", params: byId, answer: agents.agent, status: 200 },
  updateAgent: { method: "PATCH", path: `${v1}/agents/{id}`, summary: "Change what is given of an agent", tag: "agents", params: byId, body: agents.agentPatch, answer: agents.agent, status: 200, versioned: true },
  removeAgent: { method: "DELETE", path: `${v1}/agents/{id}`, summary: "Remove an agent that carries out nothing", tag: "agents", params: byId, status: 204 },
  actOnAgent: { method: "POST", path: `${v1}/agents/{id}/actions`, summary: "Pause, resume, drain or scale an agent; start or stop one that lives in a terminal, restart one that is a program here", tag: "agents", params: byId, body: agents.agentAction, answer: agents.agent, status: 200 },
  controlAgent: { method: "POST", path: "/agents/{id}/control", summary: "The same as actions, at the path that older clients know", tag: "agents", params: byId, body: agents.agentAction, answer: agents.agent, status: 200 },
  checkAgentHealth: { method: "POST", path: `${v1}/agents/{id}/health-check`, summary: "Ask the agent now whether it is well", tag: "agents", params: byId, answer: agents.healthCheck, status: 200 },
  getAgentStatus: { method: "GET", path: `${v1}/agents/{id}/status`, summary: "Status with its reason and the facts behind it", tag: "agents", params: byId, answer: agents.agentStatus, status: 200 },
  discoverAgent: { method: "POST", path: `${v1}/agents/{id}/discover`, summary: "Ask the agent anew what it can do and what it has", tag: "agents", params: byId, answer: agents.agent, status: 200 },
  heartbeatAgent: { method: "POST", path: `${v1}/agents/{id}/heartbeat`, summary: "The agent says it is alive", tag: "agents", params: byId, body: agents.heartbeat, answer: agents.agentStatus, status: 200 },
  getTerminal: { method: "GET", path: `${v1}/agents/{id}/terminal`, summary: "What stands on an agent's terminal now", tag: "agents", params: byId, answer: terminalScreen, status: 200 },
  typeInTerminal: { method: "POST", path: `${v1}/agents/{id}/terminal`, summary: "Type into an agent's terminal, as a person would", tag: "agents", params: byId, body: terminalInput, answer: terminalScreen, status: 200 },
  listAgentAttempts: { method: "GET", path: `${v1}/agents/{id}/attempts`, summary: "What the agent carried out, newest first", tag: "agents", params: byId, query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(50) }), answer: z.object({ items: z.array(tasks.attempt) }), status: 200 },

  listTools: { method: "GET", path: `${v1}/tools`, summary: "Tools and resources of the registered tool servers, found by capability, name or words", tag: "agents", query: toolQuery, answer: page(tool), status: 200 },

  listCatalogue: { method: "GET", path: `${v1}/catalogue`, summary: "Agents that can be registered on any backing", tag: "agents", query: catalogueQuery, answer: z.object({ items: z.array(catalogueEntry), services: z.array(catalogueEntry) }), status: 200 },
  getCatalogueEntry: { method: "GET", path: `${v1}/catalogue/{id}`, summary: "One entry of the catalogue, by name or alias", tag: "agents", params: byId, answer: catalogueEntry, status: 200 },

  listTemplates: { method: "GET", path: `${v1}/templates`, summary: "Templates of HTTP agents", tag: "templates", answer: z.object({ items: z.array(template) }), status: 200 },
  createTemplate: { method: "POST", path: `${v1}/templates`, summary: "Add a template", tag: "templates", body: templateInput, answer: template, status: 201, creates: true },
  getTemplate: { method: "GET", path: `${v1}/templates/{id}`, summary: "One template, by id or name", tag: "templates", params: byId, answer: template, status: 200 },
  replaceTemplate: { method: "PUT", path: `${v1}/templates/{id}`, summary: "Replace a template of yours", tag: "templates", params: byId, body: templateInput, answer: template, status: 200 },
  removeTemplate: { method: "DELETE", path: `${v1}/templates/{id}`, summary: "Remove a template of yours", tag: "templates", params: byId, status: 204 },

  listTasks: { method: "GET", path: `${v1}/tasks`, summary: "Tasks, newest first, filtered and paged", tag: "tasks", query: tasks.taskQuery, answer: page(tasks.taskSummary), status: 200 },
  submitTask: { method: "POST", path: `${v1}/tasks`, summary: "Hand in a task", tag: "tasks", body: tasks.taskInput, answer: tasks.task, status: 201, creates: true },
  getCoordinationFigures: { method: "GET", path: `${v1}/analytics/coordination`, summary: "How well each pattern of cooperation does, by the newest tasks", tag: "tasks", query: figures.coordinationFiguresQuery, answer: figures.coordinationFigures, status: 200 },
  previewTask: { method: "POST", path: `${v1}/tasks/preview`, summary: "The plan and who would do each step and why; stores nothing", tag: "tasks", body: tasks.taskInput, answer: preview, status: 200 },
  getTask: { method: "GET", path: `${v1}/tasks/{id}`, summary: "One task with plan, attempts and reasons", tag: "tasks", params: byId, answer: tasks.task, status: 200 },
  cancelTask: { method: "POST", path: `${v1}/tasks/{id}/cancel`, summary: "Cancel; reaches the agents that work on it", tag: "tasks", params: byId, answer: tasks.task, status: 200 },
  pauseTask: { method: "POST", path: `${v1}/tasks/{id}/pause`, summary: "Start no further step; running ones finish", tag: "tasks", params: byId, answer: tasks.task, status: 200 },
  resumeTask: { method: "POST", path: `${v1}/tasks/{id}/resume`, summary: "Go on after a pause", tag: "tasks", params: byId, answer: tasks.task, status: 200 },
  retryTask: { method: "POST", path: `${v1}/tasks/{id}/retry`, summary: "Try the failed or cancelled steps again; completed ones keep their results", tag: "tasks", params: byId, answer: tasks.task, status: 200 },
  setTaskBudget: {
    method: "PUT",
    path: `${v1}/tasks/{id}/budget`,
    summary: "Give a task a budget, or other limits: counts attempts that begin from then on, and those its budget counted before; what it stopped goes on when it is retried",
    tag: "tasks",
    params: byId,
    body: budgets.taskBudget,
    answer: tasks.task,
    status: 200,
  },
  decidePlan: { method: "POST", path: `${v1}/tasks/{id}/plan`, summary: "Approve a plan that waits for a person, or give other steps", tag: "tasks", params: byId, body: planDecision, answer: tasks.task, status: 200 },
  listPlans: { method: "GET", path: `${v1}/plans`, summary: "The library of plans for common work", tag: "tasks", answer: z.object({ items: z.array(planTemplate) }), status: 200 },
  listTaskEvents: { method: "GET", path: `${v1}/tasks/{id}/events`, summary: "What happened to a task, in order", tag: "tasks", params: byId, query: z.strictObject({ after: z.coerce.number().int().min(0).default(0), limit: z.coerce.number().int().min(1).max(500).default(100) }), answer: events.eventPage, status: 200 },
  getTaskResult: { method: "GET", path: `${v1}/tasks/{id}/result`, summary: "Result, failure and artifacts", tag: "tasks", params: byId, answer: tasks.taskResult, status: 200 },

  listAttemptUpdates: { method: "GET", path: `${v1}/attempts/{id}/updates`, summary: "What an agent did and said during an attempt, in order", tag: "tasks", params: byId, query: updates.updatesQuery, answer: updates.updatePage, status: 200 },

  decideTaskApproval: { method: "POST", path: `${v1}/tasks/{id}/approvals`, summary: "Approve or reject one of the approvals a task requires, by its name", tag: "approvals", params: byId, body: approvals.namedDecision, answer: approvals.approval, status: 200 },

  listApprovals: { method: "GET", path: `${v1}/approvals`, summary: "Questions that only a person may answer, newest first", tag: "approvals", query: approvals.approvalQuery, answer: page(approvals.approval), status: 200 },
  listApprovalRules: { method: "GET", path: `${v1}/approvals/rules`, summary: "What people said once and for all, newest first", tag: "approvals", query: rules.approvalRuleQuery, answer: page(rules.approvalRule), status: 200 },
  removeApprovalRule: { method: "DELETE", path: `${v1}/approvals/rules/{id}`, summary: "Forget a rule: people are asked again", tag: "approvals", params: byId, status: 204 },
  getApproval: { method: "GET", path: `${v1}/approvals/{id}`, summary: "One approval", tag: "approvals", params: byId, answer: approvals.approval, status: 200 },
  decideApproval: { method: "POST", path: `${v1}/approvals/{id}`, summary: "Approve or reject, once", tag: "approvals", params: byId, body: approvals.approvalDecision, answer: approvals.approval, status: 200 },

  listBudgets: { method: "GET", path: `${v1}/budgets`, summary: "Budgets with what is used, reserved and left", tag: "budgets", query: budgets.budgetQuery, answer: page(budgets.budget), status: 200 },
  createBudget: { method: "POST", path: `${v1}/budgets`, summary: "Limit what an agent, a project or everything may spend, a day or in all", tag: "budgets", body: budgets.budgetInput, answer: budgets.budget, status: 201, creates: true },
  getBudget: { method: "GET", path: `${v1}/budgets/{id}`, summary: "One budget, by id or name; a task's own is `task:` and the task's id", tag: "budgets", params: byId, answer: budgets.budget, status: 200 },
  updateBudget: { method: "PATCH", path: `${v1}/budgets/{id}`, summary: "Change limits; what waited for it goes on when there is room", tag: "budgets", params: byId, body: budgets.budgetPatch, answer: budgets.budget, status: 200 },
  removeBudget: { method: "DELETE", path: `${v1}/budgets/{id}`, summary: "Remove a budget: it limits nothing any more", tag: "budgets", params: byId, status: 204 },

  listSchedules: { method: "GET", path: `${v1}/schedules`, summary: "Tasks that are handed in by themselves", tag: "schedules", query: schedules.scheduleQuery, answer: page(schedules.schedule), status: 200 },
  createSchedule: { method: "POST", path: `${v1}/schedules`, summary: "Hand a task in at times of a cron expression, or once at a time", tag: "schedules", body: schedules.scheduleInput, answer: schedules.schedule, status: 201, creates: true },
  getSchedule: { method: "GET", path: `${v1}/schedules/{id}`, summary: "One schedule, by id or name", tag: "schedules", params: byId, answer: schedules.schedule, status: 200 },
  updateSchedule: { method: "PATCH", path: `${v1}/schedules/{id}`, summary: "Change what is given of a schedule", tag: "schedules", params: byId, body: schedules.schedulePatch, answer: schedules.schedule, status: 200 },
  removeSchedule: { method: "DELETE", path: `${v1}/schedules/{id}`, summary: "Remove a schedule; its tasks stay", tag: "schedules", params: byId, status: 204 },
  runSchedule: { method: "POST", path: `${v1}/schedules/{id}/run`, summary: "Hand its task in now", tag: "schedules", params: byId, answer: tasks.task, status: 201 },

  listSessions: { method: "GET", path: `${v1}/sessions`, summary: "Conversations, newest first, from a cursor", tag: "sessions", query: sessions.sessionQuery, answer: sessions.sessionPage, status: 200 },
  createSession: { method: "POST", path: `${v1}/sessions`, summary: "Begin a conversation", tag: "sessions", body: sessions.sessionInput, answer: sessions.session, status: 201, creates: true },
  getSession: { method: "GET", path: `${v1}/sessions/{id}`, summary: "One conversation, with what is pinned and its summary", tag: "sessions", params: byId, answer: sessions.session, status: 200 },
  updateSession: { method: "PATCH", path: `${v1}/sessions/{id}`, summary: "Change title, metadata or window", tag: "sessions", params: byId, body: sessions.sessionPatch, answer: sessions.session, status: 200 },
  removeSession: { method: "DELETE", path: `${v1}/sessions/{id}`, summary: "Remove a conversation and its turns; its tasks stay", tag: "sessions", params: byId, status: 204 },
  listTurns: { method: "GET", path: `${v1}/sessions/{id}/turns`, summary: "What was said, in order", tag: "sessions", params: byId, query: sessions.turnsQuery, answer: sessions.turnPage, status: 200 },
  addTurn: { method: "POST", path: `${v1}/sessions/{id}/turns`, summary: "Add a turn, and let nobody work on it; a task with the session's id does both", tag: "sessions", params: byId, body: sessions.turnInput, answer: sessions.sessionTurn, status: 201, creates: true },
  addPin: { method: "POST", path: `${v1}/sessions/{id}/pins`, summary: "Pin a fact or a turn: agents are always told", tag: "sessions", params: byId, body: sessions.pinInput, answer: sessions.pin, status: 201 },
  removePin: { method: "DELETE", path: `${v1}/sessions/{id}/pins/{pinId}`, summary: "Take a pin away", tag: "sessions", params: z.strictObject({ id, pinId: id }), status: 204 },
  getContext: { method: "GET", path: `${v1}/sessions/{id}/context`, summary: "What the next step's agent would be told of the conversation", tag: "sessions", params: byId, query: z.strictObject({ agent: id.optional() }), answer: sessions.contextPreview, status: 200 },

  listMessages: { method: "GET", path: `${v1}/messages`, summary: "Messages, newest first", tag: "messages", query: messages.messageQuery, answer: messages.messagePage, status: 200 },
  sendMessage: { method: "POST", path: `${v1}/messages`, summary: "Send to a recipient, to who subscribed to a topic, or to all; ask, or answer what was asked", tag: "messages", body: messages.messageInput, answer: messages.message, status: 201, large: true },
  broadcastMessage: { method: "POST", path: `${v1}/messages/broadcast`, summary: "Send to all agents and mailboxes", tag: "messages", body: messages.broadcastInput, answer: messages.message, status: 201, large: true },
  getMessageStats: { method: "GET", path: `${v1}/messages/stats`, summary: "How many wait, are handed out, and are dead letters", tag: "messages", answer: messages.messageStats, status: 200 },
  listDeadLetters: { method: "GET", path: `${v1}/messages/dead-letters`, summary: "Messages that nobody took, newest first, with the reason", tag: "messages", query: messages.deadLetterQuery, answer: messages.deliveryPage, status: 200 },
  redeliverMessage: { method: "POST", path: `${v1}/messages/dead-letters/{id}/redeliver`, summary: "Deliver a dead letter again, as if it were new", tag: "messages", params: byId, answer: messages.delivery, status: 200 },
  getMessage: { method: "GET", path: `${v1}/messages/{id}`, summary: "One message", tag: "messages", params: byId, answer: messages.message, status: 200 },
  listDeliveries: { method: "GET", path: `${v1}/messages/{id}/deliveries`, summary: "What became of a message at each recipient", tag: "messages", params: byId, query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }), answer: z.object({ items: z.array(messages.delivery) }), status: 200 },
  getResponse: { method: "GET", path: `${v1}/messages/{id}/response`, summary: "What was answered to a request, waited for if wanted", tag: "messages", params: byId, query: messages.responseQuery, answer: messages.messageResponse, status: 200 },
  acknowledgeMessage: { method: "POST", path: `${v1}/messages/{id}/ack`, summary: "A recipient has taken care of a message", tag: "messages", params: byId, body: messages.oneAcknowledgement, answer: messages.acknowledged, status: 200 },
  passEnvelope: { method: "POST", path: "/a2a/message", summary: "The older envelope: a request to an agent, waited for, or a response to one", tag: "messages", query: a2aEnvelopeQuery, body: a2aEnvelope, answer: a2aReceipt, status: 200, large: true },
  listAgentMessages: {
    method: "GET",
    path: `${v1}/agents/{id}/messages`,
    summary: "What an agent or mailbox has open, without taking it, in the order of arrival",
    tag: "messages",
    params: byId,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(50), after: z.coerce.number().int().min(0).default(0) }),
    answer: messages.deliveryPage,
    status: 200,
  },
  receiveMessages: { method: "POST", path: `${v1}/mailboxes/{id}/receive`, summary: "Take messages of an agent or mailbox, most urgent first; to be acknowledged in time", tag: "messages", params: byId, query: messages.receiveQuery, answer: messages.receivedMessages, status: 200 },
  acknowledgeMessages: { method: "POST", path: `${v1}/mailboxes/{id}/ack`, summary: "Settle messages that were taken: done or failed", tag: "messages", params: byId, body: messages.acknowledgement, answer: messages.acknowledged, status: 200 },
  listMailboxes: { method: "GET", path: `${v1}/mailboxes`, summary: "Mailboxes of those who are not agents", tag: "messages", query: pageQuery, answer: page(messages.mailbox), status: 200 },
  createMailbox: { method: "POST", path: `${v1}/mailboxes`, summary: "Open a mailbox for somebody who is not an agent", tag: "messages", body: messages.mailboxInput, answer: messages.mailbox, status: 201, creates: true },
  removeMailbox: { method: "DELETE", path: `${v1}/mailboxes/{id}`, summary: "Remove a mailbox that has nothing open", tag: "messages", params: byId, status: 204 },
  listSubscriptions: { method: "GET", path: `${v1}/subscriptions`, summary: "Who gets what is sent to which topics", tag: "messages", query: messages.subscriptionQuery, answer: messages.subscriptionPage, status: 200 },
  createSubscription: { method: "POST", path: `${v1}/subscriptions`, summary: "Send what is sent to matching topics to an agent or mailbox; once, however often it is asked for", tag: "messages", body: messages.subscriptionInput, answer: messages.subscription, status: 201 },
  removeSubscription: { method: "DELETE", path: `${v1}/subscriptions/{id}`, summary: "End a subscription", tag: "messages", params: byId, status: 204 },

  listMessageRules: { method: "GET", path: `${v1}/message-rules`, summary: "Rules of who may send what to whom", tag: "messages", query: pageQuery, answer: page(messageRules.messageRule), status: 200 },
  createMessageRule: { method: "POST", path: `${v1}/message-rules`, summary: "Allow or deny who may send what to whom, from the next message on", tag: "messages", body: messageRules.messageRuleInput, answer: messageRules.messageRule, status: 201, creates: true },
  getMessageRule: { method: "GET", path: `${v1}/message-rules/{id}`, summary: "One rule, by id or name", tag: "messages", params: byId, answer: messageRules.messageRule, status: 200 },
  replaceMessageRule: { method: "PUT", path: `${v1}/message-rules/{id}`, summary: "Replace all of a rule but its name", tag: "messages", params: byId, body: messageRules.messageRuleInput, answer: messageRules.messageRule, status: 200 },
  removeMessageRule: { method: "DELETE", path: `${v1}/message-rules/{id}`, summary: "Remove a rule", tag: "messages", params: byId, status: 204 },
  getSigning: { method: "GET", path: `${v1}/agents/{id}/signing`, summary: "Keys an agent signs its messages with, and whether it must", tag: "messages", params: byId, answer: signatures.signing, status: 200 },
  setSigning: { method: "PUT", path: `${v1}/agents/{id}/signing`, summary: "Whether messages of this agent are refused that it did not sign", tag: "messages", params: byId, body: signatures.signingInput, answer: signatures.signing, status: 200 },
  addSigningKey: { method: "POST", path: `${v1}/agents/{id}/signing/keys`, summary: "Register a public key an agent signs with, beside those it has", tag: "messages", params: byId, body: signatures.signingKeyInput, answer: signatures.signingKey, status: 201 },
  retireSigningKey: { method: "POST", path: `${v1}/agents/{id}/signing/keys/{keyId}/retire`, summary: "Take nothing more that this key signs; what was sent before is still verified by it", tag: "messages", params: signatures.signingKeyParams, answer: signatures.signingKey, status: 200 },
  removeSigningKey: { method: "DELETE", path: `${v1}/agents/{id}/signing/keys/{keyId}`, summary: "Forget a key that was stolen: nothing is verified by it any more", tag: "messages", params: signatures.signingKeyParams, status: 204 },
  getSigningKey: { method: "GET", path: `${v1}/signing-keys/{id}`, summary: "Whose key it is, for who verifies a message", tag: "messages", params: byId, answer: signatures.signingKey, status: 200 },

  listGates: { method: "GET", path: `${v1}/gates`, summary: "Gates that were defined by API, a set a repository; those of a baton.yaml stand in the repository", tag: "landings", query: gates.gateSetQuery, answer: gates.gateSetPage, status: 200 },
  getGatesInForce: { method: "GET", path: `${v1}/gates/in-force`, summary: "What a change to a repository that is known here has to pass now, by its baton.yaml and by API", tag: "landings", query: gates.gatesInForceQuery, answer: gates.gatesInForce, status: 200 },
  putGates: { method: "PUT", path: `${v1}/gates`, summary: "Define the gates of a repository, in place of those that were defined by API before; those of its baton.yaml stay", tag: "landings", body: gates.gateSetInput, answer: gates.gateSet, status: 200 },
  getGates: { method: "GET", path: `${v1}/gates/{id}`, summary: "The gates of one repository that were defined by API", tag: "landings", params: byId, answer: gates.gateSet, status: 200 },
  removeGates: { method: "DELETE", path: `${v1}/gates/{id}`, summary: "Remove the gates of a repository that were defined by API", tag: "landings", params: byId, status: 204 },
  listVerdicts: { method: "GET", path: `${v1}/verdicts`, summary: "What gates said of which tree, newest first", tag: "landings", query: gates.verdictQuery, answer: gates.verdictPage, status: 200 },
  getVerdict: { method: "GET", path: `${v1}/verdicts/{id}`, summary: "One verdict, with what each gate said and every run of its programs", tag: "landings", params: byId, answer: gates.verdict, status: 200 },
  listLandings: { method: "GET", path: `${v1}/landings`, summary: "Changes on their way to a target branch, newest first", tag: "landings", query: landings.landingQuery, answer: landings.landingPage, status: 200 },
  createLanding: { method: "POST", path: `${v1}/landings`, summary: "Land a change: it is merged onto the target as it is then, judged by the gates, and only then does the branch move", tag: "landings", body: landings.landingInput, answer: landings.landing, status: 201, creates: true },
  getLanding: { method: "GET", path: `${v1}/landings/{id}`, summary: "One landing, with why it did not land", tag: "landings", params: byId, answer: landings.landing, status: 200 },
  cancelLanding: { method: "POST", path: `${v1}/landings/{id}/cancel`, summary: "Take it out of the queue, also while it is judged", tag: "landings", params: byId, answer: landings.landing, status: 200 },
  retryLanding: { method: "POST", path: `${v1}/landings/{id}/retry`, summary: "Put one that was refused or cancelled into the queue again", tag: "landings", params: byId, answer: landings.landing, status: 200 },
  listWorkspaces: { method: "GET", path: `${v1}/workspaces`, summary: "Work trees of tasks and agents, newest first", tag: "workspaces", query: workspaces.workspaceQuery, answer: page(workspaces.workspace), status: 200 },
  getWorkspace: { method: "GET", path: `${v1}/workspaces/{id}`, summary: "One workspace, by its id or its task's", tag: "workspaces", params: byId, answer: workspaces.workspace, status: 200 },
  removeWorkspace: { method: "DELETE", path: `${v1}/workspaces/{id}`, summary: "Remove a work tree that nobody works in, once all that is in it is kept by a ref; answers with the ref", tag: "workspaces", params: byId, query: workspaces.workspaceRemoval, answer: workspaces.workspace, status: 200 },
  listWorkspaceRuns: { method: "GET", path: `${v1}/workspaces/{id}/commands`, summary: "The commands that set it up and tore it down, with the end of what they wrote, oldest first", tag: "workspaces", params: byId, answer: z.object({ items: z.array(workspaces.workspaceRun) }), status: 200 },
  getWorkspaceDiff: { method: "GET", path: `${v1}/workspaces/{id}/diff`, summary: "What was changed since it began, by an attempt, or between two of its states", tag: "workspaces", params: byId, query: checkpoints.diffQuery, answer: checkpoints.workspaceDiff, status: 200 },
  listWorkspaceVisits: {
    method: "GET",
    path: `${v1}/workspaces/{id}/visits`,
    summary: "Attempts that worked in it, newest first",
    tag: "workspaces",
    params: byId,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answer: z.object({ items: z.array(checkpoints.visit) }),
    status: 200,
  },
  listWorkspaceCheckpoints: { method: "GET", path: `${v1}/workspaces/{id}/checkpoints`, summary: "States it can be set back to, newest first", tag: "workspaces", params: byId, answer: z.object({ items: z.array(checkpoints.checkpoint) }), status: 200 },
  reviewWorkspace: { method: "POST", path: `${v1}/workspaces/{id}/review`, summary: "Hand comments on its lines to whoever worked in it, as a task that goes on there with the same conversation", tag: "workspaces", params: byId, body: checkpoints.reviewInput, answer: tasks.task, status: 201 },
  listCheckpoints: { method: "GET", path: `${v1}/agents/{id}/checkpoints`, summary: "States the agent can be set back to, newest first", tag: "workspaces", params: byId, query: checkpoints.checkpointQuery, answer: z.object({ items: z.array(checkpoints.checkpoint) }), status: 200 },
  createCheckpoint: { method: "POST", path: `${v1}/agents/{id}/checkpoints`, summary: "Keep how an agent and the work tree it works in are now", tag: "workspaces", params: byId, body: checkpoints.checkpointInput, answer: checkpoints.checkpoint, status: 201 },
  getCheckpoint: { method: "GET", path: `${v1}/agents/{id}/checkpoints/{checkpointId}`, summary: "One checkpoint with what it keeps beside the files", tag: "workspaces", params: z.strictObject({ id, checkpointId: id }), answer: checkpoints.wholeCheckpoint, status: 200 },
  rollBack: { method: "POST", path: `${v1}/agents/{id}/checkpoints/{checkpointId}/rollback`, summary: "Set the agent's work tree and its conversation back; what is replaced gets a checkpoint first", tag: "workspaces", params: z.strictObject({ id, checkpointId: id }), answer: checkpoints.rolledBack, status: 200 },
  listConflicts: { method: "GET", path: `${v1}/conflicts`, summary: "Workspaces of one repository whose changes overlap before they land, newest first", tag: "workspaces", query: conflicts.conflictQuery, answer: conflicts.conflictPage, status: 200 },
  getConflict: { method: "GET", path: `${v1}/conflicts/{id}`, summary: "One conflict: whose it is, in which files and lines, and whether the two merge", tag: "workspaces", params: byId, answer: conflicts.conflict, status: 200 },
  resolveConflict: { method: "POST", path: `${v1}/conflicts/{id}/resolve`, summary: "Say that it is taken care of: it opens again only when it gets worse", tag: "workspaces", params: byId, body: conflicts.conflictResolution, answer: conflicts.conflict, status: 200 },

  pushA2a: { method: "POST", path: `${v1}/a2a/push/{token}`, summary: "An A2A agent tells that a task of its has moved; what it sends is not read, the agent is asked", tag: "agents", params: z.strictObject({ token: z.string().min(1).max(500) }), body: a2aNotification, status: 204, open: true },

  createToken: { method: "POST", path: `${v1}/auth/token`, summary: "Log in with name and password, or go on with a refresh token", tag: "access", body: access.tokenRequest, answer: access.tokens, status: 200, open: true },
  logInBrowser: { method: "POST", path: `${v1}/auth/login`, summary: "Log a browser in: the answer sets a cookie that no script reads and that counts for pages of this server only", tag: "access", body: access.browserLogin, status: 204, open: true },
  getWaysIn: { method: "GET", path: `${v1}/auth/ways`, summary: "How people may log in here", tag: "access", answer: access.waysIn, status: 200, open: true },
  beginOidc: { method: "GET", path: `${v1}/auth/oidc/begin`, summary: "Send a browser to log in elsewhere, by OpenID Connect", tag: "access", query: access.oidcBegin, status: 303, open: true },
  finishOidc: { method: "GET", path: `${v1}/auth/oidc/callback`, summary: "Where the browser comes back to from there: logs it in as `logInBrowser` does, or tells the page why not", tag: "access", query: access.oidcAnswer, status: 303, open: true },
  logOut: { method: "POST", path: `${v1}/auth/logout`, summary: "End the login this is asked with, by its cookie or by an access token, with its connections", tag: "access", status: 204 },
  logOutEverywhere: { method: "POST", path: `${v1}/auth/logout-everywhere`, summary: "End all your logins at once, with their tokens and connections", tag: "access", status: 204 },
  listProjects: { method: "GET", path: `${v1}/projects`, summary: "Projects you are in", tag: "access", query: projects.projectQuery, answer: page(projects.project), status: 200 },
  createProject: { method: "POST", path: `${v1}/projects`, summary: "Make a project: a tenant, whose tasks and agents nobody outside sees", tag: "access", body: projects.projectInput, answer: projects.project, status: 201 },
  getProject: { method: "GET", path: `${v1}/projects/{id}`, summary: "One project, by name", tag: "access", params: byId, answer: projects.project, status: 200 },
  updateProject: { method: "PATCH", path: `${v1}/projects/{id}`, summary: "Change what is said of a project, or where its members may name repositories", tag: "access", params: byId, body: projects.projectPatch, answer: projects.project, status: 200 },
  getIdentity: { method: "GET", path: `${v1}/auth/me`, summary: "Who you are here, and what you may", tag: "access", answer: access.identity, status: 200 },
  listUsers: { method: "GET", path: `${v1}/users`, summary: "People who may log in", tag: "access", query: access.accountQuery, answer: page(access.userAccount), status: 200 },
  createUser: { method: "POST", path: `${v1}/users`, summary: "Let somebody log in", tag: "access", body: access.userInput, answer: access.userAccount, status: 201 },
  updateUser: { method: "PATCH", path: `${v1}/users/{id}`, summary: "Change a user's password or role, or lock them out; ends their logins", tag: "access", params: byId, body: access.userPatch, answer: access.userAccount, status: 200 },
  removeUser: { method: "DELETE", path: `${v1}/users/{id}`, summary: "Remove a user, by id or name", tag: "access", params: byId, status: 204 },
  logOutUser: { method: "POST", path: `${v1}/users/{id}/logout`, summary: "End all logins of a user at once, by id or name, with their tokens and connections", tag: "access", params: byId, status: 204 },
  listApiKeys: { method: "GET", path: `${v1}/auth/keys`, summary: "API keys, without the keys themselves", tag: "access", query: access.accountQuery, answer: page(access.apiKey), status: 200 },
  createApiKey: { method: "POST", path: `${v1}/auth/keys`, summary: "Make an API key; it is told once", tag: "access", body: access.apiKeyInput, answer: access.newApiKey, status: 201 },
  removeApiKey: { method: "DELETE", path: `${v1}/auth/keys/{id}`, summary: "Revoke an API key, at once", tag: "access", params: byId, status: 204 },
  listSecrets: { method: "GET", path: `${v1}/secrets`, summary: "Names of secrets; their values are never told", tag: "access", query: secrets.secretQuery, answer: page(secrets.secret), status: 200 },
  createSecret: { method: "POST", path: `${v1}/secrets`, summary: "Keep a secret that registrations may name as ${secret:name}", tag: "access", body: secrets.secretInput, answer: secrets.secret, status: 201 },
  replaceSecret: { method: "PUT", path: `${v1}/secrets/{id}`, summary: "Give a secret another value: it counts from the next call or start of an agent on", tag: "access", params: byId, body: secrets.secretValueInput, answer: secrets.secret, status: 200 },
  removeSecret: { method: "DELETE", path: `${v1}/secrets/{id}`, summary: "Remove a secret: registrations that name it work no more", tag: "access", params: byId, status: 204 },
  rotateSecretKey: { method: "POST", path: `${v1}/secrets/rotate-key`, summary: "Put everything that is sealed at rest under the installation's newest key", tag: "access", answer: secrets.keyRotation, status: 200 },
  exportAudit: { method: "GET", path: `${v1}/audit/export`, summary: "All of the audit log, as it is now, an entry a line; the trailer `Baton-Chain` says at the end whether its chain is whole", tag: "access", query: access.auditExportQuery, status: 200, lines: ["application/jsonl", "text/csv"] },
  getPushKey: { method: "GET", path: `${v1}/push/key`, summary: "What a browser subscribes with to notices that reach it while no page is open (Web Push)", tag: "notices", answer: push.pushKey, status: 200 },
  listPushSubscriptions: { method: "GET", path: `${v1}/push/subscriptions`, summary: "Your browsers that are told of what needs a person", tag: "notices", answer: z.object({ items: z.array(push.pushSubscription) }), status: 200 },
  createPushSubscription: {
    method: "POST",
    path: `${v1}/push/subscriptions`,
    summary: "Tell this browser of questions, failures and conflicts; one that is there already is told anew. It is told so at once, and refused when it cannot be reached",
    tag: "notices",
    body: push.pushSubscriptionInput,
    answer: push.pushSubscription,
    status: 201,
  },
  removePushSubscription: { method: "DELETE", path: `${v1}/push/subscriptions/{id}`, summary: "Tell a browser of yours nothing more", tag: "notices", params: byId, status: 204 },
  listAudit: { method: "GET", path: `${v1}/audit`, summary: "Every change and every denial, oldest first, each chained to the one before by its hash", tag: "access", query: access.auditQuery, answer: access.auditPage, status: 200 },

  followEvents: { method: "GET", path: `${v1}/events`, summary: "Events as Server-Sent Events with `Accept: text/event-stream` (resume with Last-Event-ID), else a page of the log", tag: "events", query: events.eventsQuery, answer: events.eventPage, status: 200, stream: true },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
type Part<R, K extends string> = R extends { [P in K]: infer S extends z.ZodType } ? S : undefined;
/** What a caller sends. */
export type RouteInput<N extends RouteName, K extends "params" | "query" | "body"> = Part<Routes[N], K> extends z.ZodType ? z.input<Part<Routes[N], K> & z.ZodType> : undefined;
/** What a handler gets, parsed. */
export type RouteParsed<N extends RouteName, K extends "params" | "query" | "body"> = Part<Routes[N], K> extends z.ZodType ? z.output<Part<Routes[N], K> & z.ZodType> : undefined;
export type RouteAnswer<N extends RouteName> = Part<Routes[N], "answer"> extends z.ZodType ? z.output<Part<Routes[N], "answer"> & z.ZodType> : undefined;
