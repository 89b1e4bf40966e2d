// Messages brought to agents that do not fetch them: by webhook, and as turns, which wait until the agent is idle; and the older envelope.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBaton } from "@baton/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { startJourney } from "./world.fixture.ts";

interface Call {
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}
/** An agent behind HTTP whose answers the test gives. */
async function openService(answer: (call: Call, nth: number) => { status: number; body?: unknown }) {
  const calls: Call[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    // Asked for its health and its card, which it has not.
    if (request.method !== "POST") return void response.writeHead(404).end();
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    request.on("end", () => {
      const call = { path: request.url ?? "", authorization: request.headers.authorization, body: text === "" ? {} : JSON.parse(text) };
      calls.push(call);
      const { status, body = {} } = answer(call, calls.length);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const nth = async (count: number): Promise<Call> => {
    while (calls.length < count) await new Promise<void>((wake) => waiting.push(wake));
    return calls[count - 1] as Call;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, nth };
}

describe("by webhook", () => {
  test("a message is posted with the agent's own credentials, again when it was not taken, and acknowledged by a 2xx", async () => {
    const { client, event } = await startJourney();
    const service = await openService((_, nth) => ({ status: nth === 1 ? 503 : 204 }));
    const connector = {
      kind: "http" as const,
      endpoint: service.url,
      messagesPath: "/inbox",
      mapping: { request: { headers: { authorization: "Bearer ${TOKEN}" } } },
    };
    await client.createAgent({ body: { name: "hook", connector, environment: { TOKEN: "the-agents-own" } } });
    const sent = await client.sendMessage({ body: { senderId: "grace", recipientId: "hook", payload: { n: 1 } } });
    const second = await service.nth(2);
    expect(second).toMatchObject({
      path: "/inbox",
      authorization: "Bearer the-agents-own",
      body: { id: sent.id, senderId: "grace", payload: { n: 1 }, delivery: { retryCount: 1 } },
    });
    for (;;) {
      const [delivery] = (await client.listDeliveries({ params: { id: sent.id } })).items;
      if (delivery?.state === "acknowledged") break;
    }
    expect(service.calls.length).toBe(2);
    expect((await client.listEvents({ query: { type: "message.*" } })).items.map(({ type }) => type)).toEqual(["message.sent"]);
    await event(({ type }) => type === "message.sent");
  });
  test("an HTTP agent without one leaves its messages in the mailbox", async () => {
    const { client, addService } = await startJourney();
    await addService("plain");
    await client.sendMessage({ body: { recipientId: "plain", payload: "kept" } });
    expect((await client.receiveMessages({ params: { id: "plain" } })).items).toMatchObject([{ payload: "kept" }]);
  });
});

describe("as a turn", () => {
  test("a request becomes a task for that agent, and what it answers is the response", async () => {
    const { client, addCommand } = await startJourney();
    const agentId = await addCommand("worker", { messages: "turn" });
    await addCommand("other");
    const asked = await client.sendMessage({ body: { senderId: "grace", recipientId: "worker", pattern: "request_response", payload: "How are you?" } });
    const { state, response } = await client.getResponse({ params: { id: asked.id }, query: { waitMs: 10_000 } });
    expect(state).toBe("answered");
    expect(response).toMatchObject({ senderId: agentId, correlationId: asked.id });
    expect(JSON.stringify(response?.payload)).toContain("How are you?");
    const { items } = await client.listTasks({});
    expect(items).toMatchObject([{ type: "message", status: "completed", title: "Message from grace" }]);
  });
  test("to an agent of a project it is a task of that project", async () => {
    const { client, addCommand, until } = await startJourney();
    await addCommand("worker", { messages: "turn", projectId: "red" });
    await client.sendMessage({ body: { senderId: "grace", recipientId: "worker", payload: "Hello." } });
    const turn = async () => (await client.listTasks({})).items.find(({ type }) => type === "message");
    let task = await turn();
    while (task === undefined) task = await turn();
    expect(task.projectId).toBe("red");
    await until(task.id, ({ status }) => status === "completed");
  });
  test("an agent that is at work is told when it is done, and not before", async () => {
    const { client, addCommand, until } = await startJourney();
    await addCommand("worker", { messages: "turn", maxConcurrentTasks: 1 });
    const busy = await client.submitTask({ body: { description: "hang", requirements: ["worker"] } });
    await until(busy.id, ({ status }) => status === "executing");
    const sent = await client.sendMessage({ body: { senderId: "grace", recipientId: "worker", payload: "Hello." } });
    const turn = async () => (await client.listTasks({})).items.find(({ type }) => type === "message");
    let task = await turn();
    while (task === undefined) task = await turn();
    expect((await client.getTask({ params: { id: task.id } })).steps[0]?.attempts).toEqual([]);
    await client.cancelTask({ params: { id: busy.id } });
    await until(task.id, ({ status }) => status === "completed");
    for (;;) if ((await client.listDeliveries({ params: { id: sent.id } })).items[0]?.state === "acknowledged") break;
  });
  test("a server that ends meanwhile tells it no second time", async () => {
    const { baton, client, addCommand, url, dataDir, until } = await startJourney();
    await addCommand("worker", { messages: "turn", maxConcurrentTasks: 1 });
    const busy = await client.submitTask({ body: { description: "hang", requirements: ["worker"] } });
    await until(busy.id, ({ status }) => status === "executing");
    await client.sendMessage({ body: { senderId: "grace", recipientId: "worker", payload: "Hello." } });
    while ((await client.listTasks({})).total < 2) continue;
    await baton.stop();
    const next = await startBaton({ dataDir, port: Number(new URL(url).port), logLevel: "silent", sqliteSynchronous: "normal", pollMs: 100, drainMs: 0 }, {});
    onTestFinished(() => next.stop());
    await client.cancelTask({ params: { id: busy.id } });
    const turn = (await client.listTasks({})).items.find(({ type }) => type === "message");
    await until(turn?.id ?? "", ({ status }) => status === "completed");
    expect((await client.listTasks({})).total).toBe(2);
  });
  test("what the agent fails at is a dead letter that says why, and the request is told so", async () => {
    const { client } = await startJourney();
    await client.createAgent({
      body: { name: "worker", messages: "turn", connector: { kind: "process", command: process.execPath, args: ["-e", "process.exit(3)"] } },
    });
    const asked = await client.sendMessage({ body: { senderId: "grace", recipientId: "worker", pattern: "request_response", timeoutMs: 60_000 } });
    expect(await client.getResponse({ params: { id: asked.id }, query: { waitMs: 10_000 } })).toEqual({ state: "undeliverable", response: null });
    expect((await client.listDeadLetters({})).items[0]?.delivery.reason).toMatch(/Task .* failed/);
  });
  test("what is sensitive is not told as a task, which would keep it in the open, and the request is told so", async () => {
    const { client } = await startJourney();
    await client.createAgent({ body: { name: "worker", messages: "turn", connector: { kind: "process", command: "cat" } } });
    const asked = await client.sendMessage({
      body: { senderId: "grace", recipientId: "worker", pattern: "request_response", timeoutMs: 60_000, payload: "4711-secret", sensitive: true },
    });
    expect((await client.getResponse({ params: { id: asked.id }, query: { waitMs: 10_000 } })).state).toBe("undeliverable");
    expect((await client.listDeadLetters({})).items).toMatchObject([{ payload: null, delivery: { reason: expect.stringContaining("sensitive") } }]);
    expect((await client.listTasks({})).total).toBe(0);
  });
});

/** As it is documented: two messages with arrows between and `{...}` for what is left out. */
const [REQUEST, RESPONSE] = readFileSync(fileURLToPath(new URL("../documented-examples/X2-02_a2a_messages.txt", import.meta.url)), "utf8")
  .split(/^\S+ \S+ \S+:$/m)
  .slice(1)
  .map((text) => JSON.parse(text.replaceAll("{...}", "{}")) as Record<string, unknown>);
async function post(url: string, body: unknown, query = "") {
  const response = await fetch(`${url}/a2a/message${query}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
describe("the older envelope", () => {
  test("the documented request reaches its agent, and what is answered comes back in the documented shape", async () => {
    const { client, url } = await startJourney();
    const service = await openService(() => ({ status: 200, body: RESPONSE }));
    await client.createAgent({ body: { name: "ResearchAgent", connector: { kind: "a2a", url: `${service.url}/a2a/message`, protocol: "envelope" } } });
    const { status, body } = await post(url, REQUEST);
    expect(status).toBe(200);
    expect(body).toMatchObject({ sender: "ResearchAgent", receiver: "MainOrchestrator", message_type: "response", session_id: "sess_123" });
    expect(body["content"]).toMatchObject({ status: "success", response: "Result..." });
    const call = service.calls.find(({ body: sent }) => "sender" in sent);
    expect(call).toMatchObject({ path: "/a2a/message", body: { receiver: "ResearchAgent", message_type: "request" } });
    expect(JSON.stringify(call?.body)).toContain("Task description");
  });
  test("an agent that fetches its messages answers with the documented response, and the request has it", async () => {
    const { client, url } = await startJourney();
    await client.createAgent({ body: { name: "ResearchAgent", connector: { kind: "dialin" } } });
    const waiting = await post(url, REQUEST, "?waitMs=0");
    expect(waiting.body["content"]).toMatchObject({ status: "pending" });
    const asked = (waiting.body["content"] as { message_id: string }).message_id;
    expect((await client.receiveMessages({ params: { id: "ResearchAgent" } })).items).toMatchObject([
      { id: asked, payload: { description: "Task description" } },
    ]);
    expect(await post(url, RESPONSE)).toMatchObject({ status: 200, body: { content: { status: "delivered" } } });
    const { state, response } = await client.getResponse({ params: { id: asked } });
    expect([state, response?.payload]).toEqual(["answered", RESPONSE?.["content"]]);
    expect((await client.receiveMessages({ params: { id: "MainOrchestrator" } })).items).toMatchObject([{ correlationId: asked }]);
  });
  test("a receiver nobody knows is told so", async () => {
    const { client, url } = await startJourney();
    expect((await post(url, REQUEST)).status).toBe(404);
    expect((await client.listMessages({})).items).toEqual([]);
  });
});
