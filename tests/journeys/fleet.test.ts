// Agents from registration to removal, and templates, through the public client.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { command, startJourney } from "./world.fixture.ts";

test("a drained agent finishes what it has and takes nothing new; while busy it cannot be removed", async () => {
  const { client, dialIn, until } = await startJourney();
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const agent = await dialIn({ name: "worker", capabilities: [], maxConcurrentTasks: 5 }, async (work) => held.then(() => work.description));
  const first = await client.submitTask({ body: { description: "one" } });
  await until(first.id, (task) => task.steps[0]?.status === "running");
  await expect(client.removeAgent({ params: { id: "worker" } })).rejects.toMatchObject({ code: "conflict" });
  const draining = await client.actOnAgent({ params: { id: "worker" }, body: { action: "drain" } });
  expect(draining.status).toMatchObject({ state: "draining", reason: "It takes nothing new. It finishes the 1 it has." });
  const second = await client.submitTask({ body: { description: "two" } });
  const waiting = await until(second.id, (task) => task.status === "waiting");
  expect(waiting.waitingFor?.detail).toContain("worker is draining");
  finish();
  expect(await client.waitForTask(first.id)).toMatchObject({ status: "completed", result: "one" });
  expect((await client.getTask({ params: { id: second.id } })).status).toBe("waiting");
  await client.actOnAgent({ params: { id: "worker" }, body: { action: "resume" } });
  expect(await client.waitForTask(second.id)).toMatchObject({ status: "completed", result: "two" });
  await agent.close();
  await client.removeAgent({ params: { id: "worker" } });
  await expect(client.getAgent({ params: { id: "worker" } })).rejects.toMatchObject({ code: "not_found" });
  // Its name is free again, and what it did keeps it.
  await client.createAgent({ body: { name: "worker", connector: command } });
  expect((await client.getTask({ params: { id: first.id } })).steps[0]?.attempts[0]?.assignment.agentName).toBe("worker");
});

test("an id that is another agent's name, or the other way round, is refused", async () => {
  const { client, addCommand } = await startJourney();
  const id = await addCommand("writer");
  await expect(client.createAgent({ body: { id: "writer", name: "thief", connector: command } })).rejects.toMatchObject({ code: "name_taken" });
  await expect(client.createAgent({ body: { name: id, connector: command } })).rejects.toMatchObject({ code: "name_taken" });
  await expect(client.createAgent({ body: { name: "writer", connector: command } })).rejects.toMatchObject({ code: "name_taken" });
  expect((await client.listAgents()).total).toBe(1);
});

test("of two who change the same version one is refused, and nothing of what he sent is there", async () => {
  const { client, addCommand } = await startJourney();
  const id = await addCommand("agent");
  const { version } = await client.getAgent({ params: { id } });
  const change = (description: string) => client.updateAgent({ params: { id }, body: { description }, ifMatch: version });
  const [one, two] = await Promise.allSettled([change("one"), change("two")]);
  expect([one.status, two.status].sort()).toEqual(["fulfilled", "rejected"]);
  const lost = one.status === "rejected" ? one : two;
  expect((lost as PromiseRejectedResult).reason).toMatchObject({ code: "version_mismatch" });
  expect((await client.getAgent({ params: { id } })).description).toBe(one.status === "fulfilled" ? "one" : "two");
  await expect(client.updateAgent({ params: { id }, body: { description: "x" }, ifMatch: "abc" })).rejects.toMatchObject({ code: "version_mismatch" });
});

