// The connector for the Agent Client Protocol with a real agent that behaves, well or badly, as it is told: its contract, what the agent
// is given, what its turn comes to.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connector as settings, Refusal } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptContext, handed, testConnector, workFor } from "../connector.testsuite.ts";
import { type AcpBench, openAcpBench, outputOf } from "./acp.testkit.ts";

testConnector("acp", async () => {
  const bench = await openAcpBench();
  return { ...bench, agent: bench.agent() };
});

let bench: AcpBench;
beforeAll(async () => {
  bench = await openAcpBench();
});
afterAll(() => bench.close());
interface Revealed {
  environment: Record<string, string>;
  arguments: string[];
  cwd: string;
  session: { client: unknown; opened: { cwd: string; mcpServers: unknown[] }; settings?: unknown[]; authenticated?: string };
}
const revealed = async (args?: string[], ...more: [Parameters<AcpBench["agent"]>[1]?, Parameters<AcpBench["agent"]>[2]?]): Promise<Revealed> =>
  JSON.parse(outputOf(await bench.carryOut("reveal", bench.agent(args, ...more)))) as Revealed;

describe("the settings", () => {
  test("need a command unless they name a known agent", () => {
    expect(settings.safeParse({ kind: "acp" }).success).toBe(false);
    expect(settings.safeParse({ kind: "acp", agent: "copilot" }).success).toBe(true);
    expect(settings.safeParse({ kind: "acp", agent: "hal" }).success).toBe(false);
  });
  test("are refused when the command or the directory is not there", async () => {
    const check = (...given: Parameters<AcpBench["agent"]>) => bench.connector.check(bench.agent(...given));
    await expect(check([], { command: "no-such-agent" })).rejects.toThrow(Refusal);
    await expect(check([], { cwd: "/no/such/place" })).rejects.toThrow("connector.cwd");
    await expect(check([], { command: undefined, agent: "codex" }, { environment: { PATH: bench.directory } })).rejects.toThrow("codex-acp");
  });
  test("of a known agent start the first of its commands that is there, with its arguments", async () => {
    const folder = join(bench.directory, "bin");
    await mkdir(folder, { recursive: true });
    // Tells its arguments and ends.
    await writeFile(join(folder, "copilot"), '#!/bin/sh\necho "$0 $*" >&2; exit 7\n', { mode: 0o755 });
    const agent = bench.agent([], { agent: "copilot", command: undefined, args: undefined }, { environment: { PATH: folder } });
    await bench.connector.check(agent);
    expect(await bench.carryOut("echo", agent)).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining(`${folder}/copilot --acp`) });
  });
});

