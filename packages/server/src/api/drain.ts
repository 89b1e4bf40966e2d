// Closing a server in time. Node closes idle connections by itself, but waits for those that never sent a request (browsers
// and Node's own fetch open such ones in advance) and for requests that never end.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** How long running requests may go on once the server closes. */
const DRAIN_MS = 10_000;

export function drainOnClose(app: FastifyInstance): void {
  const server: Server = app.server;
  /** By where they come from: what a request comes by is, with TLS, not the socket that was connected. */
  const unused = new Map<string, Socket>();
  let timer: NodeJS.Timeout | undefined;
  server.on("connection", (socket) => {
    const peer = peerOf(socket);
    unused.set(peer, socket);
    socket.once("close", () => unused.get(peer) === socket && unused.delete(peer));
  });
  server.on("request", ({ socket }) => unused.delete(peerOf(socket)));
  server.on("upgrade", ({ socket }) => unused.delete(peerOf(socket)));
  server.on("close", () => clearTimeout(timer));
  app.addHook("preClose", (done) => {
    for (const socket of unused.values()) socket.destroy();
    timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    done();
  });
}
export const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
