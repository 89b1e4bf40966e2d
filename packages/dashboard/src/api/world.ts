// What lives as long as the page: the client, the cache of answers, the connection's state and the credentials. Made once in main.tsx.
import { type Client, Unreachable, createClient } from "@baton/client";
import { Refusal, type Event } from "@baton/contract";
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type Observable, createObservable } from "../std/observable.ts";
import { type CallLog, openCallLog } from "./call-log.ts";
import { type Credentials, openCredentials } from "./credentials.ts";

/** Since when, as epoch milliseconds. `lost`: it was open and broke; it is being opened again. */
export interface Connection {
  state: "connecting" | "live" | "lost" | "locked";
  since: number;
}

export interface Access {
  /** Counts what was entered: a refusal of the one before says nothing of this one. */
  version: number;
  /** The server said 401 to what we have. */
  isDemanded: boolean;
}

export interface World {
  client(): Client;
  queries: QueryClient;
  connection: Observable<Connection>;
  access: Observable<Access>;
  credentials: Credentials;
  callLog: CallLog;
  /** The newest events, newest first, as they are followed. */
  recentEvents: Observable<readonly Event[]>;
}

/** Events tell what changed; this is for what they could miss. */
const SLOW_POLL_MS = 60_000;

export function createWorld(): World {
  const access = createObservable<Access>({ version: 0, isDemanded: false });
  const connection = createObservable<Connection>({ state: "connecting", since: Date.now() });
  const credentials = openCredentials();
  const callLog = openCallLog();
  const client = createClient({ url: "", fetch: callLog.watch(credentials.fetch) });
  const queryCache = new QueryCache({ onError: (error) => isLockedOut(error) && demandCredentials(access) });
  const queries = new QueryClient({
    queryCache,
    defaultOptions: { queries: { staleTime: 10_000, refetchInterval: SLOW_POLL_MS, retry: (count, error) => error instanceof Unreachable && count < 3 } },
  });
  return { client: () => client, queries, connection, access, credentials, callLog, recentEvents: createObservable<readonly Event[]>([]) };
}

export const isLockedOut = (error: unknown): boolean => error instanceof Refusal && error.code === "unauthorized";

export function demandCredentials(access: Observable<Access>): void {
  if (!access.get().isDemanded) access.set({ ...access.get(), isDemanded: true });
}

/** After a key or a login was entered, or forgotten: everything is asked again with what we have now. */
export function enter(world: World): void {
  world.access.set({ version: world.access.get().version + 1, isDemanded: false });
  void world.queries.resetQueries();
}

export const WorldContext = createContext<World | undefined>(undefined);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (world === undefined) throw new Error("useWorld needs a WorldContext above it");
  return world;
}
