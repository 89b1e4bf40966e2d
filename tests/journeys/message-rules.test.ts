// Rules of who may send what to whom, as their users meet them: set by API, held on every server at once, named when they refuse, and audited.
import { type Client, createClient } from "@baton/client";
import type { Baton } from "@baton/server";
import { expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { command, startJourney } from "./world.fixture.ts";

const OPERATOR = "the-key-of-the-operator";
const keyOf = async (admin: Client, url: string, name: string, role: "agent" | "user"): Promise<Client> =>
  createClient({ url, apiKey: (await admin.createApiKey({ body: { name, role, ...(role === "agent" ? { agent: name } : {}) } })).key });
const forbidden = (by: string) => expect.objectContaining({ code: "forbidden", message: expect.stringContaining(by) });

test("what a rule denies is refused by its name, by capability, role and mailbox, until the rule is gone", async () => {
  const { url, client: admin } = await startJourney({ apiKeys: [OPERATOR] });
  await admin.createAgent({ body: { name: "ann", connector: command, capabilities: ["draft"] } });
  await admin.createAgent({ body: { name: "bob", connector: command, capabilities: ["release"] } });
  await admin.createMailbox({ body: { name: "desk" } });
  const [ann, bob] = [await keyOf(admin, url, "ann", "agent"), await keyOf(admin, url, "bob", "agent")];
  const rule = await admin.createMessageRule({
    body: {
      name: "drafters-ask-no-release",
      effect: "deny",
      from: ["capability:draft"],
      to: ["capability:release", "mailbox:desk"],
      messageTypes: ["task_request"],
    },
  });
  await expect(ann.sendMessage({ body: { recipientId: "bob", messageType: "task_request" } })).rejects.toEqual(forbidden("drafters-ask-no-release"));
  await expect(ann.sendMessage({ body: { recipientId: "desk", messageType: "task_request" } })).rejects.toEqual(forbidden("drafters-ask-no-release"));
  await ann.sendMessage({ body: { recipientId: "bob" } });
  await bob.sendMessage({ body: { recipientId: "desk", messageType: "task_request" } });
  await expect(ann.createMessageRule({ body: { name: "mine", effect: "allow" } })).rejects.toEqual(forbidden("access.manage"));
  await admin.replaceMessageRule({ params: { id: rule.name }, body: { name: rule.name, effect: "deny", from: ["agent:ann"], to: ["agent:bob"] } });
  await expect(ann.sendMessage({ body: { recipientId: "bob" } })).rejects.toEqual(forbidden("drafters-ask-no-release"));
  await admin.removeMessageRule({ params: { id: rule.id } });
  await ann.sendMessage({ body: { recipientId: "bob", messageType: "task_request" } });
  const { items } = await admin.listAudit({ query: { limit: 500 } });
  const actions = items.map(({ action, status }) => `${action} ${status}`);
  expect(actions).toEqual(
    expect.arrayContaining(["createMessageRule 201", "createMessageRule 403", "sendMessage 403", "replaceMessageRule 200", "removeMessageRule 204"]),
  );
});
test("a broadcast and a topic reach those that rules let them reach, and nobody left is a refusal", async () => {
  const { client, addCommand } = await startJourney();
  for (const name of ["ann", "bob"]) await addCommand(name);
  await client.createMailbox({ body: { name: "desk" } });
  for (const subscriberId of ["bob", "desk"]) await client.createSubscription({ body: { subscriberId, topic: "news.*" } });
  await client.createMessageRule({ body: { name: "desk-is-quiet", effect: "deny", from: ["role:agent"], to: ["mailbox:desk"] } });
  expect(await client.broadcastMessage({ body: { senderId: "ann" } })).toMatchObject({ recipients: 1 });
  expect(await client.broadcastMessage({ body: { senderId: "who" } })).toMatchObject({ recipients: 3 });
  expect(await client.sendMessage({ body: { senderId: "ann", topic: "news.today" } })).toMatchObject({ recipients: 1 });
  const sent = (await client.listEvents({ query: { type: "message.sent" } })).items.map(({ data }) => data["withheld"]);
  expect(sent).toEqual([1, undefined, 1]);
  await client.createMessageRule({ body: { name: "no-news", effect: "deny", topics: ["news.*"] } });
  await expect(client.sendMessage({ body: { senderId: "ann", topic: "news.today" } })).rejects.toEqual(forbidden("no-news"));
  await expect(client.createMessageRule({ body: { name: "no-news", effect: "deny" } })).rejects.toMatchObject({ code: "name_taken" });
  await expect(client.replaceMessageRule({ params: { id: "no-news" }, body: { name: "other", effect: "deny" } })).rejects.toMatchObject({ code: "conflict" });
  await expect(client.removeMessageRule({ params: { id: "nobody" } })).rejects.toMatchObject({ code: "not_found" });
});
test("where it is closed only what a rule allows is taken, and whoever was asked may answer", async () => {
  const { client, addCommand } = await startJourney({ messageRouting: "closed" });
  for (const name of ["ann", "bob"]) await addCommand(name);
  await expect(client.sendMessage({ body: { senderId: "ann", recipientId: "bob" } })).rejects.toEqual(forbidden("BATON_MESSAGE_ROUTING"));
  await client.createMessageRule({ body: { name: "ann-asks-bob", effect: "allow", from: ["agent:ann"], to: ["agent:bob"] } });
  const asked = await client.sendMessage({ body: { senderId: "ann", recipientId: "bob", pattern: "request_response" } });
  await expect(client.sendMessage({ body: { senderId: "bob", recipientId: "ann" } })).rejects.toEqual(forbidden("closed"));
  expect(await client.sendMessage({ body: { senderId: "bob", pattern: "request_response", correlationId: asked.id } })).toMatchObject({ recipients: 1 });
});

const postgres = await postgresUrl();
test.skipIf(postgres === undefined)("a rule that is set on one server holds on the other with the next message", async () => {
  const databaseUrl = await createDatabase(postgres as string);
  const servers: Baton[] = [];
  for (const serverName of ["one", "other"]) {
    const { baton } = await startJourney({ databaseUrl, serverName, secretKey: "a key that both servers know" });
    servers.push(baton);
  }
  const [one, other] = servers.map(({ url }) => createClient({ url })) as [Client, Client];
  await one.createMailbox({ body: { name: "desk" } });
  await other.sendMessage({ body: { recipientId: "desk" } });
  await one.createMessageRule({ body: { name: "shut", effect: "deny", to: ["mailbox:desk"] } });
  await expect(other.sendMessage({ body: { recipientId: "desk" } })).rejects.toEqual(forbidden("shut"));
  await one.removeMessageRule({ params: { id: "shut" } });
  await other.sendMessage({ body: { recipientId: "desk" } });
});
