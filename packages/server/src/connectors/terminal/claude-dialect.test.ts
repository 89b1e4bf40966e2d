// Turns of Claude Code in a terminal, with a stand-in that tells its hooks what the real one tells. The real one is driven in tests/real-agents.
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, type TerminalConnector, terminalConnector } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tmuxPath } from "../../../../../tests/services.ts";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, type TestContext, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openTerminalConnector, type TerminalHands } from "./terminal.ts";
import { atThisPace } from "../../../../../tests/pace.ts";

describe.skipIf(tmuxPath() === undefined)("Claude Code in a terminal", () => {
  let dataDir: string;
  let connector: TerminalHands;
  let agents = 0;
  const programs = openPrograms(systemClock);
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "baton-claude-terminal-"));
    connector = openTerminalConnector({ clock: systemClock, newId, programs, dataDir, homesDirectory: join(dataDir, "homes") });
  });
  afterAll(async () => {
    await connector.close();
    await programs.close();
    await rm(dataDir, { recursive: true, maxRetries: 3 });
  });
  const newAgent = (changes: Partial<TerminalConnector> = {}): ConnectorAgent => {
    const settings = { kind: "terminal", dialect: "claude", command: process.execPath, args: [fakeAgentPath("claude-terminal.mjs")], cwd: dataDir, ...changes };
    return agentFor(terminalConnector.parse(settings), { id: `claude-${++agents}`, environment: { ANTHROPIC_API_KEY: "no-real-key" } });
  };
  const carryOut = (agent: ConnectorAgent, description: string, context: TestContext = attemptContext(), conversation?: string): Promise<Outcome> =>
    connector.carryOut(agent, workFor(description, conversation === undefined ? {} : { conversation }), context);
  /** What is said to it begins with the description; its task follows. */
  const saying = (text: string): unknown => ({ ok: true, output: expect.stringMatching(new RegExp(`^${text}`)) });

  test("answers with what it said at the end, many lines included", async () => {
    const agent = newAgent();
    expect(await carryOut(agent, "one\ntwo;")).toMatchObject({ ok: true, output: expect.stringMatching(/^one\ntwo;\n\nThis is one step/) });
    expect(JSON.parse(readFileSync(join(dataDir, "homes", `agent-claude-${agents}`, ".claude.json"), "utf8"))).toMatchObject({
      hasCompletedOnboarding: true,
      projects: { [dataDir]: { hasTrustDialogAccepted: true } },
      customApiKeyResponses: { approved: ["no-real-key"] },
    });
  });
  test("is told who it is in its system prompt, and in no prompt", async () => {
    const agent = { ...newAgent(), persona: "--You are a sailor." };
    expect(await carryOut(agent, "arguments")).toMatchObject({ ok: true, output: expect.stringContaining('"--append-system-prompt=--You are a sailor."') });
    expect(await carryOut(agent, "echo x")).toMatchObject(saying("echo x") as object);
  });
  test("changes nothing in a HOME that is not its own", async () => {
    const home = await mkdtemp(join(dataDir, "person-"));
    const agent = newAgent();
    expect(await carryOut({ ...agent, environment: { HOME: home } }, "echo x")).toMatchObject(saying("echo x") as object);
    expect(existsSync(join(home, ".claude.json"))).toBe(false);
  });
  test("runs no description in a shell", async () => {
    expect(await carryOut(newAgent(), `!touch ${join(dataDir, "shell")}`)).toMatchObject(saying("Task: !touch") as object);
    expect(existsSync(join(dataDir, "shell"))).toBe(false);
  });
  test("does what is allowed, and says of a call that is denied that it was", async () => {
    const agent = newAgent({ permissions: { rules: [{ paths: ["good.txt"], answer: "allow" }], otherwise: "deny", askTimeoutMs: 1000 } });
    const [good, bad] = [attemptContext(), attemptContext()];
    expect(await carryOut(agent, `write ${join(dataDir, "good.txt")}`, good)).toMatchObject({ ok: true, output: "It is written." });
    expect(await carryOut(agent, `write ${join(dataDir, "bad.txt")}`, bad)).toMatchObject({
      ok: true,
      output: expect.stringContaining("its registration says deny"),
    });
    const calls = (context: TestContext) => context.updates.flatMap((update) => (update.kind === "tool" ? [[update.callId, update.status]] : []));
    expect(calls(good)).toEqual([
      ["call-1", "running"],
      ["call-1", "completed"],
    ]);
    expect(calls(bad)).toEqual([
      ["call-2", "running"],
      ["call-2", "denied"],
    ]);
    expect(existsSync(join(dataDir, "bad.txt"))).toBe(false);
  });
  test("waits for a person who is asked, and is typed to by nobody meanwhile", async () => {
    const agent = newAgent({ permissions: { rules: [], otherwise: "ask", askTimeoutMs: 10_000 } });
    const context = attemptContext(() => ({ decision: "approved", comment: null }));
    const first = carryOut(agent, `write ${join(dataDir, "asked.txt")}`, context);
    const second = carryOut(agent, "echo second");
    expect([await first, await second]).toMatchObject([{ ok: true, output: "It is written." }, saying("echo second")]);
    expect(context.asked).toMatchObject([{ kind: "permission", title: expect.stringContaining("asked.txt") }]);
  });
  test("goes on in the same conversation after an interrupt", async () => {
    const agent = newAgent();
    const before = await carryOut(agent, "echo before");
    const context = attemptContext();
    const outcome = carryOut(agent, "hang", context);
    await expect.poll(async () => (await connector.living.screen(agent)).lines.join("\n")).toContain("esc to interrupt");
    context.abort("Enough.");
    expect(await outcome).toMatchObject({ ok: false, kind: "cancelled" });
    const after = await carryOut(agent, "echo after");
    expect(after).toMatchObject({ ...(saying("echo after") as object), conversation: before.conversation });
  });
  test("that does not stop when interrupted is ended within 2 s, and started again with its conversation", async () => {
    const agent = newAgent();
    const { conversation } = await carryOut(agent, "echo before");
    const context = attemptContext();
    const outcome = carryOut(agent, "deaf", context);
    await expect.poll(async () => (await connector.living.screen(agent)).lines.join("\n")).toContain("esc to interrupt");
    const toldAt = performance.now();
    context.abort("Enough.");
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    expect(performance.now() - toldAt).toBeLessThan(atThisPace(2000));
    expect((await carryOut(agent, "echo anew")).conversation).not.toBe(conversation);
    expect(await carryOut(agent, "echo resumed", attemptContext(), conversation)).toMatchObject({ ok: true, conversation });
  });
  test("tells a quota that is used up from a model that refuses, and both from its own end", async () => {
    const agent = newAgent();
    expect(await carryOut(agent, "fail")).toMatchObject({ ok: false, kind: "quota", until: expect.any(String) });
    expect(await carryOut(agent, "broken")).toMatchObject({ ok: false, kind: "agent_error", detail: "API Error: 400" });
    expect(await carryOut(agent, "leave")).toMatchObject({ ok: false, kind: "unavailable" });
    expect(await carryOut(agent, "echo again")).toMatchObject(saying("echo again") as object);
  });
});
