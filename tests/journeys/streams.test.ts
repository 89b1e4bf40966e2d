// Events as they happen, resumed where they broke off, and doors that ask for a key.
import { once } from "node:events";
import { createClient } from "@baton/client";
import { LIVE_PATH, LIVE_PROTOCOL, type ServerFrame } from "@baton/contract";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { startJourney } from "./world.fixture.ts";

/** Messages of a stream of events until `enough` of them, read from the wire itself. */
async function readStream(url: string, headers: Record<string, string>, enough: number): Promise<{ id: number; event: string | undefined }[]> {
  const stop = new AbortController();
  const response = await fetch(url, { headers: { accept: "text/event-stream", ...headers }, signal: stop.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  const messages = () =>
    text
      .split("\n\n")
      .slice(0, -1)
      .filter((message) => /^id:/m.test(message));
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (messages().length >= enough) break;
  }
  stop.abort();
  return messages().map((message) => ({ id: Number(/^id: ?(\d+)$/m.exec(message)?.[1]), event: /^event: ?(.+)$/m.exec(message)?.[1] }));
}

test("a stream that broke goes on behind the last event seen, without a gap and without one twice", async () => {
  const { client, url, addCommand } = await startJourney();
  await addCommand("command");
  const submit = async () => client.waitForTask((await client.submitTask({ body: { description: "echo" } })).id);
  await submit();
  const all = await client.listEvents({ query: { limit: 500 } });
  const first = await readStream(`${url}/api/v1/events?after=0`, {}, 3);
  expect(first.slice(0, 3)).toEqual([
    { id: 0, event: "cursor" },
    { id: 1, event: undefined },
    { id: 2, event: undefined },
  ]);
  const rest = await readStream(`${url}/api/v1/events?after=0`, { "last-event-id": "2" }, all.items.length - 1);
  expect(rest.map(({ id }) => id)).toEqual([2, ...all.items.slice(2).map(({ seq }) => seq)]);
  expect(all.items.map(({ seq }) => seq)).toEqual(all.items.map((_, at) => at + 1));
});

test("two who follow see the same events in the same order, whenever they began", async () => {
  const { client, addCommand } = await startJourney();
  await addCommand("command");
  const signal = AbortSignal.timeout(60_000);
  const collect = async (after: number): Promise<number[]> => {
    const seen: number[] = [];
    for await (const event of client.followEvents({ after, type: "task.*", signal })) {
      seen.push(event.seq);
      if (seen.length === 40) break;
    }
    return seen;
  };
  const early = collect(0);
  await Promise.all(Array.from({ length: 10 }, () => client.submitTask({ body: { description: "echo" } })));
  const middle = collect(0);
  await Promise.all(Array.from({ length: 10 }, () => client.submitTask({ body: { description: "echo" } })));
  expect(await early).toEqual(await middle);
  expect(await collect(0)).toEqual(await early);
});

test("a subscription over the socket begins at its cursor, is filtered, and ends when told", async () => {
  const { client, url, addCommand } = await startJourney();
  await addCommand("command");
  const done = await client.waitForTask((await client.submitTask({ body: { description: "echo" } })).id);
  const socket = new WebSocket(url.replace("http", "ws") + LIVE_PATH, [LIVE_PROTOCOL]);
  onTestFinished(() => socket.terminate());
  const frames: ServerFrame[] = [];
  socket.on("message", (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "subscribe", id: "mine", after: 0, taskId: done.id, events: "task.*" }));
  await expect.poll(() => frames.length).toBe(3);
  expect(frames).toMatchObject([
    { type: "subscribed", id: "mine", after: 0 },
    { type: "event", id: "mine", event: { type: "task.submitted", taskId: done.id } },
    { type: "event", id: "mine", event: { type: "task.completed", taskId: done.id } },
  ]);
  socket.send(JSON.stringify({ type: "unsubscribe", id: "mine" }));
  socket.send(JSON.stringify({ type: "subscribe", id: "next", events: "agent.paused" }));
  await expect.poll(() => frames.length).toBe(4);
  await client.waitForTask((await client.submitTask({ body: { description: "echo" } })).id);
  await client.actOnAgent({ params: { id: "command" }, body: { action: "pause" } });
  await expect.poll(() => frames.length).toBe(5);
  expect(frames.at(-1)).toMatchObject({ type: "event", id: "next", event: { type: "agent.paused" } });
});

test("where keys are asked for, nobody gets in without one, whatever he asks for", async () => {
  const key = "a-key-that-is-long-enough";
  const { url, client } = await startJourney({ apiKeys: [key] });
  expect((await client.listAgents()).total).toBe(0);
  for (const apiKey of [undefined, "wrong", `${key}x`, ""]) {
    await expect(createClient({ url, apiKey }).listAgents()).rejects.toMatchObject({ code: "unauthorized" });
  }
  for (const path of ["/api/v1/tasks", "/api/v1/tasks/1", "/api/v1/nothing", "/api/v1/events", "/api/v1/live", "/api/v1//agents"]) {
    const response = await fetch(url + path);
    expect([response.status, response.headers.get("www-authenticate")], path).toEqual([401, 'Bearer realm="baton"']);
  }
  expect((await fetch(`${url}/api/v1/tasks`, { method: "POST", body: "{", headers: { "content-type": "application/json" } })).status).toBe(401);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  const socket = new WebSocket(url.replace("http", "ws") + LIVE_PATH);
  const [error] = (await once(socket, "error")) as [Error];
  expect(error.message).toContain("401");
  const opened = new WebSocket(url.replace("http", "ws") + LIVE_PATH, { headers: { authorization: `Bearer ${key}` } });
  onTestFinished(() => opened.terminate());
  await once(opened, "open");
});
