// A process of its own that is asked things, one after another: a server, Baton or a bare one, and what it costs; or those that connect to it.
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { countdown, inFlight } from "../harness/waiting.mjs";
import { importBuilt } from "./built.mjs";

const WIDTH = 50;
const SETTLE_MS = 1000;
let baton;
let arrival = countdown(0);
const taken = new Map();

const verbs = {
  async start({ place, port }) {
    const { startBaton } = await importBuilt();
    baton = await startBaton({ port, host: "127.0.0.1", dataDir: place.directory, databaseUrl: place.url, logLevel: "error" }, {});
    return baton.url;
  },
  /** Sockets as Baton opens them, with nobody behind them. */
  async startBare() {
    const http = createServer();
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    server.on("connection", (socket) => socket.on("message", () => undefined));
    await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
    return `ws://127.0.0.1:${http.address().port}`;
  },
  /** Those that are connected to this very server: the lease of one that was killed may still stand in the store. */
  connected: () => baton.world.registry.all().filter(({ row }) => row.connected_to === baton.world.dispatcher.lease()).length,
  async memory() {
    await pause(SETTLE_MS);
    for (let time = 0; time < 3; time++) {
      globalThis.gc();
      await pause(100);
    }
    return process.memoryUsage().rss;
  },
  /** Per cent of one core, over `seconds`. */
  async cpu({ seconds }) {
    const from = process.cpuUsage();
    await pause(seconds * 1000);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / (seconds * 10_000);
  },
  async stop() {
    await baton.stop();
  },
  async dialIn({ url, name, count }) {
    const { connectAgent } = await importBuilt("index.js", "client");
    const onMessage = ({ id }) => {
      taken.set(id, (taken.get(id) ?? 0) + 1);
      arrival.arrive();
    };
    await inFlight(count, WIDTH, (number) => connectAgent({ url, name: `${name}-${number}`, capabilities: ["idle"], onMessage }, () => ({ done: true })));
  },
  async dialBare({ url, count }) {
    await inFlight(
      count,
      WIDTH,
      () => new Promise((resolve, reject) => new WebSocket(url, { perMessageDeflate: false }).once("open", resolve).once("error", reject)),
    );
  },
  /** @returns ms from the call that sends to one of all `count` agents of this process until the last of them has it */
  async broadcast({ url, count }) {
    arrival = countdown(count);
    const began = performance.now();
    const answer = await fetch(`${url}/api/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ pattern: "broadcast", payload: { text: "All hands." } }),
    });
    if (!answer.ok) throw new Error(`The broadcast was refused: ${answer.status} ${await answer.text()}`);
    await arrival.reached;
    return performance.now() - began;
  },
  /** Of each message that came: how often. */
  taken: () => [...taken.values()],
};

process.once("disconnect", () => process.exit(0));
process.on("message", (asked) => void answer(asked));

async function answer({ verb, params }) {
  try {
    process.send({ ok: true, result: await verbs[verb](params) });
  } catch (error) {
    process.send({ ok: false, code: error.code, stack: error.stack ?? String(error) });
  }
}
