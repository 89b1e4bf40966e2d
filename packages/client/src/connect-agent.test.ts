import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ClientFrame, ServerFrame, Work } from "@baton/contract";
import { afterEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type AgentConnection, connectAgent, result } from "./index.ts";

/** A server end that the test speaks by itself, frame by frame. */
async function openScript(port = 0) {
  const server = new WebSocketServer({ port, host: "127.0.0.1" });
  await once(server, "listening");
  const sockets: WebSocket[] = [];
  const frames: ClientFrame[] = [];
  const waiting: (() => void)[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("message", (data) => {
      frames.push(JSON.parse(String(data)) as ClientFrame);
      for (const wake of waiting.splice(0)) wake();
    });
  });
  const next = async <T extends ClientFrame["type"]>(type: T): Promise<Extract<ClientFrame, { type: T }>> => {
    for (;;) {
      const index = frames.findIndex((frame) => frame.type === type);
      if (index >= 0) return frames.splice(index, 1)[0] as Extract<ClientFrame, { type: T }>;
      await new Promise<void>((wake) => waiting.push(wake));
    }
  };
  const sayRaw = (text: string) => sockets.at(-1)?.send(text);
  const say = (frame: ServerFrame) => sayRaw(JSON.stringify(frame));
  const attached = (more: Partial<Extract<ServerFrame, { type: "agent.attached" }>> = {}) =>
    say({ type: "agent.attached", agentId: "a1", name: "counter", capabilities: [], resumed: [], dropped: [], ...more });
  const close = () => {
    for (const socket of sockets) socket.terminate();
    return new Promise((done) => server.close(done));
  };
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, next, say, sayRaw, attached, close, frames, drop: () => sockets.at(-1)?.terminate() };
}
type Script = Awaited<ReturnType<typeof openScript>>;

const work = (attemptId: string, fence = 1): Work => ({
  attemptId,
  fence,
  taskId: "t",
  stepId: "s",
  title: "",
  description: "one two",
  requirements: [],
  input: null,
  context: { task: { id: "t", title: "", description: "", type: "general", payload: null, files: [], language: null, repository: null }, steps: {} },
  timeoutMs: 1000,
  deadlineAt: new Date(0).toISOString(),
});

const opened: { close(): unknown }[] = [];
const keep = <T extends { close(): unknown }>(thing: T): T => {
  opened.push(thing);
  return thing;
};
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function attach(
  script: Script,
  doWork: Parameters<typeof connectAgent>[1],
  more: { heartbeatMs?: number; onNotice?: (notice: string) => void } = {},
): Promise<AgentConnection> {
  const connecting = connectAgent({ url: script.url, name: "counter", capabilities: ["count"], ...more }, doWork);
  await script.next("agent.attach");
  script.attached();
  const agent = await connecting;
  keep({ close: () => agent.close({ graceMs: 0 }) });
  return agent;
}

test("work is accepted at once and its result sent with the fence it came with", async () => {
  const script = keep(await openScript());
  await attach(script, (given) => ({ words: given.description.split(" ").length }));
  script.say({ type: "attempt.start", work: work("x", 7) });
  expect(await script.next("attempt.accepted")).toEqual({ type: "attempt.accepted", attemptId: "x", fence: 7 });
  expect(await script.next("attempt.ended")).toEqual({ type: "attempt.ended", attemptId: "x", fence: 7, outcome: { ok: true, output: { words: 2 } } });
});

test("an error thrown by the function is a failure of the agent", async () => {
  const script = keep(await openScript());
  await attach(script, () => Promise.reject(new Error("no idea")));
  script.say({ type: "attempt.start", work: work("x") });
  expect((await script.next("attempt.ended")).outcome).toEqual({ ok: false, kind: "agent_error", detail: "no idea" });
});

test("result() adds artifacts, usage and cost to the output", async () => {
  const script = keep(await openScript());
  await attach(script, () => result({ output: "done", cost: { amount: 1, currency: "USD" }, artifacts: [{ type: "report", name: "r.md", content: "#" }] }));
  script.say({ type: "attempt.start", work: work("x") });
  const { outcome } = await script.next("attempt.ended");
  expect(outcome).toEqual({ ok: true, output: "done", cost: { amount: 1, currency: "USD" }, artifacts: [{ type: "report", name: "r.md", content: "#" }] });
});

test("a result that is not JSON is a failure that says so", async () => {
  const script = keep(await openScript());
  await attach(script, () => ({ big: 1n }));
  script.say({ type: "attempt.start", work: work("x") });
  expect((await script.next("attempt.ended")).outcome).toMatchObject({ ok: false, kind: "invalid_response", detail: expect.stringContaining("BigInt") });
});

