// Older clients find their paths at the root of the server: their documented requests, as they are written, against a real one.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startJourney } from "./world.fixture.ts";

interface Documented {
  method: string;
  path: string;
  body: string | undefined;
}
const text = readFileSync(new URL("../documented-examples/X3-08_http_blocks.txt", import.meta.url), "utf8");
const documented: Documented[] = [...text.matchAll(/^(GET|POST|DELETE) (\S+)\n(\{\n(?:.*\n)*?\})?/gm)].map(([, method = "", path = "", body]) => ({
  method,
  path,
  body,
}));

async function ask(url: string, method: string, path: string, body?: unknown): Promise<{ status: number; told: Record<string, unknown> }> {
  const given = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(url + path, { method, ...given });
  return { status: response.status, told: (await response.json()) as Record<string, unknown> };
}

test("every documented request is carried out, and tells of what there is", async () => {
  const { url, client, addCommand } = await startJourney();
  await addCommand("senior-ai-engineer", { capabilities: ["code_generation"] });
  const told: Record<string, Record<string, unknown>> = {};
  let taskId = "";
  for (const { method, path, body } of documented) {
    const given = path.replace("{agent_id}", "senior-ai-engineer").replace("{service_name}", "senior-ai-engineer").replace("{task_id}", taskId);
    const answer = await ask(url, method, given, body?.replace("start|stop|restart|scale", "scale"));
    expect([200, 201], `${method} ${path}: ${JSON.stringify(answer.told)}`).toContain(answer.status);
    told[`${method} ${path}`] = answer.told;
    if (`${method} ${path}` === "POST /tasks") taskId = String(answer.told["task_id"]);
  }
  expect(documented).toHaveLength(14);
  expect(told["GET /status"]).toMatchObject({ total_agents: 1, healthy_agents: 1, system_health: 1 });
  expect(told["GET /agents?status=healthy&capability=code_generation"]).toMatchObject({
    count: 1,
    agents: [{ name: "senior-ai-engineer", status: "healthy" }],
  });
  expect(told["POST /tasks"]).toMatchObject({ status: "submitted", session_id: taskId });
  expect(told["GET /tasks?status=active&limit=10"]).toMatchObject({ total: 1, tasks: [{ task_id: taskId, name: "Code Review Task", priority: "high" }] });
  expect(told["GET /tasks/{task_id}"]).toMatchObject({ coordination_pattern: "collaborative", requirements: ["code_analysis", "security_review"] });
  expect(await client.getTask({ params: { id: taskId } })).toMatchObject({ status: "cancelled" });
  expect(told["POST /messages/send?sender_id=orchestrator"]).toMatchObject({ status: "sent" });
  expect((await client.listAgentMessages({ params: { id: "senior-ai-engineer" } })).items).toHaveLength(2);
  expect(told["GET /infrastructure/status"]).toMatchObject({ summary: { total: 1, healthy: 1 }, services: { "senior-ai-engineer": { kind: "process" } } });
  expect(told["POST /infrastructure/deploy-all"]).toMatchObject({ summary: { successful: 1, failed: 0 } });
  expect(told["POST /infrastructure/services/{service_name}/control"]).toMatchObject({ service: { instances: 3 } });

  const done = await client.submitTask({ body: { description: "echo", requirements: ["code_generation"] } });
  await client.waitForTask(done.id);
  const hour = (ahead: number): string => new Date(Date.now() + ahead * 3_600_000).toISOString();
  const performance = await ask(url, "GET", `/analytics/performance?start_date=${hour(-24).slice(0, -1)}&end_date=${hour(24).slice(0, -1)}`);
  expect(performance.told).toMatchObject({ average_success_rate: 1, agent_performance: { "senior-ai-engineer": { success_rate: 1, attempts: 1 } } });
  expect((await ask(url, "GET", `/analytics/performance?start_date=${hour(-48)}&end_date=${hour(-24)}`)).told).toMatchObject({
    attempts: 0,
    agent_performance: {},
  });
  expect((await ask(url, "GET", "/analytics/performance?start_date=soon")).status).toBe(400);
  expect((await ask(url, "POST", "/tasks", '["no object"]')).status).toBe(400);
  expect(await ask(url, "GET", "/agents/nobody")).toMatchObject({ status: 404, told: { detail: expect.stringContaining("nobody") as string } });
  expect(await ask(url, "DELETE", "/agents")).toMatchObject({ status: 405, told: { detail: expect.stringContaining("allowed: GET") as string } });
});

