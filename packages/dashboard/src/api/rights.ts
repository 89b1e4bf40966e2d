// What whoever looks at the page may do. What they may not is not offered; the server refuses it in any case.
import { type RouteAnswer, type RouteName, routeRights } from "@baton/contract";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { type World, useWorld } from "./world.ts";

const MINUTES_MS = 300_000;
export const identityQuery = (world: World) =>
  queryOptions({ queryKey: ["identity"], queryFn: ({ signal }) => world.client().getIdentity({ signal }), staleTime: MINUTES_MS });

export type Identity = RouteAnswer<"getIdentity">;
export const useIdentity = (): Identity | undefined => useQuery(identityQuery(useWorld())).data;

/** Whether these calls are allowed. Not before it is known: a button that vanishes is worse than one that comes. */
export function useMay(...names: (keyof typeof routeRights & RouteName)[]): boolean {
  const identity = useIdentity();
  return identity !== undefined && names.every((name) => identity.rights.includes(routeRights[name]));
}
