import { once } from "node:events";
import { type AgentConnection, connectAgent } from "@baton/client";
import type { ClientFrame, Outcome, ServerFrame, Work } from "@baton/contract";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { AgentLink, AttachFrame, DialinDoor, HeldAttempt } from "./dialin-door.ts";
import type { HttpServer } from "./http.ts";
import { type TestWorld, openTestEvents, openTestHttp } from "./http.testkit.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
async function open(world: TestWorld = {}): Promise<HttpServer> {
  const http = await openTestHttp(world);
  closing.push(() => http.close());
  return http;
}

/** A socket that says and hears frames. */
async function dial(http: HttpServer) {
  const socket = new WebSocket(`${http.address}/api/v1/live`);
  const frames: ServerFrame[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data) => {
    frames.push(JSON.parse(String(data)) as ServerFrame);
    for (const wake of waiting.splice(0)) wake();
  });
  closing.push(() => socket.terminate());
  await once(socket, "open");
  const next = async (): Promise<ServerFrame> => {
    while (frames.length === 0) await new Promise<void>((wake) => waiting.push(wake));
    return frames.shift() as ServerFrame;
  };
  return { socket, next, frames, say: (...said: ClientFrame[]) => said.forEach((frame) => socket.send(JSON.stringify(frame))) };
}

test("a ping is answered", async () => {
  const { say, next } = await dial(await open());
  say({ type: "ping" });
  expect(await next()).toEqual({ type: "pong" });
});

test.each([
  ["nonsense", "frame"],
  ['{"type":"dance"}', "frame.type"],
  ['{"type":"subscribe","id":" "}', "frame.id"],
  ["[]", "frame"],
])("a frame that is not understood (%s) is answered with a problem and changes nothing", async (text, path) => {
  const { socket, say, next } = await dial(await open());
  socket.send(text);
  say({ type: "ping" });
  expect(await next()).toMatchObject({ type: "problem", problem: { code: "bad_input", issues: [{ path }] } });
  expect(await next()).toEqual({ type: "pong" });
});

test("a binary frame is a problem", async () => {
  const { socket, next } = await dial(await open());
  socket.send(Buffer.from("{}"));
  expect(await next()).toMatchObject({ type: "problem" });
});

test("a subscription gets what matches, from its cursor, and what comes later", async () => {
  const events = openTestEvents();
  events.append({ taskId: "a" }, { taskId: "b" }, { taskId: "a" });
  const { say, next } = await dial(await open({ events }));
  say({ type: "subscribe", id: "s", after: 1, taskId: "a" });
  expect(await next()).toEqual({ type: "subscribed", id: "s", after: 1 });
  expect(await next()).toMatchObject({ type: "event", id: "s", event: { seq: 3 } });
  events.append({ taskId: "a" });
  expect(await next()).toMatchObject({ event: { seq: 4 } });
});

test("a subscription without a cursor starts now and says where that is", async () => {
  const events = openTestEvents();
  events.append({}, {});
  const { say, next } = await dial(await open({ events }));
  say({ type: "subscribe", id: "s" });
  expect(await next()).toEqual({ type: "subscribed", id: "s", after: 2 });
});

test("after unsubscribe nothing follows the log any more", async () => {
  const events = openTestEvents();
  const { say } = await dial(await open({ events }));
  say({ type: "subscribe", id: "s" });
  await expect.poll(() => events.followers).toBe(1);
  say({ type: "unsubscribe", id: "s" });
  await expect.poll(() => events.followers).toBe(0);
});

test("a closed socket ends all its subscriptions", async () => {
  const events = openTestEvents();
  const { say, socket } = await dial(await open({ events }));
  for (let i = 0; i < 10; i++) say({ type: "subscribe", id: `s${i}` });
  await expect.poll(() => events.followers).toBe(10);
  socket.terminate();
  await expect.poll(() => events.followers).toBe(0);
});

test("the hundred and first subscription is refused, and a used id takes the place of the old one", async () => {
  const { say, next, frames } = await dial(await open());
  for (let i = 0; i < 100; i++) say({ type: "subscribe", id: `s${i}`, after: 0 });
  await expect.poll(() => frames.length).toBe(100);
  frames.length = 0;
  say({ type: "subscribe", id: "one more" }, { type: "subscribe", id: "s5", after: 0 });
  expect(await next()).toMatchObject({ type: "problem", problem: { code: "too_many_requests" } });
  expect(await next()).toMatchObject({ type: "subscribed", id: "s5" });
});

