// The HTTP connector against a real agent: its contract, mappings, every kind of failure, probes and the connection test.
import { type HttpConnector, type Outcome, Refusal, type Template } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtinTemplates } from "../../agents/builtin-templates.ts";
import { systemClock } from "../../std/clock.ts";
import { agentFor, attemptContext, testConnector, workFor } from "../connector.testsuite.ts";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { openOutbound } from "../outbound.ts";
import { testConnection } from "./connection-test.ts";
import { type HttpWorld, openHttpConnector } from "./http.ts";

const templates: Template[] = builtinTemplates.map((input, index) => ({
  ...input,
  id: `template-${index}`,
  seq: index,
  displayName: input.displayName ?? input.name,
  isBuiltin: true,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
}));
const openWorld = (): HttpWorld => ({
  clock: systemClock,
  outbound: openOutbound({ allow: "loopback" }),
  findTemplate: async (wanted) => templates.find((template) => template.id === wanted || template.name === wanted),
  readEnv: (name) => (name === "OPENAI_API_KEY" ? "sk-test" : undefined),
  readSecret: async (_, name) => (name === "agent-token" ? "s3cret" : undefined),
});

testConnector(
  "http",
  async () => {
    const agent = await startFakeAgent("http-agent.mjs");
    const world = openWorld();
    return {
      connector: openHttpConnector(world),
      agent: agentFor({ kind: "http", endpoint: `http://127.0.0.1:${agent.port}` }),
      stillWorking: async () => ((await (await fetch(`http://127.0.0.1:${agent.port}/open`)).json()) as { open: number }).open,
      close: async () => {
        await world.outbound.close();
        await agent.close();
      },
    };
  },
  { progress: "one request has one answer" },
);

