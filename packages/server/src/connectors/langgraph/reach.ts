// Calls to one LangGraph server for one agent: JSON there and back, and streams of events. Whatever goes wrong is a failure as data.
import type { Json, LanggraphConnector } from "@baton/contract";
import { createParser } from "eventsource-parser";
import { type Dispatcher, request as send } from "undici";
import type { Clock } from "../../std/clock.ts";
import { MAX_ANSWER_BYTES, parseAgentJson } from "../agent-text.ts";
import type { ConnectorAgent } from "../connector.ts";
import { exchange, type HttpAnswer, type HttpRequest, readText, toFailure } from "../exchange.ts";
import { joinPath, type Outbound } from "../outbound.ts";
import { fillHeaders, type SecretsWorld } from "../request-headers.ts";
import { type Failure, fail } from "../time-limit.ts";

export interface LanggraphWorld extends SecretsWorld {
  clock: Clock;
  outbound: Outbound;
}
export type Called = { ok: true; status: number; value: Json } | (Failure & { status?: number });
export interface StreamedEvent {
  name: string;
  data: Json;
}
export interface Streamed {
  /** Undefined when the stream came to its own end. `broken`: it may be taken up again. */
  failure: Failure | undefined;
  broken: boolean;
  bytes: number;
}
export interface Reach {
  call(method: "GET" | "POST", path: string, body: Json | undefined, signal: AbortSignal, maxBytes?: number): Promise<Called>;
  /** @param begun called with the address the server gives the run, before any event. @param lastEventId where an earlier stream stopped */
  stream(
    asked: { method: "GET" | "POST"; path: string; body?: Json; lastEventId?: string | undefined },
    listener: Listener,
    signal: AbortSignal,
  ): Promise<Streamed>;
}
export interface Listener {
  begun(location: string): void;
  hear(event: StreamedEvent): void;
  eventId(id: string): void;
}

const HEADERS = "connector.headers";
const SHOWN = 2000;
/** Worth another try, says the status itself. */
const UNAVAILABLE_STATUSES = new Set([408, 409, 429, 502, 503, 504]);

export async function openReach(world: LanggraphWorld, agent: ConnectorAgent, settings: LanggraphConnector): Promise<Reach> {
  const own = await fillHeaders(world, settings, agent, HEADERS);
  let left = MAX_ANSWER_BYTES;
  const toRequest = (method: "GET" | "POST", path: string, body: Json | undefined, accept: string): HttpRequest => ({
    method,
    url: joinPath(settings.url, path),
    headers: { accept, "accept-encoding": "identity", ...(body === undefined ? {} : { "content-type": "application/json" }), ...own },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    call: async (method, path, body, signal, maxBytes) => {
      const exchanged = await exchange(world.outbound.dispatcher, toRequest(method, path, body, "application/json"), signal, maxBytes);
      return exchanged.ok ? readCalled(world.clock, exchanged.answer) : exchanged;
    },
    stream: async ({ method, path, body, lastEventId }, listener, signal) => {
      const request = toRequest(method, path, body, "text/event-stream");
      if (lastEventId !== undefined) request.headers["last-event-id"] = lastEventId;
      const streamed = await readEvents(world, request, listener, signal, left);
      left -= streamed.bytes;
      return streamed;
    },
  };
}

async function readEvents(world: LanggraphWorld, request: HttpRequest, listener: Listener, signal: AbortSignal, maxBytes: number): Promise<Streamed> {
  let bytes = 0;
  let failure: Failure | undefined;
  const parser = createParser({
    onEvent: ({ event = "message", data, id }) => {
      if (failure !== undefined) return;
      if (id !== undefined) listener.eventId(id);
      const parsed = parseAgentJson(data === "" ? "null" : data);
      if (parsed.ok) listener.hear({ name: event, data: parsed.value });
      else failure = fail("invalid_response", `The event ${JSON.stringify(event.slice(0, 100))} ${parsed.problem}.`);
    },
  });
  try {
    const response = await send(request.url, { dispatcher: world.outbound.dispatcher, signal, ...request, body: request.body ?? null });
    const refused = await refusalOf(world.clock, response);
    if (refused !== undefined) return { failure: refused, broken: false, bytes };
    const location = response.headers["content-location"];
    if (typeof location === "string") listener.begun(location);
    const decoder = new TextDecoder();
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return { failure: fail("limit", `It said more than ${MAX_ANSWER_BYTES / 1024 / 1024} MB.`), broken: false, bytes };
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (failure !== undefined) return { failure, broken: false, bytes };
    }
    return { failure, broken: false, bytes };
  } catch (error) {
    const problem = toFailure(error);
    return { failure: problem, broken: problem.kind === "unavailable", bytes };
  }
}

/** Undefined when the answer is a stream of events. */
async function refusalOf(clock: Clock, { statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<Failure | undefined> {
  if (status >= 200 && status < 300 && String(headers["content-type"]).startsWith("text/event-stream")) return undefined;
  const text = (await readText(body, MAX_ANSWER_BYTES)) ?? "";
  if (status >= 200 && status < 300)
    return fail("invalid_response", `The answer is no stream of events but ${JSON.stringify(headers["content-type"] ?? "untyped")}.`);
  const retryAfter = headers["retry-after"];
  return toHttpFailure(clock, { status, text, retryAfter: typeof retryAfter === "string" ? retryAfter : undefined });
}

function readCalled(clock: Clock, answer: HttpAnswer): Called {
  const { status, text } = answer;
  if (status < 200 || status > 299) return { ...toHttpFailure(clock, answer), status };
  const parsed = parseAgentJson(text === "" ? "null" : text);
  return parsed.ok ? { ok: true, status, value: parsed.value } : fail("invalid_response", `The answer ${parsed.problem}. It begins: ${text.slice(0, 200)}`);
}

function toHttpFailure(clock: Clock, { status, text, retryAfter }: HttpAnswer): Failure {
  const detail = `HTTP ${status}: ${text.slice(0, SHOWN)}`;
  const until = status === 429 ? toInstant(clock, retryAfter) : undefined;
  if (until !== undefined) return { ...fail("quota", detail), until };
  return fail(UNAVAILABLE_STATUSES.has(status) ? "unavailable" : "agent_error", detail);
}
/** `Retry-After` is a number of seconds or a date. */
function toInstant(clock: Clock, retryAfter: string | undefined): string | undefined {
  if (retryAfter === undefined) return undefined;
  const at = /^\d{1,9}$/.test(retryAfter) ? clock.now() + Number(retryAfter) * 1000 : Date.parse(retryAfter);
  return Number.isFinite(at) ? new Date(at).toISOString() : undefined;
}