test("a reader who stands still is told where to go on, and then gets nothing more", async () => {
  const events = openTestEvents();
  const { say, socket, next } = await dial(await open({ events, config: { slowReaderMs: 50 } }));
  events.append(...Array.from({ length: 100 }, () => ({ data: { text: "x".repeat(200_000) } })));
  socket.pause();
  say({ type: "subscribe", id: "s", after: 0 });
  await expect.poll(() => events.handedOut).toBeGreaterThan(0);
  await expect.poll(() => events.followers).toBe(0);
  socket.resume();
  await next();
  let seq = 0;
  for (let frame = await next(); frame.type === "event"; frame = await next()) seq = frame.event.seq;
  expect(seq).toBeLessThan(100);
  say({ type: "subscribe", id: "s", after: seq });
  expect(await next()).toEqual({ type: "subscribed", id: "s", after: seq });
  expect(await next()).toMatchObject({ type: "event", event: { seq: seq + 1 } });
});

test("a reader who is merely slower than the log gets everything", async () => {
  const events = openTestEvents();
  const { say, next } = await dial(await open({ events }));
  events.append(...Array.from({ length: 200 }, () => ({ data: { text: "x".repeat(50_000) } })));
  say({ type: "subscribe", id: "s", after: 0 });
  await next();
  for (let seq = 1; seq <= 200; seq++) expect(await next()).toMatchObject({ type: "event", event: { seq } });
});

test("a socket that gives no sign of life is cut", async () => {
  const http = await open({ config: { socketHeartbeatMs: 20 } });
  const socket = new WebSocket(`${http.address}/api/v1/live`, { autoPong: false });
  closing.push(() => socket.terminate());
  await once(socket, "close");
});

test("closing the server closes its sockets, with the reason", async () => {
  const http = await openTestHttp();
  const { socket } = await dial(http);
  const closed = once(socket, "close");
  await http.close();
  expect((await closed)[0]).toBe(1001);
});

const attachFrame: ClientFrame = { type: "agent.attach", agent: { name: "counter", capabilities: ["count"] } };

/** A door that remembers what was asked of it. */
function openTestDoor(more: Partial<DialinDoor> = {}) {
  const calls: string[] = [];
  const links: AgentLink[] = [];
  const held: HeldAttempt[][] = [];
  const outcomes: Outcome[] = [];
  const door: DialinDoor = {
    attach: async (frame: AttachFrame, link) => {
      calls.push(`attach ${frame.agent.name}`);
      links.push(link);
      held.push(frame.holding);
      return { agentId: "a1", name: frame.agent.name, capabilities: [], resumed: frame.holding, dropped: [] };
    },
    detach: (agentId) => void calls.push(`detach ${agentId}`),
    accepted: (_, __, { attemptId }) => void calls.push(`accepted ${attemptId}`),
    progressed: (_, __, { attemptId }, { fraction }) => void calls.push(`progressed ${attemptId} ${fraction}`),
    updated: (_, __, { attemptId }, updates) => void calls.push(`updated ${attemptId} ${updates.length}`),
    asked: (_, __, { attemptId }, askId, { title }) => void calls.push(`asked ${attemptId} ${askId} ${title}`),
    ended: async (_, __, { attemptId }, outcome) => {
      calls.push(`ended ${attemptId}`);
      outcomes.push(outcome);
      return { accepted: true, reason: "stored" };
    },
    ...more,
  };
  return { door, calls, links, held, outcomes };
}

const work = (attemptId: string): Work => ({
  attemptId,
  fence: 1,
  taskId: "t",
  stepId: "s",
  title: "",
  description: "count me",
  requirements: [],
  input: null,
  context: { task: { id: "t", title: "", description: "", type: "general", payload: null, files: [], language: null, repository: null }, steps: {} },
  timeoutMs: 60_000,
  deadlineAt: "2030-01-01T00:00:00.000Z",
});

test("an agent's frames reach the door in order, and its end is the last", async () => {
  const { door, calls } = openTestDoor({
    progressed: async (_, __, { attemptId }, { fraction }) => {
      await new Promise((resolve) => setImmediate(resolve));
      calls.push(`progressed ${attemptId} ${fraction}`);
    },
  });
  const { say, socket, next } = await dial(await open({ dialin: door }));
  say(attachFrame, { type: "attempt.accepted", attemptId: "x", fence: 1 });
  for (let i = 1; i <= 3; i++) say({ type: "attempt.progressed", attemptId: "x", fence: 1, progress: { fraction: i / 4 } });
  say({ type: "attempt.ended", attemptId: "x", fence: 1, outcome: { ok: true, output: 1 } });
  expect(await next()).toMatchObject({ type: "agent.attached", agentId: "a1" });
  expect(await next()).toEqual({ type: "attempt.recorded", attemptId: "x", accepted: true, reason: "stored" });
  socket.close();
  await expect
    .poll(() => calls)
    .toEqual(["attach counter", "accepted x", "progressed x 0.25", "progressed x 0.5", "progressed x 0.75", "ended x", "detach a1"]);
});

