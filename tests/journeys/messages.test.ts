// Messages as their users meet them: through the client, across a server that is killed, and as a person asks an agent something.
import { expect, test } from "vitest";
import { startJourney } from "./world.fixture.ts";

test("a person sends to an agent, which takes it, answers, and what nobody may take is refused", async () => {
  const { client, addCommand } = await startJourney();
  const agentId = await addCommand("worker");
  await client.createMailbox({ body: { name: "desk" } });
  const asked = await client.sendMessage({
    body: { senderId: "desk", recipientId: "worker", pattern: "request_response", messageType: "request", priority: "high", payload: { n: 1 } },
  });
  expect(asked).toMatchObject({ recipientId: agentId, request: { state: "waiting" } });
  const [taken] = (await client.receiveMessages({ params: { id: "worker" }, query: { waitMs: 5000 } })).items;
  expect(taken).toMatchObject({ id: asked.id, payload: { n: 1 } });
  await client.sendMessage({ body: { senderId: "worker", pattern: "request_response", correlationId: asked.id, messageType: "response", payload: { n: 2 } } });
  const answer = await client.getResponse({ params: { id: asked.id }, query: { waitMs: 5000 } });
  expect(answer).toMatchObject({ state: "answered", response: { senderId: agentId, recipientId: "desk", payload: { n: 2 } } });
  await expect(client.sendMessage({ body: { recipientId: "nobody" } })).rejects.toMatchObject({ code: "not_found" });
  const sent = await client.listEvents({ query: { type: "message.*" } });
  expect(sent.items.map(({ data }) => data["messageId"])).toEqual([asked.id, answer.response?.id]);
  expect(JSON.stringify(sent)).not.toContain('"n":');
});

test("a payload of nearly 10 MB goes through, and one that is larger is told so", async () => {
  const { client } = await startJourney();
  await client.createMailbox({ body: { name: "desk" } });
  const payload = "x".repeat(10 * 1024 * 1024 - 2);
  await client.sendMessage({ body: { recipientId: "desk", payload } });
  expect((await client.receiveMessages({ params: { id: "desk" } })).items[0]?.payload).toBe(payload);
  await expect(client.sendMessage({ body: { recipientId: "desk", payload: `${payload}x` } })).rejects.toMatchObject({ code: "too_large" });
});
