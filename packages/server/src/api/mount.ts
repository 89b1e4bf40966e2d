// Mounts the contract's table: for each route parse what came, call its handler, answer what it gives.
import {
  type AuditChanges,
  MAX_PAYLOAD_BYTES,
  type Reach,
  Refusal,
  type Right,
  type Route,
  type RouteName,
  parse,
  routeReach,
  routeRights,
  routes,
} from "@baton/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { changesBy, type Seen } from "./audit-changes.ts";
import { type Caller, type Identity, type LoginCookie, type Saw, toCookie } from "../access/access.ts";
import type { HandledRoute, Handlers, Lines } from "./api-world.ts";
import { networkOf } from "./crowding.ts";
import { judgeReach, type ReachDoor } from "./reach.ts";
import { sendLines } from "./send-lines.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks, as far as is known; undefined before that was looked at. */
    caller: Caller | undefined;
    /** Where it came from; the socket may have forgotten that once it is answered. */
    address: string;
    /** Of who was nobody before: who it was, and how it ended. */
    audited: { who: string; status: number } | undefined;
    /** What was changed, for the audit log. */
    changes: AuditChanges | null | undefined;
  }
  interface FastifyContextConfig {
    /** Answered without a key, although others demand one. */
    isOpen?: boolean;
    /** Of the contract's table, so that credentials are demanded wherever its path lies. */
    name?: RouteName | "live";
    /** The page has the same address: browsers that go there get it, whoever they are. */
    isPage?: true;
    /** What it takes; undefined: to be known is enough. */
    right?: Right | undefined;
  }
}

/** What a payload of a message may have, and what is said around it. */
const LARGE_BODY_BYTES = MAX_PAYLOAD_BYTES + 256 * 1024;

/** `/tasks/{id}` -> `/tasks/:id` */
export const toFastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

interface MountOptions {
  checkAnswers: boolean;
  reach: ReachDoor | undefined;
}
export function mountRoutes(app: FastifyInstance, handlers: Handlers, options: MountOptions): void {
  for (const name of Object.keys(handlers) as HandledRoute[]) mountRoute(app, name, handlers, options);
}

/** The same handler without the types that differ by route: they are what `parse` just established. */
type AnyHandler = (request: {
  params: unknown;
  query: unknown;
  body: unknown;
  caller: string;
  who: Identity | undefined;
  visit: { url: string; host: string | undefined; cookies: string | undefined; network: string };
  saw: Saw<object>;
  idempotencyKey?: string | undefined;
  ifMatch?: string | undefined;
}) => Promise<{
  answer?: unknown;
  etag?: string | number | undefined;
  status?: number | undefined;
  cookies?: readonly LoginCookie[];
  location?: string;
  audited?: { who: string; status: number };
  lines?: Lines | undefined;
}>;

export const configOf = (name: RouteName): { name: RouteName; isOpen: true } | { name: RouteName; right: Right } =>
  name in routeRights ? { name, right: routeRights[name as keyof typeof routeRights] } : { name, isOpen: true };

function mountRoute(app: FastifyInstance, name: HandledRoute, handlers: Handlers, options: MountOptions): void {
  const route: Route = routes[name];
  const carryOut = toCarrier(handlers, options);
  app.route({
    method: route.method,
    url: toFastifyPath(route.path),
    config: configOf(name),
    ...(route.large ? { bodyLimit: LARGE_BODY_BYTES } : {}),
    handler: async (request, reply) => answer(route, request, reply, await carryOut(name, request, request)),
  });
}

/** What a request says to a route: its own words, or those that an older path was translated into. */
export type Said = Pick<FastifyRequest, "params" | "query" | "body">;
/** Carries a request out as one to this route: parsed, judged by what it reaches, and told to the audit log as that. Who asks has the right to it. */
export type Carrier = (name: HandledRoute, request: FastifyRequest, said: Said) => ReturnType<AnyHandler>;
export function toCarrier(handlers: Handlers, { checkAnswers, reach: door }: MountOptions): Carrier {
  return async (name, request, said) => {
    const route: Route = routes[name];
    const handle = handlers[name] as AnyHandler;
    const reach = reachOf(name);
    // What is not for them at all is not even read.
    if (reach === "everything" && request.caller?.identity) await judgeReach(door, reach, NOTHING_NAMED, request.caller.identity);
    const parsed = parseRequest(route, said, request.headers);
    const { name: caller = "", identity } = request.caller ?? {};
    const who = identity && (await judgeReach(door, reach, parsed, identity));
    let seen: Seen | undefined;
    const saw: Saw<object> = (before, after) => void (seen = { before, after });
    const result = await handle({ ...parsed, idempotencyKey: ownKey(parsed.idempotencyKey, identity), caller, who, visit: visitOf(request), saw });
    // What was made before and is only told again changes nothing.
    if (!(route.status === 201 && result.status === 200)) request.changes = changesBy(name, seen, result.answer);
    if (checkAnswers && route.answer) assertAnswer(route, result.answer);
    return result;
  };
}

