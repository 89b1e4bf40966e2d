// The claude connector with a real process that speaks Claude Code's stream-json: its contract, and what is peculiar to this kind.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClaudeConnector, claudeConnector, type Outcome, Refusal, type Update } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import type { Connector, ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, testConnector, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openClaudeConnector } from "./claude.ts";

const settings = (changes: Partial<ClaudeConnector> = {}): ClaudeConnector =>
  claudeConnector.parse({ kind: "claude", command: process.execPath, args: [fakeAgentPath("claude-agent.mjs")], ...changes });

async function openUnderTest() {
  const directory = await mkdtemp(join(tmpdir(), "baton-claude-"));
  const programs = openPrograms(systemClock);
  const attemptsDirectory = join(directory, "attempts");
  const connector = openClaudeConnector({ clock: systemClock, programs, newId, attemptsDirectory, homesDirectory: join(directory, "homes") });
  return {
    directory,
    connector,
    // Each attempt has its directories; they go when all of it has ended.
    stillWorking: async () => (await readdir(attemptsDirectory).catch(() => [])).length,
    close: async () => {
      await programs.close();
      await rm(directory, { recursive: true });
    },
  };
}

testConnector("claude", async () => ({ ...(await openUnderTest()), agent: agentFor(settings()) }), {
  progress: "Claude Code does not tell which share of its work is done",
});