test("an agent hears who it is before it hears of work that was there already", async () => {
  const { door } = openTestDoor({
    attach: async (_, link) => {
      link.send({ type: "attempt.start", work: work("x") });
      return { agentId: "a1", name: "counter", capabilities: [], resumed: [], dropped: [] };
    },
  });
  const { say, next } = await dial(await open({ dialin: door }));
  say(attachFrame);
  expect(await next()).toMatchObject({ type: "agent.attached" });
  expect(await next()).toMatchObject({ type: "attempt.start" });
});

test("an outcome that takes long to store holds up neither other attempts nor a ping", async () => {
  const { door } = openTestDoor({
    ended: (_, __, { attemptId }) => (attemptId === "slow" ? new Promise(() => undefined) : Promise.resolve({ accepted: true, reason: "" })),
  });
  const { say, next } = await dial(await open({ dialin: door }));
  const ended = (attemptId: string): ClientFrame => ({ type: "attempt.ended", attemptId, fence: 1, outcome: { ok: true, output: 1 } });
  say(attachFrame);
  await next();
  say(ended("slow"), ended("quick"));
  expect(await next()).toMatchObject({ type: "attempt.recorded", attemptId: "quick" });
  say({ type: "ping" });
  expect(await next()).toEqual({ type: "pong" });
});

test("a frame of an attempt before the attach is a problem", async () => {
  const { say, next } = await dial(await open({ dialin: openTestDoor().door }));
  say({ type: "attempt.accepted", attemptId: "x", fence: 1 });
  expect(await next()).toMatchObject({ type: "problem", problem: { code: "conflict" } });
});

test("one connection speaks for one agent at a time", async () => {
  const { say, next } = await dial(await open({ dialin: openTestDoor().door }));
  say(attachFrame, attachFrame, { type: "agent.detach" }, attachFrame);
  expect(await next()).toMatchObject({ type: "agent.attached" });
  expect(await next()).toMatchObject({ type: "problem", problem: { code: "conflict" } });
  expect(await next()).toMatchObject({ type: "agent.attached" });
});

test("a bug behind the door is a problem without its insides", async () => {
  const logTo: string[] = [];
  const { say, next } = await dial(await open({ logTo, dialin: { attach: () => Promise.reject(new Error("secret")) } }));
  say(attachFrame);
  const frame = await next();
  expect(frame).toMatchObject({ type: "problem", problem: { code: "internal" } });
  expect(JSON.stringify(frame)).not.toContain("secret");
  expect(logTo.join("")).toContain("secret");
});

async function connect(url: string, doWork: Parameters<typeof connectAgent>[1]): Promise<AgentConnection> {
  const agent = await connectAgent({ url, name: "counter", capabilities: ["count"] }, doWork);
  closing.push(() => agent.close({ graceMs: 0 }));
  return agent;
}

test("a connected agent does the work it is handed", async () => {
  const { door, links, calls, outcomes } = openTestDoor();
  const http = await open({ dialin: door });
  await connect(http.address, ({ description }) => description.length);
  links[0]?.send({ type: "attempt.start", work: work("x") });
  await expect.poll(() => calls).toEqual(["attach counter", "accepted x", "ended x"]);
  expect(outcomes).toEqual([{ ok: true, output: 8 }]);
});

test("a result that could not be delivered survives a restart of the server", async () => {
  const broken = openTestDoor({ ended: () => new Promise(() => undefined) });
  const first = await openTestHttp({ dialin: broken.door });
  await connect(first.address, () => "kept");
  broken.links[0]?.send({ type: "attempt.start", work: work("x") });
  await expect.poll(() => broken.calls).toContain("accepted x");
  const port = Number(new URL(first.address).port);
  await first.close();
  const whole = openTestDoor();
  await open({ dialin: whole.door, config: { port } });
  await expect.poll(() => whole.outcomes).toEqual([{ ok: true, output: "kept" }]);
  expect(whole.held).toEqual([[{ attemptId: "x", fence: 1 }]]);
});

test("an agent with a wrong key is refused at once", async () => {
  const http = await open({ config: { apiKeys: ["a-key-that-is-long-enough"] } });
  await expect(connectAgent({ url: http.address, apiKey: "wrong", name: "counter", capabilities: [] }, () => null)).rejects.toMatchObject({
    code: "unauthorized",
  });
});
