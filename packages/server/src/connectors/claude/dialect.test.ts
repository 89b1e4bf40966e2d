// Claude Code's dialect: what its stream-json comes to in updates, counts, questions and failures.
import type { ClaudeConnector } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptContext } from "../connector.testsuite.ts";
import { kinds, openUnderTest, outputOf, said, type UnderTest } from "./claude.testkit.ts";

describe("Claude Code", () => {
  let under: UnderTest;
  beforeAll(async () => {
    under = await openUnderTest();
  });
  afterAll(() => under.close());
  const carryOut: UnderTest["carryOut"] = (...given) => under.carryOut(...given);

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
      const { context, outcome } = await carryOut("edit");
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
      // Neither is really there, so that there is no text to take in.
      expect(outcome).toMatchObject({
        artifacts: [
          { type: "file", name: "a.txt" },
          { type: "file", name: "new.txt" },
        ],
      });
    });
    test("the text of a file it wrote where it does not stay", async () => {
      const { outcome } = await carryOut("file");
      expect(outcome).toMatchObject({ artifacts: [{ type: "file", name: "report.md", content: "# Report" }] });
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
      await expect.poll(() => context.updates.length).toBe(1);
      context.abort("Enough.");
      expect((await attempt).outcome).toEqual({
        ok: false,
        kind: "cancelled",
        detail: "Enough.",
        usage: { inputTokens: 123, outputTokens: 7 },
        cost: undefined,
      });
    });
    test("only what came since in a conversation that goes on, in the way newer versions tell", async () => {
      const { outcome } = await carryOut("since");
      expect(outcome).toMatchObject({ usage: { inputTokens: 300, outputTokens: 30 }, cost: { amount: 0.75, currency: "USD" } });
    });
    test("no cost for a model that has no price", async () => {
      const { outcome } = await carryOut("unpriced");
      expect(outcome).toMatchObject({ usage: { inputTokens: 10, outputTokens: 5 } });
      expect(outcome.cost).toBeUndefined();
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
    test("on behalf of a helper that still works when it has answered; the better answer counts", async () => {
      const context = attemptContext(() => ({ decision: "approved", comment: null }));
      const { outcome } = await carryOut("later", {}, {}, context);
      expect(outcome).toMatchObject({ ok: true, output: "The helper was told: allow." });
      expect(context.asked).toHaveLength(1);
    });
    test("and is told when nobody here can answer", async () => {
      expect(JSON.parse(outputOf((await carryOut("strange")).outcome))).toMatchObject({ subtype: "error" });
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
      [
        "a limit whose end is only in its words",
        "api 429 rate_limit You've hit your limit · resets 3pm (UTC)",
        { kind: "quota", until: expect.stringMatching(/T15:00:00.000Z$/) },
      ],
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
});
