// The WebSocket `/api/v1/live`: following events, and agents that dial in. What is said is in contract/live.ts.
import { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import websocket from "@fastify/websocket";
import { LIVE_PATH, LIVE_PROTOCOL, Refusal } from "@baton/contract";
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import type { ApiWorld } from "./api-world.ts";
import { LiveConnection } from "./live-connection.ts";
import { answerBrokenRequest } from "./problems.ts";
import { openPulse } from "./pulse.ts";

/** Above the 10 MB an outcome may have. */
const MAX_FRAME_BYTES = 12 * 1024 * 1024;
const GOODBYE_MS = 500;

export async function mountLive(app: FastifyInstance, world: ApiWorld): Promise<void> {
  const pulse = openPulse(world.config.socketHeartbeatMs ?? 30_000);
  await app.register(websocket, {
    options: {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      clientTracking: true,
      // A browser shows its key as a second protocol; that one is never agreed to, as the answer would repeat it.
      handleProtocols: (offered) => (offered.has(LIVE_PROTOCOL) ? LIVE_PROTOCOL : false),
    },
    errorHandler: (error, socket, request) => {
      request.log.debug({ err: error }, "a live socket broke");
      socket.terminate();
    },
    preClose(this: FastifyInstance, done: () => void) {
      pulse.close();
      sayGoodbye(this.websocketServer.clients);
      this.websocketServer.close();
      done();
    },
  });
  // A handshake that is none: without a listener it is answered with HTML.
  app.websocketServer.on("wsClientError", answerBrokenRequest);
  app.route({
    method: "GET",
    url: LIVE_PATH,
    config: { name: "live" },
    handler: async () => {
      throw new Refusal("bad_input", `${LIVE_PATH} is a WebSocket: ask for an upgrade.`);
    },
    wsHandler: (socket, request) => {
      const stream = request.raw.socket;
      forgetRequest(stream);
      // The framework's listener keeps request and reply as long as the socket lives: 3 KiB for every idle agent.
      socket.removeAllListeners("error");
      socket.on("error", (error) => {
        world.log.debug({ err: error }, "a live socket broke");
        socket.terminate();
      });
      new LiveConnection(world, socket, { id: request.id, stream, who: request.caller?.identity }).open(pulse);
    },
  });
}

/** The response to the upgrade is never written; left on the socket, it would keep the whole request in memory while that lives. */
function forgetRequest(stream: Socket): void {
  const response: unknown = Reflect.get(stream, "_httpMessage");
  if (response instanceof ServerResponse) response.detachSocket(stream);
}
/** Whoever does not agree to the close in time is cut off, so that one dead peer cannot keep the server from stopping. */
function sayGoodbye(sockets: Set<WebSocket>): void {
  for (const socket of sockets) {
    socket.close(1001, "the server stops");
    const timer = setTimeout(() => socket.terminate(), GOODBYE_MS);
    socket.once("close", () => clearTimeout(timer));
  }
}
