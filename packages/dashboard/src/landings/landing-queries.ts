// What the page of landings asks.
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

/** The newest of one repository. */
export const landingsOfQuery = (world: World, repository: string) =>
  queryOptions({
    queryKey: ["landings", "of", repository],
    queryFn: ({ signal }) => world.client().listLandings({ query: { repository, limit: 100 }, signal }),
  });

export const verdictQuery = (world: World, id: string) =>
  queryOptions({ queryKey: ["landings", "verdict", id], queryFn: ({ signal }) => world.client().getVerdict({ params: { id }, signal }) });