test("a result that was not recorded is held, and sent again with the new fence after a reconnect", async () => {
  const script = keep(await openScript());
  await attach(script, () => "kept");
  script.say({ type: "attempt.start", work: work("x", 1) });
  await script.next("attempt.ended");
  script.drop();
  expect((await script.next("agent.attach")).holding).toEqual([{ attemptId: "x", fence: 1 }]);
  script.attached({ resumed: [{ attemptId: "x", fence: 2 }] });
  expect(await script.next("attempt.ended")).toMatchObject({ attemptId: "x", fence: 2, outcome: { output: "kept" } });
  script.say({ type: "attempt.recorded", attemptId: "x", accepted: true, reason: "" });
  script.drop();
  expect((await script.next("agent.attach")).holding).toEqual([]);
});

test("work goes on while the connection is broken", async () => {
  const script = keep(await openScript());
  const { promise, resolve } = openGate();
  await attach(script, () => promise);
  script.say({ type: "attempt.start", work: work("x", 1) });
  await script.next("attempt.accepted");
  script.drop();
  resolve("late");
  await script.next("agent.attach");
  script.attached({ resumed: [{ attemptId: "x", fence: 1 }] });
  expect(await script.next("attempt.ended")).toMatchObject({ outcome: { ok: true, output: "late" } });
});

test("work that the server dropped is aborted with the reason and forgotten", async () => {
  const script = keep(await openScript());
  const aborted = openGate();
  await attach(script, (_, { signal }) => new Promise(() => signal.addEventListener("abort", () => aborted.resolve(String(signal.reason)))));
  script.say({ type: "attempt.start", work: work("x") });
  await script.next("attempt.accepted");
  script.drop();
  await script.next("agent.attach");
  script.attached({ dropped: [{ attemptId: "x", reason: "given to another agent" }] });
  expect(await aborted.promise).toBe("Error: given to another agent");
});

test("a cancelled attempt aborts the function and ends as cancelled", async () => {
  const script = keep(await openScript());
  await attach(script, (_, { signal }) => new Promise((__, reject) => signal.addEventListener("abort", () => reject(new Error("stopped half-way")))));
  script.say({ type: "attempt.start", work: work("x") });
  await script.next("attempt.accepted");
  script.say({ type: "attempt.cancel", attemptId: "x", reason: "the task was cancelled" });
  expect((await script.next("attempt.ended")).outcome).toEqual({ ok: false, kind: "cancelled", detail: "the task was cancelled" });
});

test("fast progress is thinned and its last value is not lost", async () => {
  const script = keep(await openScript());
  const gate = openGate();
  await attach(script, async (_, { progress }) => {
    for (let done = 1; done <= 100; done++) progress({ fraction: done / 100 });
    await gate.promise;
  });
  script.say({ type: "attempt.start", work: work("x") });
  await script.next("attempt.accepted");
  expect((await script.next("attempt.progressed")).progress.fraction).toBe(0.01);
  expect((await script.next("attempt.progressed")).progress.fraction).toBe(1);
  expect(script.frames).toEqual([]);
  gate.resolve("");
});

test("a connection without a sign of life is given up and opened again", async () => {
  const script = keep(await openScript());
  await attach(script, () => null, { heartbeatMs: 20 });
  await script.next("ping");
  await script.next("agent.attach");
});

test("a frame that is not understood ends the connection, not the agent", async () => {
  const script = keep(await openScript());
  const notices: string[] = [];
  await attach(script, () => null, { onNotice: (notice) => notices.push(notice) });
  script.sayRaw("<html>");
  await script.next("agent.attach");
  expect(notices[0]).toContain("does not understand");
});

test("an agent that the server refuses for good is told why", async () => {
  const script = keep(await openScript());
  const connecting = connectAgent({ url: script.url, name: "counter", capabilities: [] }, () => null);
  await script.next("agent.attach");
  const problem = { type: "", title: "", status: 409, detail: "The name is taken.", code: "name_taken", error: "", error_type: "", status_code: 409 };
  script.say({ type: "problem", problem });
  await expect(connecting).rejects.toMatchObject({ name: "Refusal", code: "name_taken", message: "The name is taken." });
});

test("closing hands over unfinished work as unavailable, so that another agent may do it", async () => {
  const script = keep(await openScript());
  const agent = await attach(script, () => new Promise(() => undefined));
  script.say({ type: "attempt.start", work: work("x") });
  await script.next("attempt.accepted");
  await agent.close({ graceMs: 10 });
  expect((await script.next("attempt.ended")).outcome).toMatchObject({ ok: false, kind: "unavailable" });
  await script.next("agent.detach");
  expect(await agent.closed).toBeUndefined();
});

test("an agent waits for a server that is not there yet", async () => {
  const gone = await openScript();
  await gone.close();
  const connecting = connectAgent({ url: gone.url, name: "counter", capabilities: [] }, () => null);
  const script = keep(await openScript(gone.port));
  await script.next("agent.attach");
  script.attached();
  expect(keep(await connecting).agentId).toBe("a1");
});

function openGate(): { promise: Promise<string>; resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => undefined;
  const promise = new Promise<string>((open) => (resolve = open));
  return { promise, resolve };
}