describe("the agent is given", () => {
  test("a clean environment, a HOME that is kept, a directory of its own for temporary files", async () => {
    const { environment, cwd } = await revealed([], {}, { id: "a/b", environment: { FAKE_KEY: "k" } });
    expect(environment).toEqual({
      PATH: expect.stringContaining("/usr/bin"),
      HOME: join(bench.directory, "homes", "agent-a%2Fb"),
      PWD: cwd,
      TMPDIR: expect.stringContaining(join(bench.directory, "attempts")),
      FAKE_KEY: "k",
      BATON_ATTEMPT_ID: expect.any(String),
    });
    expect(await readdir(join(bench.directory, "attempts"))).toEqual([]);
  });
  test("what keeps a known agent to its work, under what its registration says", async () => {
    expect((await revealed([], { agent: "gemini" })).environment).toMatchObject({ GEMINI_CLI_NO_RELAUNCH: "true" });
    expect((await revealed([], { agent: "gemini" }, { environment: { GEMINI_CLI_NO_RELAUNCH: "false" } })).environment).toMatchObject({
      GEMINI_CLI_NO_RELAUNCH: "false",
    });
  });
  test("the working directory its registration names, the task's repository, or a fresh one", async () => {
    const { cwd, session } = await revealed([], { cwd: "/" });
    expect([cwd, session.opened.cwd]).toEqual(["/", "/"]);
    const work = workFor("reveal");
    work.context.task.repository = bench.directory;
    const there = await bench.connector.carryOut(bench.agent(), work, attemptContext());
    expect(outputOf(there)).toContain(`"cwd":"${bench.directory}"`);
    expect((await revealed()).cwd).toContain(join(bench.directory, "attempts"));
  });
  test("files through its client, and no terminal", async () => {
    expect((await revealed()).session.client).toMatchObject({
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: false },
    });
  });
  test("the step as words", async () => {
    const output = outputOf(await bench.carryOut("prompt me", bench.agent(), attemptContext(), { input: { found: 3 } }));
    expect(output).toContain("prompt me\n\nThis is one step of a larger task");
    expect(output).toContain('"found": 3');
  });
  test("tool servers of its registration and of the step", async () => {
    const mcpServers = [
      { name: "files", command: "files-mcp", args: ["-r"], env: { ROOT: "/" } },
      { name: "net", url: "http://127.0.0.1:1/mcp", headers: { authorization: "Bearer t" } },
    ];
    const context = { ...attemptContext(), toolServers: [handed({ name: "found", command: "found-mcp", args: [], env: {} })] };
    const outcome = await bench.carryOut("reveal", bench.agent(["--http"], { mcpServers }), context);
    expect((JSON.parse(outputOf(outcome)) as Revealed).session.opened.mcpServers).toEqual([
      { name: "files", command: "files-mcp", args: ["-r"], env: [{ name: "ROOT", value: "/" }] },
      { type: "http", name: "net", url: "http://127.0.0.1:1/mcp", headers: [{ name: "authorization", value: "Bearer t" }] },
      { name: "found", command: "found-mcp", args: [], env: [] },
    ]);
  });
  test("no work at all when it cannot use the tool servers its step needs", async () => {
    const context = { ...attemptContext(), toolServers: [handed({ name: "net", url: "http://127.0.0.1:1/mcp", headers: {} })] };
    const detail = "It cannot use tool servers by HTTP, and its step needs net.";
    expect(await bench.carryOut("echo", bench.agent(), context)).toMatchObject({ ok: false, kind: "agent_error", detail });
  });
  test("who it is before the first prompt of a conversation, and never again in it", async () => {
    const first = await bench.carryOut("one", bench.agent(["--load"], {}, { persona: "prompt You are a sailor." }));
    expect(outputOf(first)).toMatch(/^prompt You are a sailor\.\n\none/);
    const agent = bench.agent(["--load"], {}, { persona: "remember You are a sailor." });
    const { conversation } = await bench.carryOut("one", agent);
    const second = outputOf(await bench.carryOut("prompt two", agent, attemptContext(), { conversation }));
    expect(second).toMatch(/^prompt two/);
    expect(second).not.toContain("sailor");
  });
  test("who it is in a way of its own, where a known agent has one", async () => {
    const { session } = await revealed([], { agent: "claude" }, { persona: "You are a sailor." });
    expect(session.opened).toMatchObject({ _meta: { systemPrompt: { append: "You are a sailor." } } });
  });
  test("no tool servers by HTTP when it cannot use them, and that is told", async () => {
    const context = attemptContext();
    const mcpServers = [{ name: "net", url: "http://127.0.0.1:1/mcp", headers: {} }];
    const outcome = await bench.carryOut("reveal", bench.agent([], { mcpServers }), context);
    expect((JSON.parse(outputOf(outcome)) as Revealed).session.opened.mcpServers).toEqual([]);
    expect(context.updates).toContainEqual({ kind: "note", text: "It cannot use tool servers by HTTP: net left out." });
  });
  test("the mode that is wished, by id or by name; one it does not have ends the attempt", async () => {
    const sessionId = expect.any(String);
    expect((await revealed(["--modes"], { mode: "Code" })).session.settings).toEqual([{ sessionId, modeId: "code" }]);
    expect(await bench.carryOut("echo", bench.agent(["--modes"], { mode: "yolo" }))).toMatchObject({
      ok: false,
      kind: "agent_error",
      detail: 'It has no mode "yolo"; it offers ask (Ask), code (Code).',
    });
    expect(await bench.carryOut("echo", bench.agent([], { model: "big" }))).toMatchObject({
      detail: 'It has no model "big"; it lets nobody choose a model.',
    });
  });
  test("a log-in of the kind that is wished; without one it says what it wants", async () => {
    expect((await revealed(["--locked"], { authMethod: "key" })).session.authenticated).toBe("key");
    const outcome = await bench.carryOut("echo", bench.agent(["--locked"]));
    expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("It wants to be logged in") });
    expect(outcome).toMatchObject({ detail: expect.stringContaining("authMethod: key (Set FAKE_KEY)") });
  });
});

