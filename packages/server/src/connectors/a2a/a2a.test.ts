// An agent that speaks Agent2Agent, in both versions and over both bindings: what it is sent, what is made of what it says, and what goes wrong.
import { SendMessageRequest } from "@a2a-js/sdk";
import type { A2aConnector, Outcome, Work } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, ConnectorAgent, Question } from "../connector.ts";
import { attemptContext, type TestContext, workFor } from "../connector.testsuite.ts";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { openA2aConnector } from "./a2a.ts";
import { a2aAgent, openWorld } from "./a2a.testkit.ts";
import { WORK_KEY } from "./message.ts";

const world = openWorld();
const connector = openA2aConnector(world);
let base: string;
let closeFake: () => Promise<void>;
beforeAll(async () => {
  const fake = await startFakeAgent("a2a-agent.mjs");
  base = `http://127.0.0.1:${fake.port}`;
  closeFake = fake.close;
});
afterAll(async () => {
  await world.outbound.close();
  await closeFake();
});
const agentAt = (path: string, settings: Partial<A2aConnector> = {}, changes: Partial<ConnectorAgent> = {}) => a2aAgent(`${base}${path}`, settings, changes);
interface Run {
  outcome: Outcome;
  context: TestContext;
  work: Work;
  /** What the agent saw of a message of this attempt. */
  seen(suffix?: string): Promise<{ method: string; taskId?: string; contextId?: string }[]>;
}
async function run(description: string, { at = "/new", settings = {}, work: changes = {}, agent = {}, answer }: Given = {}): Promise<Run> {
  const work = workFor(description, changes);
  const context = attemptContext(answer);
  const outcome = await connector.carryOut(agentAt(at, settings, agent), work, context);
  const seen = async (suffix = ""): Promise<never> =>
    (await fetch(`${base}/seen/${encodeURIComponent(`${work.attemptId}${suffix}`)}`)).json() as Promise<never>;
  return { outcome, context, work, seen };
}
interface Given {
  at?: string;
  settings?: Partial<A2aConnector>;
  work?: Partial<Work>;
  agent?: Partial<ConnectorAgent>;
  answer?: (question: Question) => Answer;
}
const textTold = (context: TestContext): string => context.updates.map((update) => (update.kind === "text" ? update.text : "")).join("");
const says = (comment: string) => (): Answer => ({ decision: "approved", comment });
const WAYS = ["/new", "/new-poll", "/rest", "/old", "/old-poll"];

describe("is sent the work", () => {
  test.each(["/new", "/rest"])("as a message that is the protocol's own, at %s", async (at) => {
    const { outcome, work } = await run("reveal", { at, work: { input: { depth: 2 }, conversation: "earlier" } });
    const { message } = (outcome.ok ? outcome.output : {}) as { message: object };
    expect(message).toEqual({
      messageId: work.attemptId,
      contextId: "earlier",
      role: "ROLE_USER",
      parts: [{ text: "reveal" }, { data: { input: { depth: 2 } }, mediaType: "application/json" }],
      metadata: { [WORK_KEY]: expect.objectContaining({ attemptId: work.attemptId, task: work.context.task }) },
    });
    // Nothing in it that the protocol's schema does not know.
    expect(SendMessageRequest.toJSON(SendMessageRequest.fromJSON({ message }))).toEqual({ message });
  });
  test("in the words of 0.3 where its card is of 0.3", async () => {
    const { outcome, work } = await run("reveal", { at: "/old", work: { input: [1, 2] } });
    expect(outcome.ok && outcome.output).toMatchObject({
      message: { kind: "message", messageId: work.attemptId, role: "user", parts: [{ kind: "text" }, { kind: "data", data: { input: [1, 2] } }] },
      headers: { "a2a-version": "0.3" },
    });
  });
  test("with what came in as text where it takes text only", async () => {
    const { outcome } = await run("reveal", { at: "/text-only", work: { input: { depth: 2 } } });
    expect(outcome).toMatchObject({ output: { message: { parts: [{ text: "reveal" }, { text: 'Input (JSON):\n{"depth":2}' }] } } });
  });
  test("with the registration's headers, filled from the agent's environment, the server's and its secrets", async () => {
    const headers = { Authorization: "Bearer ${KEY}", "x-lent": "${LENT}", "x-secret": "${secret:token}", Accept: "nothing/else" };
    const { outcome } = await run("reveal", { settings: { headers }, agent: { environment: { KEY: "of the agent" } } });
    expect(outcome).toMatchObject({
      output: { headers: { authorization: "Bearer of the agent", "x-lent": "lent by the server", "x-secret": "s3cret", accept: "text/event-stream" } },
    });
  });
  test.each(WAYS)("once, at %s", async (at) => {
    const { outcome, seen } = await run("echo once", { at });
    expect(outcome).toMatchObject({ ok: true, output: "echo once", conversation: expect.any(String) });
    expect((await seen()).length).toBe(1);
  });
});