test("templates come, change and go; those that are built in stay", async () => {
  const { client } = await startJourney();
  const made = await client.createTemplate({ body: { name: "mine", requestMapping: { path: "/ask" } } });
  await expect(client.createTemplate({ body: { name: "mine" } })).rejects.toMatchObject({ code: "name_taken" });
  const changed = await client.replaceTemplate({ params: { id: "mine" }, body: { name: "renamed", responseMapping: { resultPath: "$.answer" } } });
  expect(changed).toMatchObject({
    id: made.id,
    name: "renamed",
    requestMapping: { path: "/process" },
    responseMapping: { resultPath: "$.answer" },
    createdAt: made.createdAt,
  });
  await expect(client.getTemplate({ params: { id: "mine" } })).rejects.toMatchObject({ code: "not_found" });
  await expect(client.removeTemplate({ params: { id: "crewai" } })).rejects.toMatchObject({ code: "conflict" });
  await client.removeTemplate({ params: { id: "renamed" } });
  expect((await client.listTemplates()).items.map((template) => template.name)).toEqual(["crewai", "databricks_foundation", "openai_compatible", "custom"]);
  const { items } = await client.listEvents({ query: { type: "template.*" } });
  expect(items.map((event) => event.type)).toEqual(["template.created", "template.updated", "template.removed"]);
});

/** A crew as CrewAI serves it. */
async function startCrew(): Promise<{ url: string; asked: unknown[]; end(): Promise<void> }> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += String(chunk)));
    request.on("end", () => {
      if (request.url !== "/kickoff" || request.method !== "POST") return response.writeHead(404).end("{}");
      const body = JSON.parse(text) as { inputs: { topic: string } };
      asked.push(body);
      const answer =
        body.inputs.topic === "fail"
          ? { success: false, error: "the crew went home" }
          : { success: true, workflow: ["research"], result: `On ${body.inputs.topic}` };
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const end = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(end);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, end };
}

test("a crew is registered from its template after one call, and works", async () => {
  const { client } = await startJourney();
  const crew = await startCrew();
  const agent = await client.createAgentFromTemplate({ body: { templateId: "crewai", name: "crew", endpoint: crew.url, capabilities: ["research"] } });
  expect(agent).toMatchObject({ name: "crew", type: "crewai", connector: { kind: "http", endpoint: crew.url, template: "crewai" } });
  const done = await client.waitForTask((await client.submitTask({ body: { description: "tides", requirements: ["research"] } })).id);
  expect(done.result).toBe("On tides");
  expect(crew.asked).toEqual([{ inputs: { topic: "Hello, this is a test" } }, { inputs: { topic: "tides" } }]);
  const failed = await client.waitForTask((await client.submitTask({ body: { description: "fail", requirements: ["research"] } })).id);
  expect(failed.failure).toMatchObject({ kind: "agent_error", detail: expect.stringContaining("the crew went home") as string });
});

test("an agent that does not answer its test call is registered only when that is insisted on", async () => {
  const { client } = await startJourney();
  const body = { templateId: "crewai", name: "absent", endpoint: "http://127.0.0.1:9", capabilities: [] };
  await expect(client.createAgentFromTemplate({ body })).rejects.toMatchObject({ code: "conflict" });
  expect((await client.listAgents()).total).toBe(0);
  expect((await client.createAgentFromTemplate({ body: { ...body, force: true } })).status.health).toBe("unknown");
});

test("a connection test tells what came, what was made of it, and what is wrong", async () => {
  const { client, addService } = await startJourney();
  const { url: endpoint } = await addService("service");
  const tested = (testQuery: string, more: object = {}) => client.testConnection({ body: { endpoint, testQuery, ...more } });
  expect(await tested("echo hello")).toMatchObject({ success: true, statusCode: 200, extractedResult: "echo hello", message: "Connection successful" });
  expect(await tested("bare")).toMatchObject({
    success: true,
    response: { answer: 42 },
    extractedResult: '{"answer":42}',
    warning: expect.stringContaining("Could not extract result") as string,
    message: "Connected but response format may need adjustment",
  });
  expect(await tested("status 503")).toMatchObject({ success: false, statusCode: 503, error: expect.stringMatching(/^HTTP 503: /) as string });
  expect(await tested("x", { endpoint: "http://127.0.0.1:9" })).toMatchObject({
    success: false,
    error: "Could not connect to endpoint. Check URL and network.",
  });
  expect(await tested("x", { endpoint: "http://169.254.169.254/" })).toMatchObject({
    success: false,
    error: expect.stringMatching(/^Test failed: /) as string,
  });
  expect(await tested("garbage")).toMatchObject({ success: false });
  await expect(tested("x", { template: "nobody" })).rejects.toMatchObject({ code: "bad_input", issues: [{ path: "body.template" }] });
});

