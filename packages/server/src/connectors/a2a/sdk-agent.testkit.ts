// An agent on the SDK's own server, 1.0 and 0.3 below one address: what others build agents with. JSON-RPC over node:http.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AgentCard, formatSSEEvent, type Part, Role, type Task, TaskState } from "@a2a-js/sdk";
import { LegacyJsonRpcTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type ExecutionEventBus,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  ServerCallContext,
} from "@a2a-js/sdk/server";

const textPart = (value: string): Part => ({ content: { $case: "text", value }, metadata: undefined, filename: "", mediaType: "" });
const textOf = (parts: readonly Part[]): string => parts.map(({ content }) => (content?.$case === "text" ? content.value : "")).join("");

/** `slow`: works until it is cancelled. `ask`: asks once. Anything else comes back word by word, as one artifact. */
class Echo implements AgentExecutor {
  readonly running = new Map<string, () => void>();
  async execute(context: RequestContext, bus: ExecutionEventBus): Promise<void> {
    const { taskId, contextId, task, userMessage } = context;
    const said = textOf(userMessage.parts);
    const status = (state: TaskState, text?: string) => ({
      state,
      timestamp: new Date().toISOString(),
      message:
        text === undefined ? undefined : { ...userMessage, messageId: crypto.randomUUID(), role: Role.ROLE_AGENT, taskId, contextId, parts: [textPart(text)] },
    });
    const tell = (state: TaskState, text?: string): void =>
      bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: status(state, text), metadata: undefined }));
    const begun: Task = task ?? { id: taskId, contextId, status: status(TaskState.TASK_STATE_SUBMITTED), artifacts: [], history: [], metadata: undefined };
    bus.publish(AgentEvent.task({ ...begun, status: status(TaskState.TASK_STATE_WORKING) }));
    if (said === "ask" && task === undefined) tell(TaskState.TASK_STATE_INPUT_REQUIRED, "Which colour?");
    else if (said === "slow") {
      tell(TaskState.TASK_STATE_WORKING, "at it");
      await new Promise<void>((resolve) => this.running.set(taskId, resolve));
      tell(TaskState.TASK_STATE_CANCELED);
    } else {
      for (const [at, word] of said.split(/(?<= )/).entries()) {
        const artifact = { artifactId: "words", name: "words", description: "", parts: [textPart(word)], metadata: undefined, extensions: [] };
        bus.publish(AgentEvent.artifactUpdate({ taskId, contextId, artifact, append: at > 0, lastChunk: false, metadata: undefined }));
      }
      tell(TaskState.TASK_STATE_COMPLETED);
    }
    bus.finished();
  }
  async cancelTask(taskId: string): Promise<void> {
    this.running.get(taskId)?.();
    this.running.delete(taskId);
  }
}

export async function startSdkAgent(version: "1.0" | "0.3", streaming: boolean): Promise<{ url: string; running(): number; close(): Promise<void> }> {
  const echo = new Echo();
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const about = {
    name: "Echo",
    description: "Says it again.",
    version: "1",
    defaultInputModes: ["text/plain"],
    defaultOutputModes: ["text/plain"],
    skills: [],
  };
  const capabilities = { streaming, pushNotifications: false, extensions: [] };
  const card: AgentCard = {
    ...about,
    capabilities,
    supportedInterfaces: [{ url, protocolBinding: "JSONRPC", tenant: "", protocolVersion: version }],
    provider: undefined,
    securitySchemes: {},
    securityRequirements: [],
    signatures: [],
  };
  const served = version === "1.0" ? card : { ...about, capabilities: { streaming }, protocolVersion: "0.3.0", url, preferredTransport: "JSONRPC" };
  const requests = new DefaultRequestHandler(card, new InMemoryTaskStore(), echo);
  const handler = version === "1.0" ? new JsonRpcTransportHandler(requests) : new LegacyJsonRpcTransportHandler(requests);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === "/.well-known/agent-card.json") return void response.setHeader("content-type", "application/json").end(JSON.stringify(served));
    if (request.method !== "POST" || request.url !== "/") return void response.writeHead(404).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const requestedVersion = String(request.headers["a2a-version"]);
    const answer = await handler.handle(Buffer.concat(chunks).toString(), new ServerCallContext({ requestedVersion }));
    if (!(Symbol.asyncIterator in answer)) return void response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    response.writeHead(200, { "content-type": "text/event-stream" });
    for await (const event of answer) response.write(formatSSEEvent(event));
    response.end();
  }
  return {
    url,
    running: () => echo.running.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
