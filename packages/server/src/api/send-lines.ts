// An answer that is as long as what it tells: written as it is read, no faster than it is taken, and broken off where it cannot be ended rightly.
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Lines } from "./api-world.ts";

export function sendLines(request: FastifyRequest, reply: FastifyReply, { type, texts, trailers }: Lines): FastifyReply {
  const headers = {
    "content-type": type,
    "cache-control": "no-store",
    // Ends with what it came in by; kept alive after its end, the connection would end with that, too.
    connection: "close",
  };
  if (request.method === "HEAD") return reply.headers(headers).send();
  // From here on the time for a handler does not count: whoever takes nothing for long is ended by the listener.
  const { raw } = reply.hijack();
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers, trailer: "Baton-Chain" });
  // What was sent along is read, and not looked at: left unread, the end of the connection would take the answer with it.
  Promise.all([pipeline(Readable.from(texts), raw, { end: false }), finished(request.raw.resume())]).then(
    () => {
      raw.addTrailers(trailers());
      raw.end();
    },
    (error: unknown) => {
      raw.destroy();
      if ((error as { code?: unknown }).code !== "ERR_STREAM_PREMATURE_CLOSE") request.log.error({ err: error, reference: request.id }, "an answer broke off");
    },
  );
  return reply;
}
