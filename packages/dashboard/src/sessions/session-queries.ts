// What the pages of conversations ask.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { World } from "../api/world.ts";

const LISTED = 50;
const TURNS = 50;

export const sessionsQuery = (world: World) =>
  infiniteQueryOptions({
    queryKey: ["sessions", "list"],
    queryFn: ({ pageParam, signal }) => world.client().listSessions({ query: { limit: LISTED, ...(pageParam === null ? {} : { cursor: pageParam }) }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });

export const sessionQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["sessions", "one", id], queryFn: ({ signal }) => world.client().getSession({ params: { id }, signal }) });

/** The newest turns first in pages, so that what was said last is there at once. */
export const turnsQuery = (world: World, id: string) =>
  infiniteQueryOptions({
    queryKey: ["sessions", "turns", id],
    queryFn: ({ pageParam, signal }) =>
      world.client().listTurns({ params: { id }, query: { limit: TURNS, ...(pageParam === null ? {} : { before: pageParam }) }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ items }) => {
      const oldest = items[0]?.n ?? 1;
      return oldest > 1 ? oldest : undefined;
    },
  });

/** What agents are doing for it now. */
export const sessionTasksQuery = (world: World, sessionId: string) =>
  queryOptions({
    queryKey: ["tasks", "session", sessionId],
    queryFn: ({ signal }) => world.client().listTasks({ query: { sessionId, status: "active", limit: 20 }, signal }),
  });
