// The langgraph connector against a small server that speaks its protocol: its contract, conversations, interruptions, broken streams, tokens.
import type { LanggraphConnector, Outcome } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, testConnector, workFor } from "../connector.testsuite.ts";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { openOutbound } from "../outbound.ts";
import { openLanggraphConnector } from "./langgraph.ts";

const openWorld = () => ({
  clock: systemClock,
  outbound: openOutbound({ allow: "loopback" }),
  readEnv: (name: string) => (name === "GRAPH_KEY" ? "k-123" : undefined),
  readSecret: () => undefined,
});
const settings = (port: number, more: Partial<LanggraphConnector> = {}): LanggraphConnector => ({
  kind: "langgraph",
  url: `http://127.0.0.1:${port}`,
  assistant: "agent",
  streamMode: ["messages-tuple", "updates", "custom"],
  askTimeoutMs: 5000,
  headers: {},
  // What the suite sends is a description, and nothing around it.
  input: { messages: [{ role: "user", content: "$.description" }] },
  ...more,
});

testConnector("langgraph", async () => {
  const server = await startFakeAgent("langgraph-server.mjs");
  const world = openWorld();
  return {
    connector: openLanggraphConnector(world),
    agent: agentFor(settings(server.port)),
    stillWorking: async () => ((await (await fetch(`http://127.0.0.1:${server.port}/open`)).json()) as { open: number }).open,
    close: async () => {
      await world.outbound.close();
      await server.close();
    },
  };
});

