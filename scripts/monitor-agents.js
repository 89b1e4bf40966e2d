// A small page about the agents of a running server, for a screen on the wall: node scripts/monitor-agents.js
// All it shows comes from the server's API; what it does, start, stop and restart, goes there too.
//   BATON_URL, BATON_API_KEY    the server · MONITOR_PORT (3001) the page, /api/agents, /api/metrics, /api/alerts, POST /api/agents/<id>/<action>
//   MONITOR_WS_PORT (3002)      {type: metrics, metrics, agents} every 10 s and on news, {type: alert, alert} · 0: any free port
//   MONITOR_RECOVER=1           starts again, at most 3 times, an agent whose terminal ended by itself
import { createServer } from "node:http";
import { createClient } from "@baton/client";
import { WebSocketServer } from "ws";

const LOOK_MS = 10_000;
const STALE_MS = 60_000;
const ALERTS = { kept: 100, shown: 20 };
const RECOVERIES = 3;
const ACTIONS = /** @type {const} */ (["start", "stop", "restart", "pause", "resume"]);
const env = process.env;
const client = createClient({ url: env["BATON_URL"] ?? "http://127.0.0.1:8000", apiKey: env["BATON_API_KEY"] });

/** @typedef {{ id: string, type: "info" | "warning" | "error" | "critical", message: string, agentId: string | null, timestamp: string, read: boolean }} Alert */
/** @typedef {{ id: string, name: string, type: string, state: string, health: string, reason: string, load: number, lastActivity: string | null }} Seen */
/** @type {Alert[]} */
const alerts = [];
/** @type {Map<string, Seen>} */
let agents = new Map();
/** @type {Map<string, number>} */
const recoveries = new Map();
/** @type {object | undefined} */
let metrics;
let isReachable = true;
let numbered = 0;

/** @param {import("@baton/contract").Agent} agent */
function healthOf({ status, metadata }) {
  if (status.state === "offline") return "dead";
  if (status.lifecycle === "stopped") return "session_dead";
  if (status.state === "error" || status.health === "critical") return "failed";
  const newest = Math.max(0, ...status.facts.map(({ at }) => Date.parse(at)));
  return metadata["heartbeat"] === true && Date.now() - newest > STALE_MS ? "stale" : "healthy";
}
/** @param {import("@baton/contract").Agent} agent @returns {Seen} */
const toSeen = (agent) => ({
  id: agent.id,
  name: agent.name,
  type: agent.type,
  state: agent.status.state,
  health: healthOf(agent),
  reason: agent.status.reason,
  load: agent.status.load.factor,
  lastActivity: agent.status.facts[0]?.at ?? null,
});

