// What the page of landings asks.
import type { LandingState } from "@baton/contract";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { World } from "../api/world.ts";

export const LANDING_PAGE = 50;
export const landingsQuery = (world: World, state: string | undefined, page: number) =>
  queryOptions({
    queryKey: ["landings", "list", state ?? null, page],
    queryFn: ({ signal }) =>
      world.client().listLandings({ query: { limit: LANDING_PAGE, offset: page * LANDING_PAGE, ...(state === undefined ? {} : { state }) }, signal }),
    placeholderData: keepPreviousData,
  });

/** The newest of one state. */
export const newestLandingsQuery = (world: World, state: LandingState, limit: number) =>
  queryOptions({ queryKey: ["landings", "newest", state, limit], queryFn: ({ signal }) => world.client().listLandings({ query: { limit, state }, signal }) });

/** The newest of one repository. */
export const landingsOfQuery = (world: World, repository: string) =>
  queryOptions({
    queryKey: ["landings", "of", repository],
    queryFn: ({ signal }) => world.client().listLandings({ query: { repository, limit: 100 }, signal }),
  });

export const verdictQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["landings", "verdict", id], queryFn: ({ signal }) => world.client().getVerdict({ params: { id }, signal }) });

/** Those that were defined by API. */
export const gateSetsQuery = (world: World) =>
  queryOptions({ queryKey: ["gates", "sets"], queryFn: ({ signal }) => world.client().listGates({ query: { limit: 200 }, signal }) });
/** Of one repository, its baton.yaml among them, which changes without an event. */
export const gatesInForceQuery = (world: World, repository: string) =>
  queryOptions({
    queryKey: ["gates", "in-force", repository],
    queryFn: ({ signal }) => world.client().getGatesInForce({ query: { repository }, signal }),
    staleTime: 0,
  });
/** Repositories that changes were landed in lately. */
export const landedRepositoriesQuery = (world: World) =>
  queryOptions({
    queryKey: ["landings", "repositories"],
    queryFn: async ({ signal }) => [
      ...new Set((await world.client().listLandings({ query: { limit: 200 }, signal })).items.map(({ repository }) => repository)),
    ],
  });