describe("is understood", () => {
  test.each(WAYS)("when it puts results into artifacts, at %s", async (at) => {
    const { outcome } = await run("files", { at });
    const shared = { description: "All of it" };
    expect(outcome).toMatchObject({
      ok: true,
      output: { total: 3 },
      artifacts: [
        { type: "report", name: "bundle", mediaType: "text/plain", content: "see the files", ...shared },
        { type: "file", name: "table.csv", mediaType: "text/csv", content: "a,b\n1,2\n", ...shared },
        { type: "file", name: "photo.jpg", mediaType: "image/jpeg", content: "data:image/jpeg;base64,/9j/AA==", ...shared },
        { type: "file", name: "far.bin", mediaType: "text/uri-list", content: "http://127.0.0.1:1/secret", ...shared },
        { type: "file", name: "numbers", mediaType: "application/json", content: '{"total":3}' },
      ],
    });
  });
  test.each(WAYS)("when it answers with a message and no task, at %s", async (at) => {
    expect((await run("message", { at })).outcome).toMatchObject({ ok: true, output: "You said message" });
  });
  test("when its closing message is all it has to say", async () => {
    expect((await run("done")).outcome).toMatchObject({ ok: true, output: "Done, nothing to show." });
  });
  test.each(["/new", "/rest", "/old"])("piece by piece while it streams, at %s", async (at) => {
    const { outcome, context } = await run("chunks", { at });
    expect(outcome).toMatchObject({ ok: true, output: "one two three", artifacts: [{ name: "poem", content: "one two three" }] });
    expect(textTold(context)).toBe("one two threeThat was the poem.\n");
    expect(context.updates.filter((update) => update.kind === "text").length).toBe(4);
  });
  test.each(WAYS)("when it refuses or gives up, at %s", async (at) => {
    expect((await run("reject", { at })).outcome).toEqual({ ok: false, kind: "agent_error", detail: "The agent refused the work: Not my trade" });
    expect((await run("giveup", { at })).outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("cancelled on its side") });
  });
  test("in what it used, with what that costs", async () => {
    const prices = { currency: "EUR", input: 1_000_000, output: 2_000_000 };
    const { outcome, context } = await run("usage", { settings: { prices } });
    expect(outcome).toMatchObject({ usage: { inputTokens: 14, outputTokens: 8 }, cost: { amount: 30, currency: "EUR" } });
    expect(context.updates).toContainEqual({ kind: "usage", inputTokens: 14, outputTokens: 8, cost: null });
  });
  test("as not having said what it used when what it says cannot be", async () => {
    const { outcome } = await run("lie");
    expect(outcome).toMatchObject({ ok: true, output: "told" });
    expect(outcome).not.toHaveProperty("usage");
    expect(outcome).not.toHaveProperty("cost");
  });
  test.each(["/new", "/old", "/rest"])("by what it says first when it says things in the wrong order, at %s", async (at) => {
    expect((await run("disorder", { at })).outcome).toMatchObject({ ok: true, output: "before" });
  });
  test("in the same conversation when it is asked to go on", async () => {
    const first = await run("echo one");
    const conversation = first.outcome.ok ? first.outcome.conversation : undefined;
    const second = await run("echo two", { work: conversation === undefined ? {} : { conversation } });
    expect(second.outcome).toMatchObject({ ok: true, conversation });
    expect(await second.seen()).toMatchObject([{ contextId: conversation }]);
  });
});

