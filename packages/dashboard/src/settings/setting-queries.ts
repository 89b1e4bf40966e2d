// What the settings ask.
import { queryOptions } from "@tanstack/react-query";
import type { World } from "../api/world.ts";

export const usersQuery = (world: World) =>
  queryOptions({ queryKey: ["users"], queryFn: ({ signal }) => world.client().listUsers({ query: { limit: 500 }, signal }) });
export const keysQuery = (world: World) =>
  queryOptions({ queryKey: ["keys"], queryFn: ({ signal }) => world.client().listApiKeys({ query: { limit: 500 }, signal }) });
export const projectsQuery = (world: World) =>
  queryOptions({ queryKey: ["projects"], queryFn: ({ signal }) => world.client().listProjects({ query: { limit: 500 }, signal }) });
export const secretsQuery = (world: World) =>
  queryOptions({ queryKey: ["secrets"], queryFn: ({ signal }) => world.client().listSecrets({ query: { limit: 500 }, signal }) });
export const settingsQuery = (world: World) => queryOptions({ queryKey: ["settings"], queryFn: ({ signal }) => world.client().listSettings({ signal }) });
export const schedulesQuery = (world: World) =>
  queryOptions({ queryKey: ["schedules"], queryFn: ({ signal }) => world.client().listSchedules({ query: { limit: 200 }, signal }) });

const AUDIT_PAGE = 50;
/** Entries up to `last`, newest first; without it the newest. */
export const auditQuery = (world: World, last: number | undefined) =>
  queryOptions({
    queryKey: ["audit", last ?? "newest"],
    queryFn: async ({ signal }) => {
      const end = last ?? (await findNewest(world, signal));
      const { items } = await world.client().listAudit({ query: { after: Math.max(0, end - AUDIT_PAGE), limit: AUDIT_PAGE }, signal });
      return { items: items.toReversed(), end, from: Math.max(0, end - AUDIT_PAGE) + 1 };
    },
    staleTime: 0,
  });

/** The log has no gaps and is told oldest first: its end is found by halving. */
async function findNewest(world: World, signal: AbortSignal): Promise<number> {
  const isAfter = async (seq: number): Promise<boolean> => (await world.client().listAudit({ query: { after: seq, limit: 1 }, signal })).items.length > 0;
  let [low, high] = [0, 1];
  while (await isAfter(high - 1)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isAfter(middle - 1)) low = middle;
    else high = middle;
  }
  return low;
}
/** One's own browsers that are told of what needs a person. */
export const pushQuery = (world: World) => queryOptions({ queryKey: ["push"], queryFn: ({ signal }) => world.client().listPushSubscriptions({ signal }) });
