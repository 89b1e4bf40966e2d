// Events over Server-Sent Events, and as a page of the log for who does not ask for a stream.
// The first message, `event: cursor`, says from where the stream runs, so that a reader whose connection breaks before the
// first event still resumes without a gap. A slow reader is waited for: nothing is read from the log meanwhile.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type RouteParsed, parse, routes } from "@baton/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { EVERYWHERE } from "../access/access.ts";
import type { ApiWorld, EventsDoor } from "./api-world.ts";
import { configOf, reachOf } from "./mount.ts";
import type { Pulse } from "./pulse.ts";
import { judgeReach } from "./reach.ts";
import { eventsInSight } from "./sight.ts";

type EventsQuery = RouteParsed<"followEvents", "query">;
const { path, query: querySchema } = routes.followEvents;

export function mountEventStream(app: FastifyInstance, world: ApiWorld, pulse: Pulse): void {
  app.get(path, { config: configOf("followEvents") }, async (request, reply) => {
    const query = parse(querySchema, request.query, "query");
    const who = request.caller?.identity;
    if (who) await judgeReach(world.reach, reachOf("followEvents"), { params: {}, query, body: undefined }, who);
    const events = eventsInSight(world.events, world.reach, who?.scope ?? EVERYWHERE);
    const asksForStream = request.method === "GET" && (request.headers.accept ?? "").includes("text/event-stream");
    if (!asksForStream) return reply.send(await events.list(query));
    const after = parseLastEventId(request) ?? query.after ?? (await events.last());
    return stream(request, reply, { events, pulse, query, after });
  });
}

/** EventSource repeats its first URL when it comes back, so the header is newer than `?after`. */
function parseLastEventId(request: FastifyRequest): number | undefined {
  const value = request.headers["last-event-id"];
  if (value === undefined || value === "") return undefined;
  return parse(querySchema.shape.after, value, "headers.last-event-id");
}

interface Streaming {
  events: EventsDoor;
  pulse: Pulse;
  query: EventsQuery;
  after: number;
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  // nginx would collect the stream otherwise.
  "x-accel-buffering": "no",
  // Kept alive after its end, the connection would keep a stopping server waiting.
  connection: "close",
};

function stream(request: FastifyRequest, reply: FastifyReply, { events, pulse, query, after }: Streaming): FastifyReply {
  const { raw } = reply.hijack();
  const stopped = new AbortController();
  const leave = pulse.add({
    // Also while the reader is behind: a line is small, and the connection must not look dead.
    beat: () => void (raw.writableNeedDrain || raw.write(":\n\n")),
    end: () => stopped.abort(),
  });
  raw.on("close", () => stopped.abort());
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...STREAM_HEADERS });
  raw.write(`event: cursor\nid: ${after}\ndata: {"after":${after}}\n\n`);
  const { taskId, agentId, type } = query;
  pump(raw, events.follow({ after, filter: { taskId, agentId, type }, signal: stopped.signal }), stopped.signal)
    .catch((error: unknown) => request.log.error({ err: error, reference: request.id }, "a stream of events broke"))
    .finally(() => {
      leave();
      raw.end();
    });
  return reply;
}

async function pump(raw: ServerResponse, batches: ReturnType<EventsDoor["follow"]>, signal: AbortSignal): Promise<void> {
  for await (const batch of batches) {
    const text = batch.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join("");
    if (!raw.write(text)) await drained(raw, signal);
    if (signal.aborted) return;
  }
}

async function drained(raw: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(raw, "drain", { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
