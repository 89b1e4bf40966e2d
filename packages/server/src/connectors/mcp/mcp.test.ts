// The MCP connector with real tool servers, as programs and behind HTTP: its contract, which tool is called and with what, and what comes of it.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Json, type McpConnector, type McpServer, type Outcome, Refusal, type Work } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPrograms } from "../../programs/programs.ts";
import { systemClock } from "../../std/clock.ts";
import type { Answer } from "../connector.ts";
import { agentFor, attemptContext, testConnector, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath, startFakeAgent } from "../fake-agent.testkit.ts";
import { openOutbound } from "../outbound.ts";
import { openMcpConnector } from "./mcp.ts";

async function openWorld() {
  const attemptsDirectory = await mkdtemp(join(tmpdir(), "baton-mcp-"));
  const programs = openPrograms(systemClock);
  const outbound = openOutbound({ allow: "loopback" });
  const readEnv = (name: string): string | undefined => (name === "TOOL_KEY" ? "k3y" : undefined);
  const world = { clock: systemClock, programs, outbound, attemptsDirectory, readEnv, readSecret: () => undefined };
  const close = async (): Promise<void> => {
    await programs.close();
    await outbound.close();
    await rm(attemptsDirectory, { recursive: true });
  };
  return { world, close };
}
const program = (...args: string[]): McpServer => ({
  name: "tools",
  command: process.execPath,
  args: [fakeAgentPath("mcp-server.mjs"), "stdio", ...args],
  env: {},
});
const UNCOUNTED = { lie: "tools do not tell what they used" };
const work: Pick<McpConnector, "tool" | "arguments"> = { tool: "work", arguments: { description: "$.description" } };
/** The output of `work` is text; `reveal` answers with JSON in it. */
const parsed = (outcome: Outcome): Record<string, unknown> => {
  if (!outcome.ok || typeof outcome.output !== "string") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.output) as Record<string, unknown>;
};

describe("a tool server that is a program", () => {
  testConnector(
    "mcp",
    async () => {
      const { world, close } = await openWorld();
      return {
        connector: openMcpConnector(world),
        agent: agentFor({ kind: "mcp", server: program(), ...work }),
        // A directory per attempt, removed when all of it has ended.
        stillWorking: async () => (await readdir(world.attemptsDirectory)).length,
        close,
      };
    },
    UNCOUNTED,
  );
});

describe("a tool server behind HTTP", () => {
  testConnector(
    "mcp",
    async () => {
      const { world, close } = await openWorld();
      const server = await startFakeAgent("mcp-server.mjs", "http");
      return {
        connector: openMcpConnector(world),
        agent: agentFor({ kind: "mcp", server: { name: "tools", url: `http://127.0.0.1:${server.port}/mcp`, headers: {} }, ...work }),
        stillWorking: async () => ((await (await fetch(`http://127.0.0.1:${server.port}/open`)).json()) as { open: number }).open,
        close: async () => {
          await close();
          await server.close();
        },
      };
    },
    UNCOUNTED,
  );
});