async function look() {
  try {
    const [page, status] = await Promise.all([client.listAgents({ query: { limit: 500 } }), client.getSystemStatus()]);
    if (!isReachable) raise("info", "The server answers again.", null);
    isReachable = true;
    const now = new Map(page.items.map((agent) => [agent.id, toSeen(agent)]));
    for (const seen of now.values()) compare(agents.get(seen.id), seen);
    for (const [id, before] of agents) if (!now.has(id)) raise("warning", `${before.name} is missing: it was removed.`, id);
    agents = now;
    metrics = { ...status, memory: process.memoryUsage().rss, at: new Date().toISOString() };
  } catch (error) {
    if (isReachable) raise("critical", `The server does not answer: ${error instanceof Error ? error.message : String(error)}`, null);
    isReachable = false;
    agents = new Map([...agents].map(([id, seen]) => [id, { ...seen, health: "unreachable" }]));
  }
  send({ type: "metrics", metrics, agents: [...agents.values()] });
}
/** @param {Seen | undefined} before @param {Seen} now */
function compare(before, now) {
  if (before === undefined || before.health === now.health || before.health === "unreachable") return;
  if (now.health === "healthy") return raise("info", `${now.name} is well again.`, now.id);
  raise(now.health === "stale" ? "warning" : "error", `${now.name} is ${now.health}: ${now.reason}`, now.id);
  const tries = recoveries.get(now.id) ?? 0;
  if (env["MONITOR_RECOVER"] !== "1" || now.health !== "failed" || tries >= RECOVERIES) return;
  recoveries.set(now.id, tries + 1);
  client.actOnAgent({ params: { id: now.id }, body: { action: "restart" } }).then(
    () => raise("info", `${now.name} was started again.`, now.id),
    (error) => raise("critical", `${now.name} could not be started again: ${error.message}`, now.id),
  );
}
/** @param {Alert["type"]} type @param {string} message @param {string | null} agentId */
function raise(type, message, agentId) {
  const alert = { id: String(++numbered), type, message, agentId, timestamp: new Date().toISOString(), read: false };
  alerts.unshift(alert);
  alerts.splice(ALERTS.kept);
  send({ type: "alert", alert });
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>Agents</title><style>body{font:14px system-ui;margin:2rem}td,th{padding:.3rem .8rem;text-align:left}
.healthy{color:#070}.stale,.session_dead{color:#a60}.dead,.failed,.unreachable{color:#b00}</style><h1>Agents</h1><table id="agents"></table><h2>Alerts</h2><ul id="alerts"></ul><script>
const cell = (row, text, name) => { const td = row.insertCell(); td.textContent = text ?? ""; if (name) td.className = name; return td; };
function draw(agents) {
  const table = document.getElementById("agents"); table.replaceChildren();
  for (const a of agents) {
    const row = table.insertRow(); cell(row, a.name); cell(row, a.type); cell(row, a.state); cell(row, a.health, a.health); cell(row, Math.round(a.load * 100) + " %"); cell(row, a.reason);
    const acts = cell(row);
    for (const action of ["start", "stop", "restart"]) { const b = document.createElement("button"); b.textContent = action; b.onclick = () => fetch("/api/agents/" + encodeURIComponent(a.id) + "/" + action, { method: "POST", headers: { "x-monitor": "1" } }); acts.append(b); }
  }
}
function tell(alert) { const li = document.createElement("li"); li.textContent = alert.timestamp + " " + alert.type + ": " + alert.message; document.getElementById("alerts").prepend(li); }
fetch("/api/alerts").then((r) => r.json()).then((all) => all.reverse().forEach(tell)); fetch("/api/agents").then((r) => r.json()).then(draw);
new WebSocket("ws://" + location.hostname + ":WS_PORT").onmessage = ({ data }) => { const m = JSON.parse(data); m.type === "alert" ? tell(m.alert) : draw(m.agents); };
</script>`;

/** @param {import("node:http").ServerResponse} response @param {unknown} body */
function answer(response, body, status = 200) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
const page = createServer((request, response) => void handle(request, response));
/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function handle(request, response) {
  const [path = "/"] = (request.url ?? "/").split("?");
  if (request.method === "GET" && path === "/") {
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'self' 'unsafe-inline'; connect-src 'self' ws:",
    });
    return response.end(PAGE.replace("WS_PORT", String(portOf(sockets))));
  }
  if (request.method === "GET" && path === "/api/agents") return answer(response, [...agents.values()]);
  if (request.method === "GET" && path === "/api/metrics") return answer(response, metrics ?? null);
  if (request.method === "GET" && path === "/api/alerts") return answer(response, alerts.slice(0, ALERTS.shown));
  const [, id, wanted] = /^\/api\/agents\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  const action = ACTIONS.find((one) => one === wanted);
  // Another page in the same browser cannot send this header without being asked first.
  if (request.method !== "POST" || id === undefined || action === undefined || request.headers["x-monitor"] === undefined)
    return answer(response, { error: "There is nothing here." }, 404);
  await client.actOnAgent({ params: { id: decodeURIComponent(id) }, body: { action } }).then(
    (agent) => answer(response, toSeen(agent)),
    (error) => answer(response, { error: error.message }, error.status ?? 502),
  );
  void look();
}
/** @param {{ origin: string | undefined }} from */
const isFromHere = ({ origin }) => origin === undefined || /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin);
const sockets = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(env["MONITOR_WS_PORT"] ?? 3002),
  verifyClient: isFromHere,
});
/** @param {object} message */
function send(message) {
  for (const socket of sockets.clients) if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
/** @param {{ address(): unknown }} server */
const portOf = (server) => /** @type {{ port: number }} */ (server.address()).port;

await Promise.all([
  new Promise((resolve) => sockets.once("listening", () => resolve(undefined))),
  new Promise((resolve) => page.listen(Number(env["MONITOR_PORT"] ?? 3001), "127.0.0.1", () => resolve(undefined))),
]);
const timer = setInterval(() => void look(), LOOK_MS);
const leaves = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    clearInterval(timer);
    leaves.abort();
    sockets.close();
    for (const socket of sockets.clients) socket.terminate();
    page.close();
    page.closeAllConnections();
  });
await look();
process.stdout.write(`${JSON.stringify({ page: `http://127.0.0.1:${portOf(page)}`, socket: `ws://127.0.0.1:${portOf(sockets)}` })}\n`);
// What happens to agents is looked at when it happens; the timer is for when nobody tells.
for await (const { type } of client.followEvents({ signal: leaves.signal })) if (type.startsWith("agent.")) void look();