test("the health of a service that dies is told, asked for or not, and never as worse than known", async () => {
  const { client, addService, event } = await startJourney({ healthCheckMs: 1000 });
  const service = await addService("mortal");
  expect(await client.checkAgentHealth({ params: { id: "mortal" } })).toMatchObject({ agentId: service.id, health: "healthy" });
  await service.end();
  const news = await event(({ type, agentId }) => type === "agent.health_changed" && agentId === service.id);
  expect(news.data).toMatchObject({ from: "healthy", to: "unknown" });
  const status = await client.getAgentStatus({ params: { id: "mortal" } });
  expect(status).toMatchObject({ health: "unknown", state: "idle" });
  expect(status.facts[0]).toMatchObject({ source: "health check" });
});

test("lists are filtered, paged and counted", async () => {
  const { client, addCommand } = await startJourney();
  for (const name of ["a", "b", "c"])
    await addCommand(name, { projectId: name === "c" ? "other" : "same", type: name, capabilities: [{ name: "Code-Review", technologies: ["Type Script"] }] });
  const names = async (query: object) => (await client.listAgents({ query })).items.map((agent) => agent.name);
  expect(await names({ projectId: "same" })).toEqual(["a", "b"]);
  expect(await names({ capability: "code_review" })).toEqual(["a", "b", "c"]);
  expect(await names({ capability: "TYPE-SCRIPT", type: "B" })).toEqual(["b"]);
  expect(await names({ q: "B", status: "idle", connector: "process" })).toEqual(["b"]);
  expect(await client.listAgents({ query: { limit: 1, offset: 2 } })).toMatchObject({ total: 3, limit: 1, offset: 2, items: [{ name: "c" }] });
  expect(await names({ status: "offline" })).toEqual([]);

  for (const [at, priority] of (["low", "high", "low"] as const).entries()) {
    await client.submitTask({ body: { description: `echo ${at} 100%_`, priority, projectId: "p", requirements: ["nobody-has-this"] } });
  }
  const tasks = async (query: object) => (await client.listTasks({ query })).items.map((task) => task.description);
  expect(await tasks({})).toEqual(["echo 2 100%_", "echo 1 100%_", "echo 0 100%_"]);
  expect(await tasks({ priority: "low", projectId: "p" })).toEqual(["echo 2 100%_", "echo 0 100%_"]);
  expect(await tasks({ status: "active", q: "0 100%_" })).toEqual(["echo 0 100%_"]);
  expect(await tasks({ q: "1%2" })).toEqual([]);
  expect(await tasks({ status: "completed,failed" })).toEqual([]);
  expect(await client.listTasks({ query: { limit: 1, offset: 1 } })).toMatchObject({ total: 3, items: [{ description: "echo 1 100%_" }] });
});

test("the documents' own words work too", async () => {
  const { client, url } = await startJourney();
  const body = { name: "snake", connector: { kind: "dialin" }, max_concurrent_tasks: 3, resource_limits: { timeout_ms: 500 }, metadata: { keep_me: 1 } };
  const response = await fetch(`${url}/api/v1/agents`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  expect(await response.json()).toMatchObject({ maxConcurrentTasks: 3, resourceLimits: { timeoutMs: 500 }, metadata: { keep_me: 1 } });
  expect(await client.getAgent({ params: { id: "1" } })).toMatchObject({ name: "snake" });
});

test("registering twice under one key is one registration, and another request under it is refused", async () => {
  const { client } = await startJourney();
  const register = (name: string) => client.createAgent({ body: { name, connector: command }, idempotencyKey: "key" });
  const first = await register("once");
  expect((await register("once")).id).toBe(first.id);
  await expect(register("twice")).rejects.toMatchObject({ code: "idempotency_mismatch" });
  const create = () => client.createTemplate({ body: { name: "once" }, idempotencyKey: "another key" });
  expect((await create()).id).toBe((await create()).id);
  expect((await client.listEvents()).items.map((event) => event.type)).toEqual(["agent.registered", "template.created"]);
});