describe.each(["program", "http"] as const)("a tool server by %s", (transport) => {
  let opened: Awaited<ReturnType<typeof openWorld>>;
  let http: Awaited<ReturnType<typeof startFakeAgent>>;
  let server: McpServer;
  beforeAll(async () => {
    opened = await openWorld();
    http = await startFakeAgent("mcp-server.mjs", "http");
    server = transport === "program" ? program() : { name: "tools", url: `http://127.0.0.1:${http.port}/mcp`, headers: {} };
  });
  afterAll(async () => {
    await opened.close();
    await http.close();
  });
  const carryOut = (settings: Partial<McpConnector>, changes: Partial<Work> = {}, context = attemptContext()): Promise<Outcome> =>
    openMcpConnector(opened.world).carryOut(agentFor({ kind: "mcp", server, ...settings }), workFor("echo", changes), context);
  const call = (tool: string, args: Json = {}, context = attemptContext()): Promise<Outcome> => carryOut({}, { input: { tool, arguments: args } }, context);

  describe("is asked for the tool", () => {
    const sum = { ok: true, output: { sum: 5 } };
    test("that the input names", async () => expect(await call("add", { a: 2, b: 3 })).toEqual(sum));
    test("that the registration names", async () => expect(await carryOut({ tool: "add" }, { input: { a: 2, b: 3 } })).toEqual(sum));
    test("whose name a requirement has", async () => expect(await carryOut({}, { requirements: ["ADD"], input: { a: 2, b: 3 } })).toEqual(sum));
    test("with arguments mapped from the work", async () => {
      const steps = { count: { found: 3 } };
      const context = { ...workFor("").context, steps };
      expect(await carryOut({ tool: "add", arguments: { a: 2, b: "$.steps.count.found" } }, { context })).toEqual(sum);
    });
    test("and refuses one it does not have, saying which there are", async () =>
      expect(await call("fly")).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining('no tool "fly"; it has work, add') }));
    test("and does not guess", async () =>
      expect(await carryOut({})).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("Which tool") }));
    test("only with arguments that fit it", async () => {
      const outcome = await call("add", { a: "two", c: 1 });
      expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringMatching(/do not fit the tool add: .*'b'.*\/a must be number/s) });
    });
    test("only with an object", async () => expect(await call("add", [1, 2])).toMatchObject({ detail: expect.stringContaining("must be an object") }));
  });

  test("tells of the call as it goes", async () => {
    const context = attemptContext();
    await call("add", { a: 2, b: 3 }, context);
    expect(context.updates).toEqual([
      { kind: "tool", callId: "1", title: "add", status: "running", input: { a: 2, b: 3 } },
      { kind: "tool", callId: "1", status: "completed", output: "5" },
    ]);
  });
  test("makes artifacts of what is not text", async () => {
    expect(await call("picture")).toEqual({
      ok: true,
      output: "Here it is.\n# Notes",
      artifacts: [
        { type: "file", name: "image-2", mediaType: "image/png", description: "in base64", content: "aGVsbG8=" },
        { type: "file", name: "file:///notes.md", mediaType: "text/markdown", description: "file:///notes.md", content: "# Notes" },
        { type: "file", name: "large.bin", description: "file:///large.bin" },
      ],
    });
  });

  describe("asks a person", () => {
    const greet = async (answer: Answer) =>
      parsed(
        await call(
          "greet",
          {},
          attemptContext(() => answer),
        ),
      );
    test("and gets the answer", async () => {
      const context = attemptContext(() => ({ decision: "approved", comment: "Ada" }));
      expect(parsed(await call("greet", {}, context))).toMatchObject({ action: "accept", content: { name: "Ada" } });
      expect(context.asked).toMatchObject([{ kind: "input", title: "tools asks: Who is there?", detail: { fields: { name: { type: "string" } } } }]);
    });
    test("and gets an answer in JSON", async () =>
      expect(await greet({ decision: "approved", comment: '{"name":"Ada"}' })).toMatchObject({ action: "accept", content: { name: "Ada" } }));
    test("and gets none", async () => expect(await greet({ decision: "rejected", comment: null })).toMatchObject({ action: "decline" }));
    test("and nobody is there", async () => expect(await greet({ decision: "expired", comment: null })).toMatchObject({ action: "cancel" }));
  });
  test("may not use a model of ours", async () => expect(await call("think")).toMatchObject({ ok: false, kind: "agent_error" }));
  test("that writes what is no message has answered badly", async () =>
    expect(await carryOut(work, { description: "broken" })).toMatchObject({ ok: false, kind: "invalid_response" }));

  test("says what it has", async () => {
    const found = await openMcpConnector(opened.world).discover?.(agentFor({ kind: "mcp", server }));
    expect(found).toMatchObject({
      description: "Use them with care.",
      capabilities: ["work", "add", "remove", "picture", "greet", "think"].map((name) => ({ name })),
      detail: {
        tools: expect.arrayContaining([expect.objectContaining({ name: "add", annotations: { readOnlyHint: true } })]),
        resources: [{ uri: "file:///notes.md", name: "notes", description: "Some notes", mimeType: "text/markdown" }],
        prompts: [{ name: "review", description: "Reviews something." }],
        leftOut: {},
      },
    });
    expect(await readdir(opened.world.attemptsDirectory)).toEqual([]);
  });
});

describe("a tool server that is a program, in particular,", () => {
  let opened: Awaited<ReturnType<typeof openWorld>>;
  beforeAll(async () => {
    opened = await openWorld();
  });
  afterAll(() => opened.close());
  const carryOut = (description: string, server: McpServer, context = attemptContext(), environment: Record<string, string> = {}): Promise<Outcome> =>
    openMcpConnector(opened.world).carryOut(agentFor({ kind: "mcp", server, ...work }, { environment }), workFor(description), context);

  test("gets a clean environment: its registration's and its own", async () => {
    const server = { ...program(), env: { KEY: "${TOOL_KEY}", LEVEL: "${LEVEL}" } };
    const { environment, cwd } = parsed(await carryOut("reveal", server, attemptContext(), { LEVEL: "high" }));
    expect(environment).toEqual({ PATH: expect.any(String), HOME: cwd, PWD: cwd, KEY: "k3y", LEVEL: "high", BATON_ATTEMPT_ID: expect.any(String) });
  });
  test("of the older generation is spoken to as well, though it ends at a newer question", async () =>
    expect(await carryOut("echo old", program("old"))).toEqual({ ok: true, output: "echo old" }));
  test("may print words that are no messages", async () => expect(await carryOut("chatter", program())).toEqual({ ok: true, output: "spoke" }));
  test("that ends in the middle says why", async () =>
    expect(await carryOut("complain", program())).toEqual({ ok: false, kind: "agent_error", detail: "The tool server ended with code 4: out of paper" }));
  test("hears that its call is cancelled", async () => {
    const file = join(opened.world.attemptsDirectory, "cancelled");
    const context = attemptContext();
    const outcome = carryOut("hang", { ...program(), env: { CANCELLED_FILE: file } }, context);
    await expect.poll(() => context.updates.length).toBe(1);
    context.abort("Enough.");
    expect(await outcome).toEqual({ ok: false, kind: "cancelled", detail: "Enough." });
    expect(await readFile(file, "utf8")).not.toBe("");
    await rm(file);
  });
  test("is looked for, not started, to see whether it is well", async () => {
    const connector = openMcpConnector(opened.world);
    expect(await connector.observe?.(agentFor({ kind: "mcp", server: program() }))).toMatchObject({
      health: "unknown",
      detail: expect.stringContaining("started when"),
    });
    const gone = { name: "tools", command: "/no/such/server", args: [], env: {} };
    expect(await connector.observe?.(agentFor({ kind: "mcp", server: gone }))).toMatchObject({
      health: "critical",
      detail: expect.stringContaining("/no/such/server"),
    });
  });
});

