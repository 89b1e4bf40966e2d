// A tiny A2A agent for tests, written without the SDK. Ends when its stdin does; says {"port": n} on stdout when it listens on 127.0.0.1.
// One agent lives below each path, with a card of its own: /new and /new-poll speak 1.0 by JSON-RPC, with a stream and without; /rest speaks 1.0 by
// HTTP+JSON; /old and /old-poll speak 0.3; /push pushes; /envelope speaks the older envelope. GET /open tells how many pieces of work it is
// still on; GET /seen/{messageId} what came about a message; POST /forget ends all it is on.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { answers, behaviours, broken } from "./a2a-behaviours.mjs";
import { v03, v1 } from "./a2a-wire.mjs";

const agents = {
  "/new": { wire: v1, capabilities: { streaming: true } },
  "/new-poll": { wire: v1, capabilities: {} },
  "/rest": { wire: v1, capabilities: { streaming: true }, binding: "HTTP+JSON" },
  "/old": { wire: v03, capabilities: { streaming: true } },
  "/old-poll": { wire: v03, capabilities: {} },
  "/push": { wire: v1, capabilities: { pushNotifications: true } },
  "/text-only": { wire: v1, capabilities: { streaming: true }, modes: ["text/plain"] },
  "/grpc": { wire: v1, capabilities: {}, binding: "GRPC" },
  "/far": { wire: v1, capabilities: {}, address: "http://169.254.169.254/" },
};
const skills = [
  { id: "code_review", name: "Review code", description: "Reads changes.", tags: ["typescript", "git"] },
  { id: "translate", name: "translate", description: "Translates.", tags: [] },
];
const ENDED = ["completed", "failed", "canceled", "rejected"];
const tasks = new Map();
const seen = new Map();
const openResponses = new Set();

const json = (response, status, body, headers = {}) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const note = (messageId, what) => seen.set(messageId, [...(seen.get(messageId) ?? []), what]);

class Task {
  id = randomUUID();
  state = "submitted";
  artifacts = [];
  listeners = new Set();
  events = [];
  constructor(wire, contextId, word, pushConfig) {
    Object.assign(this, { wire, contextId, word, pushConfig, at: new Date().toISOString() });
    tasks.set(this.id, this);
  }
  tell(event) {
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
  }
  snapshot() {
    this.tell({ task: true });
  }
  status(state, said, metadata) {
    this.state = state;
    this.at = new Date().toISOString();
    if (metadata) this.metadata = { ...this.metadata, ...metadata };
    this.message = said === undefined ? undefined : { messageId: randomUUID(), parts: [{ text: said }] };
    this.tell({ status: this.wire.status(this), metadata, final: ENDED.includes(state) || state === "input" || state === "auth" });
  }
  artifact(artifact, more = {}) {
    const known = this.artifacts.find(({ id }) => id === artifact.id);
    if (known && more.append) known.parts = [{ text: known.parts[0].text + artifact.parts[0].text }];
    else this.artifacts = [...this.artifacts.filter(({ id }) => id !== artifact.id), { ...artifact }];
    this.tell({ artifact, ...more });
  }
  reply(message) {
    tasks.delete(this.id);
    this.tell({ message });
  }
  isStreamed() {
    return this.streamed === true;
  }
  /** Says something although it has ended. */
  force(say) {
    say();
  }
  cut() {
    this.tell({ cut: true });
  }
  forget() {
    tasks.delete(this.id);
  }
  push() {
    const { url, token } = this.pushConfig ?? {};
    if (url !== undefined)
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/a2a+json", "x-a2a-notification-token": token },
        body: JSON.stringify(v1.result({ task: true }, this)),
      }).catch(() => undefined);
  }
}

const textOf = (message) => message.parts.flatMap((part) => part.text ?? []).join("\n");
const isOpen = (task) => !ENDED.includes(task.state) && task.state !== "input" && task.state !== "auth";