describe("a turn", () => {
  test("is told as it happens, and its text is the output", async () => {
    const context = attemptContext();
    const outcome = await bench.carryOut("rich", bench.agent(), context);
    expect(outcome).toEqual({
      ok: true,
      output: "I look.\n\nI changed it. [a.txt](file:///a.txt)",
      usage: { inputTokens: 10, outputTokens: 5 },
      cost: { amount: 0.5, currency: "USD" },
    });
    expect(context.updates).toEqual([
      { kind: "thought", text: "hm" },
      { kind: "text", text: "I look." },
      { kind: "tool", callId: "t1", title: "Read a.txt", toolKind: "read", status: "running", input: { path: "a.txt" } },
      { kind: "tool", callId: "t1", status: "completed", output: "its text" },
      {
        kind: "tool",
        callId: "t2",
        title: "Change mode",
        toolKind: "other",
        status: "failed",
        output: '{"why":"no"}',
        diffs: [{ path: "a.txt", oldText: "old", newText: "new" }],
      },
      { kind: "text", text: "\n\nI " },
      { kind: "text", text: "changed it. " },
      { kind: "text", text: "[a.txt](file:///a.txt)" },
      { kind: "usage", inputTokens: null, outputTokens: null, cost: { amount: 0.5, currency: "USD" } },
      { kind: "usage", inputTokens: 10, outputTokens: 5, cost: { amount: 0.5, currency: "USD" } },
    ]);
    expect(context.said).toContainEqual({ message: "Read a.txt" });
  });
  test("counts tokens from a cache in, costs what the registration's prices say, and nothing that was not counted", async () => {
    const prices = { currency: "EUR", input: 1, output: 2 };
    expect(await bench.carryOut("cached", bench.agent([], { prices }))).toMatchObject({
      usage: { inputTokens: 110, outputTokens: 5 },
      cost: { amount: 0.00012, currency: "EUR" },
    });
    const uncounted = await bench.carryOut("nothing", bench.agent([], { prices }));
    expect([uncounted.usage, uncounted.cost]).toEqual([undefined, undefined]);
  });
  test.each([
    ["max_tokens", "limit"],
    ["max_turn_requests", "limit"],
    ["refusal", "agent_error"],
    ["cancelled", "agent_error"],
    ["of_tomorrow", "invalid_response"],
  ])("that ends with %s is a failure of kind %s", async (reason, kind) => {
    expect(await bench.carryOut(`stop ${reason}`)).toMatchObject({ ok: false, kind });
  });
  test.each([
    ['[-32603, "Internal error: rate limit exceeded, try again in 20s"]', { kind: "quota", until: expect.stringMatching(/^20/) }],
    ['[-32603, "Internal error", { "errorKind": "rate_limit" }]', { kind: "quota" }],
    ['[-32000, "Authentication required"]', { kind: "agent_error", detail: expect.stringContaining("logged in") }],
    ['[-32603, "Internal error", { "details": "fetch failed" }]', { kind: "unavailable" }],
    ['[-32603, "Internal error", { "details": "no such model" }]', { kind: "agent_error", detail: 'Internal error: {"details":"no such model"}' }],
  ])("that is answered by the error %s", async (error, failure) => {
    expect(await bench.carryOut(`error ${error}`)).toMatchObject({ ok: false, ...failure });
  });
});

describe("a conversation", () => {
  test("goes on in a process of its own, in the same directory, and what it cost before is not counted again", async () => {
    const agent = bench.agent(["--load"], {}, { id: "rememberer" });
    const first = await bench.carryOut("remember the first", agent);
    expect(first).toMatchObject({ ok: true, output: expect.stringContaining("after nothing"), cost: { amount: 0.1, currency: "USD" } });
    const context = attemptContext();
    const second = await bench.carryOut("remember the second", agent, context, { conversation: first.conversation });
    const place = outputOf(first).split(" in ")[1];
    expect(second).toMatchObject({ ok: true, output: `after remember the first in ${place}`, cost: { amount: 0.1, currency: "USD" } });
    // What was said long ago is not said again.
    expect(context.updates.filter((update) => update.kind === "text")).toHaveLength(1);
    const third = await bench.carryOut("remember the third", agent, attemptContext(), { conversation: second.conversation });
    expect(third).toMatchObject({ output: `after remember the second in ${place}`, cost: { amount: 0.1, currency: "USD" } });
  });
  test("that cannot be loaded is begun anew, and that is told", async () => {
    const context = attemptContext();
    expect(await bench.carryOut("echo on", bench.agent(["--load"]), context, { conversation: "gone" })).toMatchObject({ ok: true, output: "echo on" });
    expect(context.updates).toContainEqual({ kind: "note", text: "The earlier conversation could not be loaded (Resource not found); a new one begins." });
  });
  test("is not offered by an agent that keeps none", async () => {
    const context = attemptContext();
    const outcome = await bench.carryOut("echo on", bench.agent(), context, { conversation: '{"session":"s","place":".."}' });
    expect(outcome).toMatchObject({ ok: true, output: "echo on" });
    expect(outcome.conversation).toBeUndefined();
    expect(context.updates).toContainEqual({ kind: "note", text: "It cannot go on with an earlier conversation; a new one begins." });
  });
});