describe("an HTTP agent", () => {
  const world = openWorld();
  const connector = openHttpConnector(world);
  let endpoint: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const agent = await startFakeAgent("http-agent.mjs");
    endpoint = `http://127.0.0.1:${agent.port}`;
    close = agent.close;
  });
  afterAll(async () => {
    await world.outbound.close();
    await close();
  });
  const agent = (settings: Partial<HttpConnector> = {}, environment: Record<string, string> = {}) =>
    agentFor({ kind: "http", endpoint, ...settings }, { environment });
  const carryOut = (description: string, settings: Partial<HttpConnector> = {}, environment: Record<string, string> = {}): Promise<Outcome> =>
    connector.carryOut(agent(settings, environment), workFor(description, { input: { depth: 2 } }), attemptContext());
  const seen = async (settings: Partial<HttpConnector>, environment: Record<string, string> = {}, description = "reveal") => {
    const outcome = await carryOut(description, { ...settings, mapping: { ...settings.mapping, response: { resultPath: "$.result" } } }, environment);
    if (!outcome.ok) throw new Error(outcome.detail);
    return outcome.output as { method: string; url: string; headers: Record<string, string>; body: unknown };
  };

  describe("is called as its template says", () => {
    test.each([
      ["crewai", "/kickoff", { inputs: { topic: "reveal" } }, undefined],
      ["custom", "/process", { query: "reveal" }, undefined],
      [
        "openai_compatible",
        "/v1/chat/completions",
        { model: "gpt-3.5-turbo", messages: [{ role: "user", content: "reveal" }], max_tokens: 1000, temperature: 0.7 },
        "Bearer sk-test",
      ],
    ])("%s", async (template, url, body, authorization) => {
      const call = await seen({ template });
      expect(call).toMatchObject({ method: "POST", url, body });
      expect(call.headers["content-type"]).toBe("application/json");
      expect(call.headers["authorization"]).toBe(authorization);
    });

    test("databricks_foundation, with the model's name from config and the token from the agent's environment", async () => {
      const call = await seen({ template: "databricks_foundation", config: { model_name: "dbrx instruct/v2" } }, { DATABRICKS_TOKEN: "dapi-1" });
      expect(call.url).toBe("/serving-endpoints/dbrx%20instruct%2Fv2/invocations");
      expect(call.headers["authorization"]).toBe("Bearer dapi-1");
    });
    test("its own fields win over the template's, one by one", async () => {
      const call = await seen({ template: "custom", mapping: { request: { path: "/ask" } } });
      expect(call).toMatchObject({ url: "/ask", body: { query: "reveal" } });
    });
    test("auth none takes the template's Authorization away", async () => {
      expect((await seen({ template: "openai_compatible", auth: { type: "none" } })).headers["authorization"]).toBeUndefined();
    });
    test("its own auth replaces the template's Authorization", async () => {
      const call = await seen({ template: "openai_compatible", auth: { type: "bearer_token", envVar: "MINE" } }, { MINE: "mine" });
      expect(call.headers["authorization"]).toBe("Bearer mine");
    });
    test("secrets and variables are filled into headers when it is called", async () => {
      const headers = { "X-Token": "id ${secret:agent-token} ${REGION}" };
      expect((await seen({ mapping: { request: { headers } } }, { REGION: "eu" })).headers["x-token"]).toBe("id s3cret eu");
    });
    test("without a template it gets everything an attempt knows", async () => {
      expect((await seen({})).body).toMatchObject({
        description: "reveal",
        step_input: { depth: 2 },
        context: { task: { description: "The whole task" }, steps: {} },
      });
    });
    test("the endpoint keeps its own path and query", async () => {
      const call = await seen({ endpoint: `${endpoint}/base/?api-version=1`, mapping: { request: { path: "/ask?x=1" } } });
      expect(call.url).toBe("/base/ask?api-version=1&x=1");
    });
    test("GET puts the mapped fields into the query", async () => {
      const bodyMapping = { query: "$.description", depth: "$.step_input.depth", config: { a: 1 }, none: "$.nothing" };
      const call = await seen({ mapping: { request: { method: "GET", bodyMapping } } });
      expect(call).toMatchObject({ method: "GET", url: `/process?query=reveal&depth=2&config=${encodeURIComponent('{"a":1}')}` });
    });
    test("a mapping speaks to agents that expect A2A-style messages", async () => {
      const bodyMapping = {
        sender: "baton",
        receiver: "$.config.receiver",
        message_type: "request",
        content: { description: "$.description", context: "$.context", step_input: "$.step_input" },
        session_id: "$.task.id",
      };
      const call = await seen({ config: { receiver: "ResearchAgent" }, mapping: { request: { path: "/a2a/message", bodyMapping } } });
      expect(call.body).toMatchObject({ receiver: "ResearchAgent", content: { description: "reveal", step_input: { depth: 2 } } });
    });
  });

  describe("fails as data", () => {
    test.each([
      ["status 400", "agent_error"],
      ["status 401", "agent_error"],
      ["status 408", "unavailable"],
      ["status 500", "agent_error"],
      ["status 502", "unavailable"],
      ["status 503", "unavailable"],
      ["status 504", "unavailable"],
      ["redirect", "agent_error"],
      ["die", "unavailable"],
      ["garbage", "invalid_response"],
      ["text", "invalid_response"],
      ["empty", "invalid_response"],
      ["flag", "agent_error"],
    ])("%s is %s", async (description, kind) => expect(await carryOut(description)).toEqual({ ok: false, kind, detail: expect.any(String) }));

    test("HTTP errors say what the agent said and when to come back", async () => {
      expect(await carryOut("status 503")).toMatchObject({ detail: "HTTP 503 (retry after 7): as you asked" });
    });
    test("too many requests are a quota that is used up until the agent says", async () => {
      const outcome = await carryOut("status 429");
      expect(outcome).toMatchObject({ ok: false, kind: "quota", detail: "HTTP 429 (retry after 7): as you asked" });
      const waitMs = Date.parse(outcome.ok ? "" : (outcome.until ?? "")) - Date.now();
      expect(waitMs).toBeGreaterThan(5000);
      expect(waitMs).toBeLessThanOrEqual(7000);
    });
    test("a refused connection is unavailable", async () => {
      const gone = await startFakeAgent("http-agent.mjs");
      await gone.close();
      expect(await carryOut("echo", { endpoint: `http://127.0.0.1:${gone.port}` })).toMatchObject({ ok: false, kind: "unavailable" });
    });
    test("an unsafe address is refused at the call too", async () => {
      const outcome = await carryOut("echo", { endpoint: "http://169.254.169.254" });
      expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("169.254.169.254") });
    });
    test("a variable nobody allowed is a failure that names it", async () => {
      const outcome = await carryOut("echo", { mapping: { request: { headers: { "X-Key": "${HOME}" } } } });
      expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("HOME") });
    });
    test("a filter that would take for ever ends", async () => {
      const resultPath = `$[?search(@, '(a+)+$')]`;
      const outcome = await carryOut(`echo ${"a".repeat(60)}!`, { mapping: { response: { resultPath } } });
      expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("250 ms") });
    });
  });

  describe("answers", () => {
    test("with the whole body when the result's path matches nothing", async () => {
      expect(await carryOut("bare")).toMatchObject({ ok: true, output: { answer: 42 } });
    });
    test("with plain text when the mapping asks for $", async () => {
      expect(await carryOut("text", { mapping: { response: { resultPath: "$" } } })).toMatchObject({ ok: true, output: "just words" });
    });
    test("with its tokens when it counts them", async () => {
      expect(await carryOut("usage")).toEqual({ ok: true, output: "counted", usage: { inputTokens: 14, outputTokens: 8 } });
    });
  });

  describe("is refused at registration", () => {
    const refusal = async (settings: Partial<HttpConnector>): Promise<Refusal> =>
      connector.check(agent(settings)).then(
        () => expect.unreachable("It was accepted."),
        (error: unknown) => (error instanceof Refusal ? error : expect.unreachable(String(error))),
      );
    test.each<[string, Partial<HttpConnector>, string, string]>([
      ["an unsafe address", { endpoint: "http://10.0.0.1" }, "unsafe_endpoint", "10.0.0.1"],
      ["an unknown template", { template: "nobody" }, "bad_input", "nobody"],
      ["a path name that config does not give", { mapping: { request: { path: "/x/{model}" } } }, "bad_input", "connector.config.model"],
      ["a path name that climbs", { config: { model: ".." }, mapping: { request: { path: "/x/{model}" } } }, "bad_input", "connector.config.model"],
      ["a path that is not JSONPath in the body", { mapping: { request: { bodyMapping: { a: ["$.x[", 1] } } } }, "bad_input", "bodyMapping.a[0]"],
      ["a result path that is not JSONPath", { mapping: { response: { resultPath: "result" } } }, "bad_input", "resultPath"],
      ["a variable that is not allowed", { mapping: { request: { headers: { "X-Key": "${PATH}" } } } }, "bad_input", "PATH"],
      ["a secret that does not exist", { mapping: { request: { headers: { "X-Key": "${secret:none}" } } } }, "bad_input", "none"],
      ["a header of the connection", { mapping: { request: { headers: { Host: "inner" } } } }, "bad_input", "Host"],
      ["a header with a line break", { mapping: { request: { headers: { "X-Key": "a\r\nX-Other: b" } } } }, "bad_input", "X-Key"],
      ["a token without a name", { auth: { type: "bearer_token" } }, "bad_input", "envVar"],
      ["a health path that is an address", { healthPath: "http://10.0.0.1/" }, "bad_input", "healthPath"],
    ])("for %s", async (_, settings, code, names) => {
      const refused = await refusal(settings);
      expect(refused.code).toBe(code);
      expect(refused.message).toContain(names);
    });
  });

  describe("is observed", () => {
    test.each([
      ["/health", "healthy"],
      ["/health/404", "healthy"],
      ["/health/405", "healthy"],
      ["/health/401", "degraded"],
      ["/health/500", "critical"],
      ["/health/503", "critical"],
    ] as const)("%s means %s", async (healthPath, health) => expect(await connector.observe?.(agent({ healthPath }))).toMatchObject({ health }));

    test("a probe that cannot connect knows nothing", async () => {
      const gone = await startFakeAgent("http-agent.mjs");
      await gone.close();
      expect(await connector.observe?.(agent({ endpoint: `http://127.0.0.1:${gone.port}` }))).toMatchObject({ health: "unknown" });
    });
  });

  describe("is tried before it is registered", () => {
    const trial = (testQuery: string, settings: Partial<HttpConnector> = {}, changes: Partial<HttpWorld> = {}) =>
      testConnection({ ...world, ...changes }, { endpoint, testQuery, ...settings });
    test("and answers as its mapping expects", async () => {
      expect(await trial("echo Hello")).toEqual({
        success: true,
        statusCode: 200,
        response: { status: "success", result: "echo Hello" },
        extractedResult: "echo Hello",
        message: "Connection successful",
        durationMs: expect.any(Number),
      });
    });
    test("and answers in another format", async () => {
      expect(await trial("bare")).toMatchObject({
        success: true,
        statusCode: 200,
        response: { answer: 42 },
        extractedResult: '{"answer":42}',
        warning: expect.stringContaining("Could not extract result: $.result"),
        message: "Connected but response format may need adjustment",
      });
    });
    test("and answers in no format", async () =>
      expect(await trial("text")).toMatchObject({ success: true, response: "just words", warning: expect.stringContaining("JSON") }));
    test("and answers with an HTTP error", async () => {
      expect(await trial("status 418")).toMatchObject({ success: false, statusCode: 418, error: 'HTTP 418: {"error":"as you asked"}' });
    });
    test("and takes too long", async () => {
      expect(await trial("hang", {}, { testTimeoutMs: 1_000 })).toMatchObject({ success: false, error: "Connection timeout after 1 seconds" });
    });
    test("and nobody is there", async () => {
      const gone = await startFakeAgent("http-agent.mjs");
      await gone.close();
      const error = "Could not connect to endpoint. Check URL and network.";
      expect(await trial("echo", { endpoint: `http://127.0.0.1:${gone.port}` })).toMatchObject({ success: false, error });
    });
    test("and its address is unsafe", async () => {
      expect(await trial("echo", { endpoint: "http://169.254.169.254" })).toMatchObject({
        success: false,
        error: expect.stringMatching(/^Test failed: .*169\.254/),
      });
    });
    test("with a method that is not supported", async () => {
      const mapping = { request: { method: "PATCH" as "POST" } };
      expect(await trial("echo", { mapping })).toMatchObject({ success: false, error: "Unsupported HTTP method: PATCH" });
    });
  });
});
