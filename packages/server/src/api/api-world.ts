// What the doors need of the world, and the shape of the handlers behind them.
import type { Event, RouteAnswer, RouteName, RouteParsed } from "@baton/contract";
import type { Logger } from "pino";
import type { Accounts, Identity, LoginCookie, Saw } from "../access/access.ts";
import type { DialinDoor } from "./dialin-door.ts";
import type { HubDoor, MonitorDoor } from "./hub/hub-door.ts";
import type { Certificate, Patience } from "./listener.ts";
import type { MailDoor } from "./mail-door.ts";
import type { ReachDoor } from "./reach.ts";
import type { ToolsDoor } from "./mcp/tools-door.ts";

/** The stream of events is answered by the doors themselves, from `ApiWorld.events`. */
export type HandledRoute = Exclude<RouteName, "followEvents">;

export interface RouteRequest<N extends HandledRoute> {
  params: RouteParsed<N, "params">;
  query: RouteParsed<N, "query">;
  body: RouteParsed<N, "body">;
  /** Who asks, as far as is known: the name of a key, or an address. */
  caller: string;
  who: Identity;
  /** How the caller reached this server: the whole address, the cookies that came along, and from which network, as callers are counted. */
  visit: { url: string; host: string | undefined; cookies: string | undefined; network: string };
  /** To be told by the verb that changes something, for the audit log: see audit-changes.ts. */
  saw: Saw<object>;
  /** 1 to 200 printable characters; only on routes that create. */
  idempotencyKey?: string | undefined;
  /** The version the caller means to change, without quotes; only on versioned routes. */
  ifMatch?: string | undefined;
}

export interface Lines {
  type: string;
  /** Each is written as it is. Ended early when nobody takes them any more. */
  texts: AsyncIterable<string>;
  /** Asked when all is written. */
  trailers(): Record<string, string>;
}
export type RouteResult<N extends HandledRoute> = {
  /** The version of what is answered; becomes the ETag. */
  etag?: string | number | undefined;
  /** Where the table's status does not fit: 200 for a repeated creation. */
  status?: number | undefined;
  /** What the browser is to keep, or to forget. */
  cookies?: readonly LoginCookie[] | undefined;
  /** Where it is sent on to. */
  location?: string | undefined;
  /** What is answered in place of a body, as it comes. */
  lines?: Lines | undefined;
  /** Of who was nobody before: who it was, and how it ended, for the audit log. */
  audited?: { who: string; status: number } | undefined;
} & (RouteAnswer<N> extends undefined ? { answer?: undefined } : { answer: RouteAnswer<N> });

export type Handler<N extends HandledRoute> = (request: RouteRequest<N>) => Promise<RouteResult<N>>;
/** One handler per route. A handler refuses with `Refusal`; anything else it throws is a bug and answered as 500. */
export type Handlers = { [N in HandledRoute]: Handler<N> };

export interface EventFilter {
  taskId?: string | undefined;
  agentId?: string | undefined;
  /** One type, or the part before its dot with `.*`. */
  type?: string | undefined;
}

export interface EventsDoor {
  list(query: EventFilter & { after?: number | undefined; limit: number }): Promise<{ items: Event[]; nextCursor: number }>;
  /** Batches of matching events with `seq` > `after`, in order, without gaps; ends, without throwing, when `signal` aborts. */
  follow(from: { after: number; filter: EventFilter; signal: AbortSignal }): AsyncIterable<Event[]>;
  /** The seq of the newest event; 0 when there is none. */
  last(): number | Promise<number>;
}

export interface HttpConfig {
  host: string;
  port: number;
  /** Accepted as `Authorization: Bearer <key>`. */
  apiKeys: readonly string[];
  /** Undefined: decided by where the server listens, see access/decide-access.ts. */
  requireAuth?: boolean | undefined;
  /** Default 1 MiB. */
  bodyLimitBytes?: number | undefined;
  /** How long a handler may take. Default 30 s. */
  requestTimeoutMs?: number | undefined;
  /** From one address, at once. Default: 1000, but for this machine itself and for a proxy. */
  maxConnectionsPerAddress?: number | undefined;
  /** From everywhere. Default: 20,000. */
  maxConnections?: number | undefined;
  /** With whoever is slow. */
  patience?: Partial<Patience> | undefined;
  /** Origins of other pages that may call; the server's own always may. */
  corsOrigins?: readonly string[] | undefined;
  /** Believe `X-Forwarded-*` headers: true only behind a proxy that sets them. */
  trustProxy?: boolean | undefined;
  /** How many proxies stand one behind the other. Default 1. */
  proxyHops?: number | undefined;
  /** The built page. */
  dashboardDir?: string | undefined;
  /** Check every answer against the contract: for tests, it costs time. */
  checkAnswers?: boolean | undefined;
  /** How often quiet streams are written to and sockets probed. Defaults 15 s and 30 s. */
  sseHeartbeatMs?: number | undefined;
  socketHeartbeatMs?: number | undefined;
  /** How long a socket may not take what was written to it before its subscriptions end. Default 5 s. */
  slowReaderMs?: number | undefined;
}

export interface ApiWorld {
  handlers: Handlers;
  events: EventsDoor;
  dialin: DialinDoor;
  mail: MailDoor;
  hub: HubDoor;
  monitor: MonitorDoor;
  tools: ToolsDoor;
  /** How much one caller may ask: by name, else by address; less of whom nobody knows where that is demanded. @throws Refusal `too_many_requests` */
  requests: { take(caller: string, isStranger: boolean): Promise<void> | undefined };
  /** Whom credentials belong to, beside the keys of `config`, and the audit log. Absent: nobody else is known, and nothing is recorded. */
  accounts?: Accounts | undefined;
  /** Whose what is. Absent: who is not in all projects reaches nothing of any. */
  reach?: ReachDoor | undefined;
  config: HttpConfig;
  /** Undefined: plain HTTP. */
  certificate?: Certificate | undefined;
  log: Logger;
  /** For the references that tie a problem document to a line of the log. */
  newId(): string;
  /** What the OpenAPI document calls this server's version. */
  version: string;
}
