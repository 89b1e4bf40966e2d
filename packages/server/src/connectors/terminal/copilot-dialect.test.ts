// Turns of GitHub Copilot in a terminal, with a stand-in that draws and tells what the real one does. The real one is driven in tests/real-agents.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, type Permissions, type TerminalConnector, terminalConnector } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tmuxPath } from "../../../../../tests/services.ts";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, type TestContext, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openTerminalConnector, type TerminalHands } from "./terminal.ts";

const approve = () => attemptContext(() => ({ decision: "approved", comment: null }));
const DENY: Permissions = { rules: [], otherwise: "deny", askTimeoutMs: 1000 };

describe.skipIf(tmuxPath() === undefined)("GitHub Copilot in a terminal", () => {
  let dataDir: string;
  let connector: TerminalHands;
  let agents = 0;
  const programs = openPrograms(systemClock);
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "baton-copilot-terminal-"));
    connector = openTerminalConnector({ clock: systemClock, newId, programs, dataDir, homesDirectory: join(dataDir, "homes") });
  });
  afterAll(async () => {
    await connector.close();
    await programs.close();
    await rm(dataDir, { recursive: true, maxRetries: 3 });
  });
  const newAgent = (changes: Partial<TerminalConnector> = {}, ...args: string[]): ConnectorAgent => {
    const settings = { kind: "terminal", dialect: "copilot", command: process.execPath, args: [fakeAgentPath("copilot-terminal.mjs"), ...args] };
    return agentFor(terminalConnector.parse({ ...settings, cwd: dataDir, columns: 100, rows: 30, ...changes }), { id: `copilot-${++agents}` });
  };
  const carryOut = (agent: ConnectorAgent, description: string, context: TestContext = attemptContext()): Promise<Outcome> =>
    connector.carryOut(agent, workFor(description), context);
  const screenOf = async (agent: ConnectorAgent): Promise<string> => (await connector.living.screen(agent)).lines.join("\n");
  const saying = (text: string): object => ({ ok: true, output: expect.stringMatching(new RegExp(`^${text}`)) as string });

  test("trusts the directory it was registered with, and answers many lines with what it said and used", async () => {
    const context = attemptContext();
    const outcome = await carryOut(newAgent(), "one\ntwo", context);
    expect(outcome).toMatchObject({
      ...saying("one\ntwo"),
      usage: { inputTokens: 100, outputTokens: 20 },
      conversation: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(context.asked).toEqual([]);
    expect(context.updates).toContainEqual(expect.objectContaining({ kind: "text" }));
  });
  test("takes one count that cannot be for a sum that nobody knows", async () => {
    expect(await carryOut(newAgent(), "miscount")).toMatchObject({ ...saying("miscount"), usage: { inputTokens: null, outputTokens: 25 } });
  });
  test("asks before it trusts a directory that only a task named", async () => {
    const repository = join(dataDir, "repository");
    mkdirSync(repository, { recursive: true });
    const work = workFor("echo x");
    const inside = { ...work, context: { ...work.context, task: { ...work.context.task, repository } } };
    const refused = attemptContext();
    expect(await connector.carryOut(newAgent({ cwd: undefined }), inside, refused)).toMatchObject({ ok: false, kind: "unavailable" });
    expect(refused.asked).toMatchObject([{ kind: "permission", title: expect.stringContaining(repository) }]);
    expect(await connector.carryOut(newAgent({ cwd: undefined }), inside, approve())).toMatchObject(saying("echo x"));
  });
  test("is given no work while it asks something else at its start, and nothing is pressed", async () => {
    const agent = newAgent({}, "--odd");
    expect(await carryOut(agent, "echo x")).toMatchObject({ ok: false, kind: "unavailable", detail: expect.stringContaining("Log in: Who are you?") });
  });
  test("does what a person approves, for this once", async () => {
    const context = approve();
    const file = join(dataDir, "approved.txt");
    expect(await carryOut(newAgent({ permissions: { ...DENY, otherwise: "ask" } }), `write ${file} x`, context)).toMatchObject(saying("It is written"));
    expect(readFileSync(file, "utf8")).toBe("written");
    expect(context.asked).toMatchObject([{ kind: "permission", title: `Create file: ${file}`, detail: { toolKind: "edit", paths: [file] } }]);
    expect(context.updates).toContainEqual({ kind: "tool", callId: "call-1", status: "completed" });
  });
  test("does not what a rule denies, and is told so on its screen", async () => {
    const agent = newAgent({ permissions: DENY });
    const context = attemptContext();
    const file = join(dataDir, "denied.txt");
    expect(await carryOut(agent, `write ${file} x`, context)).toMatchObject({
      ok: false,
      kind: "agent_error",
      detail: expect.stringContaining("It was refused"),
    });
    expect(existsSync(file)).toBe(false);
    expect(context.updates).toContainEqual({ kind: "tool", callId: "call-1", status: "denied" });
    expect(await screenOf(agent)).toContain("Operation cancelled by user");
    expect(await carryOut(agent, "echo again")).toMatchObject(saying("echo again"));
  });
  test("is asked for a command with the directories outside that it names, and gets a yes in every box of it", async () => {
    const agent = newAgent({ permissions: { ...DENY, otherwise: "ask" } });
    const context = approve();
    expect(await carryOut(agent, "shell ls /etc", context)).toMatchObject(saying("It ran ls /etc"));
    expect(context.asked).toMatchObject([{ title: expect.stringContaining("ls /etc"), detail: { toolKind: "execute", paths: ["/etc"] } }]);
    expect(await screenOf(agent)).not.toContain("chose");
  });
  test("waits while a person thinks, and takes the answer of one who gives it in the terminal", async () => {
    const agent = newAgent({ permissions: { ...DENY, otherwise: "ask" } });
    const file = join(dataDir, "by-hand.txt");
    let decide: (answer: { decision: "rejected"; comment: null }) => void = () => undefined;
    const context = { ...attemptContext(), ask: () => new Promise<{ decision: "rejected"; comment: null }>((resolve) => (decide = resolve)) };
    const outcome = connector.carryOut(agent, workFor(`write ${file} x`), context);
    await expect.poll(() => screenOf(agent)).toContain("Do you want to create");
    await connector.living.write(agent, undefined, ["Enter"]);
    await expect.poll(() => existsSync(file)).toBe(true);
    // Too late: the box is gone, and nothing is pressed into what stands there now.
    decide({ decision: "rejected", comment: null });
    expect(await outcome).toMatchObject(saying("It is written"));
  });
  test("has a question that its events do not tell decided by a person, too", async () => {
    const context = approve();
    expect(await carryOut(newAgent(), "untold", context)).toMatchObject(saying("It goes on"));
    expect(context.asked).toMatchObject([{ kind: "permission", title: "Leave plan mode: Go on with it?" }]);
    expect(await carryOut(newAgent(), "untold")).toMatchObject({ ok: true, output: expect.stringContaining("It stays") });
  });
  test("is left without an answer to what is no yes or no", async () => {
    const agent = newAgent();
    expect(await carryOut(agent, "choice", approve())).toMatchObject({
      ok: false,
      kind: "agent_error",
      detail: expect.stringContaining("Pick a colour: Which? Red / Green"),
    });
    expect(await screenOf(agent)).toContain("Picked undefined");
  });
  test("is interrupted, and goes on in the same conversation, also in another terminal", async () => {
    const agent = newAgent();
    const context = attemptContext();
    const outcome = carryOut(agent, "hang", context);
    await expect.poll(() => screenOf(agent)).toContain("Working");
    context.abort("Enough.");
    expect(await outcome).toMatchObject({ ok: false, kind: "cancelled" });
    const { conversation } = await carryOut(agent, "echo again");
    await connector.living.stop(agent, false);
    const later = await connector.carryOut(agent, workFor("echo later", conversation === undefined ? {} : { conversation }), attemptContext());
    expect(later).toMatchObject({ ...saying("echo later"), conversation });
  });
  test("tells a quota that is used up, and its own end", async () => {
    const agent = newAgent();
    expect(await carryOut(agent, "fail")).toMatchObject({ ok: false, kind: "quota", until: expect.any(String) });
    expect(await carryOut(agent, "leave")).toMatchObject({ ok: false, kind: "unavailable" });
  });
});
