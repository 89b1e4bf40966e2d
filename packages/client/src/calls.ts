// The contract's route table as functions: one generic call, typed per route. No route is written by hand.
import { type Route, type RouteAnswer, type RouteInput, type RouteName, routes } from "@baton/contract";
import { type ClientSettings, exchange, readText } from "./transport.ts";
import { Unreachable } from "./unreachable.ts";

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** For calls that create: the same key and input twice is one creation. 1 to 200 printable characters. */
  idempotencyKey?: string | undefined;
  /** For calls that change: the version meant, as in `agent.version`. Refused with `version_mismatch` when it is another. */
  ifMatch?: string | number | undefined;
}

type Part = "params" | "query" | "body";
type Given<N extends RouteName, P extends Part> =
  RouteInput<N, P> extends infer T ? ([T] extends [undefined] ? unknown : object extends T ? { [K in P]?: T } : { [K in P]: T }) : never;
/** What a route is called with: the parts it has, those without required fields optional, and the options. */
export type CallInput<N extends RouteName> = Given<N, "params"> & Given<N, "query"> & Given<N, "body"> & CallOptions;
export type Call<N extends RouteName> =
  object extends CallInput<N> ? (input?: CallInput<N>) => Promise<RouteAnswer<N>> : (input: CallInput<N>) => Promise<RouteAnswer<N>>;
export type Calls = { [N in RouteName]: Call<N> };

export function openCalls(settings: ClientSettings): Calls {
  const entries = Object.entries(routes).map(([name, route]) => [name, (input: AnyInput = {}) => call(settings, route, input)]);
  return Object.fromEntries(entries) as Calls;
}

type AnyInput = CallOptions & { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };

async function call(settings: ClientSettings, route: Route, input: AnyInput): Promise<unknown> {
  const timeout = AbortSignal.timeout(settings.timeoutMs ?? 60_000);
  const signal = input.signal === undefined ? timeout : AbortSignal.any([input.signal, timeout]);
  const path = toPath(route.path, input.params ?? {}) + toQueryString(input.query ?? {});
  const body = route.body === undefined ? undefined : (input.body ?? {});
  const response = await exchange(settings, { method: route.method, path, headers: toHeaders(input), body, signal });
  const text = await readText(path, response, signal);
  return text === "" ? undefined : readJson(settings.url + path, text);
}

function readJson(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreachable(url, "the answer is not JSON, so it does not come from Baton", error);
  }
}

function toHeaders({ idempotencyKey, ifMatch }: CallOptions): Record<string, string> {
  return {
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...(ifMatch === undefined ? {} : { "if-match": `"${ifMatch}"` }),
  };
}

function toPath(template: string, params: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
}

export function toQueryString(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
