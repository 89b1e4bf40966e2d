// The tools Baton hands to agents at work: a fake coding agent and the official MCP client send, ask, read and acknowledge by them, as the
// agent, and only while its attempt runs.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, onTestFinished, test } from "vitest";
import { fakeAgentPath, startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { type Journey, startJourney } from "./world.fixture.ts";

interface Handed {
  name: string;
  url: string;
  headers: { name: string; value: string }[];
}
const coder = { kind: "acp" as const, command: process.execPath, args: [fakeAgentPath("acp-agent.mjs"), "--http"] };
async function openStage(): Promise<Journey & { annId: string; run(description: string): Promise<string> }> {
  const journey = await startJourney();
  const { client } = journey;
  const ann = await client.createAgent({ body: { name: "ann", connector: coder, capabilities: ["code"], messages: "tools" } });
  await client.createMailbox({ body: { name: "desk", description: "Where people look." } });
  const run = async (description: string) =>
    (await client.waitForTask((await client.submitTask({ body: { description, requirements: ["code"] } })).id)).result as string;
  return { ...journey, annId: ann.id, run };
}
/** Its tools, while it works on something that goes on until it is cancelled, in the hands of the official client. */
async function openTools({ client, until }: Journey) {
  const { id: taskId } = await client.submitTask({ body: { description: "reveal-and-hang", requirements: ["code"] } });
  const said = async (): Promise<string> => {
    const task = await client.getTask({ params: { id: taskId } });
    const attemptId = task.steps[0]?.attempts[0]?.id;
    if (attemptId === undefined) return "";
    const { items } = await client.listAttemptUpdates({ params: { id: attemptId } });
    return items.map(({ update }) => ("text" in update ? update.text : "")).join("");
  };
  await expect.poll(said, { timeout: 20_000 }).toContain("}");
  const [server] = (JSON.parse(await said()) as { mcpServers: Handed[] }).mcpServers;
  const headers = Object.fromEntries((server?.headers ?? []).map(({ name, value }) => [name, value]));
  const tools = new Client({ name: "test", version: "1.0.0" });
  await tools.connect(new StreamableHTTPClientTransport(new URL(server?.url ?? ""), { requestInit: { headers } }));
  onTestFinished(() => tools.close());
  const call = async (name: string, args: Record<string, unknown> = {}): Promise<unknown> => {
    const { content } = (await tools.callTool({ name, arguments: args })) as { content: { text: string }[] };
    return JSON.parse(content[0]?.text ?? "null");
  };
  const end = async (): Promise<void> => {
    await client.cancelTask({ params: { id: taskId } });
    await until(taskId, ({ status }) => status === "cancelled");
  };
  return { tools, call, end, url: server?.url ?? "", headers };
}

test("a coding agent sends by the tool it was handed, as itself, and what it may not is told to it", async () => {
  const { client, annId, run } = await openStage();
  const opened = JSON.parse(await run("reveal")) as { session: { opened: { mcpServers: Handed[] } } };
  expect(opened.session.opened.mcpServers).toMatchObject([{ type: "http", name: "baton", url: expect.stringMatching(/\/mcp$/) }]);
  const sent = JSON.parse(await run('use send_message {"to":"desk","message":"It is done.","type":"status_update"}')) as { id: string };
  const { items } = await client.receiveMessages({ params: { id: "desk" } });
  expect(items).toMatchObject([{ id: sent.id, senderId: annId, messageType: "status_update", payload: "It is done." }]);
  expect(await run('use send_message {"to":"nobody","message":"Hello?"}')).toContain("There is no agent or mailbox nobody");
  expect(await run('use send_message {"message":"Hello?"}')).toContain("Say who gets it");
});
test("by the official client: recipients, a question with its answer, messages read and acknowledged", async () => {
  const stage = await openStage();
  const { client, annId } = stage;
  const { tools, call } = await openTools(stage);
  expect((await tools.listTools()).tools.map(({ name }) => name)).toEqual([
    "list_recipients",
    "send_message",
    "get_answer",
    "read_messages",
    "acknowledge_messages",
  ]);
  expect(await call("list_recipients")).toEqual({ recipients: [{ name: "desk", kind: "mailbox", description: "Where people look.", capabilities: [] }] });
  const asked = (await call("send_message", { to: "desk", message: { question: "Which branch?" }, ask: true })) as { id: string };
  expect(asked).toMatchObject({ state: "waiting" });
  const answering = call("get_answer", { id: asked.id, wait_seconds: 20 });
  await client.sendMessage({ body: { pattern: "request_response", correlationId: asked.id, senderId: "desk", payload: "main" } });
  expect(await answering).toEqual({ state: "answered", from: "desk", answer: "main" });

  const read = (await call("read_messages", { wait_seconds: 20 })) as { messages: { id: string }[] };
  expect(read.messages).toMatchObject([{ from: "desk", message: "main" }]);
  await call("acknowledge_messages", { ids: read.messages.map(({ id }) => id) });
  const question = await client.sendMessage({
    body: { senderId: "desk", recipientId: "ann", pattern: "request_response", timeoutMs: 60_000, payload: "And you?" },
  });
  expect(await call("read_messages", { wait_seconds: 20 })).toMatchObject({
    messages: [{ id: question.id, message: "And you?", answer_by: expect.any(String) }],
  });
  await call("send_message", { answers: question.id, message: "Fine." });
  expect(await client.getResponse({ params: { id: question.id } })).toMatchObject({ state: "answered", response: { senderId: annId, payload: "Fine." } });
  expect(await call("read_messages")).toEqual({ messages: [] });
});
test("an agent of a project finds and reaches nobody of another, and who all share are told of nobody's", async () => {
  const { client, run } = await openStage();
  for (const name of ["red", "blue"]) {
    await client.createAgent({ body: { name: `${name}-mate`, connector: { kind: "dialin" }, capabilities: ["other"], projectId: name } });
    await client.createAgent({ body: { name: `${name}-coder`, connector: coder, capabilities: [`${name}-code`], messages: "tools", projectId: name } });
  }
  const inRed = async (description: string): Promise<string> => {
    const { id } = await client.submitTask({ body: { description, requirements: ["red-code"], projectId: "red" } });
    return (await client.waitForTask(id)).result as string;
  };
  const names = (told: string): string[] => (JSON.parse(told) as { recipients: { name: string }[] }).recipients.map(({ name }) => name);
  expect(names(await inRed("use list_recipients {}"))).toEqual(["ann", "red-mate", "desk"]);
  expect(names(await run("use list_recipients {}"))).toEqual(["desk"]);
  expect(await inRed('use send_message {"to":"red-mate","message":"Hello."}')).toContain('"id"');
  expect(await inRed('use send_message {"to":"blue-mate","message":"Hello."}')).toContain("There is no agent or mailbox blue-mate");
  expect(await run('use send_message {"to":"blue-mate","message":"Hello."}')).toContain("There is no agent or mailbox blue-mate");
  for (const name of ["red", "blue"]) await client.createSubscription({ body: { subscriberId: `${name}-mate`, topic: "news" } });
  expect(JSON.parse(await inRed('use send_message {"topic":"news","message":"Hello."}'))).toMatchObject({ recipients: 1 });
  const [told] = (await client.listMessages({ query: { topic: "news" } })).items;
  const { items } = await client.listDeliveries({ params: { id: told?.id ?? "" } });
  expect(items.map(({ recipientId }) => recipientId)).toEqual([(await client.getAgent({ params: { id: "red-mate" } })).id]);
});
test("the tools are for who shows a token of an attempt that runs, whoever else may call the server", async () => {
  const stage = await openStage();
  const { end, url, headers } = await openTools(stage);
  const ask = async (given: Record<string, string>): Promise<number> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...given },
      body,
    });
    await response.body?.cancel();
    return response.status;
  };
  const token = headers["authorization"] ?? "";
  expect([await ask({}), await ask({ authorization: "Bearer none" }), await ask({ authorization: `${token.slice(0, -6)}AAAAAA` }), await ask(headers)]).toEqual(
    [401, 401, 401, 200],
  );
  await end();
  await expect.poll(() => ask(headers), { timeout: 20_000 }).toBe(401);
});
test("a model that is called by its interface sends by the tool, too; agents that did not ask for tools are handed none", async () => {
  const { client } = await openStage();
  const model = await startFakeAgent("openai-agent.mjs");
  onTestFinished(() => model.close());
  const openai = {
    kind: "openai" as const,
    baseUrl: `http://127.0.0.1:${model.port}/v1`,
    model: "small",
    permissions: { rules: [], otherwise: "allow" as const },
  };
  const body = { connector: openai, capabilities: ["chat"] };
  const { id } = await client.createAgent({ body: { ...body, name: "model", messages: "tools" } });
  await client.createAgent({ body: { ...body, name: "plain", capabilities: ["plain"] } });
  const task = await client.submitTask({ body: { description: 'call send_message {"to":"desk","message":"Hi."}', requirements: ["chat"] } });
  expect(await client.waitForTask(task.id)).toMatchObject({ status: "completed" });
  expect((await client.receiveMessages({ params: { id: "desk" } })).items).toMatchObject([{ senderId: id, payload: "Hi." }]);
  const plain = await client.submitTask({ body: { description: 'call send_message {"to":"desk","message":"Hi."}', requirements: ["plain"] } });
  expect(await client.waitForTask(plain.id)).toMatchObject({ result: "offered: " });
});
