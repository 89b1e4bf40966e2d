// One request out, one bounded answer back. What goes wrong on the way is a failure as data.
import { Refusal } from "@baton/contract";
import { type Dispatcher, errors, request as send } from "undici";
import { MAX_ANSWER_BYTES } from "./agent-text.ts";
import { type Failure, fail } from "./time-limit.ts";

export interface HttpRequest {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string | undefined;
}

export interface HttpAnswer {
  status: number;
  text: string;
  retryAfter: string | undefined;
}
export type Exchanged = { ok: true; answer: HttpAnswer } | Failure;

/** Nobody answered, or stopped half-way: another try may go better. */
const UNAVAILABLE = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "EMFILE",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_CLOSED",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_DESTROYED",
  "UND_ERR_SOCKET",
]);

const NOT_HTTP = new Set(["UND_ERR_HEADERS_OVERFLOW", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"]);

/** Never rejects. After `signal` it fails at once and the connection is gone. */
export async function exchange(dispatcher: Dispatcher, request: HttpRequest, signal: AbortSignal, maxBytes = MAX_ANSWER_BYTES): Promise<Exchanged> {
  try {
    const response = await send(request.url, { dispatcher, signal, method: request.method, headers: request.headers, body: request.body ?? null });
    const text = await readText(response.body, maxBytes);
    if (text === undefined) return fail("limit", `The answer is longer than ${Math.floor(maxBytes / 1024)} KiB.`);
    const retryAfter = response.headers["retry-after"];
    return { ok: true, answer: { status: response.statusCode, text, retryAfter: typeof retryAfter === "string" ? retryAfter : undefined } };
  } catch (error) {
    return toFailure(error);
  }
}

/** The body as text; undefined when there is more than `maxBytes`; the rest is not waited for. */
export async function readText(body: Dispatcher.ResponseData["body"], maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined; // Leaving the loop destroys the body and its connection.
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function toFailure(error: unknown): Failure {
  if (error instanceof Refusal) return fail("agent_error", error.message);
  const message = error instanceof Error ? error.message || error.name : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (UNAVAILABLE.has(code)) return fail("unavailable", `The agent could not be reached: ${message} (${code}).`);
  if (error instanceof errors.HTTPParserError || NOT_HTTP.has(code)) return fail("invalid_response", `The answer is not HTTP: ${message}.`);
  return fail("agent_error", code === "" ? message : `${message} (${code})`);
}
