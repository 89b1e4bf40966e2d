// The doors of the graph agent: its card, Agent2Agent 1.0 as JSON-RPC (0.3 for those who speak it), the older envelope at /a2a/message, and health.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Role, TaskState, formatSSEEvent } from "@a2a-js/sdk";
import { LegacyJsonRpcTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";
import { DefaultRequestHandler, JsonRpcTransportHandler, ServerCallContext } from "@a2a-js/sdk/server";
import { Refusal } from "../parts/refusal.mjs";
import { letIn, listenOnFirst, readBody } from "../parts/serve.mjs";
import { textPart } from "./executor.mjs";

export const NAME = "graph-agent";
export const SUMMARY = "Works in five stages: analyzes what is asked, plans, executes step by step, reflects on the results, and finalizes the answer.";
const STATUS = /** @type {Record<string, number>} */ ({
  no_key: 401,
  forbidden: 403,
  no_route: 404,
  bad_method: 405,
  too_large: 413,
  not_json: 415,
  bad_json: 400,
  bad_envelope: 400,
});
/** @param {string} id @param {string} name @param {...string} tags */
const skill = (id, name, ...tags) => ({
  id,
  name,
  tags,
  description: `${name} in five stages.`,
  examples: [],
  inputModes: [],
  outputModes: [],
  securityRequirements: [],
});
const skills = [
  skill("reasoning", "Multi-step reasoning", "analysis", "planning", "reflection"),
  skill("research", "Research and analysis", "analysis", "summaries"),
  skill("writing", "Writing", "reports", "drafts"),
];

/** @param {string} url @returns {import("@a2a-js/sdk").AgentCard} */
const toCard = (url) => ({
  name: NAME,
  description: SUMMARY,
  version: "0.1.0",
  defaultInputModes: ["text/plain", "application/json"],
  defaultOutputModes: ["text/plain"],
  skills,
  capabilities: { streaming: true, pushNotifications: false, extensions: [] },
  supportedInterfaces: ["1.0", "0.3"].map((protocolVersion) => ({ url, protocolBinding: "JSONRPC", tenant: "", protocolVersion })),
  provider: undefined,
  securitySchemes: {},
  securityRequirements: [],
  signatures: [],
});

/**
 * @param {{ executor: ReturnType<typeof import("./executor.mjs").openExecutor>, memory: import("./memory.mjs").Memory, about: Record<string, unknown>,
 *   door: import("../parts/serve.mjs").Door, port: number, publicUrl?: string | undefined, log: (line: string) => void }} given `publicUrl`: as others reach it; told in the card
 */
export async function startServer({ executor, memory, about, door, port, publicUrl, log }) {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    serve(request, response).catch((/** @type {unknown} */ error) => {
      if (!(error instanceof Refusal)) log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const { code, message } = error instanceof Refusal ? error : { code: "internal", message: "The agent failed; its log says why." };
      if (response.headersSent) return void response.destroy();
      send(response, STATUS[code] ?? 500, { error: message, code });
    });
  });
  const taken = await listenOnFirst(server, [port], door.host);
  const card = toCard(publicUrl ?? `http://127.0.0.1:${taken}`);
  const requests = new DefaultRequestHandler(card, memory.tasks, executor);
  const current = new JsonRpcTransportHandler(requests);
  const old = new LegacyJsonRpcTransportHandler(requests);

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async function serve(request, response) {
    letIn(door, request);
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    if (request.method === "GET" && path === "/health") return send(response, 200, { status: "ok", name: NAME, active: executor.active(), ...about });
    if (request.method === "GET" && path === "/.well-known/agent-card.json") return send(response, 200, card);
    if (path !== "/" && path !== "/a2a/message")
      throw new Refusal("no_route", `${path} is not known here; GET /health, GET /.well-known/agent-card.json, POST / and POST /a2a/message are.`);
    if (request.method !== "POST") throw new Refusal("bad_method", `${path} takes POST.`);
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) throw new Refusal("not_json", "Send application/json.");
    const body = await readBody(request);
    if (path === "/a2a/message") return send(response, 200, await answerEnvelope(body, response));
    await answerCall(body, String(request.headers["a2a-version"] ?? ""), response);
  }

  /** @param {Record<string, unknown>} body @param {string} requestedVersion @param {import("node:http").ServerResponse} response */
  async function answerCall(body, requestedVersion, response) {
    // 1.0 names its methods in Pascal case, 0.3 in paths.
    const handler = String(body.method).includes("/") ? old : current;
    const answer = await handler.handle(JSON.stringify(body), new ServerCallContext({ requestedVersion }));
    if (!(Symbol.asyncIterator in answer)) return send(response, 200, answer);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    // To the end, also when nobody listens any more: what is told is kept with the task as it passes here.
    for await (const event of answer) if (!response.destroyed) response.write(formatSSEEvent(event));
    response.end();
  }

  /** One POST and one answer like it; whoever goes away cancels. @param {Record<string, unknown>} body @param {import("node:http").ServerResponse} response */
  async function answerEnvelope(body, response) {
    const { sender, session_id: session = "", content } = body;
    const { description, context } = /** @type {{ description?: unknown, context?: unknown }} */ (content ?? {});
    if (typeof sender !== "string" || typeof session !== "string" || typeof description !== "string" || body.message_type !== "request")
      throw new Refusal(
        "bad_envelope",
        'An envelope is {"sender", "receiver", "message_type": "request", "session_id", "content": {"description", "context"}}.',
      );
    const parts = [textPart(description), ...(context === undefined || context === null ? [] : [textPart(`Context (JSON):\n${JSON.stringify(context)}`)])];
    let taskId = "";
    const cancel = () => void requests.cancelTask(/** @type {any} */ ({ id: taskId }), anyone()).catch(() => undefined);
    response.once("close", cancel);
    for await (const { payload } of requests.sendMessageStream(toSending({ parts, contextId: session }, false), anyone()))
      if (payload?.$case === "task") taskId = payload.value.id;
    response.off("close", cancel);
    const task = await requests.getTask(/** @type {any} */ ({ id: taskId }), anyone());
    const isDone = task.status?.state === TaskState.TASK_STATE_COMPLETED;
    const told = (isDone ? task.artifacts.flatMap(({ parts }) => parts) : (task.status?.message?.parts ?? []))
      .map(({ content }) => (content?.$case === "text" ? content.value : ""))
      .join("\n");
    const about = {
      status: isDone ? "success" : "error",
      response: told,
      data: { task_id: task.id, state: TaskState[task.status?.state ?? 0], ...task.artifacts[0]?.metadata },
    };
    return { sender: body.receiver ?? NAME, receiver: sender, message_type: "response", session_id: task.contextId, content: about };
  }

  return {
    port: taken,
    /** Goes on with what an earlier life of this agent left. */
    resume: async () => {
      for (const { id, contextId, history } of memory.tasks.unfinished()) {
        log(`going on with task ${id}`);
        await requests.sendMessage(toSending({ parts: history[0]?.parts ?? [], contextId, taskId: id }, true), anyone());
      }
    },
    close: async () => {
      server.close();
      await executor.stop();
      server.closeAllConnections();
    },
  };
}

const anyone = () => new ServerCallContext({ requestedVersion: "1.0" });
/** @param {{ parts: import("@a2a-js/sdk").Part[], contextId: string, taskId?: string }} message @param {boolean} returnImmediately @returns {import("@a2a-js/sdk").SendMessageRequest} */
const toSending = ({ parts, contextId, taskId = "" }, returnImmediately) => ({
  tenant: "",
  message: { messageId: randomUUID(), contextId, taskId, role: Role.ROLE_USER, parts, metadata: undefined, extensions: [], referenceTaskIds: [] },
  configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: undefined, returnImmediately },
  metadata: undefined,
});

/** @param {import("node:http").ServerResponse} response @param {number} status @param {unknown} body */
function send(response, status, body) {
  if (!response.destroyed) response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
