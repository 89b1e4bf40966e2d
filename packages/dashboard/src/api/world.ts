// What lives as long as the page: the client, the cache of answers, the connection's state and the key. Made once in main.tsx.
import { type Client, Unreachable, createClient } from "@baton/client";
import { Refusal } from "@baton/contract";
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type Observable, createObservable } from "../std/observable.ts";

/** Since when, as epoch milliseconds. `lost`: it was open and broke; it is being opened again. */
export interface Connection {
  state: "connecting" | "live" | "lost" | "locked";
  since: number;
}

export interface Access {
  key: string | undefined;
  /** The server said 401 to what we have. */
  isDemanded: boolean;
}

export interface World {
  client(): Client;
  queries: QueryClient;
  connection: Observable<Connection>;
  access: Observable<Access>;
}

const KEY = "baton-api-key";
/** Events tell what changed; this is for what they could miss. */
const SLOW_POLL_MS = 60_000;

export function createWorld(): World {
  const key = sessionStorage.getItem(KEY) ?? undefined;
  const access = createObservable<Access>({ key, isDemanded: false });
  const connection = createObservable<Connection>({ state: "connecting", since: Date.now() });
  let client = createClient({ url: "", apiKey: key });
  access.subscribe(() => {
    client = createClient({ url: "", apiKey: access.get().key });
  });
  const queryCache = new QueryCache({ onError: (error) => isLockedOut(error) && demandKey(access) });
  const queries = new QueryClient({
    queryCache,
    defaultOptions: { queries: { staleTime: 10_000, refetchInterval: SLOW_POLL_MS, retry: (count, error) => error instanceof Unreachable && count < 3 } },
  });
  return { client: () => client, queries, connection, access };
}

export const isLockedOut = (error: unknown): boolean => error instanceof Refusal && error.code === "unauthorized";

export function demandKey(access: Observable<Access>): void {
  if (!access.get().isDemanded) access.set({ ...access.get(), isDemanded: true });
}

/** Keeps the key for this tab only, and asks everything again with it. */
export function enterKey(world: World, key: string): void {
  sessionStorage.setItem(KEY, key);
  world.access.set({ key, isDemanded: false });
  void world.queries.resetQueries();
}

export const WorldContext = createContext<World | undefined>(undefined);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (world === undefined) throw new Error("useWorld needs a WorldContext above it");
  return world;
}