describe("that needs something", () => {
  test.each(WAYS)("is given a person's answer on the same task, at %s", async (at) => {
    const { outcome, context, seen } = await run("ask", { at, answer: says("blurple") });
    expect(outcome).toMatchObject({ ok: true, output: "colour: blurple" });
    expect(context.asked).toMatchObject([{ kind: "input", title: "Which colour?", detail: { question: "Which colour?", authorisation: false } }]);
    const [answered] = await seen("/answer-1");
    expect(answered?.taskId).toEqual(expect.any(String));
  });
  test("is told when it has been authorised", async () => {
    const { outcome, context } = await run("login", { answer: says("use the spare key") });
    expect(outcome).toMatchObject({ ok: true, output: "in: use the spare key" });
    expect(context.asked[0]?.title).toBe("The agent has to be authorised: Log in to the archive.");
  });
  test.each([
    [{ decision: "rejected", comment: "not today" } as const, "a person refused to answer: not today"],
    [{ decision: "expired", comment: null } as const, "nobody answered in time"],
  ])("fails when it does not get it, and its task is cancelled: %o", async (given, why) => {
    const { outcome } = await run("ask", { answer: () => given });
    expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining(why) });
    expect(await (await fetch(`${base}/open`)).json()).toEqual({ open: 0 });
  });
  test.each(["/new", "/new-poll"])("without end is not asked for without end, at %s", async (at) => {
    const { outcome, context } = await run("nag", { at, answer: says("no") });
    expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: "It asked more than 20 times." });
    expect(context.asked.length).toBe(20);
  });
});

describe("whose connection breaks", () => {
  test.each(["/new", "/old", "/rest"])("is heard again from where it stands, and is sent nothing twice, at %s", async (at) => {
    const { outcome, context, seen } = await run("break", { at });
    expect(outcome).toMatchObject({ ok: true, output: "one two" });
    expect(textTold(context)).toBe("one two");
    expect((await seen()).length).toBe(1);
  });
  test.each(["/new", "/old", "/rest"])("is looked after when it cannot be heard again, at %s", async (at) => {
    const { outcome, seen } = await run("stray", { at });
    expect(outcome).toMatchObject({ ok: true, output: "one two" });
    expect((await seen()).length).toBe(1);
  });
  test("and that does not know the task afterwards may be tried again", async () => {
    expect((await run("lose")).outcome).toMatchObject({ ok: false, kind: "unavailable", detail: expect.stringContaining("does not know the task") });
  });
  test("for good is unavailable", async () => {
    const fake = await startFakeAgent("a2a-agent.mjs");
    const context = attemptContext();
    const outcome = connector.carryOut(a2aAgent(`http://127.0.0.1:${fake.port}/new-poll`), workFor("hang"), context);
    const open = async () => ((await (await fetch(`http://127.0.0.1:${fake.port}/open`)).json()) as { open: number }).open;
    await expect.poll(open).toBe(1);
    await fake.close();
    expect(await outcome).toMatchObject({ ok: false, kind: "unavailable" });
  });
});

