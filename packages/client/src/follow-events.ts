// Events as they happen, over Server-Sent Events, resumed from the last one seen when the connection breaks: the caller
// sees every event once and in order, or an error that trying again would not cure.
import { type Event, Refusal } from "@baton/contract";
import { type EventSourceMessage, createParser } from "eventsource-parser";
import { backoffMs, wait } from "./backoff.ts";
import { toQueryString } from "./calls.ts";
import { type ClientSettings, exchange } from "./transport.ts";
import { Unreachable, reasonOf } from "./unreachable.ts";

export interface FollowOptions {
  /** Events with a greater `seq`. Default: from now on; 0 is from the beginning of the log. */
  after?: number | undefined;
  taskId?: string | undefined;
  agentId?: string | undefined;
  /** One type, or the part before its dot with `.*`: `task.*`. */
  type?: string | undefined;
  /** Told when the stream is open, and when it broke and will be opened again. For those who show whether they are live. */
  onConnection?: ((isOpen: boolean) => void) | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
}

const BACKOFF = { leastMs: 200, mostMs: 5000 };
/** The server sends something every 15 s; after three silent intervals the connection is dead. */
const SILENCE_MS = 45_000;

/** @throws Refusal for what the server will keep refusing (bad input, credentials). */
export async function* followEvents(settings: ClientSettings, options: FollowOptions = {}): AsyncGenerator<Event, void, undefined> {
  const { signal } = options;
  let cursor = options.after;
  let failures = 0;
  while (!signal?.aborted) {
    try {
      for await (const message of readStream(settings, options, cursor)) {
        failures = 0;
        if (message.event === "cursor") cursor ??= Number(message.id);
        else {
          const event = JSON.parse(message.data) as Event;
          if (cursor !== undefined && event.seq <= cursor) continue;
          cursor = event.seq;
          yield event;
        }
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isPassing(error)) throw error;
    }
    options.onConnection?.(false);
    await wait(backoffMs(BACKOFF, failures++), signal);
  }
}

/** Whether trying again may help: the server is away, starting, stopping or too busy. */
function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refusal && (error.status === 429 || error.status >= 500));
}

/** One connection, until it ends or breaks. */
async function* readStream(settings: ClientSettings, options: FollowOptions, cursor: number | undefined): AsyncGenerator<EventSourceMessage> {
  const { signal, after: _, onConnection, ...filter } = options;
  const silence = new AbortController();
  const both = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  const path = `/api/v1/events${toQueryString({ ...filter, after: cursor })}`;
  // Runs only while we wait for the server: a caller that takes its time is not a dead connection.
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await exchange(settings, { method: "GET", path, headers: headersFrom(cursor), signal: both });
    onConnection?.(true);
    for await (const messages of readMessages(response)) {
      clearTimeout(timer);
      yield* messages;
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    }
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unreachable || signal?.aborted) throw error;
    throw new Unreachable(settings.url, reasonOf(error), error);
  } finally {
    clearTimeout(timer);
    // Also when the caller stopped iterating: the connection must not outlive the loop.
    silence.abort();
  }
}

const headersFrom = (cursor: number | undefined): Record<string, string> => ({
  accept: "text/event-stream",
  ...(cursor === undefined ? {} : { "last-event-id": String(cursor) }),
});

/** The messages of each chunk that arrives; an empty list for a chunk that holds only part of one, or a heartbeat. */
async function* readMessages(response: Response): AsyncGenerator<EventSourceMessage[]> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let ready: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => ready.push(message) });
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    parser.feed(decoder.decode(chunk.value, { stream: true }));
    const messages = ready;
    ready = [];
    yield messages;
  }
}
