// What the page of messages asks. Events of messages make all of it stale.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { World } from "../api/world.ts";

const PAGE = 50;
const before = (cursor: number | null) => (cursor === null ? {} : { before: cursor });

export const messageStatsQuery = (world: World) =>
  queryOptions({ queryKey: ["messages", "stats"], queryFn: ({ signal }) => world.client().getMessageStats({ signal }) });
export const messagesQuery = (world: World) =>
  infiniteQueryOptions({
    queryKey: ["messages", "list"],
    queryFn: ({ pageParam, signal }) => world.client().listMessages({ query: { limit: PAGE, ...before(pageParam) }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
export const deadLettersQuery = (world: World) =>
  infiniteQueryOptions({
    queryKey: ["messages", "dead"],
    queryFn: ({ pageParam, signal }) => world.client().listDeadLetters({ query: { limit: PAGE, ...before(pageParam) }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
export const deliveriesQuery = (world: World, id: string) =>
  queryOptions({
    queryKey: ["messages", "deliveries", id],
    queryFn: ({ signal }) => world.client().listDeliveries({ params: { id }, query: { limit: 100 }, signal }),
  });
export const mailboxesQuery = (world: World) =>
  queryOptions({ queryKey: ["messages", "mailboxes"], queryFn: ({ signal }) => world.client().listMailboxes({ query: { limit: 500 }, signal }) });
export const subscriptionsQuery = (world: World) =>
  queryOptions({ queryKey: ["messages", "subscriptions"], queryFn: ({ signal }) => world.client().listSubscriptions({ query: { limit: 500 }, signal }) });
