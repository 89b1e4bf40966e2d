// The shape of a path that older clients know: requests in its words become requests to routes of the table, and their answers become its words.
// It keeps nothing, and whoever asks may no more than there.
import type { HandledRoute } from "../api-world.ts";
import type { Route, RouteAnswer } from "@baton/contract";
import type { Said } from "../mount.ts";

/** Asks a route of the table as the same caller. @throws Refusal what that route refuses */
export type Ask = <N extends HandledRoute>(name: N, said: Partial<Said>) => Promise<RouteAnswer<N>>;
/** What came, with nothing known of it but that it is an object. */
export interface Given {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: Record<string, unknown>;
}
export interface OlderPath {
  method: Route["method"];
  path: string;
  /** The route it is audited as, and whose right it takes; `open`: none. */
  as: HandledRoute;
  /** The page has the same address. */
  isPage?: true;
  status?: number;
  answer(ask: Ask, given: Given): Promise<unknown>;
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
export const defined = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
