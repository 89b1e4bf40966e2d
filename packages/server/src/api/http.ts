// The HTTP door: one Fastify server with the contract's table, the stream of events, the live socket and the page on it.
import type { AddressInfo, Socket } from "node:net";
import cors from "@fastify/cors";
import { Refusal } from "@baton/contract";
import fastify, { LogController, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type Caller, isLoopback, openAccess } from "../access/access.ts";
import { toAddress } from "./address.ts";
import { auditRequests } from "./audit-requests.ts";
import type { ApiWorld } from "./api-world.ts";
import { type Crowding, networkOf, openCrowding } from "./crowding.ts";
import { mountDocs } from "./docs.ts";
import { drainOnClose } from "./drain.ts";
import { mountEventStream } from "./event-stream.ts";
import { HUB_PATH, mountHub } from "./hub/hub.ts";
import { mountMonitors } from "./hub/monitors.ts";
import { openNews } from "./hub/news.ts";
import { openListener } from "./listener.ts";
import { mountLive } from "./live.ts";
import { mountMcp } from "./mcp/mcp.ts";
import { mountRoutes, toCarrier } from "./mount.ts";
import { answerNotFound } from "./not-found.ts";
import { mountOlderPaths, olderPaths } from "./older-paths/older-paths.ts";
import { asksForPage, mountPage } from "./page.ts";
import { sendProblem } from "./problems.ts";
import { openPulse } from "./pulse.ts";
import { setSecurityHeaders } from "./security-headers.ts";

export interface HttpServer {
  /** Where to reach it once it listens: `http://127.0.0.1:8000`, `https://…` with a certificate. */
  readonly address: string;
  /** `host` and `port` default to the config's; port 0 is any free one. */
  listen(host?: string, port?: number): Promise<void>;
  /** Ends streams and sockets, lets running requests finish, stops listening. */
  close(): Promise<void>;
}

export async function openHttp(world: ApiWorld): Promise<HttpServer> {
  const { config } = world;
  const { certificate } = world;
  const crowding = openCrowding(config);
  const app = openFastify(world, crowding);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  drainOnClose(app);
  // First, so that the socket of a refused upgrade is known to it and closed.
  await mountLive(app, world);
  await setSecurityHeaders(app, { isSecure: certificate !== undefined && !isLoopback(config.host) });
  await allowOrigins(app, config.corsOrigins ?? []);
  judgeRequests(app, world, crowding);
  if (world.accounts) auditRequests(app, world.accounts.record);
  acceptJsonOnly(app);

  const streams = openPulse(config.sseHeartbeatMs ?? 15_000);
  app.addHook("preClose", (done) => {
    streams.close();
    done();
  });
  const mounting = { checkAnswers: config.checkAnswers ?? false, reach: world.reach };
  mountRoutes(app, world.handlers, mounting);
  const news = openNews(world.events, (error) => world.log.error({ err: error }, "the log could not be followed for the hub and monitors"));
  mountHub(app, world, news);
  mountMonitors(app, world, news);
  mountMcp(app, world);
  mountEventStream(app, world, streams);
  mountDocs(app, world.version);
  const sendPage = await mountPage(app, config.dashboardDir);
  mountOlderPaths(app, toCarrier(world.handlers, mounting), sendPage);
  answerNotFound(app, sendPage, olderPaths);
  return {
    get address() {
      const bound = app.server.address() as AddressInfo | null;
      if (bound === null) throw new Error("The HTTP server does not listen yet.");
      return toAddress(bound, config.host, certificate);
    },
    listen: async (host = config.host, port = config.port) => void (await app.listen({ host, port })),
    close: () => app.close(),
  };
}

function openFastify({ config, log, newId, certificate }: ApiWorld, crowding: Crowding): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newId,
    bodyLimit: config.bodyLimitBytes ?? 1024 * 1024,
    // The head is limited by Node to 16 KiB, and with it every part of the path; ids are judged by the contract.
    routerOptions: { maxParamLength: 16_384 },
    handlerTimeout: config.requestTimeoutMs ?? 30_000,
    // Only what these added: whoever calls may have said anything before.
    trustProxy: config.trustProxy === true ? (_address: string, hop: number) => hop < (config.proxyHops ?? 1) : false,
    serverFactory: (handler) => {
      const server = openListener(handler, { certificate, patience: config.patience });
      crowding.watch(server);
      return server;
    },
    // Heard by the listeners, at every address.
    clientErrorHandler: () => undefined,
    // Of the router, before any hook: a path that cannot be decoded.
    frameworkErrors: (error, request, reply) => void sendProblem(error, request as FastifyRequest, reply as unknown as FastifyReply),
  });
  return app as unknown as FastifyInstance;
}