describe("that does not stream", () => {
  test.each(["/new-poll", "/old-poll"])("is looked after until it is done, at %s", async (at) => {
    expect((await run("slow 4", { at })).outcome).toMatchObject({ ok: true, output: "at last" });
  });
  test("although it was said to is spoken to without", async () => {
    const { outcome, seen } = await run("echo plain", { at: "/new-poll", settings: { stream: true } });
    expect(outcome).toMatchObject({ ok: true, output: "echo plain" });
    expect((await seen()).map(({ method }) => method)).toEqual(["stream", "send"]);
  });
  test("because it was said not to is spoken to without", async () => {
    const { seen } = await run("echo plain", { settings: { stream: false } });
    expect((await seen()).map(({ method }) => method)).toEqual(["send"]);
  });
});

describe("goes wrong in words", () => {
  test.each([
    ["busy", "quota", "HTTP 429 (retry after 7): slow down"],
    ["away", "unavailable", "HTTP 503"],
    ["refuse", "agent_error", "HTTP 401"],
    ["redirect", "agent_error", "redirects are not followed"],
    ["html", "invalid_response", "is not JSON"],
    ["error", "agent_error", "Something is on fire"],
  ])("%s", async (word, kind, detail) => {
    for (const at of WAYS) expect((await run(word, { at })).outcome).toMatchObject({ ok: false, kind, detail: expect.stringContaining(detail) });
  });
  test("and says until when it is out of quota", async () => {
    const before = Date.now();
    const { outcome } = await run("busy");
    const until = outcome.ok ? 0 : Date.parse(outcome.until ?? "");
    expect(until).toBeGreaterThanOrEqual(before + 7_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 7_000);
  });
  test.each(["/new", "/rest", "/old"])("and an event without an end ends the attempt, at %s", async (at) => {
    expect((await run("line", { at })).outcome).toMatchObject({ ok: false, kind: "limit" });
  });
  test("when there is no language in common", async () => {
    expect((await run("echo", { at: "/grpc" })).outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("It speaks GRPC") });
  });
  test("when its card sends us where this server may not call", async () => {
    expect((await run("echo", { at: "/far" })).outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringContaining("169.254.169.254") });
  });
  test("when nobody is there", async () => {
    const fake = await startFakeAgent("a2a-agent.mjs");
    await fake.close();
    const outcome = await connector.carryOut(a2aAgent(`http://127.0.0.1:${fake.port}/new`), workFor("echo"), attemptContext());
    expect(outcome).toMatchObject({ ok: false, kind: "unavailable" });
  });
});

describe("by the older envelope", () => {
  const envelope: Given = { at: "/envelope", settings: { protocol: "envelope" } };
  test("is sent one message of ours", async () => {
    const { outcome, work } = await run("reveal", { ...envelope, work: { input: { depth: 2 }, conversation: "sess_123" } });
    const { call } = (outcome.ok ? outcome.output : {}) as { call: object };
    expect(call).toEqual({
      sender: "MainOrchestrator",
      receiver: "tester",
      message_type: "request",
      session_id: "sess_123",
      content: { description: "reveal", context: { ...work.context, input: { depth: 2 } } },
      metadata: expect.objectContaining({ attempt_id: work.attemptId }),
    });
    expect(outcome).toMatchObject({ conversation: "sess_123" });
  });
  test("is understood when it has a response, data, or both", async () => {
    expect((await run("echo hello", envelope)).outcome).toMatchObject({ ok: true, output: "echo hello" });
    expect((await run("both", envelope)).outcome).toMatchObject({ ok: true, output: { response: "Three.", data: { total: 3 } } });
  });
  test("is out of quota in the same words", async () => {
    expect((await run("busy", envelope)).outcome).toMatchObject({ ok: false, kind: "quota", until: expect.any(String) });
  });
  test("has no card to be asked for", async () => {
    expect(await connector.discover?.(agentAt("/envelope", { protocol: "envelope" }))).toEqual({ capabilities: [], detail: { protocol: "envelope" } });
    expect(await connector.observe?.(agentAt("/envelope", { protocol: "envelope" }))).toMatchObject({ health: "healthy" });
  });
});
