// Tools found by capability and handed to agents, through the public client: a real tool server, a real model service and a real ACP agent.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fakeAgentPath, startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { startJourney } from "./world.fixture.ts";

const toolProgram = { name: "own", command: process.execPath, args: [fakeAgentPath("mcp-server.mjs"), "stdio"], env: { TOOL_KEY: "k3y-of-the-tools" } };
const allowed = { rules: [], otherwise: "allow" as const };

async function openStage() {
  const journey = await startJourney();
  const { client } = journey;
  const model = await startFakeAgent("openai-agent.mjs");
  onTestFinished(() => model.close());
  await client.createAgent({ body: { name: "calculator", connector: { kind: "mcp", server: toolProgram } } });
  const openai = { kind: "openai" as const, baseUrl: `http://127.0.0.1:${model.port}/v1`, model: "small", permissions: allowed };
  await client.createAgent({ body: { name: "model", connector: openai, capabilities: ["arithmetic"] } });
  const submit = async (body: Parameters<typeof client.submitTask>[0]["body"]) => client.waitForTask((await client.submitTask({ body })).id);
  return { ...journey, submit };
}

test("a model calls a tool that was found by its words, and reads a resource it was handed", async () => {
  const { client, submit, dataDir } = await openStage();
  expect((await client.listTools({ query: { match: "two numbers" } })).items).toMatchObject([{ serverName: "calculator", name: "add", unavailable: null }]);
  const added = await submit({ description: 'call add {"a":2,"b":3}', requirements: ["arithmetic"], tools: ["two numbers"] });
  expect(added).toMatchObject({ status: "completed", result: "5" });
  expect(added.steps[0]?.attempts[0]?.assignment.reasons).toContain("Is handed the tool server calculator.");
  const attemptId = added.steps[0]?.attempts[0]?.id ?? "";
  const { items } = await client.listAttemptUpdates({ params: { id: attemptId } });
  expect(items.map(({ update }) => update)).toContainEqual(expect.objectContaining({ kind: "tool", title: "add", status: "completed" }));
  const read = await submit({ description: 'call read_resource {"uri":"file:///notes.md"}', tools: ["notes"] });
  expect(read).toMatchObject({ status: "completed", result: "# Notes" });
  const without = await submit({ description: 'call add {"a":2,"b":3}' });
  expect(without).toMatchObject({ status: "completed", result: "offered: " });
  // The keys of a tool server are for those who are handed it alone.
  const told = JSON.stringify([await client.getAgent({ params: { id: "calculator" } }), added, await client.listTools(), items]);
  expect(told).not.toContain("k3y-of-the-tools");
  await expect.poll(() => readdir(join(dataDir, "attempts"))).toEqual([]);
});

test("an ACP agent is handed the tool server with its key, and links to its resources", async () => {
  const { client, submit } = await openStage();
  const coder = { kind: "acp" as const, command: process.execPath, args: [fakeAgentPath("acp-agent.mjs")] };
  await client.createAgent({ body: { name: "coder", connector: coder, capabilities: ["code"] } });
  const task = await submit({ description: "reveal", requirements: ["code"], tools: ["calculator"] });
  const { session, environment } = JSON.parse(task.result as string) as { session: { opened: { mcpServers: unknown[] } }; environment: object };
  expect(session.opened.mcpServers).toEqual([
    { name: "calculator", command: process.execPath, args: toolProgram.args, env: [{ name: "TOOL_KEY", value: "k3y-of-the-tools" }] },
  ]);
  expect(JSON.stringify(environment)).not.toContain("k3y-of-the-tools");
  const used = await submit({ description: 'use add {"a":20,"b":22}', requirements: ["code"], tools: ["add"] });
  expect(used).toMatchObject({ status: "completed", result: "42" });
  expect(await submit({ description: "links", requirements: ["code"], tools: ["calculator"] })).toMatchObject({ result: '["file:///notes.md"]' });
});

test("tool servers come, change and go while steps wait for them", async () => {
  const { client, until } = await openStage();
  const task = await client.submitTask({ body: { description: "echo", tools: ["weather"] } });
  expect((await until(task.id, ({ status }) => status === "waiting")).waitingFor?.detail).toBe("No registered tool server gives weather.");
  const preview = await client.previewTask({ body: { description: "echo", tools: ["weather"] } });
  expect(preview.steps[0]).toMatchObject({ enhancedRequirements: [{ name: "weather", by: "tools", servers: [] }], availableTools: [], assignment: null });
  await client.createAgent({ body: { name: "sky", connector: { kind: "mcp", server: toolProgram }, capabilities: ["weather"] } });
  expect((await client.waitForTask(task.id)).status).toBe("completed");
  const sky = await client.discoverAgent({ params: { id: "sky" } });
  expect(sky.discovered).toMatchObject({ tools: expect.arrayContaining([expect.objectContaining({ name: "add" })]) });
  expect(sky.capabilities.map(({ name }) => name)).toEqual(["weather"]);
  await client.updateAgent({ params: { id: "model" }, body: { toolServers: ["calculator"] } });
  expect((await client.listTools({ query: { agent: "model", match: "weather" } })).total).toBe(0);
  expect((await client.previewTask({ body: { description: "echo", tools: ["weather"] } })).steps[0]?.waitingFor?.detail).toContain(
    "model is to be handed only calculator",
  );
  await client.removeAgent({ params: { id: "calculator" } });
  expect((await client.listTools()).items.every(({ serverName }) => serverName === "sky")).toBe(true);
});

test("what makes no sense is refused, naming what", async () => {
  const { client } = await openStage();
  await expect(client.listTools({ query: { server: "nobody" } })).rejects.toMatchObject({ code: "not_found" });
  await expect(client.submitTask({ body: { description: "x", tools: [""] } })).rejects.toMatchObject({ code: "bad_input" });
  await expect(client.submitTask({ body: { description: "x", tools: Array.from({ length: 21 }, (_, at) => `t${at}`) } })).rejects.toMatchObject({
    code: "bad_input",
  });
  await expect(client.updateAgent({ params: { id: "model" }, body: { toolServers: "some" as never } })).rejects.toMatchObject({ code: "bad_input" });
  await client.createAgent({ body: { name: "plain", connector: { kind: "process", command: "true" } } });
  await expect(client.discoverAgent({ params: { id: "plain" } })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("process") });
});
