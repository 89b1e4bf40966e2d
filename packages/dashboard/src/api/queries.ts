// What the pages ask, each question once: its key (see affected.ts) and its call.
import type { Event, KeptUpdate, RouteInput } from "@baton/contract";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { World } from "./world.ts";

export const waysInQuery = (world: World) => queryOptions({ queryKey: ["ways-in"], queryFn: ({ signal }) => world.client().getWaysIn({ signal }) });
export const systemQuery = (world: World) => queryOptions({ queryKey: ["system"], queryFn: ({ signal }) => world.client().getSystemStatus({ signal }) });

export const agentsQuery = (world: World) =>
  queryOptions({ queryKey: ["agents"], queryFn: ({ signal }) => world.client().listAgents({ query: { limit: 200 }, signal }) });

export type AgentFilter = Omit<NonNullable<RouteInput<"listAgents", "query">>, "limit" | "offset">;
export const agentListQuery = (world: World, filter: AgentFilter, page: number, limit: number) =>
  queryOptions({
    queryKey: ["agents", "list", filter, page],
    queryFn: ({ signal }) => world.client().listAgents({ query: { ...filter, limit, offset: page * limit }, signal }),
    placeholderData: keepPreviousData,
  });
export const agentStatsQuery = (world: World) =>
  queryOptions({ queryKey: ["agents", "stats"], queryFn: ({ signal }) => world.client().getAgentStats({ signal }) });

export const agentQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["agent", id], queryFn: ({ signal }) => world.client().getAgent({ params: { id }, signal }) });

/** What a tool server has. */
export const toolsQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["agent", id, "tools"], queryFn: ({ signal }) => world.client().listTools({ query: { server: id, limit: 100 }, signal }) });

export const agentAttemptsQuery = (world: World, id: string) =>
  queryOptions({
    queryKey: ["agent-attempts", id],
    queryFn: ({ signal }) => world.client().listAgentAttempts({ params: { id }, query: { limit: 25 }, signal }),
  });

export const taskQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["task", id], queryFn: ({ signal }) => world.client().getTask({ params: { id }, signal }) });

/** Runs the programs that are found, so it is asked only when somebody looks. */
export const detectedQuery = (world: World) =>
  queryOptions({ queryKey: ["agents", "detected"], queryFn: ({ signal }) => world.client().detectAgents({ query: {}, signal }), refetchInterval: false });
export const templatesQuery = (world: World) => queryOptions({ queryKey: ["templates"], queryFn: ({ signal }) => world.client().listTemplates({ signal }) });
export const catalogueQuery = (world: World) =>
  queryOptions({ queryKey: ["catalogue"], queryFn: ({ signal }) => world.client().listCatalogue({ query: {}, signal }), staleTime: Number.POSITIVE_INFINITY });

/** How often a terminal that is looked at is read: nothing tells when it changes. */
const TERMINAL_MS = 400;
export const terminalQuery = (world: World, id: string) =>
  queryOptions({
    queryKey: ["terminal", id],
    queryFn: ({ signal }) => world.client().getTerminal({ params: { id }, signal }),
    refetchInterval: TERMINAL_MS,
    staleTime: 0,
  });
export const openMessagesQuery = (world: World, agentId: string) =>
  queryOptions({
    queryKey: ["messages", "open", agentId],
    queryFn: ({ signal }) => world.client().listAgentMessages({ params: { id: agentId }, query: { limit: 50 }, signal }),
  });

export const plansQuery = (world: World) => queryOptions({ queryKey: ["plans"], queryFn: ({ signal }) => world.client().listPlans({ signal }) });

/** Open questions, of one task or of all. */
export const approvalsQuery = (world: World, taskId?: string) =>
  queryOptions({
    queryKey: ["approvals", taskId ?? null],
    queryFn: ({ signal }) => world.client().listApprovals({ query: { state: "open", limit: 50, ...(taskId === undefined ? {} : { taskId }) }, signal }),
  });

