// Closing a server in time. Node closes idle connections by itself, but waits for those that never sent a request (browsers
// and Node's own fetch open such ones in advance) and for requests that never end.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** How long running requests may go on once the server closes. */
const DRAIN_MS = 10_000;

export function drainOnClose(app: FastifyInstance): void {
  const server: Server = app.server;
  const unused = new Set<Socket>();
  let timer: NodeJS.Timeout | undefined;
  server.on("connection", (socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", (request) => unused.delete(request.socket));
  server.on("upgrade", (request) => unused.delete(request.socket));
  server.on("close", () => clearTimeout(timer));
  app.addHook("preClose", (done) => {
    for (const socket of unused) socket.destroy();
    timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    done();
  });
}
