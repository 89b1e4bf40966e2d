// What the pages of workspaces ask.
import type { RouteInput } from "@baton/contract";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { World } from "../api/world.ts";

export const WORKSPACE_PAGE = 50;
export type WorkspaceFilter = Omit<NonNullable<RouteInput<"listWorkspaces", "query">>, "limit" | "offset">;

export const workspacesQuery = (world: World, filter: WorkspaceFilter, page = 0) =>
  queryOptions({
    queryKey: ["workspaces", "list", filter, page],
    queryFn: ({ signal }) => world.client().listWorkspaces({ query: { ...filter, limit: WORKSPACE_PAGE, offset: page * WORKSPACE_PAGE }, signal }),
    placeholderData: keepPreviousData,
  });

export const workspaceQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["workspaces", "one", id], queryFn: ({ signal }) => world.client().getWorkspace({ params: { id }, signal }) });

export type DiffOf = NonNullable<RouteInput<"getWorkspaceDiff", "query">>;
export const diffQuery = (world: World, id: string, of: DiffOf) =>
  queryOptions({
    queryKey: ["workspaces", "diff", id, of],
    queryFn: ({ signal }) => world.client().getWorkspaceDiff({ params: { id }, query: of, signal }),
  });

const VISITS = 30;
export const visitsQuery = (world: World, id: string) =>
  queryOptions({
    queryKey: ["workspaces", "visits", id],
    queryFn: ({ signal }) => world.client().listWorkspaceVisits({ params: { id }, query: { limit: VISITS }, signal }),
  });

export const runsQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["workspaces", "commands", id], queryFn: ({ signal }) => world.client().listWorkspaceRuns({ params: { id }, signal }) });

export const workspaceCheckpointsQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["workspaces", "checkpoints", id], queryFn: ({ signal }) => world.client().listWorkspaceCheckpoints({ params: { id }, signal }) });
export const agentCheckpointsQuery = (world: World, agentId: string) =>
  queryOptions({
    queryKey: ["workspaces", "agent-checkpoints", agentId],
    queryFn: ({ signal }) => world.client().listCheckpoints({ params: { id: agentId }, query: {}, signal }),
  });

export type ConflictFilter = Omit<NonNullable<RouteInput<"listConflicts", "query">>, "limit" | "offset">;
/** The newest. */
export const conflictsQuery = (world: World, filter: ConflictFilter, limit: number) =>
  queryOptions({
    queryKey: ["conflicts", filter, limit],
    queryFn: ({ signal }) => world.client().listConflicts({ query: { ...filter, limit }, signal }),
  });
