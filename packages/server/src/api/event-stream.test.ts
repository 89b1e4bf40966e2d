import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { createClient } from "@baton/client";
import type { Event } from "@baton/contract";
import { afterEach, expect, test } from "vitest";
import type { HttpServer } from "./http.ts";
import { type TestEvents, type TestWorld, openTestEvents, openTestHttp } from "./http.testkit.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
async function open(events: TestEvents, config: TestWorld["config"] = {}): Promise<HttpServer> {
  const http = await openTestHttp({ events, config });
  closing.push(() => http.close());
  return http;
}
const many = (count: number, data: Event["data"] = {}) => Array.from({ length: count }, () => ({ data }));

/** Collects until `count` events came, then stops following. */
async function collect(events: AsyncIterable<Event>, count: number): Promise<number[]> {
  const seqs: number[] = [];
  for await (const event of events) {
    seqs.push(event.seq);
    if (seqs.length === count) break;
  }
  return seqs;
}

/** The stream as bytes, for what the client hides. */
async function openRaw(
  http: HttpServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: IncomingMessage; until(text: string): Promise<string> }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(http.address + path, { headers: { accept: "text/event-stream", ...headers } }, resolve).on("error", reject),
  );
  closing.push(() => response.destroy());
  let seen = "";
  response.setEncoding("utf8").on("data", (chunk: string) => (seen += chunk));
  const until = async (text: string) => {
    while (!seen.includes(text)) await new Promise((resolve) => response.once("data", resolve));
    return seen;
  };
  return { response, until };
}

test("without Accept: text/event-stream the log is answered as a page", async () => {
  const events = openTestEvents();
  events.append(...many(3));
  const http = await open(events);
  const page = await createClient({ url: http.address }).listEvents({ query: { after: 1, limit: 1 } });
  expect([page.items.map((event) => event.seq), page.nextCursor]).toEqual([[2], 2]);
});

test("a stream starts with its cursor, so that a reader can resume before the first event", async () => {
  const events = openTestEvents();
  events.append(...many(2));
  const { until } = await openRaw(await open(events), "/api/v1/events");
  expect(await until("\n\n")).toBe('event: cursor\nid: 2\ndata: {"after":2}\n\n');
});

test("events carry their seq as id", async () => {
  const events = openTestEvents();
  const { until } = await openRaw(await open(events), "/api/v1/events");
  await until("cursor");
  events.append({ type: "task.submitted" });
  expect(await until("task.submitted")).toMatch(/\n\nid: 1\ndata: \{"seq":1,/);
});

test("Last-Event-ID wins over ?after", async () => {
  const events = openTestEvents();
  events.append(...many(5));
  const { until } = await openRaw(await open(events), "/api/v1/events?after=0", { "last-event-id": "4" });
  expect(await until("id: 5")).not.toContain("id: 1\n");
});

test("a Last-Event-ID that is no number is refused", async () => {
  const http = await open(openTestEvents());
  const response = await fetch(`${http.address}/api/v1/events`, { headers: { accept: "text/event-stream", "last-event-id": "x" } });
  expect(await response.json()).toMatchObject({ code: "bad_input", issues: [{ path: "headers.last-event-id" }] });
});

test("a quiet stream gets a comment now and then", async () => {
  const { until } = await openRaw(await open(openTestEvents(), { sseHeartbeatMs: 10 }), "/api/v1/events");
  expect(await until("\n\n:\n\n")).toContain("cursor");
});

test("only matching events are sent", async () => {
  const events = openTestEvents();
  const http = await open(events);
  events.append({ taskId: "a" }, { taskId: "b" }, { taskId: "a", type: "agent.paused" }, { taskId: "a", type: "task.completed" });
  const followed = createClient({ url: http.address }).followEvents({ after: 0, taskId: "a", type: "task.*" });
  expect(await collect(followed, 2)).toEqual([1, 4]);
});

test("who stops reading stops costing", async () => {
  const events = openTestEvents();
  const http = await open(events);
  events.append({});
  await collect(createClient({ url: http.address }).followEvents({ after: 0 }), 1);
  await expect.poll(() => events.followers).toBe(0);
});

test("a reader who does not read holds the log back instead of filling memory", async () => {
  const events = openTestEvents(1);
  const http = await open(events);
  events.append(...many(100, { text: "x".repeat(1_000_000) }));
  const socket = connect(Number(new URL(http.address).port), "127.0.0.1");
  closing.push(() => socket.destroy());
  socket.write("GET /api/v1/events?after=0 HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n");
  await expect.poll(() => events.handedOut).toBeGreaterThan(0);
  const stuckAt = await settled(() => events.handedOut);
  expect(stuckAt).toBeLessThan(50);
  socket.resume();
  await expect.poll(() => events.handedOut).toBe(100);
});

/** The value once it has stayed the same for five looks. */
async function settled(look: () => number): Promise<number> {
  for (let value = look(), same = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    same = look() === value ? same + 1 : 0;
    value = look();
    if (same === 5) return value;
  }
}

test("a client resumes after the server was away, without gap or duplicate", async () => {
  const events = openTestEvents();
  const first = await openTestHttp({ events });
  const port = Number(new URL(first.address).port);
  const seqs: number[] = [];
  const stop = new AbortController();
  const following = (async () => {
    for await (const event of createClient({ url: first.address }).followEvents({ signal: stop.signal })) seqs.push(event.seq);
  })();
  await expect.poll(() => events.followers).toBe(1);
  events.append(...many(3));
  await expect.poll(() => seqs.length).toBe(3);
  await first.close();
  events.append(...many(3));
  await open(events, { port });
  await expect.poll(() => seqs.length).toBe(6);
  events.append(...many(1));
  await expect.poll(() => seqs).toEqual([1, 2, 3, 4, 5, 6, 7]);
  stop.abort();
  await following;
});

test("a stream that broke before its first event still resumes from where it began", async () => {
  const events = openTestEvents();
  events.append(...many(2));
  const first = await openTestHttp({ events });
  const port = Number(new URL(first.address).port);
  const collecting = collect(createClient({ url: first.address }).followEvents(), 1);
  await expect.poll(() => events.followers).toBe(1);
  await first.close();
  events.append({});
  await open(events, { port });
  expect(await collecting).toEqual([3]);
});

test("what the server will keep refusing ends the stream with a refusal", async () => {
  const http = await open(openTestEvents(), { apiKeys: ["a-key-that-is-long-enough"] });
  await expect(collect(createClient({ url: http.address }).followEvents(), 1)).rejects.toMatchObject({ code: "unauthorized" });
});

test("closing the server ends its streams", async () => {
  const http = await openTestHttp({});
  const { response } = await openRaw(http, "/api/v1/events");
  const ended = new Promise((resolve) => response.once("end", resolve));
  await http.close();
  await ended;
});
