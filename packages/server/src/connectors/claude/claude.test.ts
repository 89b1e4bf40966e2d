// The claude connector with a real process that speaks Claude Code's stream-json: its contract, what it finds around it, its conversations.
import { join } from "node:path";
import { type ClaudeConnector, Refusal } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, handed, testConnector, workFor } from "../connector.testsuite.ts";
import { kinds, openUnderTest, outputOf, settings, type UnderTest } from "./claude.testkit.ts";
import { atThisPace } from "../../../../../tests/pace.ts";

testConnector("claude", async () => ({ ...(await openUnderTest()), agent: agentFor(settings()) }), {
  progress: "Claude Code does not tell which share of its work is done",
});

describe("Claude Code", () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await openUnderTest();
  });
  afterAll(() => under.close());
  const carryOut: UnderTest["carryOut"] = (...given) => under.carryOut(...given);

  describe("finds around it", () => {
    interface Revealed {
      environment: Record<string, string>;
      arguments: string[];
      cwd: string;
      servers: unknown;
    }
    const revealed = async (changes: Partial<ClaudeConnector> = {}, more: Partial<ConnectorAgent> = {}, context = attemptContext()) =>
      JSON.parse(outputOf((await carryOut("reveal", changes, more, context)).outcome)) as Revealed;

    test("a clean environment that keeps it quiet, and a HOME that is kept", async () => {
      const { environment } = await revealed({}, { id: "a/../b", environment: { ANTHROPIC_API_KEY: "k", DISABLE_TELEMETRY: "0" } });
      expect(environment).toEqual({
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: join(under.directory, "homes", "agent-a%2F..%2Fb"),
        PWD: expect.stringContaining(under.directory),
        TMPDIR: expect.stringContaining(under.directory),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        DISABLE_AUTOUPDATER: "1",
        DISABLE_TELEMETRY: "0",
        DISABLE_ERROR_REPORTING: "1",
        ANTHROPIC_API_KEY: "k",
        BATON_ATTEMPT_ID: expect.any(String),
      });
    });
    test("another HOME where its registration says so", async () => {
      const home = join(under.directory, "elsewhere");
      expect((await revealed({}, { environment: { HOME: home } })).environment["HOME"]).toBe(home);
    });
    test("its settings as arguments, with nothing in them taken for an option", async () => {
      const { arguments: given } = await revealed({
        model: "opus",
        permissionMode: "plan",
        appendSystemPrompt: "--be brief",
        maxTurns: 3,
        allowedTools: ["Read", "Bash(git log:*)"],
        disallowedTools: ["WebFetch"],
      });
      expect(given.slice(0, 9).join(" ")).toBe(
        "-p --input-format stream-json --output-format stream-json --verbose --include-partial-messages --permission-prompt-tool stdio",
      );
      expect(given.slice(9)).toEqual([
        expect.stringMatching(/^--session-id=[0-9a-f-]{36}$/),
        "--model=opus",
        "--permission-mode=plan",
        "--append-system-prompt=--be brief",
        "--max-turns=3",
        "--allowed-tools=Read,Bash(git log:*)",
        "--disallowed-tools=WebFetch",
      ]);
    });
    test("who it is, in its system prompt before what its settings add", async () => {
      const { arguments: given } = await revealed({ appendSystemPrompt: "Be brief." }, { persona: "You are a sailor." });
      expect(given).toContain("--append-system-prompt=You are a sailor.\n\nBe brief.");
      expect((await carryOut("echo x", {}, { persona: "You are a sailor." })).outcome).toMatchObject({ output: expect.not.stringContaining("sailor") });
    });
    test("tool servers of its registration and of the step, in a file", async () => {
      const found = handed({ name: "found", url: "http://127.0.0.1:1/mcp", headers: { Authorization: "Bearer s3cret" } });
      const context = { ...attemptContext(), toolServers: [found] };
      const own = { name: "my tools", command: "/bin/tools", args: ["-x"], env: { KEY: "k" } };
      const { servers, arguments: given } = await revealed({ mcpServers: [own] }, {}, context);
      expect(servers).toEqual({
        mcpServers: {
          my_tools: { type: "stdio", command: "/bin/tools", args: ["-x"], env: { KEY: "k" } },
          found: { type: "http", url: "http://127.0.0.1:1/mcp", headers: { Authorization: "Bearer s3cret" } },
        },
      });
      expect(given.join(" ")).not.toContain("s3cret");
    });
    test("the directory its agent names", async () => expect((await revealed({ cwd: "/" })).cwd).toBe("/"));
  });

  describe("goes on with a conversation", () => {
    const on = async (conversation: string | undefined, changes: Partial<ClaudeConnector> = {}, agentId = "talker") => {
      const context = attemptContext();
      const work = workFor("recall", conversation === undefined ? {} : { conversation });
      const outcome = await under.connector.carryOut(agentFor(settings(changes), { id: agentId }), work, context);
      return { heard: JSON.parse(outputOf(outcome)) as unknown, conversation: outcome.conversation, notes: kinds(context.updates, "note") };
    };
    test("where it has one directory", async () => {
      const first = await on(undefined, { cwd: under.directory });
      const second = await on(first.conversation, { cwd: under.directory });
      expect(second).toMatchObject({ heard: ["recall"], notes: [] });
      expect((await on(second.conversation, { cwd: under.directory })).heard).toEqual(["recall", "recall"]);
    });
    test("where each conversation has its own", async () => {
      const second = await on((await on(undefined)).conversation);
      expect(second).toMatchObject({ heard: ["recall"], notes: [] });
      expect((await on(second.conversation)).heard).toEqual(["recall", "recall"]);
    });
    test("twice at once, each its own way", async () => {
      const { conversation } = await on(undefined);
      const both = await Promise.all([on(conversation), on(conversation)]);
      expect(both.map(({ heard }) => heard)).toEqual([["recall"], ["recall"]]);
      expect(new Set(both.map((each) => each.conversation)).size).toBe(2);
    });
    test("or begins a new one and says so, when it is gone or was never one", async () => {
      const { conversation } = await on(undefined);
      const lost = await on(conversation, {}, "another");
      expect(lost).toMatchObject({ heard: [], notes: [{ kind: "note", text: expect.stringContaining("is not there any more") }] });
      expect((await on(lost.conversation, {}, "another")).heard).toEqual(["recall"]);
      expect(await on("--version")).toMatchObject({ heard: [], notes: [{ kind: "note" }] });
    });
    test("that ran into a limit", async () => {
      const { outcome } = await carryOut("rejected", {}, { id: "talker" });
      expect((await on(outcome.conversation)).heard).toEqual(["rejected"]);
    });
  });

  describe("is survived when it", () => {
    test("says what nobody understands", async () =>
      expect((await carryOut("junk")).outcome).toMatchObject({ ok: true, output: "Still here.", usage: undefined }));
    test("does not listen to anything", async () => {
      const context = attemptContext();
      const attempt = carryOut("stubborn", {}, {}, context);
      await expect.poll(() => context.updates.length).toBeGreaterThan(0);
      const startedAt = performance.now();
      context.abort("Enough.");
      expect((await attempt).outcome).toMatchObject({ kind: "cancelled" });
      expect(performance.now() - startedAt).toBeLessThan(atThisPace(2_000));
      await expect.poll(under.stillWorking).toBe(0);
    });
    test("has answered and does not end", async () => expect((await carryOut("linger")).outcome).toMatchObject({ ok: true, output: "Done." }), 15_000);
  });

  describe("is observed", () => {
    test("by its version", async () => {
      expect(await under.connector.observe?.(agentFor(settings()))).toMatchObject({ health: "healthy", detail: "9.9.9 (Fake)" });
    });
    test("to be gone", async () =>
      expect(await under.connector.observe?.(agentFor(settings({ command: "/no/such/claude" })))).toMatchObject({ health: "critical" }));
    test("to be something else", async () => {
      expect(await under.connector.observe?.(agentFor(settings({ command: "/bin/false", args: [] })))).toMatchObject({
        health: "critical",
        detail: expect.stringContaining("code 1"),
      });
    });
  });

  test.each<[string, Partial<ClaudeConnector>]>([
    ["a program that is not there", { command: "no-such-claude" }],
    ["a directory that is not there", { cwd: "/no/such/folder" }],
  ])("is refused at registration for %s", async (_, changes) => {
    await expect(under.connector.check(agentFor(settings(changes)))).rejects.toSatisfy((error) => error instanceof Refusal && error.code === "bad_input");
  });
});
