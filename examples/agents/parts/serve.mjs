// The HTTP shell of the sample agents: one route that does the work, `/health` and `/capabilities`. On the loopback address
// only, for JSON callers only: a page in a browser can neither post to it nor reach it under another host name. Agents that may be reached
// from elsewhere (`door` with a key) show who may come in by that key instead.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { isAbsolute } from "node:path";
import { Refusal } from "./refusal.mjs";
import { runProgram } from "./command-line.mjs";

/** @typedef {{ repository?: unknown, text?: unknown, skip?: unknown }} Asked */
/**
 * @typedef {object} Shell
 * @property {string} name
 * @property {string} summary
 * @property {string[]} capabilities
 * @property {RegExp} route of the POST that does the work
 * @property {(body: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>} answer
 * @property {(refusal: { code: string, message: string }) => unknown} toRefusal
 * @property {Record<string, unknown>} [about] told with its health
 */
/**
 * @typedef {object} Repositories how an agent that works on a repository is asked and answers
 * @property {number} port used when neither `--port` nor PORT says otherwise
 * @property {(body: Record<string, unknown>) => Asked} toAsked
 * @property {(result: unknown) => unknown} toAnswer
 * @property {(repository: unknown, given: { skip: string[], signal: AbortSignal }) => Promise<unknown>} work
 */
/** @typedef {Omit<Shell, "answer"> & Repositories} HttpAgent */
/** @typedef {{ host: string, key?: string | undefined }} Door */

const MAX_BODY = 2 ** 20;
const MAX_AT_ONCE = 4;
const hosts = new Set(["127.0.0.1", "localhost", "[::1]"]);
/** @type {Door} */
export const LOOPBACK = { host: "127.0.0.1" };
const statusOf = /** @type {Record<string, number>} */ ({
  bad_json: 400,
  no_key: 401,
  forbidden: 403,
  no_route: 404,
  bad_method: 405,
  too_large: 413,
  not_json: 415,
  busy: 503,
  internal: 500,
});

/** The program of an agent that is reached by HTTP. @param {HttpAgent} agent */
export const serveAgent = (agent) =>
  runProgram({
    name: agent.name,
    summary: agent.summary,
    usage: `${agent.name}.mjs /path/to/repository      print the analysis as JSON
${agent.name}.mjs --serve [--port ${agent.port}]      answer over HTTP on 127.0.0.1 (PORT works too; 0 takes any free port)
    --or-from <port>       when the port is taken, the first free one from here
    --until-stdin-ends     stop when stdin closes, that is, when whoever started it is gone`,
    options: { serve: { type: "boolean" }, port: { type: "string" }, "or-from": { type: "string" }, "until-stdin-ends": { type: "boolean" } },
    run: async ({ paths, values, signal }) => {
      if (!values.serve) return agent.work(paths[0], { skip: [], signal });
      const port = toPort(values.port ?? process.env.PORT ?? agent.port);
      const server = await startServer(agent, port, values["or-from"] === undefined ? undefined : toPort(values["or-from"]));
      if (values["until-stdin-ends"]) process.stdin.once("close", () => void server.close(0)).resume();
      signal.addEventListener("abort", () => void server.close(5000), { once: true });
      process.stdout.write(`${JSON.stringify({ listening: { name: agent.name, port: server.port } })}\n`);
      await server.closed;
      return undefined;
    },
  });

/** @param {unknown} value */
export function toPort(value) {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Refusal("usage", `${JSON.stringify(value)} is not a port.`);
  return port;
}

/**
 * @param {HttpAgent} agent
 * @param {number} port
 * @param {number} [orFrom]
 */
export const startServer = (agent, port, orFrom) =>
  startShell({ ...agent, answer: async (body, signal) => agent.toAnswer(await carryOut(agent, agent.toAsked(body), signal)) }, LOOPBACK, port, orFrom);

/**
 * @param {Shell} agent
 * @param {Door} door
 * @param {number} port
 * @param {number} [orFrom]
 */
export async function startShell(agent, door, port, orFrom) {
  const stop = new AbortController();
  const startedAt = Date.now();
  const state = { stop: stop.signal, active: 0, uptimeMs: () => Date.now() - startedAt };
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => void answer(agent, door, request, response, state));
  const candidates = orFrom === undefined ? [port] : [port, ...Array.from({ length: 100 }, (_, index) => orFrom + index)];
  const taken = await listenOnFirst(server, candidates, door.host);
  const closed = new Promise((resolve) => server.once("close", resolve));
  const close = (/** @type {number} */ graceMs) => {
    server.close();
    server.closeIdleConnections();
    setTimeout(() => {
      stop.abort(new Refusal("stopping", `${agent.name} is stopping.`));
      setTimeout(() => server.closeAllConnections(), 200).unref();
    }, graceMs).unref();
    return closed;
  };
  return { port: taken, close, closed };
}

/**
 * @param {import("node:http").Server} server
 * @param {number[]} candidates
 * @param {string} host
 * @returns {Promise<number>}
 */
