// One HTTP exchange with the server: address, credentials, JSON, and what to throw when it does not work.
import { toRefusal } from "./to-refusal.ts";
import { Unreachable, reasonOf } from "./unreachable.ts";

export interface ClientSettings {
  /** The server's root, such as `http://127.0.0.1:8000`; in a browser `""` is the page's own server. */
  url: string;
  apiKey?: string | undefined;
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch | undefined;
  /** How long a call may take before it counts as unreachable. Default 60 s. Streams have no such limit. */
  timeoutMs?: number | undefined;
}

export interface Exchange {
  method: string;
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON; undefined: no body. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** @throws Refusal, Unreachable, or the reason of `signal`. */
export async function exchange(settings: ClientSettings, request: Exchange): Promise<Response> {
  const url = settings.url.replace(/\/+$/, "") + request.path;
  const response = await send(settings, url, request);
  if (response.ok) return response;
  const text = await readText(url, response, request.signal);
  throw toRefusal({ url, status: response.status, statusText: response.statusText, retryAfter: response.headers.get("retry-after"), text });
}

async function send(settings: ClientSettings, url: string, request: Exchange): Promise<Response> {
  const doFetch = settings.fetch ?? globalThis.fetch;
  const headers: Record<string, string> = { accept: "application/json", ...request.headers };
  if (settings.apiKey !== undefined) headers["authorization"] = `Bearer ${settings.apiKey}`;
  if (request.body !== undefined) headers["content-type"] = "application/json";
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  try {
    return await doFetch(url, { method: request.method, headers, body, signal: request.signal ?? null });
  } catch (error) {
    throw failureOf(url, error, request.signal);
  }
}

/** The body's text; the connection may still break here. */
export async function readText(url: string, response: Response, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw failureOf(url, error, signal);
  }
}

function failureOf(url: string, error: unknown, signal: AbortSignal | undefined): unknown {
  const timedOut = signal?.aborted === true && signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  if (timedOut) return new Unreachable(url, "it took too long to answer", error);
  return signal?.aborted ? signal.reason : new Unreachable(url, reasonOf(error), error);
}
