// What each route reaches of what belongs to projects, judged in one place before its handler is asked (api/reach.ts). A route without a line
// does not compile. Whoever is in all projects reaches everything.
import type { RouteName, Routes } from "./routes.ts";

/** What an id or name in a request may mean, to find out whose it is. `managed agent`: one that is to be changed: those that all projects share are not a member's to change. `mailbox`: to be taken from, likewise; an agent's, too. */
export type Noun =
  | "task"
  | "attempt"
  | "agent"
  | "managed agent"
  | "approval"
  | "approval rule"
  | "session"
  | "workspace"
  | "checkpoint"
  | "conflict"
  | "landing"
  | "verdict"
  | "message"
  | "dead letter"
  | "mailbox"
  | "subscription"
  | "project"
  | "secret"
  | "schedule"
  | "budget";
export type Reach =
  /** Nothing that belongs to a project. */
  | "nothing"
  /** More than one project's: only for who is in all of them. */
  | "everything"
  | {
      /** A repository, which it looks into. */
      opens?: "query.repository";
      /** What it names, by where it stands in the request: all of it must be there for the caller, or the answer is that there is no such thing. */
      names?: Readonly<Record<`${"params" | "query" | "body"}.${string}`, Noun>>;
      /** Answers with those that the caller's projects have: the handler is given them, and every query of its rows takes them. */
      lists?: true;
      /** `body.projectId`, or that of the task it is about, says whose it becomes: a project of the caller, the first of them if nothing is said. */
      makes?: true;
      /** Unless it says this: then it reaches more than one project's. */
      unless?: { at: `body.${string}`; is: string };
    };
type Closed = { [Name in RouteName]: Routes[Name] extends { open: true } ? never : Name }[RouteName];

const task = { names: { "params.id": "task" } } as const;
const agent = { names: { "params.id": "agent" } } as const;
const managed = { names: { "params.id": "managed agent" } } as const;
const approval = { names: { "params.id": "approval" } } as const;
const ofTaskOrAgent = { "query.taskId": "task", "query.agentId": "agent" } as const;
const workspace = { names: { "params.id": "workspace" } } as const;
const checkpoint = { "params.checkpointId": "checkpoint" } as const;
const conflict = { names: { "params.id": "conflict" } } as const;
const landing = { names: { "params.id": "landing" } } as const;
const message = { names: { "params.id": "message" } } as const;
const mailbox = { names: { "params.id": "mailbox" } } as const;
const budget = { names: { "params.id": "budget" } } as const;
const session = { names: { "params.id": "session" } } as const;
const schedule = { names: { "params.id": "schedule" } } as const;
const scheduled = { "body.task.sessionId": "session", "body.task.dependsOn": "task" } as const;
const submitted = { makes: true, names: { "body.sessionId": "session", "body.dependsOn": "task" } } as const;