describe("a tool server behind HTTP, in particular,", () => {
  let opened: Awaited<ReturnType<typeof openWorld>>;
  let http: Awaited<ReturnType<typeof startFakeAgent>>;
  beforeAll(async () => {
    opened = await openWorld();
    http = await startFakeAgent("mcp-server.mjs", "http");
  });
  afterAll(async () => {
    await opened.close();
    await http.close();
  });
  const at = (path: string, headers: Record<string, string> = {}): McpServer => ({ name: "tools", url: `http://127.0.0.1:${http.port}${path}`, headers });
  const carryOut = (description: string, server: McpServer): Promise<Outcome> =>
    openMcpConnector(opened.world).carryOut(agentFor({ kind: "mcp", server, ...work }), workFor(description), attemptContext());

  test("gets its headers with the key in them", async () => {
    const { headers } = parsed(await carryOut("reveal", at("/mcp", { Authorization: "Bearer ${TOOL_KEY}" })));
    expect(headers).toMatchObject({ authorization: "Bearer k3y" });
  });
  test("that refuses the key is told by the variable's name", async () => {
    const outcome = await carryOut("echo", at("/locked", { Authorization: "Bearer ${TOOL_KEY}" }));
    expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringMatching(/HTTP 401.*TOOL_KEY/) });
    expect(JSON.stringify(outcome)).not.toContain("k3y");
  });
  test("that has too much to do is unavailable", async () => expect(await carryOut("echo", at("/busy"))).toMatchObject({ ok: false, kind: "unavailable" }));
  test("that closes the connection without an answer is unavailable", async () =>
    expect(await carryOut("silent", at("/mcp"))).toMatchObject({ ok: false, kind: "unavailable" }));
  test("where nobody is, is unavailable", async () => {
    const gone = await startFakeAgent("mcp-server.mjs", "http");
    await gone.close();
    const server = { name: "tools", url: `http://127.0.0.1:${gone.port}/mcp`, headers: {} };
    expect(await carryOut("echo", server)).toMatchObject({ ok: false, kind: "unavailable" });
    expect(await openMcpConnector(opened.world).observe?.(agentFor({ kind: "mcp", server }))).toMatchObject({ health: "unknown" });
  });
  test("at an unsafe address is not called", async () => {
    const server = { name: "tools", url: "http://169.254.169.254/mcp", headers: {} };
    expect(await carryOut("echo", server)).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("169.254.169.254") });
  });
  test("is asked whether it is well", async () => {
    const observe = (path: string) => openMcpConnector(opened.world).observe?.(agentFor({ kind: "mcp", server: at(path) }));
    expect(await observe("/mcp")).toMatchObject({ health: "healthy", detail: "It answered, and has 6 tools." });
    expect(await observe("/locked")).toMatchObject({ health: "critical" });
  });

  describe("is refused at registration", () => {
    test.each<[string, Partial<McpConnector>, string]>([
      ["at an unsafe address", { server: { name: "tools", url: "http://10.0.0.1/", headers: {} } }, "10.0.0.1"],
      ["with a variable that is not known", { server: { name: "tools", url: "http://127.0.0.1/", headers: { "X-Key": "${HOME}" } } }, "HOME"],
      ["with a header of the connection", { server: { name: "tools", url: "http://127.0.0.1/", headers: { Host: "inner" } } }, "Host"],
      ["with a program that is not there", { server: { name: "tools", command: "/no/such/server", args: [], env: {} } }, "/no/such/server"],
      ["with arguments that are no JSONPath", { arguments: { a: "$.[" } }, "connector.arguments.a"],
    ])("%s", async (_, settings, names) => {
      const agent = agentFor({ kind: "mcp", server: at("/mcp"), ...settings });
      const refused: unknown = await openMcpConnector(opened.world)
        .check(agent)
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Refusal);
      expect(String(refused)).toContain(names);
    });
  });
});
