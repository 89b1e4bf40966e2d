// The openai connector against a real small model service, over both wires: its contract, what is sent, what comes of it, tools, and what it costs.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Json, type McpServer, openaiConnector, type OpenaiConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { openPrograms } from "../../programs/programs.ts";
import { systemClock } from "../../std/clock.ts";
import { agentFor, attemptContext, handed, testConnector, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath, startFakeAgent } from "../fake-agent.testkit.ts";
import { openOutbound } from "../outbound.ts";
import { openOpenaiConnector } from "./openai.ts";

async function open() {
  const attemptsDirectory = await mkdtemp(join(tmpdir(), "baton-openai-"));
  const model = await startFakeAgent("openai-agent.mjs");
  const tools = await startFakeAgent("mcp-server.mjs", "http");
  const programs = openPrograms(systemClock);
  const outbound = openOutbound({ allow: "loopback" });
  const baseUrl = `http://127.0.0.1:${model.port}/v1`;
  const readEnv = (name: string): string | undefined => ({ GOOD_KEY: "sk-good-key", BAD_KEY: "wrong" })[name];
  const world = { clock: systemClock, programs, outbound, attemptsDirectory, readEnv, readSecret: () => undefined };
  const close = async (): Promise<void> => {
    await programs.close();
    await outbound.close();
    await Promise.all([model.close(), tools.close()]);
    await rm(attemptsDirectory, { recursive: true });
  };
  return { world, baseUrl, model, toolsUrl: `http://127.0.0.1:${tools.port}/mcp`, close };
}
type Settings = Partial<z.input<typeof openaiConnector>>;
const settingsFor = (baseUrl: string, settings: Settings): OpenaiConnector => openaiConnector.parse({ kind: "openai", model: "small", baseUrl, ...settings });

for (const wire of ["chat", "responses"] as const) {
  describe(`a model by ${wire}`, () => {
    testConnector(
      "openai",
      async () => {
        const { world, baseUrl, model, close } = await open();
        return {
          connector: openOpenaiConnector(world),
          agent: agentFor(settingsFor(baseUrl, { wire })),
          stillWorking: async () => ((await (await fetch(`http://127.0.0.1:${model.port}/open`)).json()) as { open: number }).open,
          close,
        };
      },
      { progress: "a model says words, and not how far it is" },
    );
  });
}

