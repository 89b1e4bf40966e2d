// Messages of dial-in agents over their sockets: pushed, settled, resumed on a new connection, and never again once their ack is stored.
import type { DeliveredMessage } from "@baton/contract";
import { connectAgent } from "@baton/client";
import { startBaton } from "@baton/server";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { startJourney } from "./world.fixture.ts";

function open<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
/** Calls back when the nth message came. */
function inbox(count: number): { got: DeliveredMessage[]; all: Promise<void>; take(message: DeliveredMessage): void } {
  const { promise, resolve } = open<void>();
  const got: DeliveredMessage[] = [];
  return {
    got,
    all: promise,
    take: (message) => {
      if (got.push(message) === count) resolve();
    },
  };
}
const settled = async (client: { getMessageStats(): Promise<{ queued: number; handed: number }> }): Promise<void> => {
  for (let left = 1; left > 0; ) {
    const { queued, handed } = await client.getMessageStats();
    left = queued + handed;
  }
};

test("a dial-in agent gets its messages in order and what it takes care of is acknowledged", async () => {
  const { client, dialIn } = await startJourney();
  const box = inbox(50);
  const agent = await dialIn({ name: "ann", capabilities: [], onMessage: box.take }, () => null);
  for (let n = 0; n < 50; n++) await client.sendMessage({ body: { senderId: "bob", recipientId: "ann", payload: n } });
  await box.all;
  expect(box.got.map(({ payload }) => payload)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  await settled(client);
  expect((await client.listDeliveries({ params: { id: box.got[0]?.id ?? "" } })).items).toMatchObject([{ recipientId: agent.agentId, state: "acknowledged" }]);
});
test("an agent sends as itself, while it works and between, and is told why not", async () => {
  const { client, dialIn } = await startJourney();
  await client.createMailbox({ body: { name: "desk" } });
  const agent = await dialIn(
    { name: "ann", capabilities: ["work"], onMessage: () => undefined },
    async (_, { send }) => (await send({ recipientId: "desk", payload: "at work" })).id,
  );
  const task = await client.submitTask({ body: { description: "Go.", requirements: ["work"] } });
  await client.waitForTask(task.id);
  const sent = await agent.send({ topic: "news" });
  expect(sent).toMatchObject({ senderId: agent.agentId, pattern: "pub_sub" });
  const { items } = await client.receiveMessages({ params: { id: "desk" } });
  expect(items).toMatchObject([{ senderId: agent.agentId, payload: "at work" }]);
  await expect(agent.send({ recipientId: "nobody" })).rejects.toMatchObject({ code: "not_found" });
  await expect(agent.send({ recipientId: "desk", senderId: "desk" } as { recipientId: string })).rejects.toMatchObject({ code: "forbidden" });
});
test("two agents ask and answer each other", async () => {
  const { dialIn } = await startJourney();
  const bob = await dialIn(
    {
      name: "bob",
      capabilities: [],
      onMessage: async ({ id, payload }) => bob.send({ pattern: "request_response", correlationId: id, payload: [payload, "yes"] }),
    },
    () => null,
  );
  const box = inbox(1);
  const ann = await dialIn({ name: "ann", capabilities: [], onMessage: box.take }, () => null);
  const asked = await ann.send({ pattern: "request_response", recipientId: "bob", payload: "may I" });
  await box.all;
  expect(box.got[0]).toMatchObject({ correlationId: asked.id, senderId: bob.agentId, payload: ["may I", "yes"] });
});
test("what an agent cannot take care of comes again, and says why it failed before", async () => {
  const { client, dialIn } = await startJourney();
  const second = open<DeliveredMessage>();
  await dialIn(
    {
      name: "ann",
      capabilities: [],
      onMessage: (message) => {
        if (message.delivery.retryCount === 0) throw new Error("not yet");
        second.resolve(message);
      },
    },
    () => null,
  );
  await client.sendMessage({ body: { recipientId: "ann" } });
  expect((await second.promise).delivery).toMatchObject({ retryCount: 1, reason: "not yet" });
});
test("what was in hand when the server died is taken care of once, and acknowledged to the server that follows", async () => {
  const { baton, client, url, dataDir } = await startJourney();
  const begun = open<void>();
  const goOn = open<void>();
  const got: unknown[] = [];
  const agent = await connectAgent(
    {
      url,
      name: "ann",
      capabilities: [],
      onMessage: async ({ payload }) => {
        got.push(payload);
        begun.resolve();
        await goOn.promise;
      },
    },
    () => null,
  );
  onTestFinished(() => agent.close({ graceMs: 0 }));
  for (const payload of [1, 2]) await client.sendMessage({ body: { senderId: "bob", recipientId: "ann", payload } });
  await begun.promise;
  await baton.stop();
  goOn.resolve();
  const next = await startBaton({ dataDir, port: Number(new URL(url).port), logLevel: "error", sqliteSynchronous: "normal", pollMs: 100, drainMs: 0 }, {});
  onTestFinished(() => next.stop());
  await settled(client);
  expect(got).toEqual([1, 2]);
});
test("what a broken connection had and did not acknowledge is handed to the next at once, in order", async () => {
  const { client, url, dialIn } = await startJourney();
  const seen: { type: string; message?: DeliveredMessage }[] = [];
  const enough = open<void>();
  await client.createAgent({ body: { name: "ann", connector: { kind: "dialin" } } });
  for (const payload of [1, 2, 3]) await client.sendMessage({ body: { senderId: "bob", recipientId: "ann", payload } });
  const raw = new WebSocket(`${url.replace("http", "ws")}/api/v1/live`);
  raw.on("open", () => raw.send(JSON.stringify({ type: "agent.attach", agent: { name: "ann" } })));
  raw.on("message", (data) => {
    const frame = JSON.parse(String(data)) as (typeof seen)[number];
    if (frame.type === "agent.attached") raw.send(JSON.stringify({ type: "messages.take", window: 2 }));
    if (frame.type !== "message") return;
    if (seen.push(frame) === 2) enough.resolve();
  });
  await enough.promise;
  expect(seen.map(({ message }) => message?.payload)).toEqual([1, 2]);
  raw.terminate();
  const box = inbox(3);
  await dialIn({ name: "ann", capabilities: [], onMessage: box.take }, () => null);
  await box.all;
  expect(box.got.map(({ payload }) => payload)).toEqual([1, 2, 3]);
});
test("an agent without onMessage leaves its messages in the mailbox", async () => {
  const { client, dialIn } = await startJourney();
  await dialIn({ name: "ann", capabilities: [] }, () => null);
  await client.sendMessage({ body: { recipientId: "ann", payload: "kept" } });
  expect((await client.receiveMessages({ params: { id: "ann" } })).items).toMatchObject([{ payload: "kept" }]);
});
test("six messages of nearly 10 MB reach an agent one after another", async () => {
  const { client, dialIn } = await startJourney();
  const box = inbox(6);
  await client.createAgent({ body: { name: "ann", connector: { kind: "dialin" } } });
  const payload = "x".repeat(10 * 1024 * 1024 - 2);
  for (let n = 0; n < 6; n++) await client.sendMessage({ body: { senderId: "bob", recipientId: "ann", payload } });
  await dialIn({ name: "ann", capabilities: [], onMessage: box.take }, () => null);
  await box.all;
  expect(box.got.every((message) => message.payload === payload)).toBe(true);
  await settled(client);
});