/** The newest, open ones among them. */
export const decidedApprovalsQuery = (world: World) =>
  queryOptions({ queryKey: ["approvals", "all"], queryFn: ({ signal }) => world.client().listApprovals({ query: { limit: 100 }, signal }) });

export type RulesOf = { taskId: string } | { agentId: string };
/** What need not be asked again. */
export const approvalRulesQuery = (world: World, of: RulesOf) =>
  queryOptions({
    queryKey: ["approval-rules", of],
    queryFn: ({ signal }) => world.client().listApprovalRules({ query: { limit: 200, ...of }, signal }),
  });
/** Those of agents, projects and everything. */
export const budgetsQuery = (world: World) =>
  queryOptions({ queryKey: ["budgets"], queryFn: ({ signal }) => world.client().listBudgets({ query: { limit: 50 }, signal }) });

export type TaskFilter = Omit<NonNullable<RouteInput<"listTasks", "query">>, "limit" | "offset">;
export const TASK_PAGE = 50;
const BOARD_COLUMN = 30;

/** One page of a long list, by its number. What was there before stays until the new answer is here. */
export const taskPageQuery = (world: World, filter: TaskFilter, page: number) =>
  queryOptions({
    queryKey: ["tasks", "page", filter, page],
    queryFn: ({ signal }) => world.client().listTasks({ query: { ...filter, limit: TASK_PAGE, offset: page * TASK_PAGE }, signal }),
  });
export const boardColumnQuery = (world: World, filter: TaskFilter) =>
  queryOptions({
    queryKey: ["tasks", "board", filter],
    queryFn: ({ signal }) => world.client().listTasks({ query: { ...filter, limit: BOARD_COLUMN }, signal }),
    placeholderData: keepPreviousData,
  });

export const taskSearchQuery = (world: World, q: string) =>
  queryOptions({ queryKey: ["tasks", "search", q], queryFn: ({ signal }) => world.client().listTasks({ query: { q, limit: 6 }, signal }) });
export const agentSearchQuery = (world: World, q: string) =>
  queryOptions({ queryKey: ["agents", "search", q], queryFn: ({ signal }) => world.client().listAgents({ query: { q, limit: 6 }, signal }) });

export const newestTasksQuery = (world: World, status: string, limit: number) =>
  queryOptions({ queryKey: ["tasks", "newest", status, limit], queryFn: ({ signal }) => world.client().listTasks({ query: { status, limit }, signal }) });

const EVENTS_PER_PAGE = 500;

/** The whole log of a task. Asks only for what came after the last event it has. */
export const taskEventsQuery = (world: World, id: string) =>
  queryOptions({
    queryKey: ["task-events", id],
    queryFn: async ({ signal }) => {
      const events: Event[] = [...(world.queries.getQueryData<Event[]>(["task-events", id]) ?? [])];
      for (let isMore = true; isMore; ) {
        const after = events.at(-1)?.seq ?? 0;
        const { items } = await world.client().listTaskEvents({ params: { id }, query: { after, limit: EVENTS_PER_PAGE }, signal });
        events.push(...items);
        isMore = items.length === EVENTS_PER_PAGE;
      }
      return events;
    },
  });

const UPDATES_PER_PAGE = 500;

/** What was told of an attempt. Asks only for what came after the last it has. */
export const attemptUpdatesQuery = (world: World, attemptId: string) =>
  queryOptions({
    queryKey: ["updates", attemptId],
    queryFn: async ({ signal }) => {
      const told: KeptUpdate[] = [...(world.queries.getQueryData<KeptUpdate[]>(["updates", attemptId]) ?? [])];
      for (let isMore = true; isMore; ) {
        const after = told.at(-1)?.n ?? 0;
        const { items } = await world.client().listAttemptUpdates({ params: { id: attemptId }, query: { after, limit: UPDATES_PER_PAGE }, signal });
        told.push(...items);
        isMore = items.length === UPDATES_PER_PAGE;
      }
      return told;
    },
  });