describe.each(["chat", "responses"] as const)("over %s, a model", (wire) => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const carryOut = (description: string, settings: Settings = {}, context = attemptContext(), changes: Partial<Work> = {}): Promise<Outcome> => {
    const agent = agentFor(settingsFor(opened.baseUrl, { wire, ...settings }));
    const work = workFor(description, changes);
    return openOpenaiConnector(opened.world).carryOut(agent, { ...work, context: { ...work.context, task: { ...work.context.task, description } } }, context);
  };
  const seen = async (settings: Settings) => {
    const outcome = await carryOut("reveal", settings);
    if (!outcome.ok || typeof outcome.output !== "string") throw new Error(JSON.stringify(outcome));
    return JSON.parse(outcome.output) as { body: Record<string, unknown>; headers: Record<string, string>; url: string };
  };
  const program = (): McpServer => ({ name: "tools", command: process.execPath, args: [fakeAgentPath("mcp-server.mjs"), "stdio"], env: {} });

  test("answers with its text, its tokens and their price", async () => {
    const prices = { currency: "USD", input: 3, output: 10 };
    const context = attemptContext();
    const used = { usage: { inputTokens: 10, outputTokens: 5 }, cost: { amount: 0.00008, currency: "USD" } };
    expect(await carryOut("think", { prices }, context)).toEqual({ ok: true, output: "42", ...used });
    expect(context.updates).toEqual([
      { kind: "thought", text: "Let me " },
      { kind: "thought", text: "see." },
      { kind: "text", text: "42" },
      { kind: "usage", ...used.usage, cost: used.cost },
    ]);
  });
  test.each(["uncounted", "lie"])("that does not tell what it used (%s) has used nobody knows what", async (description) => {
    const outcome = await carryOut(description, { prices: { input: 3, output: 10 } });
    expect(outcome).toEqual({ ok: true, output: description === "lie" ? "told" : "done" });
  });
  test("is sent what its registration says, the key included", async () => {
    const settings: Settings = {
      persona: "You are terse.",
      temperature: 0.5,
      maxOutputTokens: 100,
      auth: { type: "bearer_token", envVar: "GOOD_KEY" },
      headers: { "X-Team": "blue" },
    };
    const { body, headers } = await seen(settings);
    expect(headers).toMatchObject({ authorization: "Bearer sk-good-key", "x-team": "blue" });
    expect(body).toMatchObject({ model: "small", stream: true, temperature: 0.5, [wire === "chat" ? "max_tokens" : "max_output_tokens"]: 100 });
    expect(JSON.stringify(body)).toContain("You are terse.");
  });
  test("is told who it is as its instructions, whatever the registration adds, and in no prompt", async () => {
    const agent = agentFor(settingsFor(opened.baseUrl, { wire, persona: "Be brief." }), { persona: "You are a sailor." });
    const outcome = await openOpenaiConnector(opened.world).carryOut(agent, workFor("reveal"), attemptContext());
    const { body } = JSON.parse(outcome.ok ? (outcome.output as string) : "{}") as { body: Record<string, Json> };
    const words = "You are a sailor.\n\nBe brief.";
    expect(body).toMatchObject(wire === "chat" ? { messages: [{ role: "system", content: words }, { role: "user" }] } : { instructions: words });
    expect(JSON.stringify(body).split("sailor")).toHaveLength(2);
  });
  test("of Azure's is addressed by its deployment", async () => {
    const { body, url } = await seen({ azure: { deployment: "mine", apiVersion: "2025-04-01-preview" } });
    const path = wire === "chat" ? "/v1/openai/deployments/mine/chat/completions" : "/v1/openai/responses";
    expect({ url, model: body["model"] }).toEqual({ url: `${path}?api-version=2025-04-01-preview`, model: "mine" });
  });

  describe("must answer in a shape", () => {
    const responseSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"], additionalProperties: false };
    test("and does", async () => expect(await carryOut('shape {"n":1}', { responseSchema })).toMatchObject({ ok: true, output: { n: 1 } }));
    test("and does between fences, with as many empty lines as it likes", async () => {
      const lines = "\n\t".repeat(10_000);
      expect(await carryOut(`shape \`\`\`json${lines}{"n":1}${lines}\`\`\``, { responseSchema })).toMatchObject({ ok: true, output: { n: 1 } });
      // Tried in every way that the lines can be shared out, this would take hours.
      expect(await carryOut(`shape \`\`\`json${lines}{"n":1}`, { responseSchema })).toMatchObject({ ok: false });
    });
    test("and is asked once more when it does not", async () => {
      const outcome = await carryOut('shape {"n":"one"} THEN {"n":1}', { responseSchema });
      expect(outcome).toMatchObject({ ok: true, output: { n: 1 }, usage: { inputTokens: 20, outputTokens: 10 } });
    });
    test("and fails when it still does not", async () =>
      expect(await carryOut("shape never", { responseSchema })).toMatchObject({
        ok: false,
        kind: "invalid_response",
        detail: expect.stringContaining("JSON"),
      }));
    test("of which its service is told", async () => {
      const outcome = await carryOut("reveal", { responseSchema });
      expect(JSON.stringify(outcome)).toContain("json_schema");
    });
  });

  describe("fails", () => {
    const error = (message: string, more: object = {}) => JSON.stringify({ error: { message }, ...more });
    const until = (outcome: Outcome): number => (!outcome.ok && outcome.until !== undefined ? Date.parse(outcome.until) - Date.now() : Number.NaN);
    test.each([
      ["long", "limit"],
      ["filter", "agent_error"],
      ["cut", "unavailable"],
      ["breakoff server_error", "unavailable"],
      ["breakoff rate_limit_exceeded", "quota"],
      ["breakoff context_length_exceeded", "limit"],
      ["status 500", "unavailable"],
      ["status 503", "unavailable"],
      ["status 404", "agent_error"],
      ["status 302", "agent_error"],
      [`status 400 ${error("This model's maximum context length is 8192 tokens.")}`, "limit"],
      [`status 400 ${error("The response was filtered due to content_filter.")}`, "agent_error"],
    ])("%s is %s", async (description, kind) => expect(await carryOut(description)).toMatchObject({ ok: false, kind }));
    test.each([
      ["its headers, in seconds", error("slow down", { headers: { "retry-after": "20" } }), 20_000],
      [
        "its headers, as a duration",
        error("slow down", { headers: { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30s", "x-ratelimit-reset-requests": "1h" } }),
        90_000,
      ],
      ["its words", error("Rate limit reached. Please try again in 20s."), 20_000],
    ])("over its quota until the time in %s", async (_, body, ms) => {
      const outcome = await carryOut(`status 429 ${body}`);
      expect(outcome).toMatchObject({ ok: false, kind: "quota" });
      expect(until(outcome)).toBeGreaterThan(ms - 10_000);
      expect(until(outcome)).toBeLessThanOrEqual(ms);
    });
    test("over a quota that no time brings back", async () => {
      const body = JSON.stringify({ error: { code: "insufficient_quota", message: "You exceeded your current quota." }, headers: { "retry-after": "1" } });
      const outcome = await carryOut(`status 429 ${body}`);
      expect(outcome).toMatchObject({ ok: false, kind: "quota" });
      expect(outcome).not.toHaveProperty("until");
    });
    test("without telling the key, but where it is", async () => {
      const outcome = await carryOut("echo", { auth: { type: "bearer_token", envVar: "BAD_KEY" } });
      expect(outcome).toEqual({ ok: false, kind: "agent_error", detail: expect.stringMatching(/HTTP 401.*the key is in BAD_KEY/) });
      expect(JSON.stringify(outcome)).not.toContain("wrong");
      expect(JSON.stringify(await carryOut("echokey", { auth: { type: "bearer_token", envVar: "GOOD_KEY" } }))).not.toContain("sk-good-key");
    });
  });

  describe("uses tools", () => {
    const allowed: Settings = { permissions: { rules: [{ kinds: ["read", "other"], answer: "allow" }], otherwise: "deny" } };
    test.each(["program", "http"] as const)("of a server by %s, end to end", async (transport) => {
      const context = attemptContext();
      const server = transport === "program" ? program() : { name: "tools", url: opened.toolsUrl, headers: {} };
      const outcome = await carryOut('call add {"a":2,"b":3}', { ...allowed, mcpServers: [server] }, context);
      expect(outcome).toMatchObject({ ok: true, output: "5", usage: { inputTokens: 20, outputTokens: 10 } });
      expect(context.updates.filter((update) => update.kind === "tool")).toEqual([
        { kind: "tool", callId: "1-1", title: "add", toolKind: "read", status: "pending", input: { a: 2, b: 3 } },
        { kind: "tool", callId: "1-1", status: "running" },
        { kind: "tool", callId: "1-1", status: "completed", output: "5" },
      ]);
      expect(await readdir(opened.world.attemptsDirectory)).toEqual([]);
    });
    test("found for the step", async () => {
      const context = { ...attemptContext(), toolServers: [handed(program())] };
      expect(await carryOut('call add {"a":2,"b":3}', allowed, context)).toMatchObject({ ok: true, output: "5" });
    });
    test("only when it may", async () => {
      const outcome = await carryOut('call remove {"path":"x"}', { ...allowed, mcpServers: [program()] });
      expect(outcome).toMatchObject({ ok: true, output: expect.stringContaining("not allowed") });
    });
    test("that a person is asked about", async () => {
      const context = attemptContext(() => ({ decision: "approved", comment: null }));
      expect(await carryOut('call remove {"path":"x"}', { mcpServers: [program()] }, context)).toMatchObject({ ok: true, output: "removed x" });
      expect(context.asked).toMatchObject([{ kind: "permission", title: "Call remove of tools", detail: { toolKind: "execute", paths: ["x"] } }]);
    });
    test.each([
      ["with arguments that do not fit", 'call add {"a":"two"}', /do not fit.*\/a must be number/s],
      ["with arguments that are no JSON", "call add {", /cannot be read/],
      ["that do not exist", "call nothing {}", /There is no tool/],
      ["that fail", 'call work {"description":"fail"}', /reports an error: I cannot do that/],
    ])("%s, and is told so", async (_, description, words) =>
      expect(await carryOut(description, { ...allowed, mcpServers: [program()] })).toMatchObject({ ok: true, output: expect.stringMatching(words) }),
    );
    test("no more rounds than it may", async () =>
      expect(await carryOut("again", { ...allowed, mcpServers: [program()], maxToolRounds: 2 })).toMatchObject({
        ok: false,
        kind: "limit",
        usage: { inputTokens: 30 },
      }));
    test("but not those of a server that does not start", async () => {
      const gone = { name: "tools", command: process.execPath, args: ["/no/such/file.mjs"], env: {} };
      expect(await carryOut("echo", { mcpServers: [gone] })).toMatchObject({
        ok: false,
        kind: "agent_error",
        detail: expect.stringContaining("/no/such/file.mjs"),
      });
    });
    test("and leaves none behind when it is cancelled in the middle of a call", async () => {
      const context = attemptContext();
      const outcome = carryOut('call work {"description":"hang"}', { ...allowed, mcpServers: [program()] }, context);
      await expect.poll(() => context.updates.some((update) => update.kind === "tool" && update.status === "running")).toBe(true);
      context.abort("Enough.");
      expect(await outcome).toMatchObject({ ok: false, kind: "cancelled", detail: "Enough." });
      expect(await readdir(opened.world.attemptsDirectory)).toEqual([]);
    });
  });
});

describe("a model service", () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const carryOut = (description: string, settings: Settings, context = attemptContext(), changes: Partial<Work> = {}): Promise<Outcome> =>
    openOpenaiConnector(opened.world).carryOut(agentFor(settingsFor(opened.baseUrl, settings)), workFor(description, changes), context);

  test("that does not take a part of a request is asked without it", async () => {
    const responseSchema = { type: "object", properties: { n: { type: "number" } } };
    expect(await carryOut("picky", { responseSchema, maxOutputTokens: 10 })).toEqual({ ok: true, output: { n: 1 } });
  });
  test("that does not stream is understood", async () => expect(await carryOut("whole", {})).toEqual({ ok: true, output: "all at once" }));
  test("that keeps conversations goes on from one, and begins anew when it is gone", async () => {
    const first = await carryOut("echo one", { wire: "responses", store: true });
    expect(first).toMatchObject({ ok: true, conversation: expect.stringMatching(/^resp_\d+$/) });
    const context = attemptContext();
    expect(await carryOut("echo two", { wire: "responses", store: true }, context, { conversation: "resp_gone" })).toMatchObject({
      ok: true,
      output: "echo two",
    });
    expect(context.updates).toContainEqual({ kind: "note", text: expect.stringContaining("gone") });
  });
  test("that is an Ollama is found by the server's own setting", async () => {
    const ollamaUrl = opened.baseUrl.replace(/\/v1$/, "");
    const agent = agentFor(openaiConnector.parse({ kind: "openai", model: "small" }));
    expect(await openOpenaiConnector({ ...opened.world, ollamaUrl }).carryOut(agent, workFor("echo"), attemptContext())).toMatchObject({ ok: true });
    await expect(openOpenaiConnector(opened.world).check(agent)).rejects.toThrow("OLLAMA_API_URL");
  });
  test("is asked for its models, which costs nothing", async () => {
    const connector = openOpenaiConnector(opened.world);
    expect(await connector.discover?.(agentFor(settingsFor(opened.baseUrl, {})))).toEqual({ capabilities: [], detail: { models: ["small", "large"] } });
    expect(await connector.observe?.(agentFor(settingsFor(opened.baseUrl, {})))).toMatchObject({ health: "healthy" });
    expect(await connector.observe?.(agentFor(settingsFor(`${opened.baseUrl}/none`, {})))).toMatchObject({
      health: "healthy",
      detail: expect.stringContaining("404"),
    });
    expect(
      await connector.observe?.(agentFor(settingsFor(opened.baseUrl.replace("/v1", "/x"), { auth: { type: "bearer_token", envVar: "BAD_KEY" } }))),
    ).toMatchObject({ health: "critical" });
  });
  test.each<[string, Settings, string]>([
    ["at an unsafe address", { baseUrl: "http://10.0.0.1/v1" }, "10.0.0.1"],
    ["with a key that is not known", { auth: { type: "bearer_token", envVar: "HOME" } }, "HOME"],
    ["with a schema that is none", { responseSchema: { type: "banana" } }, "connector.responseSchema"],
    ["with a tool server that is not there", { mcpServers: [{ name: "x", command: "/no/such/server", args: [], env: {} }] }, "/no/such/server"],
  ])("%s is refused at registration", async (_, settings, names) => {
    const refused: unknown = await openOpenaiConnector(opened.world)
      .check(agentFor(settingsFor(opened.baseUrl, settings)))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect(String(refused)).toContain(names);
  });
});
