// Who may send as whom, and take from whose mailbox: with keys of agents, with people's logins, and without credentials on one's own machine.
import { type Client, createClient } from "@baton/client";
import type { ApiKeyInput } from "@baton/contract";
import { beforeEach, describe, expect, test } from "vitest";
import { command, startJourney } from "./world.fixture.ts";

const OPERATOR = "the-key-of-the-operator";
let url: string;
let admin: Client;
let annId: string;
const key = async (name: string, role: ApiKeyInput["role"], agent?: string): Promise<Client> => {
  const made = await admin.createApiKey({ body: { name, role, ...(agent === undefined ? {} : { agent }) } });
  return createClient({ url, apiKey: made.key });
};

describe("where credentials are demanded", () => {
  beforeEach(async () => {
    const journey = await startJourney({ apiKeys: [OPERATOR] });
    url = journey.url;
    admin = journey.client;
    for (const name of ["ann", "bob"]) await admin.createAgent({ body: { name, connector: command } });
    annId = (await admin.getAgent({ params: { id: "ann" } })).id;
    await admin.createMailbox({ body: { name: "desk" } });
  });
  test("an agent's key sends as that agent, by whichever of its names, and as no other", async () => {
    const ann = await key("for ann", "agent", "ann");
    for (const senderId of [undefined, "ann", annId])
      expect(await ann.sendMessage({ body: { recipientId: "bob", ...(senderId === undefined ? {} : { senderId }) } })).toMatchObject({ senderId: annId });
    for (const senderId of ["bob", "desk", "anybody", "key:for ann"])
      await expect(ann.sendMessage({ body: { senderId, recipientId: "desk" } })).rejects.toMatchObject({ code: "forbidden" });
    await expect(ann.broadcastMessage({ body: { senderId: "bob" } })).rejects.toMatchObject({ code: "forbidden" });
  });
  test("an agent's key takes, reads, settles and subscribes for that agent alone", async () => {
    const ann = await key("for ann", "agent", "ann");
    const [mine, other] = [await admin.sendMessage({ body: { recipientId: "ann" } }), await admin.sendMessage({ body: { recipientId: "bob" } })];
    expect((await ann.receiveMessages({ params: { id: "ann" } })).items.map(({ id }) => id)).toEqual([mine.id]);
    expect(await ann.getMessage({ params: { id: mine.id } })).toMatchObject({ id: mine.id });
    await expect(ann.getMessage({ params: { id: other.id } })).rejects.toMatchObject({ code: "not_found" });
    await expect(ann.listDeliveries({ params: { id: other.id } })).rejects.toMatchObject({ code: "not_found" });
    for (const id of ["bob", "desk", "nobody"]) {
      await expect(ann.receiveMessages({ params: { id } })).rejects.toMatchObject({ code: "forbidden" });
      await expect(ann.listAgentMessages({ params: { id } })).rejects.toMatchObject({ code: "forbidden" });
      await expect(ann.acknowledgeMessages({ params: { id }, body: { done: [other.id] } })).rejects.toMatchObject({ code: "forbidden" });
      await expect(ann.createSubscription({ body: { subscriberId: id, topic: "x" } })).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(ann.listMessages({})).rejects.toMatchObject({ code: "forbidden" });
    await expect(ann.createMailbox({ body: { name: "mine" } })).rejects.toMatchObject({ code: "forbidden" });
    expect(await ann.acknowledgeMessages({ params: { id: "ann" }, body: { done: [mine.id] } })).toEqual({ settled: 1, unknown: [] });
  });
  test("an agent ends its own subscriptions and wakes its own dead letters, and nobody else's", async () => {
    const ann = await key("for ann", "agent", "ann");
    const subscribed = await admin.createSubscription({ body: { subscriberId: "bob", topic: "x" } });
    await expect(ann.removeSubscription({ params: { id: subscribed.id } })).rejects.toMatchObject({ code: "forbidden" });
    const { id } = await admin.sendMessage({ body: { recipientId: "bob" } });
    await admin.receiveMessages({ params: { id: "bob" } });
    await admin.acknowledgeMessages({ params: { id: "bob" }, body: { failed: [{ id, final: true }] } });
    const [dead] = (await admin.listDeadLetters({})).items;
    const params = { id: dead?.delivery.id ?? "" };
    await expect(ann.redeliverMessage({ params })).rejects.toMatchObject({ code: "forbidden" });
    const bob = await key("for bob", "agent", "bob");
    expect(await bob.redeliverMessage({ params })).toMatchObject({ state: "queued" });
    await bob.removeSubscription({ params: { id: subscribed.id } });
  });
  test("a key of no one agent speaks for any agent, and for nobody else", async () => {
    const gateway = await key("gateway", "agent");
    expect(await gateway.sendMessage({ body: { senderId: "bob", recipientId: "ann" } })).toMatchObject({ recipientId: annId });
    await expect(gateway.sendMessage({ body: { senderId: "grace", recipientId: "ann" } })).rejects.toMatchObject({ code: "forbidden" });
    await expect(gateway.receiveMessages({ params: { id: "desk" } })).rejects.toMatchObject({ code: "forbidden" });
  });
  test("a person's message says who they are, whatever their role, and agents' mailboxes are not theirs to empty", async () => {
    await admin.createUser({ body: { name: "grace", password: "a password that is long", role: "user" } });
    const { accessToken } = await createClient({ url }).createToken({ body: { name: "grace", password: "a password that is long" } });
    const grace = createClient({ url, apiKey: accessToken });
    expect(await grace.sendMessage({ body: { recipientId: "ann" } })).toMatchObject({ senderId: "grace" });
    for (const senderId of ["ann", "desk", "eve"])
      await expect(grace.sendMessage({ body: { senderId, recipientId: "bob" } })).rejects.toMatchObject({ code: "forbidden" });
    await expect(grace.receiveMessages({ params: { id: "ann" } })).rejects.toMatchObject({ code: "forbidden" });
    expect((await grace.receiveMessages({ params: { id: "desk" } })).items).toEqual([]);
    await expect(admin.sendMessage({ body: { senderId: "grace", recipientId: "ann" } })).rejects.toMatchObject({ code: "forbidden" });
    expect(await admin.sendMessage({ body: { recipientId: "ann" } })).toMatchObject({ senderId: (await admin.getIdentity({})).name });
  });
});
test("whoever reaches a server that demands nothing may send as anybody", async () => {
  const { client } = await startJourney();
  await client.createMailbox({ body: { name: "desk" } });
  expect(await client.sendMessage({ body: { senderId: "anybody", recipientId: "desk" } })).toMatchObject({ senderId: "anybody" });
});