export async function listenOnFirst(server, candidates, host) {
  for (const port of candidates) {
    const error = await new Promise((resolve) => {
      server.once("error", resolve);
      server.listen(port, host, () => {
        server.off("error", resolve);
        resolve(undefined);
      });
    });
    if (error === undefined) return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
    if (error.code !== "EADDRINUSE") throw error;
  }
  throw new Refusal("port_taken", `Port ${candidates[0]} is taken${candidates.length > 1 ? ", and none was free after it" : ""}.`);
}

/**
 * @param {Shell} agent
 * @param {Door} door
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {{ stop: AbortSignal, active: number, uptimeMs: () => number }} state
 */
async function answer(agent, door, request, response, state) {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Refusal("gone", "The caller went away.")));
  const send = (/** @type {number} */ status, /** @type {unknown} */ body) => {
    if (response.destroyed || response.headersSent) return;
    // What is left of a body nobody will read is not waited for.
    const rest = request.complete ? {} : { connection: "close" };
    response.writeHead(status, { "content-type": "application/json", ...rest, ...(status === 503 ? { "retry-after": "5" } : {}) });
    response.end(JSON.stringify(body), () => request.complete || request.destroy());
  };
  try {
    const path = route(agent, door, request);
    if (path === "/health") return send(200, { status: "ok", name: agent.name, active: state.active, uptimeMs: state.uptimeMs(), ...agent.about });
    if (path === "/capabilities") return send(200, { name: agent.name, description: agent.summary, capabilities: agent.capabilities });
    const body = await readBody(request);
    if (state.active >= MAX_AT_ONCE) throw new Refusal("busy", `${agent.name} already works on ${MAX_AT_ONCE} requests.`);
    state.active++;
    try {
      send(200, await agent.answer(body, AbortSignal.any([gone.signal, state.stop])));
    } finally {
      state.active--;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) process.stderr.write(`${agent.name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    const refusal = error instanceof Refusal ? error : new Refusal("internal", "The agent failed; its log says why.");
    send(statusOf[refusal.code] ?? 422, agent.toRefusal(refusal));
  }
}

/**
 * Where it listens, and the key that callers from elsewhere show. @param {{ host?: unknown }} values @returns {Door}
 */
export function toDoor({ host = LOOPBACK.host }) {
  const key = process.env.AGENT_KEY || undefined;
  if (!hosts.has(String(host)) && key === undefined)
    throw new Refusal("usage", `--host ${String(host)} lets others in: set AGENT_KEY to the key they must show as "Authorization: Bearer …".`);
  return { host: String(host), key };
}

/** @param {Door} door @param {import("node:http").IncomingMessage} request @throws Refusal */
export function letIn(door, request) {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (hosts.has(door.host) && !hosts.has(name)) throw new Refusal("forbidden", "This agent answers on the loopback address only.");
  if (request.headers.origin !== undefined) throw new Refusal("forbidden", "This agent does not answer web pages.");
  if (door.key !== undefined && !isSame(request.headers.authorization ?? "", `Bearer ${door.key}`))
    throw new Refusal("no_key", "Show the agent's key: Authorization: Bearer …");
}
/** In the same time, however much of it is right. @param {string} given @param {string} wanted */
function isSame(given, wanted) {
  const [a, b] = [given, wanted].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/**
 * @param {Shell} agent
 * @param {Door} door
 * @param {import("node:http").IncomingMessage} request
 */
function route(agent, door, request) {
  letIn(door, request);
  const path = (request.url ?? "/").replace(/\?.*$/, "");
  const known = path === "/health" || path === "/capabilities" ? "GET" : agent.route.test(path) ? "POST" : undefined;
  if (known === undefined) throw new Refusal("no_route", `${path} is not known here; GET /health, GET /capabilities and POST ${agent.route.source} are.`);
  if (request.method !== known) throw new Refusal("bad_method", `${path} takes ${known}.`);
  if (known === "POST" && !/^application\/json\b/i.test(request.headers["content-type"] ?? "")) throw new Refusal("not_json", "Send application/json.");
  return path;
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<Record<string, unknown>>}
 */
export async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Refusal("too_large", `The body is larger than ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal("bad_json", "The body must be a JSON object.");
}

/**
 * @param {HttpAgent} agent
 * @param {Asked} asked
 * @param {AbortSignal} signal
 */
async function carryOut(agent, asked, signal) {
  const text = typeof asked.text === "string" ? asked.text : "";
  const repository = asked.repository ?? /(?:^|[\s"'`(])(\/[^\s"'`)]+)/.exec(text)?.[1];
  // A connection test says hello; it is told what this is. Work without a repository is refused.
  if (repository === undefined && /^\W*(hello|hi|hey|ping)\b/i.test(text)) return `${agent.name}: ${agent.summary} Give the absolute path of a git work tree.`;
  if (typeof repository === "string" && !isAbsolute(repository))
    throw new Refusal("bad_path", `The repository must be an absolute path; ${JSON.stringify(repository)} is not.`);
  const skip = Array.isArray(asked.skip) ? asked.skip.filter((entry) => typeof entry === "string").slice(0, 5000) : [];
  return agent.work(repository, { skip, signal });
}

/** The last user message of a chat-shaped request. @param {unknown} messages */
export function lastUserText(messages) {
  if (!Array.isArray(messages)) return undefined;
  const message = messages.findLast((entry) => entry?.role === "user");
  return typeof message?.content === "string" ? message.content : undefined;
}