async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: [...origins],
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders: ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "last-event-id"],
    exposedHeaders: ["etag", "retry-after"],
    maxAge: 600,
  });
}

/** Who hung up before they were asked who they are. */
const GONE = "gone";
const NOT_ONE_HOST = { path: "headers.host", message: "must say once which server is meant" };
/** Node takes the first of several; whoever stands between may have judged the last. */
const countHosts = (raw: readonly string[]): number => raw.filter((text, at) => at % 2 === 0 && text.toLowerCase() === "host").length;
/** Before anything else looks at a request. Also for paths that do not exist: who may not ask is not told what there is. */
function judgeRequests(app: FastifyInstance, { config, accounts, requests }: ApiWorld, crowding: Crowding): void {
  const access = openAccess({ ...config, corsOrigins: config.corsOrigins ?? [], accounts });
  app.decorateRequest("caller", undefined);
  app.decorateRequest("address", GONE);
  app.decorateRequest("audited", undefined);
  app.decorateRequest("changes", undefined);
  app.addHook("onRequest", async (request) => {
    const { method, headers, routeOptions } = request;
    request.address = request.ip ?? GONE;
    const hosts = countHosts(request.raw.rawHeaders);
    if (hosts > 1 || (hosts === 0 && request.raw.httpVersion === "1.1")) throw new Refusal("bad_input", NOT_ONE_HOST.message, { issues: [NOT_ONE_HOST] });
    const [fetchSite, fetchMode] = [headers["sec-fetch-site"]?.toString(), headers["sec-fetch-mode"]?.toString()];
    const asked = { method, isWebSocket: headers.upgrade !== undefined, host: headers.host, origin: headers.origin, fetchSite, fetchMode };
    access.checkBrowser(asked);
    const caller = await access.identify({ ...asked, headers: withQueryToken(request.url, headers), address: request.address });
    request.caller = caller;
    if (caller.identity) crowding.vouch(request.raw.socket);
    await requests.take(caller.showedKey && caller.identity ? caller.name : networkOf(request.address), caller.identity === undefined);
    const { isOpen, name, right, isPage } = routeOptions.config;
    if (isPage && asksForPage(request)) return;
    if (!isOpen && (name !== undefined || request.url.startsWith("/api/"))) access.authorize(caller, right);
    if (asked.isWebSocket || name === "exportAudit" || headers.accept?.includes("text/event-stream")) endWithLogin(request.raw.socket, caller, accounts);
  });
}
/** What is open for long ends with what they came in by. */
function endWithLogin(socket: Socket, { identity }: Caller, accounts: ApiWorld["accounts"]): void {
  if (accounts === undefined || identity?.by === undefined) return;
  socket.once(
    "close",
    accounts.hold(identity, () => socket.destroy()),
  );
}

/** A SignalR client in a browser can show its credentials nowhere else when it opens its socket. */
function withQueryToken<Headers extends { authorization?: string | undefined }>(url: string, headers: Headers): Headers {
  if (headers.authorization !== undefined || !url.startsWith(`${HUB_PATH}?`)) return headers;
  const token = new URLSearchParams(url.slice(HUB_PATH.length)).get("access_token");
  return token === null ? headers : { ...headers, authorization: `Bearer ${token}` };
}

/** Also by the name A2A gives it. An empty body is no body, as many clients say `application/json` on every request; keys like `__proto__` are refused. */
function acceptJsonOnly(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(["application/json", "application/a2a+json"], { parseAs: "string" }, (request, body, done) => {
    if (body === "") return done(null, undefined);
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") return done(new Refusal("unsupported_media", `Send the body as it is, not as content-encoding ${encoding}.`), undefined);
    return parseJson(request, body as string, done);
  });
}