describe("a graph on a LangGraph server", () => {
  const world = openWorld();
  const connector = openLanggraphConnector(world);
  let port: number;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ port, close } = await startFakeAgent("langgraph-server.mjs"));
  });
  afterAll(async () => {
    await world.outbound.close();
    await close();
  });
  const agent = (more: Partial<LanggraphConnector> = {}, changes: Partial<ConnectorAgent> = {}) => agentFor(settings(port, more), changes);
  const carryOut = (description: string, more: Partial<LanggraphConnector> = {}, context = attemptContext()): Promise<Outcome> =>
    connector.carryOut(agent(more), workFor(description), context);

  test("is told by default what a person would be told, with the persona before it", async () => {
    const { input: _, ...rest } = settings(port);
    const work = workFor("Look at the tides", { input: { depth: 2 } });
    const outcome = await connector.carryOut(agentFor(rest, { persona: "You are a sailor." }), work, attemptContext());
    expect(outcome).toMatchObject({ ok: true, output: expect.stringMatching(/^You are a sailor\.\n\nLook at the tides[^]*"depth": 2/) as string });
  });
  test("gets its headers with the variables filled in, and what its settings hand on", async () => {
    const outcome = await carryOut("reveal", { headers: { "X-Api-Key": "${GRAPH_KEY}" }, config: { recursion_limit: 7 }, context: { tone: "dry" } });
    const asked = JSON.parse(outcome.ok ? (outcome.output as string) : "{}") as { headers: Record<string, string>; body: object };
    expect(asked.headers["x-api-key"]).toBe("k-123");
    expect(asked.body).toMatchObject({ assistant_id: "agent", config: { recursion_limit: 7 }, context: { tone: "dry" }, on_disconnect: "continue" });
  });
  test("answers with what a path finds in its state, and what is not there is no answer", async () => {
    expect(await carryOut("echo", { outputPath: "$.total" })).toMatchObject({ ok: true, output: 2 });
    expect(await carryOut("echo", { outputPath: "$.nothing" })).toMatchObject({ ok: false, kind: "invalid_response" });
  });
  test("tells its text in pieces, once, and what its nodes have done", async () => {
    const context = attemptContext();
    await carryOut("echo abcdef", {}, context);
    expect(context.updates.filter(({ kind }) => kind === "text")).toEqual([
      { kind: "text", text: "echo a" },
      { kind: "text", text: "bcdef" },
    ]);
    expect(context.said).toContainEqual({ message: "model is done" });
  });
  test("tells of its tools", async () => {
    const context = attemptContext();
    expect(await carryOut("tool", {}, context)).toMatchObject({ ok: true, output: "High at noon." });
    expect(context.updates.filter(({ kind }) => kind === "tool")).toEqual([
      { kind: "tool", callId: "call-1", title: "search", status: "running", input: { q: "tides" } },
      { kind: "tool", callId: "call-1", status: "completed", output: "high at noon" },
    ]);
  });
  test("counts its tokens once, prices them where prices are known, and believes no impossible count", async () => {
    const prices = { currency: "USD", input: 1_000_000, output: 2_000_000 };
    expect(await carryOut("usage", { prices })).toMatchObject({ usage: { inputTokens: 14, outputTokens: 8 }, cost: { amount: 30, currency: "USD" } });
    expect(await carryOut("lie", { prices })).toEqual({ ok: true, output: "told", conversation: expect.any(String) as string });
  });
  test("goes on where an earlier step left off, and counts only what is new", async () => {
    const first = await carryOut("usage");
    const again = await connector.carryOut(agent({ outputPath: "$.total" }), workFor("usage", { conversation: first.conversation ?? "" }), attemptContext());
    expect(again).toMatchObject({ ok: true, output: 4, usage: { inputTokens: 14, outputTokens: 8 }, conversation: first.conversation });
  });
  test("begins a new conversation when the earlier one is gone, and says so", async () => {
    const context = attemptContext();
    const conversation = "7e1a0f0e-0000-4000-8000-00000000dead";
    const outcome = await connector.carryOut(agent(), workFor("echo", { conversation }), context);
    expect(outcome).toMatchObject({ ok: true, output: "echo" });
    expect(outcome.conversation).not.toBe(conversation);
    expect(context.updates).toContainEqual({ kind: "note", text: expect.stringContaining("could not be gone on with") as string });
  });
  test("asks a person what it interrupts itself for, and goes on with the answer", async () => {
    const context = attemptContext(() => ({ decision: "approved", comment: "blue" }));
    expect(await carryOut("ask", {}, context)).toMatchObject({ ok: true, output: 'You said "blue"' });
    expect(context.asked).toEqual([{ kind: "input", title: "Which colour?", detail: { question: "Which colour?" }, timeoutMs: 5000 }]);
    const structured = attemptContext(() => ({ decision: "approved", comment: '{"hue": 240}' }));
    expect(await carryOut("ask", {}, structured)).toMatchObject({ output: 'You said {"hue":240}' });
  });
  test("fails when nobody answers what it needs to know", async () => {
    const context = attemptContext(() => ({ decision: "expired", comment: null }));
    expect(await carryOut("ask", {}, context)).toMatchObject({
      ok: false,
      kind: "agent_error",
      detail: "It asked “Which colour?”, and nobody answered in time.",
    });
  });
  test("is told of a tool call held for review that it may go ahead, or why not", async () => {
    const yes = attemptContext(() => ({ decision: "approved", comment: null }));
    expect(await carryOut("review", {}, yes)).toMatchObject({ output: 'Decided {"decisions":[{"type":"approve"}]}' });
    expect(yes.asked[0]).toMatchObject({ kind: "permission", title: "It wants to call delete_file." });
    const no = attemptContext(() => ({ decision: "rejected", comment: "Keep it." }));
    expect(await carryOut("review", {}, no)).toMatchObject({ output: 'Decided {"decisions":[{"type":"reject","message":"Keep it."}]}' });
  });
  test("is followed through a connection that breaks", async () => {
    const context = attemptContext();
    expect(await carryOut("drop it", {}, context)).toMatchObject({ ok: true, output: "survived drop it" });
    expect(context.said).toContainEqual({ message: "before the break" });
  });
  test("that fails without a word fails with what its state says", async () => {
    expect(await carryOut("quietly")).toMatchObject({ ok: false, kind: "agent_error", detail: "ValueError('it broke inside')" });
  });
  test("whose events are no JSON is ended, and so is its run", async () => {
    expect(await carryOut("mangled")).toMatchObject({ ok: false, kind: "invalid_response" });
    expect(await (await fetch(`http://127.0.0.1:${port}/open`)).json()).toEqual({ open: 0 });
  });
  test.each([
    ["status 429", "quota"],
    ["status 503", "unavailable"],
    ["status 422", "agent_error"],
    ["page", "invalid_response"],
  ])("an answer %s is a failure of the kind %s", async (description, kind) => {
    const outcome = await carryOut(description);
    expect(outcome).toMatchObject({ ok: false, kind });
    if (kind === "quota") expect(outcome).toHaveProperty("until", expect.stringMatching(/^2\d{3}-/));
  });
  test("says which assistants there are, and what the chosen one can do", async () => {
    const found = await connector.discover?.(agent());
    expect(found).toMatchObject({ description: "Answers as it is told.", capabilities: [{ name: "answering" }] });
    expect(await connector.discover?.(agent({ assistant: "other" }))).toMatchObject({ capabilities: [{ name: "other" }] });
    await expect(connector.discover?.(agent({ assistant: "nobody" }))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("agent, other") as string,
    });
  });
  test("is healthy when its server says so, and unknown when it does not answer", async () => {
    expect(await connector.observe?.(agent())).toMatchObject({ health: "healthy" });
    expect(await connector.observe?.(agentFor(settings(9)))).toMatchObject({ health: "unknown" });
  });
  test("is refused with an address that may not be called, and with a path that is none", async () => {
    await expect(connector.check(agent({ url: "http://169.254.169.254" }))).rejects.toMatchObject({ code: "unsafe_endpoint" });
    await expect(connector.check(agent({ input: { q: "$.[" } }))).rejects.toMatchObject({ code: "bad_input" });
    await expect(connector.check(agent({ headers: { "x-key": "${NOT_LENT}" } }))).rejects.toMatchObject({ code: "bad_input" });
  });
});