/** A message came: a new task, or an answer for one. */
function begin(agent, { message, configuration = {} }, headers) {
  const description = textOf(message);
  const known = message.taskId ? tasks.get(message.taskId) : undefined;
  const call = { description, message, headers };
  if (known) {
    known.events = [];
    return { task: known, go: () => answers[known.word](known, call) };
  }
  const word = description.split(/\s/)[0];
  const config = configuration.taskPushNotificationConfig;
  const task = new Task(agent.wire, message.contextId || randomUUID(), word, config);
  return { task, go: () => (behaviours[word] ?? behaviours.echo)(task, call) };
}

/** Writes what the task tells as events, until it ends or waits. */
function stream(agent, task, response, frame, go) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(": hello\n\n");
  const listener = (event) => {
    // Without an end, but after what was said has gone out.
    if (event.cut) return response.write(": so much\n\n", () => response.socket?.destroy());
    response.write(`data: ${JSON.stringify(frame(agent.wire.result(event, task)))}\n\n`);
    if (event.message || event.final) setImmediate(() => response.end());
  };
  task.streamed = true;
  task.listeners.add(listener);
  response.on("close", () => task.listeners.delete(listener));
  go(listener);
}

const rpcError = (code, message) => ({ error: { code, message } });
const NO_TASK = rpcError(-32001, "Task not found");
const NO_METHOD = rpcError(-32601, "Method not found");

function handle(agent, method, params, headers, response, frame) {
  const { wire } = agent;
  const streams = method === "stream";
  if (method === "send" || streams) {
    const problem = wire.problem(params, headers);
    if (problem !== undefined) return json(response, 200, frame(undefined, rpcError(-32602, problem)));
    note(params.message.messageId, { method, contextId: params.message.contextId, taskId: params.message.taskId });
    const word = textOf(params.message).split(/\s/)[0];
    if (word === "error") return json(response, 200, frame(undefined, rpcError(-32603, "Something is on fire")));
    if (broken[word]) return broken[word](response, streams, response.rpcId, (event) => frame(wire.result(event, { id: "t", contextId: "c" })));
    if (streams && !agent.capabilities.streaming) return json(response, 200, frame(undefined, NO_METHOD));
    const { task, go } = begin(agent, params, headers);
    if (!streams) {
      let reply;
      task.listeners.add((event) => (reply ??= event.message));
      go();
      return json(response, 200, frame(wire.result(reply ? { message: reply } : { task: true }, task)));
    }
    return stream(agent, task, response, frame, (listener) => {
      if (task.word !== "message" && task.word !== "disorder") listener({ task: true });
      go();
    });
  }
  const task = tasks.get(params.id);
  if (task === undefined) return json(response, 200, frame(undefined, NO_TASK));
  if (method === "get") {
    task.onLook?.();
    return json(response, 200, frame(wire.task(task)));
  }
  if (method === "cancel") {
    if (!isOpen(task) && ENDED.includes(task.state)) return json(response, 200, frame(undefined, rpcError(-32002, "Task cannot be canceled")));
    task.status("canceled");
    return json(response, 200, frame(wire.task(task)));
  }
  if (method !== "resume" || task.noResume || ENDED.includes(task.state)) return json(response, 200, frame(undefined, NO_METHOD));
  return stream(agent, task, response, frame, (listener) => listener({ task: true }));
}

function serveRpc(agent, body, headers, response) {
  const { id, method: name, params } = body;
  const method = Object.entries(agent.wire.methods).find(([, wired]) => wired === name)?.[0];
  const frame = (result, error) => ({ jsonrpc: "2.0", id, ...(error ?? { result }) });
  response.rpcId = id;
  if (method === undefined) return json(response, 200, frame(undefined, NO_METHOD));
  handle(agent, method, params, headers, response, frame);
}

