// A real HTTP server that gives the contract's answers to the few calls a test needs, and keeps what it was sent.
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Event, Refusal, type Step, type Task, toProblem } from "@baton/contract";

export interface Received {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage["headers"];
  body: unknown;
}
/** `GET /api/v1/tasks` -> the answer, or a Refusal. */
export type Answers = Record<string, (received: Received) => unknown>;
export interface TinyServer {
  url: string;
  received: Received[];
  close(): Promise<void>;
}

export async function openTinyServer(answers: Answers, events: readonly Event[] = []): Promise<TinyServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const body = await text(request);
    const call: Received = {
      method: request.method ?? "",
      path,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: body === "" ? undefined : JSON.parse(body),
    };
    received.push(call);
    if (request.headers.accept === "text/event-stream") return stream(response, events, Number(call.query["after"] ?? 0));
    const found = (answers[`${call.method} ${path}`] ?? nothing)(call);
    const [status, document] = found instanceof Refusal ? [found.status, toProblem(found)] : [200, found];
    response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" }).end(JSON.stringify(document));
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const nothing = ({ method, path }: Received) => new Refusal("not_found", `There is no ${method} ${path}.`);

function stream(response: ServerResponse, events: readonly Event[], after: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events.filter(({ seq }) => seq > after)) response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
}

const AT = "2026-01-02T03:04:05.000Z";

export const aStep = (given: Partial<Step> = {}): Step => ({
  id: "work",
  title: "Work",
  description: "Do it",
  requirements: [],
  tools: [],
  agent: null,
  needs: [],
  continues: null,
  status: "completed",
  reason: "Done by worker-1.",
  check: null,
  output: "fine",
  artifacts: [],
  attempts: [],
  startedAt: AT,
  completedAt: "2026-01-02T03:04:06.500Z",
  ...given,
});

export const aTask = (given: Partial<Task> = {}): Task => ({
  id: "task-1",
  seq: 1,
  title: "Count words",
  description: "Count the words",
  type: "general",
  requirements: [],
  tools: [],
  priority: "normal",
  pattern: "single",
  projectId: null,
  sessionId: null,
  status: "completed",
  reason: "Every step completed.",
  waitingFor: null,
  failure: null,
  stepsTotal: 1,
  stepsDone: 1,
  createdAt: AT,
  startedAt: AT,
  completedAt: "2026-01-02T03:04:07.000Z",
  payload: null,
  files: [],
  language: null,
  repository: null,
  dependsOn: [],
  constraints: {},
  metadata: {},
  steps: [aStep()],
  result: "42 words",
  cost: null,
  budget: null,
  coordination: null,
  ...given,
});

export const anEvent = (seq: number, type: Event["type"], given: Partial<Event> = {}): Event => ({
  seq,
  at: AT,
  type,
  taskId: "task-1",
  stepId: null,
  attemptId: null,
  agentId: null,
  data: {},
  ...given,
});