export const routeReach: Record<Closed, Reach> = {
  getSystemStatus: "everything",
  listSettings: "everything",
  listAgents: { lists: true },
  createAgent: { makes: true },
  getAgentStats: { lists: true },
  getPerformance: { lists: true },
  detectAgents: "everything",
  testConnection: "everything",
  createAgentFromTemplate: { makes: true },
  createAgentFromCatalogue: { makes: true, names: { "body.backingAgent": "managed agent" } },
  getAgent: agent,
  updateAgent: managed,
  removeAgent: managed,
  actOnAgent: managed,
  controlAgent: managed,
  checkAgentHealth: managed,
  getAgentStatus: agent,
  discoverAgent: managed,
  heartbeatAgent: managed,
  getTerminal: managed,
  typeInTerminal: "everything",
  listAgentAttempts: { ...agent, lists: true },
  listTools: { lists: true, names: { "query.server": "agent", "query.agent": "agent" } },
  listCatalogue: "nothing",
  getCatalogueEntry: "nothing",
  listTemplates: "nothing",
  createTemplate: "everything",
  getTemplate: "nothing",
  replaceTemplate: "everything",
  removeTemplate: "everything",
  listTasks: { lists: true },
  getCoordinationFigures: { lists: true },
  submitTask: submitted,
  previewTask: submitted,
  getTask: task,
  cancelTask: task,
  pauseTask: task,
  resumeTask: task,
  retryTask: task,
  setTaskBudget: task,
  decidePlan: task,
  listPlans: "nothing",
  listTaskEvents: task,
  getTaskResult: task,
  listAttemptUpdates: { names: { "params.id": "attempt" } },
  decideTaskApproval: task,
  listApprovals: { lists: true, names: ofTaskOrAgent },
  getApproval: approval,
  decideApproval: approval,
  listApprovalRules: { lists: true, names: ofTaskOrAgent },
  removeApprovalRule: { names: { "params.id": "approval rule" } },
  listSchedules: { lists: true },
  createSchedule: { makes: true, names: scheduled },
  getSchedule: schedule,
  updateSchedule: { names: { ...schedule.names, ...scheduled } },
  removeSchedule: schedule,
  runSchedule: schedule,
  listBudgets: { lists: true },
  createBudget: { names: { "body.agent": "managed agent", "body.projectId": "project" }, unless: { at: "body.scope", is: "everything" } },
  getBudget: budget,
  updateBudget: budget,
  removeBudget: budget,
  listSessions: { lists: true },
  createSession: { makes: true },
  getSession: session,
  updateSession: session,
  removeSession: session,
  listTurns: session,
  addTurn: { names: { ...session.names, "body.agentId": "agent" } },
  addPin: session,
  removePin: session,
  getContext: { names: { ...session.names, "query.agent": "agent" } },
  listMessages: { lists: true },
  // Whom it goes to is looked up as it is written, by the scope of who sends.
  sendMessage: { lists: true },
  broadcastMessage: { lists: true },
  getMessageStats: "everything",
  listDeadLetters: { lists: true, names: { "query.recipientId": "mailbox" } },
  redeliverMessage: { names: { "params.id": "dead letter" } },
  getMessage: message,
  listDeliveries: message,
  getResponse: message,
  acknowledgeMessage: { names: { ...message.names, "body.recipientId": "mailbox" } },
  passEnvelope: "everything",
  listAgentMessages: mailbox,
  receiveMessages: mailbox,
  acknowledgeMessages: mailbox,
  listMailboxes: { lists: true },
  createMailbox: { makes: true },
  removeMailbox: mailbox,
  listSubscriptions: { lists: true, names: { "query.subscriberId": "mailbox" } },
  createSubscription: { names: { "body.subscriberId": "mailbox" } },
  removeSubscription: { names: { "params.id": "subscription" } },
  listMessageRules: "everything",
  createMessageRule: "everything",
  getMessageRule: "everything",
  replaceMessageRule: "everything",
  removeMessageRule: "everything",
  getSigning: agent,
  setSigning: managed,
  addSigningKey: managed,
  retireSigningKey: managed,
  removeSigningKey: managed,
  getSigningKey: "everything",
  // A repository may be several projects', and what guards it guards all of them.
  listGates: "everything",
  putGates: "everything",
  getGates: "everything",
  getGatesInForce: { opens: "query.repository" },
  removeGates: "everything",
  listVerdicts: { lists: true, names: { "query.landingId": "landing" } },
  getVerdict: { names: { "params.id": "verdict" } },
  listLandings: { lists: true, names: { "query.taskId": "task" } },
  createLanding: { names: { "body.workspaceId": "workspace", "body.taskId": "task" } },
  getLanding: landing,
  cancelLanding: landing,
  retryLanding: landing,
  listWorkspaces: { lists: true, names: ofTaskOrAgent },
  getWorkspace: workspace,
  removeWorkspace: workspace,
  getWorkspaceDiff: workspace,
  listWorkspaceRuns: workspace,
  listWorkspaceVisits: workspace,
  listWorkspaceCheckpoints: { ...workspace, lists: true },
  reviewWorkspace: { names: { ...workspace.names, "body.agent": "agent" } },
  listCheckpoints: { lists: true, names: { ...agent.names, "query.workspaceId": "workspace" } },
  createCheckpoint: { lists: true, names: { ...agent.names, "body.workspaceId": "workspace" } },
  getCheckpoint: { names: { ...agent.names, ...checkpoint } },
  // It ends what the agent has in mind, whosever that is.
  rollBack: { names: { ...managed.names, ...checkpoint } },
  listConflicts: { lists: true, names: { "query.taskId": "task", "query.workspaceId": "workspace" } },
  getConflict: conflict,
  resolveConflict: conflict,
  followEvents: { lists: true, names: ofTaskOrAgent },

  listProjects: { lists: true },
  createProject: "everything",
  getProject: { names: { "params.id": "project" } },
  updateProject: "everything",
  getIdentity: "nothing",
  logOut: "nothing",
  logOutEverywhere: "nothing",
  listUsers: "everything",
  createUser: "everything",
  updateUser: "everything",
  removeUser: "everything",
  logOutUser: "everything",
  listApiKeys: "everything",
  createApiKey: "everything",
  removeApiKey: "everything",
  listSecrets: { lists: true },
  createSecret: { makes: true },
  replaceSecret: { names: { "params.id": "secret" } },
  removeSecret: { names: { "params.id": "secret" } },
  rotateSecretKey: "everything",
  exportAudit: "everything",
  // Whose a subscription is its room judges: it is a person's, and of no project.
  getPushKey: "nothing",
  listPushSubscriptions: "nothing",
  createPushSubscription: "nothing",
  removePushSubscription: "nothing",
  listAudit: "everything",
};
