// The hub `/orchestrationHub`, for clients that speak SignalR: its negotiation, its sockets, calls of its methods, and what clients are told.
import { type Event, Refusal } from "@baton/contract";
import { EVERYWHERE } from "../../access/access.ts";
import type { FastifyInstance } from "fastify";
import type { WebSocket } from "ws";
import type { ApiWorld } from "../api-world.ts";
import { openPulse, type Pulse } from "../pulse.ts";
import { type HubClient, invoke, toTold } from "./hub-methods.ts";
import { openSight } from "../sight.ts";
import type { News } from "./news.ts";
import {
  checkHandshake,
  HANDSHAKE_OK,
  parseRecord,
  PING,
  splitRecords,
  writeClose,
  writeError,
  writeHandshakeError,
  writeInvocation,
  writeResult,
} from "./signalr.ts";

export const HUB_PATH = "/orchestrationHub";
/** Clients take a silent server for dead after 30 s, and say something every 15 s themselves. */
const PING_MS = 10_000;
const SILENT_BEATS = 4;
const SLOW_BYTES = 1024 * 1024;
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_WAITING = 100;

export function mountHub(app: FastifyInstance, world: ApiWorld, news: News): void {
  const pulse = openPulse(PING_MS);
  app.addHook("preClose", (done) => {
    pulse.close();
    done();
  });
  app.route({
    method: "POST",
    url: `${HUB_PATH}/negotiate`,
    config: { name: "live" },
    handler: async () => {
      const connectionId = world.newId();
      // Nothing is kept of it: whichever server the socket reaches takes it.
      return {
        connectionId,
        connectionToken: connectionId,
        negotiateVersion: 1,
        availableTransports: [{ transport: "WebSockets", transferFormats: ["Text"] }],
      };
    },
  });
  app.route({
    method: "GET",
    url: HUB_PATH,
    config: { name: "live" },
    handler: async () => {
      throw new Refusal("bad_input", `${HUB_PATH} is a SignalR hub: negotiate, then ask for a WebSocket.`);
    },
    wsHandler: (socket, request) => openHubConnection(world, socket, { who: request.caller?.identity, groups: new Set() }, { news, pulse }),
  });
}

function openHubConnection(world: ApiWorld, socket: WebSocket, client: HubClient, { news, pulse }: { news: News; pulse: Pulse }): void {
  let rest = "";
  let greeted = false;
  let silent = 0;
  let waiting = 0;
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text);
    // It connects again, and asks for what it missed where it wants to know.
    if (socket.bufferedAmount > SLOW_BYTES) close(1013, "You read too slowly. Connect again.");
  };
  function close(code: number, reason: string): void {
    socket.send(writeClose(reason));
    socket.close(code, reason);
    leave();
  }
  const mayHear = client.who === undefined || client.who.rights.includes("view");
  function hear(event: Event): void {
    const told = greeted && mayHear ? toTold(event) : undefined;
    if (told && (told.group === null || client.groups.has(told.group))) send(writeInvocation(told.target, told.arguments));
  }
  const scope = client.who?.scope ?? EVERYWHERE;
  const sees = openSight(world.reach, scope);
  let line = Promise.resolve();
  /** In the order of the log, also where it has to be looked up whose an event is. */
  const hearInSight = (event: Event): void => {
    line = line
      .then(async () => {
        if (await sees(event)) hear(event);
      })
      .catch((error: unknown) => world.log.error({ err: error }, "a hub client could not be told of an event"));
  };
  const unlisten = news.listen(scope.projects === "all" ? hear : hearInSight);
  const rests = pulse.add({
    beat: () => {
      if (++silent > SILENT_BEATS) return socket.terminate();
      if (greeted) send(PING);
    },
    end: () => undefined,
  });
  function leave(): void {
    unlisten();
    rests();
  }
  async function call(text: string): Promise<void> {
    const said = parseRecord(text);
    if (said.kind === "close") return socket.close(1000);
    if (said.kind === "ping") return;
    const { invocationId } = said;
    try {
      if (said.kind !== "invoke") throw new Refusal("bad_input", "Only methods are invoked here; nothing is streamed.");
      const result = await invoke(world.hub, client, said.target, said.arguments);
      if (invocationId !== undefined) send(writeResult(invocationId, result));
    } catch (error) {
      if (!(error instanceof Refusal)) world.log.error({ err: error }, "a method of the hub failed inside");
      if (invocationId !== undefined)
        send(writeError(invocationId, error instanceof Refusal ? `${error.code}: ${error.message}` : "internal: Something went wrong inside Baton."));
    }
  }
  function receive(text: string): void {
    const split = splitRecords(rest + text);
    rest = split.rest;
    if (rest.length > MAX_RECORD_BYTES) throw new Refusal("too_large", `A record may have ${MAX_RECORD_BYTES} bytes.`);
    for (const one of split.records) {
      if (!greeted) {
        checkHandshake(one);
        greeted = true;
        send(HANDSHAKE_OK);
      } else {
        if (++waiting >= MAX_WAITING) socket.pause();
        call(one)
          .catch((error: unknown) => close(1008, error instanceof Error ? error.message.slice(0, 120) : "Not understood."))
          .finally(() => {
            if (--waiting < MAX_WAITING / 2) socket.resume();
          })
          .catch((error: unknown) => world.log.error({ err: error }, "a hub connection failed inside"));
      }
    }
  }
  socket.on("message", (data, isBinary) => {
    silent = 0;
    try {
      if (isBinary) throw new Refusal("bad_input", "The JSON protocol is text.");
      receive(String(data));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!greeted) socket.send(writeHandshakeError(reason));
      close(1008, reason.slice(0, 120));
    }
  });
  socket.on("close", leave);
  socket.on("error", (error) => {
    world.log.debug({ err: error }, "a hub connection broke");
    socket.terminate();
  });
}
