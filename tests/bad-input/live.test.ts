// Nonsense over the live socket: answered with `problem`, changes nothing, and the server goes on.
import { clientFrame, LIVE_PATH, type Problem, parse, problem } from "@baton/contract";
import { once } from "node:events";
import type { Socket as NetSocket } from "node:net";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { hostileText, placesOf, replaceAt } from "./hostile.ts";
import { type InhabitedServer, openInhabitedServer } from "./server.fixture.ts";
import { expectWholeStore, factsOf } from "./store-facts.ts";

interface Socket {
  send(data: string | Buffer): void;
  /** Bytes as they go on the wire. */
  sendRaw(bytes: Buffer): void;
  /** The next frame that is not an event. @throws Error when there is none in time. */
  next(): Promise<{ type: string; problem?: Problem }>;
  closed: Promise<number>;
  close(): void;
}
let server: InhabitedServer;
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await openInhabitedServer();
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await server.close();
});

async function open(): Promise<Socket> {
  const socket = new WebSocket(server.url.replace("http", "ws") + LIVE_PATH);
  const frames: string[] = [];
  let wake = (): void => undefined;
  socket.on("message", (data) => {
    frames.push(String(data));
    wake();
  });
  // A socket the server cuts may break before it closes; that it closed is what counts.
  socket.on("error", () => undefined);
  const upgraded = new Promise<NetSocket>((resolve) => socket.once("upgrade", (response) => resolve(response.socket)));
  await once(socket, "open");
  const stream = await upgraded;
  const opened: Socket = {
    send: (data) => socket.send(data),
    sendRaw: (bytes) => stream.write(bytes),
    next: async () => {
      const late = AbortSignal.timeout(30_000);
      while (frames.length === 0) {
        if (late.aborted) throw new Error("No frame within 30 s.");
        await new Promise<void>((resolve) => {
          wake = resolve;
          late.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      return JSON.parse(frames.shift() as string) as Awaited<ReturnType<Socket["next"]>>;
    },
    closed: new Promise((resolve) => socket.once("close", resolve)),
    close: () => socket.terminate(),
  };
  sockets.push(opened);
  return opened;
}

const good: object[] = [
  { type: "subscribe", id: "s", after: 0, taskId: "t", agentId: "a", events: "task.*" },
  { type: "unsubscribe", id: "s" },
  {
    type: "agent.attach",
    agent: { name: "n", capabilities: [{ name: "x", proficiency: 1, technologies: ["y"] }], metadata: { a: 1 } },
    holding: [{ attemptId: "a", fence: 1 }],
  },
  { type: "attempt.accepted", attemptId: "a", fence: 1 },
  { type: "attempt.progressed", attemptId: "a", fence: 1, progress: { fraction: 0.5, message: "m" } },
  { type: "attempt.ended", attemptId: "a", fence: 1, outcome: { ok: true, output: 1 } },
  { type: "ping" },
];
const spoilt = fc
  .tuple(fc.constantFrom(...good), fc.nat(), hostileText)
  .map(([frame, at, text]) => replaceAt(frame, placesOf(frame)[at % placesOf(frame).length] ?? [], text));

/** What may be good after all is not sent: its answer cannot be told from the next one. */
function isWrong(frame: string): boolean {
  try {
    parse(clientFrame, JSON.parse(frame), "frame");
    return false;
  } catch {
    return true;
  }
}

test("a frame that is not understood is answered with a problem that names the place, and changes nothing", async () => {
  const socket = await open();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        spoilt,
        hostileText,
        fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      ),
      async (frame) => {
        const before = await factsOf(server.baton);
        fc.pre(isWrong(frame));
        socket.send(frame);
        const answer = await socket.next();
        expect(answer.type, frame.slice(0, 300)).toBe("problem");
        const found = problem.parse(answer.problem);
        expect([found.code, found.status], frame.slice(0, 300)).toEqual(["bad_input", 400]);
        expect(found.issues?.[0]?.path, frame.slice(0, 300)).toMatch(/^frame/);
        expect(await factsOf(server.baton)).toEqual(before);
      },
    ),
    { numRuns: 300 },
  );
  socket.send('{"type":"ping"}');
  expect((await socket.next()).type).toBe("pong");
});

const attach = (name: string, more: object = {}): string => JSON.stringify({ type: "agent.attach", agent: { name }, ...more });

test.each([
  ["work before there is an agent", '{"type":"attempt.accepted","attemptId":"a","fence":1}', "conflict"],
  ["an agent that is reached another way", attach("worker"), "name_taken"],
  ["a binary frame", Buffer.from([0, 255, 1]), "bad_input"],
  ["a name with a line break", attach("a\nb"), "bad_input"],
  ["a number no lease can have", attach("far", { holding: [{ attemptId: "a", fence: 2 ** 40 }] }), "bad_input"],
  ["an attempt nobody can have", attach("nul", { holding: [{ attemptId: "a\u0000", fence: 1 }] }), "bad_input"],
])("%s is answered with a problem, and the socket stays", async (_, frame, code) => {
  const socket = await open();
  socket.send(frame);
  expect(await socket.next()).toMatchObject({ type: "problem", problem: { code } });
  socket.send('{"type":"ping"}');
  expect((await socket.next()).type).toBe("pong");
});

test("what an agent says of work it never had is not believed", async () => {
  const socket = await open();
  socket.send(attach("liar", { holding: [{ attemptId: "never", fence: 1 }] }));
  expect(await socket.next()).toMatchObject({ type: "agent.attached", resumed: [], dropped: [{ attemptId: "never" }] });
  for (const outcome of [
    { ok: true, output: "x" },
    { ok: false, kind: "timeout", detail: "" },
  ]) {
    socket.send(JSON.stringify({ type: "attempt.ended", attemptId: "never", fence: 1, outcome }));
    expect(await socket.next()).toMatchObject({ type: "attempt.recorded", accepted: false });
  }
  socket.send(attach("another"));
  expect(await socket.next()).toMatchObject({ type: "problem", problem: { code: "conflict" } });
});

test("text that is no Unicode, and a frame beyond the limit, end their own socket only", async () => {
  const [mute, huge, other] = [await open(), await open(), await open()];
  mute.sendRaw(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]));
  huge.send("x".repeat(13 * 1024 * 1024));
  expect(await mute.closed).toBe(1007);
  expect(await huge.closed).toBe(1009);
  other.send('{"type":"ping"}');
  expect((await other.next()).type).toBe("pong");
});

test("thousands of frames at once are all answered", async () => {
  const socket = await open();
  for (let at = 0; at < 3000; at++) socket.send(`{"type":"unsubscribe","id":"a\u0000${at}"}`);
  for (let at = 0; at < 3000; at++) expect((await socket.next()).type).toBe("problem");
});

test("a follower from a number that is far away holds up nobody", async () => {
  const [far, near] = [await open(), await open()];
  far.send(`{"type":"subscribe","id":"far","after":${Number.MAX_SAFE_INTEGER}}`);
  expect((await far.next()).type).toBe("subscribed");
  near.send('{"type":"subscribe","id":"near"}');
  expect((await near.next()).type).toBe("subscribed");
  near.send('{"type":"ping"}');
  expect((await near.next()).type).toBe("pong");
});

test("after all of it the store is whole, and nothing was logged as a bug", async () => {
  await expectWholeStore(server.baton);
  expect(server.errors()).toBe("");
});
