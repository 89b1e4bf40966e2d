// Whoever is slow on purpose (slow loris), or comes in a crowd: cut off with an answer, while others are served.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { problem, type Preview } from "@baton/contract";
import { expect, onTestFinished, test } from "vitest";
import type { Patience } from "./listener.ts";
import { networkOf } from "./crowding.ts";
import type { HttpServer } from "./http.ts";
import { openTestHttp, type TestWorld } from "./http.testkit.ts";

const preview: Preview = { pattern: "single", reason: "one", steps: [], conflicts: [] };
/** Far away, but for what a test is about. */
const FOREVER: Patience = { headMs: 600_000, requestMs: 600_000, idleMs: 600_000, stuckMs: 600_000, lookMs: 20 };

async function open(patience: Partial<Patience>, config: TestWorld["config"] = {}, handlers: TestWorld["handlers"] = {}): Promise<HttpServer> {
  const http = await openTestHttp({
    handlers: { previewTask: async () => ({ answer: preview }), ...handlers },
    config: { patience: { ...FOREVER, ...patience }, ...config },
  });
  onTestFinished(() => http.close());
  return http;
}
interface Peer {
  socket: Socket;
  said(): string;
  closed: Promise<void>;
}
async function come(http: HttpServer): Promise<Peer> {
  const socket = connect(Number(new URL(http.address).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let said = "";
  socket.on("data", (chunk) => (said += String(chunk)));
  // Cut off: that it closes is what counts.
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  return { socket, said: () => said, closed };
}
/** Says one byte after another for as long as it is let. */
function dribble({ socket, closed }: Peer, byte: string): Promise<void> {
  const timer = setInterval(() => socket.write(byte), 5);
  return closed.finally(() => clearInterval(timer));
}
const problemIn = (said: string) => problem.parse(JSON.parse(said.slice(said.indexOf("\r\n\r\n") + 4)));
const answers = async (http: HttpServer): Promise<number> => (await fetch(`${http.address}/api/v1/health`)).status;
const POST = "POST /api/v1/tasks/preview HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

test("a head that dribbles in is cut off with 408", async () => {
  const peer = await come(await open({ headMs: 100 }));
  peer.socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
  await dribble(peer, "x");
  expect(peer.said()).toMatch(/^HTTP\/1\.1 408 /);
  expect(problemIn(peer.said())).toMatchObject({ status: 408, detail: "The request did not arrive in time." });
});

test.each([
  ["with a length", "content-length: 100000\r\n\r\n", " "],
  ["in chunks", "transfer-encoding: chunked\r\n\r\n", "1\r\n \r\n"],
])("a body %s that dribbles in is cut off with 408", async (_, framing, byte) => {
  const peer = await come(await open({ headMs: 100, requestMs: 200 }));
  peer.socket.write(POST + framing);
  await dribble(peer, byte);
  expect(problemIn(peer.said())).toMatchObject({ status: 408 });
});

test("who connects and says nothing is cut off, and so is who says nothing more", async () => {
  const http = await open({ headMs: 100, idleMs: 100 });
  const [mute, idle] = [await come(http), await come(http)];
  idle.socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await Promise.all([mute.closed, idle.closed]);
  expect(mute.said()).toMatch(/^HTTP\/1\.1 408 /);
  expect(idle.said()).toMatch(/^HTTP\/1\.1 [24]\d\d /);
});

test("who does not take its answer is cut off", async () => {
  const large: Preview = { ...preview, reason: "x".repeat(30 << 20) };
  const http = await open({ stuckMs: 200 }, {}, { previewTask: async () => ({ answer: large }) });
  const peer = await come(http);
  peer.socket.pause();
  peer.socket.write(`${POST}content-length: 19\r\n\r\n{"description":"x"}`);
  // What it was sent waits to be read, the end as well; only what it says is told that nobody is there.
  const broke = once(peer.socket, "error").catch((error: unknown) => [error]);
  const timer = setInterval(() => peer.socket.write("x"), 20);
  await Promise.race([broke, peer.closed]).finally(() => clearInterval(timer));
  expect(peer.socket.destroyed).toBe(true);
});

test("a body that says it is too large is refused before it came", async () => {
  const http = await open({}, { bodyLimitBytes: 1000 });
  const peer = await come(http);
  peer.socket.write(`${POST}content-length: 5000000000\r\nconnection: close\r\n\r\n{`);
  await peer.closed;
  expect(peer.said()).toMatch(/^HTTP\/1\.1 413 /);
  expect(problemIn(peer.said())).toMatchObject({ status: 413, code: "too_large" });
});

test("a hundred who dribble keep nobody else waiting", async () => {
  const http = await open({ headMs: 3000 });
  const peers = await Promise.all(Array.from({ length: 100 }, () => come(http)));
  const ended = Promise.all(
    peers.map((peer) => {
      peer.socket.write("GET / HTTP/1.1\r\nx: ");
      return dribble(peer, "x");
    }),
  );
  const began = Date.now();
  for (let n = 0; n < 20; n++) expect(await answers(http)).toBeLessThan(500);
  expect(Date.now() - began).toBeLessThan(2000);
  await ended;
  expect(peers.every((peer) => peer.said().startsWith("HTTP/1.1 408 "))).toBe(true);
});

test("an address that has as many connections as it may is refused more, with an answer, until one of them ends", async () => {
  const http = await open({}, { maxConnectionsPerAddress: 2 });
  const [one] = [await come(http), await come(http)];
  const third = await come(http);
  await third.closed;
  expect(third.said()).toMatch(/^HTTP\/1\.1 429 /);
  expect(problemIn(third.said())).toMatchObject({ code: "too_many_requests", detail: "More than 2 connections are open from 127.0.0.1." });
  one.socket.destroy();
  await expect.poll(() => answers(http).catch(() => 0)).toBeGreaterThan(0);
});

test("of a crowd of strangers the oldest makes room, for the health route too, and who is known stays", async () => {
  const http = await open({}, { maxConnections: 4, apiKeys: ["the-key-of-the-operator"], requireAuth: true });
  const ask = async ({ socket, said }: Peer, more: string, path = "/api/v1/agents"): Promise<string> => {
    const before = said().length;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`);
    await expect.poll(() => said().slice(before)).toMatch(/^HTTP\/1\.1 \d{3} [^]*\}$/);
    return said().slice(before, before + 12);
  };
  const bearer = "authorization: Bearer the-key-of-the-operator\r\n";
  const known = [await come(http), await come(http), await come(http)] as const;
  // Whatever this test's handlers say of agents, it is not that nobody is known.
  for (const peer of known) expect(await ask(peer, bearer)).toBe("HTTP/1.1 404");
  for (let n = 0; n < 30; n++) {
    const stranger = await come(http);
    if (n % 2 === 0) expect(await ask(stranger, "")).toBe("HTTP/1.1 401");
    else stranger.socket.write("GET / HTTP/1.1\r\nx: ");
    if (n % 10 === 0) expect(await ask(await come(http), "", "/health/live")).toBe("HTTP/1.1 404");
  }
  for (const peer of known) expect(await ask(peer, bearer)).toBe("HTTP/1.1 404");
  const last = await come(http);
  expect(await ask(last, bearer)).toBe("HTTP/1.1 404");
  const refused = await come(http);
  await refused.closed;
  expect(problemIn(refused.said())).toMatchObject({ code: "too_many_requests", detail: "More than 4 connections are open." });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"],
  ["fe80::1%eth0", "fe80::/64"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
