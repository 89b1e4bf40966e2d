// A tool server behind HTTP: MCP's streamable transport of the official SDK, led through `outbound` and bounded.
import { type FetchLike, type JSONRPCMessage, StreamableHTTPClientTransport, type Transport, type TransportSendOptions } from "@modelcontextprotocol/client";
import { request } from "undici";
import { MAX_ANSWER_BYTES } from "./agent-text.ts";
import type { Outbound } from "./outbound.ts";
import { type Failure, fail } from "./time-limit.ts";
import { isRequest } from "./tool-server-program.ts";

/** How long what was said last, such as that a call is cancelled, may take to arrive before the connections are closed. */
const LEAVE_MS = 500;
const WITHOUT_BODY = [101, 204, 205, 304];

/** @param faulty is told why nothing more can come of it, when that is not an answer to a request. */
export function openHttpTransport(outbound: Outbound, url: string, headers: Record<string, string>, faulty: (failure: Failure) => void): Transport {
  const http = new StreamableHTTPClientTransport(new URL(url), { fetch: fetchThrough(outbound, faulty), requestInit: { headers, redirect: "manual" } });
  const answered = new Set<unknown>();
  const sending = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;

  async function send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    const id = isRequest(message) && "id" in message ? message.id : undefined;
    const onRequestStreamEnd = (): void => {
      options.onRequestStreamEnd?.();
      // The SDK waits on for an answer that cannot come any more.
      if (id !== undefined && !answered.delete(id)) faulty(fail("unavailable", "The tool server closed the connection before it answered."));
    };
    const sent = http.send(message, { ...withoutUndefined(options), onRequestStreamEnd });
    if (id !== undefined) return sent;
    sending.add(sent);
    return sent.finally(() => sending.delete(sent));
  }
  async function leave(): Promise<void> {
    const farewell = Promise.allSettled(sending).then(() => http.terminateSession());
    // That it did not hear the farewell is its own affair: its sessions run out.
    await Promise.race([farewell.catch(() => undefined), new Promise((done) => setTimeout(done, LEAVE_MS).unref())]);
    await http.close();
  }
  const transport: Transport = {
    start: () => http.start(),
    send,
    close: () => (closing ??= leave()),
    setProtocolVersion: (version) => http.setProtocolVersion(version),
    hasPerRequestStream: true,
    get sessionId() {
      return http.sessionId;
    },
  };
  // Callbacks of the SDK's own, which knows no event listeners.
  Object.assign(http, {
    onmessage: (message: JSONRPCMessage) => {
      if ("id" in message && !("method" in message)) answered.add(message.id);
      transport.onmessage?.(message);
    },
    onerror: (error: Error) => transport.onerror?.(error),
    onclose: () => transport.onclose?.(),
  } satisfies Partial<Transport>);
  return transport;
}

function withoutUndefined({ resumptionToken, onresumptiontoken, requestSignal, headers }: TransportSendOptions) {
  return {
    ...(resumptionToken === undefined ? {} : { resumptionToken }),
    ...(onresumptiontoken === undefined ? {} : { onresumptiontoken }),
    ...(requestSignal === undefined ? {} : { requestSignal }),
    ...(headers === undefined ? {} : { headers }),
  };
}

/** `fetch` as the SDK wants it. Follows no redirects; a body longer than allowed is a fault and breaks off. */
function fetchThrough(outbound: Outbound, faulty: (failure: Failure) => void): FetchLike {
  return async (url, init) => {
    const response = await request(url, {
      dispatcher: outbound.dispatcher,
      method: init?.method ?? "GET",
      headers: { "accept-encoding": "identity", ...Object.fromEntries(new Headers(init?.headers)) },
      body: typeof init?.body === "string" ? init.body : null,
      signal: init?.signal ?? null,
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
    if (WITHOUT_BODY.includes(response.statusCode)) {
      await response.body.dump();
      return new Response(null, { status: response.statusCode, headers });
    }
    return new Response(ReadableStream.from(bounded(response.body, faulty)), { status: response.statusCode, headers });
  };
}

async function* bounded(body: AsyncIterable<Buffer>, faulty: (failure: Failure) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      const failure = fail("limit", `The tool server wrote more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB in one answer.`);
      faulty(failure);
      throw new Error(failure.detail);
    }
    yield chunk;
  }
}