const visitOf = ({ protocol, host, url, headers, address }: FastifyRequest) => ({
  url: `${protocol}://${host}${url}`,
  host: headers.host,
  cookies: headers.cookie,
  network: networkOf(address),
});
const NOTHING_NAMED = { params: undefined, query: undefined, body: undefined };
export const reachOf = (name: RouteName): Reach => (name in routeReach ? routeReach[name as keyof typeof routeReach] : "nothing");
/** Of who is not in all projects: another's key, chosen by chance or not, must not be answered with what that one made. API keys may share a name. */
const ownKey = (key: string | undefined, who: Identity | undefined): string | undefined =>
  key === undefined || who === undefined || who.scope.projects === "all" ? key : `${who.by !== undefined && "key" in who.by ? who.by.key : who.name}\n${key}`;

function parseRequest(route: Route, said: Said, headers: FastifyRequest["headers"]) {
  return {
    params: route.params && parse(route.params, said.params, "params"),
    query: route.query && parse(route.query, said.query, "query"),
    body: route.body ? parse(route.body, said.body === undefined ? {} : said.body, "body") : refuseBody(said.body),
    idempotencyKey: route.creates ? parseIdempotencyKey(headers["idempotency-key"]) : undefined,
    ifMatch: route.versioned ? parseIfMatch(headers["if-match"]) : undefined,
  };
}

/** A body nobody reads would be an order nobody follows. */
function refuseBody(body: unknown): undefined {
  const isEmpty = body === undefined || body === null || (typeof body === "object" && Object.keys(body).length === 0);
  if (!isEmpty) throw new Refusal("bad_input", "This takes no body.", { issues: [{ path: "body", message: "must be absent or {}" }] });
  return undefined;
}

function parseIdempotencyKey(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^[\x20-\x7e]{1,200}$/.test(value)) return value;
  const message = "must be 1 to 200 printable ASCII characters";
  throw new Refusal("bad_input", `Idempotency-Key ${message}.`, { issues: [{ path: "headers.idempotency-key", message }] });
}

/** `"7"`, `W/"7"` or `7` -> `7`. `*` means any version, which is what no header means. */
function parseIfMatch(value: string | undefined): string | undefined {
  if (value === undefined || value.trim() === "*") return undefined;
  const match = /^\s*(?:W\/)?(?:"([^"]{1,200})"|([^",\s]{1,200}))\s*$/.exec(value);
  if (match) return match[1] ?? match[2];
  const message = 'must be one ETag such as "7", or *';
  throw new Refusal("bad_input", `If-Match ${message}.`, { issues: [{ path: "headers.if-match", message }] });
}

function answer(route: Route, request: FastifyRequest, reply: FastifyReply, result: Awaited<ReturnType<AnyHandler>>): FastifyReply {
  if (result.cookies)
    reply.header(
      "set-cookie",
      result.cookies.map((cookie) => toCookie({ host: request.headers.host, protocol: request.protocol }, cookie)),
    );
  if (result.location !== undefined) reply.header("location", result.location);
  if (result.audited) request.audited = result.audited;
  if (result.etag !== undefined) {
    const etag = `"${result.etag}"`;
    reply.header("etag", etag);
    if (route.method === "GET" && request.headers["if-none-match"] === etag) return reply.status(304).send();
  }
  if (result.lines) return sendLines(request, reply, result.lines);
  if (route.answer === undefined) return reply.status(result.status ?? route.status).send();
  // Not by a compiled schema: that would silently drop what an answer has beyond it.
  return reply
    .status(result.status ?? route.status)
    .header("content-type", "application/json; charset=utf-8")
    .send(JSON.stringify(result.answer));
}

function assertAnswer(route: Route, given: unknown): void {
  const checked = route.answer?.safeParse(JSON.parse(JSON.stringify(given)));
  if (checked?.success === false) throw new Error(`${route.method} ${route.path} answers against the contract: ${checked.error.message}`);
}