test("a registry of services at addresses, and of programs, is kept below /api/agents", async () => {
  const { url, client, addService } = await startJourney();
  const service = await addService("known");
  const registered = { name: "analyzer", description: "Counts.", agent_type: "api", endpoint: service.url, capabilities: ["counting"], metadata: { a: 1 } };
  expect(await ask(url, "POST", "/api/agents/register", registered)).toMatchObject({
    status: 200,
    told: { status: "active", agent_type: "api", endpoint: service.url },
  });
  expect((await ask(url, "POST", "/api/agents/register", registered)).status).toBe(409);
  expect(await ask(url, "POST", "/api/agents/analyzer/health")).toMatchObject({ told: { status: "healthy" } });
  expect(await ask(url, "POST", "/api/agents/register", { ...registered, name: "crew", agent_type: "crewai" })).toMatchObject({
    told: { agent_type: "crewai" },
  });
  const a2a = { ...registered, name: "researcher", agent_type: "a2a_server" };
  expect(await ask(url, "POST", "/api/agents/register", a2a)).toMatchObject({ told: { config: { kind: "a2a", protocol: "envelope" } } });

  // As documented.
  const worker = {
    id: "worker-batch-001",
    type: "worker",
    projectId: "data-processing",
    capabilities: ["file-processing", "data-transformation", "batch-operations"],
    maxConcurrentTasks: 10,
    resourceLimits: { memory: "2GB", cpu: "4", timeout: 600000 },
    environment: { BATCH_SIZE: "100", WORKER_POOL_SIZE: "4", OUTPUT_FORMAT: "json" },
  };
  expect(await ask(url, "POST", "/api/agents/create", worker)).toMatchObject({ status: 201, told: { success: true, agentId: "worker-batch-001" } });
  expect((await ask(url, "POST", "/api/agents/create", worker)).status).toBe(409);
  expect(await client.getAgent({ params: { id: "worker-batch-001" } })).toMatchObject({
    type: "worker",
    projectId: "data-processing",
    resourceLimits: { timeoutMs: 600000 },
  });
  expect(await ask(url, "POST", "/api/agents/create", { ...worker, id: "other", type: "robot" })).toMatchObject({
    status: 400,
    told: { detail: expect.stringContaining("claude-code, worker, monitor") as string },
  });
  expect((await ask(url, "GET", "/api/agents?agent_type=api")).told).toMatchObject([{ name: "analyzer", metadata: { a: 1 } }]);
  expect(await ask(url, "GET", "/api/agents/stats")).toMatchObject({ told: { total: 5, inactive: 1, by_type: { api: 1, crewai: 1 } } });
  const changed = { description: "Counts well.", endpoint: `${service.url}/v2`, status: "inactive" };
  expect(await ask(url, "PUT", "/api/agents/analyzer", changed)).toMatchObject({ told: { success: true, status: "inactive", endpoint: `${service.url}/v2` } });
  expect(await ask(url, "PATCH", "/api/agents/crew", { action: "pause" })).toMatchObject({ told: { success: true, agent: { lifecycle: "paused" } } });
  expect((await ask(url, "GET", "/api/agents/crew/status")).told).toMatchObject({ state: "paused" });
  expect(await ask(url, "DELETE", "/api/agents/analyzer")).toMatchObject({ status: 200, told: { success: true } });
  expect((await ask(url, "GET", "/api/agents/analyzer")).status).toBe(404);
  expect((await ask(url, "GET", "/api/agent-templates/crewai")).told).toMatchObject({ display_name: "CrewAI", request_mapping: { path: "/kickoff" } });
});