describe("Claude Code", () => {
  let under: Awaited<ReturnType<typeof openUnderTest>>;
  let connector: Connector;
  beforeAll(async () => {
    under = await openUnderTest();
    connector = under.connector;
  });
  afterAll(() => under.close());

  const carryOut = async (description: string, changes: Partial<ClaudeConnector> = {}, more: Partial<ConnectorAgent> = {}, context = attemptContext()) => ({
    outcome: await connector.carryOut(agentFor(settings(changes), more), workFor(description), context),
    context,
  });
  const outputOf = (outcome: Outcome): string => {
    if (!outcome.ok) throw new Error(outcome.detail);
    return outcome.output as string;
  };
  const kinds = (updates: Update[], kind: Update["kind"]): Update[] => updates.filter((update) => update.kind === kind);
  /** Pieces that follow each other are one text. */
  const said = (updates: Update[], kind: "text" | "thought"): string => updates.map((update) => (update.kind === kind ? update.text : "")).join("");

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
    test("tool servers of its registration and of the step, in a file", async () => {
      const context = { ...attemptContext(), toolServers: [{ name: "found", url: "http://127.0.0.1:1/mcp", headers: { Authorization: "Bearer s3cret" } }] };
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

  describe("tells", () => {
    test("what it says, once, though it comes in pieces and then whole", async () => {
      const { context } = await carryOut("echo a sentence that comes in pieces");
      expect(said(context.updates, "text")).toBe("echo a sentence that comes in pieces");
      expect(kinds(context.updates, "text").length).toBeGreaterThan(1);
    });
    test("what it says when it comes only whole", async () => expect(said((await carryOut("whole")).context.updates, "text")).toBe("In one piece."));
    test("what it thinks", async () => {
      const { context } = await carryOut("think");
      expect(said(context.updates, "thought")).toBe("Let me see, said the agent.");
      expect(said(context.updates, "text")).toBe("I have thought.");
    });
    test("which files it changed, and how, and what went wrong", async () => {
      const { context } = await carryOut("edit");
      expect(kinds(context.updates, "tool")).toEqual([
        {
          kind: "tool",
          callId: "t1",
          title: "Edit: a.txt",
          toolKind: "edit",
          status: "running",
          input: { file_path: "a.txt", old_string: "beta", new_string: "gamma" },
          diffs: [{ path: "a.txt", oldText: "beta", newText: "gamma" }],
        },
        {
          kind: "tool",
          callId: "t1",
          status: "completed",
          output: "The file was updated.",
          diffs: [{ path: "/repo/a.txt", oldText: "alpha\nbeta", newText: "alpha\ngamma" }],
        },
        expect.objectContaining({ callId: "t2", title: "Write: new.txt", diffs: [{ path: "new.txt", oldText: null, newText: "fresh" }] }),
        expect.objectContaining({ callId: "t2", status: "completed", diffs: [{ path: "new.txt", oldText: null, newText: "fresh" }] }),
        expect.objectContaining({ callId: "t3", title: "Read: /none", toolKind: "read" }),
        { kind: "tool", callId: "t3", status: "failed", output: "No such file." },
      ]);
      expect(context.said).toContainEqual({ message: "Edit: a.txt" });
    });
    test("its plan, whole each time", async () => {
      const entries = [
        { text: "look", status: "completed" },
        { text: "do", status: "running" },
      ];
      expect(kinds((await carryOut("plan")).context.updates, "plan")).toEqual([{ kind: "plan", entries }]);
    });
    test("its plan as it grows and shrinks", async () => {
      const plans = kinds((await carryOut("tasks")).context.updates, "plan");
      expect(plans).toHaveLength(5);
      expect(plans.at(-1)).toEqual({
        kind: "plan",
        entries: [
          { text: "look", status: "completed" },
          { text: "do", status: "pending" },
        ],
      });
    });
    test("what a helper of its own found, not what the helper said; what the helper used counts", async () => {
      const { context, outcome } = await carryOut("helper");
      expect(said(context.updates, "text")).toBe("Nothing there.");
      expect(context.updates).toContainEqual({ kind: "tool", callId: "t1", status: "completed", output: "It found nothing." });
      expect(outcome.usage).toEqual({ inputTokens: 246, outputTokens: 16 });
    });
    test("what it refused by its own settings", async () => {
      const { context } = await carryOut("denied");
      expect(context.updates).toContainEqual({ kind: "note", text: "Claude Code refused by its own settings: Bash." });
    });
  });

  describe("counts", () => {
    test("tokens of all models, caches included, and what they cost", async () => {
      const { outcome, context } = await carryOut("cost");
      expect(outcome).toMatchObject({ usage: { inputTokens: 113, outputTokens: 6 }, cost: { amount: 0.51, currency: "USD" } });
      expect(kinds(context.updates, "usage")).toEqual([
        { kind: "usage", inputTokens: 123, outputTokens: 7, cost: null },
        { kind: "usage", inputTokens: 113, outputTokens: 6, cost: { amount: 0.51, currency: "USD" } },
      ]);
    });
    test("what streamed by when it was interrupted, at an unknown cost", async () => {
      const context = attemptContext();
      const attempt = carryOut("slow", {}, {}, context);
      await expect.poll(() => context.updates.length, { timeout: 5_000 }).toBe(1);
      context.abort("Enough.");
      expect((await attempt).outcome).toEqual({
        ok: false,
        kind: "cancelled",
        detail: "Enough.",
        usage: { inputTokens: 123, outputTokens: 7 },
        cost: undefined,
      });
    });
    test("nothing when it does not say", async () => {
      const { outcome } = await carryOut("structured");
      expect(outcome).toEqual({ ok: true, output: { found: 3 }, conversation: expect.any(String) });
    });
  });

  describe("asks", () => {
    const BASH = 'may Bash {"command":"rm -rf build"}';
    test("a person, and goes on with what it asked for when that is allowed", async () => {
      const context = attemptContext(() => ({ decision: "approved", comment: null }));
      const { outcome } = await carryOut(BASH, {}, {}, context);
      expect(JSON.parse(outputOf(outcome))).toEqual({ behavior: "allow", updatedInput: { command: "rm -rf build" } });
      expect(context.asked).toMatchObject([
        { kind: "permission", title: "Bash: rm -rf build", detail: { toolKind: "execute", request: { tool: "Bash", input: { command: "rm -rf build" } } } },
      ]);
    });
    test("a person, and is told why not", async () => {
      const context = attemptContext(() => ({ decision: "rejected", comment: "not today" }));
      const { outcome } = await carryOut(BASH, {}, {}, context);
      expect(JSON.parse(outputOf(outcome))).toEqual({ behavior: "deny", message: "Not allowed: a person refused it: not today." });
      expect(context.updates).toContainEqual(expect.objectContaining({ callId: "t1", status: "denied" }));
      expect(kinds(context.updates, "note")).toEqual([]);
    });
    test("nobody for an edit inside its directory", async () => {
      const { outcome, context } = await carryOut('may Edit {"file_path":"a.txt"}');
      expect(JSON.parse(outputOf(outcome))).toMatchObject({ behavior: "allow" });
      expect(context.asked).toEqual([]);
    });
    test("the rules of its registration first, by kind and path", async () => {
      const permissions = { rules: [{ kinds: ["edit" as const], paths: ["docs/**"], answer: "deny" as const }], askTimeoutMs: 1_000 };
      const { outcome, context } = await carryOut('may Write {"file_path":"docs/a.md","content":""}', { permissions });
      expect(JSON.parse(outputOf(outcome))).toMatchObject({ behavior: "deny", message: expect.stringContaining("rule 1") });
      expect(context.updates).toContainEqual({ kind: "note", text: expect.stringContaining("Denied: Write: docs/a.md") });
    });
    test("before every tool where there are rules, whatever it thinks of it itself", async () => {
      const permissions = { rules: [{ kinds: ["read" as const], paths: ["secret/*"], answer: "deny" as const }], askTimeoutMs: 1_000 };
      const told = async (input: string, changes: Partial<ClaudeConnector>) =>
        JSON.parse(outputOf((await carryOut(`hook Read ${input}`, changes)).outcome)) as unknown;
      const hello = expect.objectContaining({ subtype: "initialize" });
      const ask = { hookEventName: "PreToolUse", permissionDecision: "ask", permissionDecisionReason: expect.stringContaining("rule 1") };
      expect(await told('{"file_path":"secret/key"}', { permissions })).toEqual({ hello, told: { hookSpecificOutput: ask } });
      expect(await told('{"file_path":"open/door"}', { permissions })).toEqual({ hello, told: {} });
      expect(await told('{"file_path":"open/door"}', {})).toMatchObject({ hello: null });
    });
    test("a person its questions", async () => {
      const context = attemptContext(() => ({ decision: "approved", comment: "Postgres" }));
      const { outcome } = await carryOut('may AskUserQuestion {"questions":[{"question":"Which store?","header":"Store","options":[]}]}', {}, {}, context);
      expect(JSON.parse(outputOf(outcome))).toMatchObject({ behavior: "allow", updatedInput: { answers: { "Which store?": "Postgres" } } });
      expect(context.asked).toMatchObject([{ kind: "input", title: "Which store?" }]);
    });
    test("and is told when nobody here can answer", async () => {
      expect(JSON.parse(outputOf((await carryOut("strange")).outcome))).toMatchObject({ subtype: "error" });
    });
  });

  describe("goes on with a conversation", () => {
    const on = async (conversation: string | undefined, changes: Partial<ClaudeConnector> = {}, agentId = "talker") => {
      const context = attemptContext();
      const work = workFor("recall", conversation === undefined ? {} : { conversation });
      const outcome = await connector.carryOut(agentFor(settings(changes), { id: agentId }), work, context);
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

  describe("fails with", () => {
    test.each<[string, string, object]>([
      [
        "a key that is refused, at the first sign of it",
        "retry 401 authentication_failed",
        { kind: "agent_error", detail: expect.stringContaining("not logged in") },
      ],
      ["an API that does not come back", "retry 500 server_error", { kind: "unavailable", detail: "The model's API answered 500 (server_error)." }],
      ["an API that cannot be reached", "retry none unknown", { kind: "unavailable", detail: "The model's API could not be reached (unknown)." }],
      ["a long wait", "retry 429 rate_limit 3600000", { kind: "quota", until: expect.stringMatching(/^\d{4}-/) }],
      ["a limit that does not go away", "retry 429 rate_limit", { kind: "quota", detail: "The model's API answered 429 (rate_limit)." }],
      ["a request the API refuses", "api 400 unknown API Error: 400 prompt is too long", { kind: "agent_error", detail: "API Error: 400 prompt is too long" }],
      ["an API error it does not know the status of", "api none authentication_failed Not logged in · Please run /login", { kind: "agent_error" }],
      ["an overloaded API", "api none server_error API Error: Repeated 529 Overloaded errors.", { kind: "quota" }],
      ["a quota, and when it is renewed", "rejected", { kind: "quota", until: "2027-01-15T08:00:00.000Z", detail: "You've hit your limit · resets 3pm (UTC)" }],
      ["too many turns", "turns", { kind: "limit", detail: "Reached maximum number of turns (1)" }],
      [
        "what it says on its way out",
        "exit unknown option --frob",
        { kind: "agent_error", detail: expect.stringContaining("exited with code 3 before it answered: unknown option --frob") },
      ],
      ["a line without end", "longline", { kind: "limit" }],
    ])("%s", async (_, description, failure) => expect((await carryOut(description)).outcome).toMatchObject({ ok: false, ...failure }));

    test("the retries told as they come", async () => {
      const { context } = await carryOut("retry 529 overloaded 2000");
      expect(context.said).toHaveLength(6);
      expect(context.said[0]).toEqual({ message: "The model's API answered 529 (overloaded); trying again in 2 s (1 of 6)." });
    });
    test("a command that is gone", async () => {
      expect((await carryOut("", { command: "/no/such/claude" })).outcome).toMatchObject({ ok: false, kind: "agent_error" });
    });
  });

  describe("is survived when it", () => {
    test("says what nobody understands", async () =>
      expect((await carryOut("junk")).outcome).toMatchObject({ ok: true, output: "Still here.", usage: undefined }));
    test("does not listen to anything", async () => {
      const context = attemptContext();
      const attempt = carryOut("stubborn", {}, {}, context);
      await expect.poll(() => context.updates.length, { timeout: 5_000 }).toBeGreaterThan(0);
      const startedAt = performance.now();
      context.abort("Enough.");
      expect((await attempt).outcome).toMatchObject({ kind: "cancelled" });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      await expect.poll(under.stillWorking, { timeout: 2_000 }).toBe(0);
    });
    test("has answered and does not end", async () => expect((await carryOut("linger")).outcome).toMatchObject({ ok: true, output: "Done." }), 15_000);
  });

  describe("is observed", () => {
    test("by its version", async () => {
      expect(await connector.observe?.(agentFor(settings()))).toMatchObject({ health: "healthy", detail: "9.9.9 (Fake)" });
    });
    test("to be gone", async () => expect(await connector.observe?.(agentFor(settings({ command: "/no/such/claude" })))).toMatchObject({ health: "critical" }));
    test("to be something else", async () => {
      expect(await connector.observe?.(agentFor(settings({ command: "/bin/false", args: [] })))).toMatchObject({
        health: "critical",
        detail: expect.stringContaining("code 1"),
      });
    });
  });

  test.each<[string, Partial<ClaudeConnector>]>([
    ["a program that is not there", { command: "no-such-claude" }],
    ["a directory that is not there", { cwd: "/no/such/folder" }],
  ])("is refused at registration for %s", async (_, changes) => {
    await expect(connector.check(agentFor(settings(changes)))).rejects.toSatisfy((error) => error instanceof Refusal && error.code === "bad_input");
  });
});