const REASONS = { [-32001]: [404, "TASK_NOT_FOUND"], [-32002]: [409, "TASK_NOT_CANCELABLE"], [-32601]: [400, "UNSUPPORTED_OPERATION"] };
function serveRest(agent, path, body, request, response) {
  const [, id, action] = /^\/tasks\/([^:?]+)(?::(\w+))?$/.exec(path) ?? [];
  const method = { "/message:send": "send", "/message:stream": "stream" }[path] ?? { cancel: "cancel", subscribe: "resume" }[action] ?? "get";
  const frame = (result, error) => {
    if (!error) return result;
    const [status = 500, reason = "INTERNAL_ERROR"] = REASONS[error.error.code] ?? [];
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "a2a-protocol.org" }];
    return { error: { code: status, status: "FAILED", message: error.error.message, details } };
  };
  const answer = { ...body, ...(id === undefined ? {} : { id }) };
  handle(agent, method, answer, request.headers, restResponse(response), frame);
}
/** Errors have a status of their own here. */
function restResponse(response) {
  const writeHead = response.writeHead.bind(response);
  const end = response.end.bind(response);
  let held;
  response.writeHead = (status, headers) => {
    held = [status, headers];
    if (headers?.["content-type"] === "application/json" && status === 200) return response;
    held = undefined;
    return writeHead(status, headers);
  };
  response.end = (text) => {
    if (held) {
      const code = text.startsWith('{"error":{"code":') ? JSON.parse(text).error.code : held[0];
      writeHead(code, held[1]);
    }
    return end(text);
  };
  return response;
}

const envelopes = {
  fail: () => ({ status: "error", response: "I cannot do that", data: {} }),
  reveal: (call, headers) => ({ status: "success", response: "", data: { call, headers } }),
  both: () => ({ status: "success", response: "Three.", data: { total: 3 } }),
  echo: (call) => ({ status: "success", response: call.content.description, data: {} }),
  nul: () => ({ status: "success", response: "a\u0000b", data: {} }),
};
function serveEnvelope(body, headers, response) {
  const word = body.content.description.split(" ")[0];
  if (word === "hang") return;
  if (word === "twice") {
    const text = JSON.stringify({ message_type: "response", content: { status: "success", response: "first", data: {} } });
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`;
    return response.socket.end(head + text + head + text.replace("first", "other"));
  }
  if (broken[word]) return broken[word](response, false, 1);
  const content = (envelopes[word] ?? envelopes.echo)(body, headers);
  json(response, 200, { sender: body.receiver, receiver: body.sender, message_type: "response", session_id: body.session_id, content, metadata: {} });
}

function serve(request, response, text) {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (url.pathname === "/open") return json(response, 200, { open: openResponses.size - 1 + [...tasks.values()].filter(isOpen).length });
  if (url.pathname.startsWith("/seen/")) return json(response, 200, seen.get(decodeURIComponent(url.pathname.slice("/seen/".length))) ?? []);
  if (url.pathname === "/envelope") return serveEnvelope(JSON.parse(text), request.headers, response);
  const prefix = Object.keys(agents).find((one) => url.pathname === one || url.pathname.startsWith(`${one}/`));
  if (prefix === undefined) return json(response, 404, {});
  const agent = agents[prefix];
  const path = url.pathname.slice(prefix.length);
  if (path === "/.well-known/agent-card.json") {
    const base = agent.address ?? `http://${request.headers.host}${prefix}`;
    const { wire, capabilities, binding = "JSONRPC", modes = ["text/plain", "application/json"] } = agent;
    const about = { name: "Fake", description: "Does as it is told.", version: "1.2.3", skills, defaultInputModes: modes, defaultOutputModes: ["text/plain"] };
    return json(response, 200, { ...about, ...wire.card(base, capabilities, binding) });
  }
  const body = text === "" ? {} : JSON.parse(text);
  if (agent.binding === "HTTP+JSON") serveRest(agent, path, body, request, response);
  else if (path === "") serveRpc(agent, body, request.headers, response);
  else json(response, 404, {});
}

const server = createServer((request, response) => {
  openResponses.add(response);
  response.once("close", () => openResponses.delete(response));
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => serve(request, response, text));
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
