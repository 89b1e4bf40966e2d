// The terminal connector with real programs in a real tmux: its contract, and what is peculiar to agents that live in terminals.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, Refusal, type TerminalConnector, terminalConnector } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tmuxPath } from "../../../../../tests/services.ts";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, testConnector, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openTerminalConnector, type TerminalHands } from "./terminal.ts";
import { atThisPace } from "../../../../../tests/pace.ts";

const settings = (changes: Partial<TerminalConnector> = {}, ...more: string[]): TerminalConnector =>
  terminalConnector.parse({ kind: "terminal", command: process.execPath, args: [fakeAgentPath("line-agent.mjs"), ...more], ready: "you>", ...changes });
async function openUnderTest() {
  const dataDir = await mkdtemp(join(tmpdir(), "baton-terminal-"));
  const programs = openPrograms(systemClock);
  const connector = openTerminalConnector({ clock: systemClock, newId, programs, dataDir, homesDirectory: join(dataDir, "homes") });
  const tmux = (...args: string[]): string => execFileSync("tmux", ["-S", join(dataDir, "tmux.sock"), ...args], { encoding: "utf8" });
  return {
    connector,
    dataDir,
    tmux,
    stillWorking: () => connector.busy(),
    close: async () => {
      await connector.close();
      await programs.close();
      await rm(dataDir, { recursive: true, maxRetries: 3 });
    },
  };
}
/** Of all processes this one has started and waited for: proc(5), cminflt. Each costs some hundred. */
const faultsOfChildren = (): number => Number(readFileSync("/proc/self/stat", "latin1").split(") ")[1]?.split(" ")[8]);
const hasTmux = tmuxPath() !== undefined;

if (hasTmux)
  testConnector("terminal", async () => ({ ...(await openUnderTest()), agent: agentFor(settings({ done: "[exit {status}]" }, "--status")) }), {
    lie: "a screen does not tell what was used",
    progress: "a screen does not tell which share of the work is done",
    half: "a screen holds text, not JSON",
    deep: "a screen holds text, not JSON",
    nul: "a terminal shows no NUL",
    twice: "what is said after the prompt stands there again is nobody's answer",
  });

describe.skipIf(!hasTmux)("an agent in a terminal", () => {
  let under: Awaited<ReturnType<typeof openUnderTest>>;
  let connector: TerminalHands;
  let agents = 0;
  beforeAll(async () => {
    under = await openUnderTest();
    connector = under.connector;
  });
  afterAll(() => under.close());
  const newAgent = (changes: Partial<TerminalConnector> = {}, more: Partial<ConnectorAgent> = {}, ...args: string[]) =>
    agentFor(settings(changes, ...args), { id: `agent.${++agents}:x`, ...more });
  const carryOut = (agent: ConnectorAgent, description: string, context = attemptContext()): Promise<Outcome> =>
    connector.carryOut(agent, workFor(description), context);
  const lives = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      // One that has ended and only waits to be reaped does not.
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return false;
    }
  };

  const stateOf = (pid: number): string | undefined => /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
  /** In hundredths of a second. */
  const cpuOf = (pid: number | undefined): number => Number(readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[11]);

  test("answers with all it said, also when that scrolled away or was wider than the screen", async () => {
    const agent = newAgent();
    const many = await carryOut(agent, "many");
    expect(many).toMatchObject({ ok: true, output: expect.stringMatching(/^line 1\nline 2\n[\s\S]*\nline 300$/) });
    expect(await carryOut(agent, "wide")).toEqual({ ok: true, output: "w".repeat(900) });
    expect(await carryOut(agent, `echo ${"long ".repeat(120)}end`)).toMatchObject({ ok: true, output: `echo ${"long ".repeat(120)}end` });
  });
  test("is the same one from attempt to attempt, in a clean environment with a HOME that is kept", async () => {
    const agent = newAgent({}, { environment: { REGION: "eu" } });
    const first = await carryOut(agent, "child");
    const second = await carryOut(agent, "child");
    const pid = (outcome: Outcome): string => (outcome.ok ? (outcome.output as string).split(" ")[0] : "") ?? "";
    expect(pid(second)).toBe(pid(first));
    const revealed = await carryOut(agent, "reveal");
    const { environment } = JSON.parse(revealed.ok ? (revealed.output as string) : "{}") as { environment: Record<string, string> };
    expect(Object.keys(environment).sort()).toEqual(["BATON_AGENT_ID", "BATON_AGENT_PLACE", "HOME", "LANG", "PATH", "PWD", "REGION", "TERM"]);
    expect(environment["HOME"]).toContain(under.dataDir);
  });
  test("gets what is typed as it is, be it a semicolon, and no keys that stand in it", async () => {
    const agent = newAgent();
    for (const text of ["echo a;", "echo #{pid} %H '; touch /tmp/x \\;"]) expect(await carryOut(agent, text)).toEqual({ ok: true, output: text });
    expect(await carryOut(agent, "echo a\u0003b\tc\u001b[Ad")).toEqual({ ok: true, output: "echo a b    c [Ad" });
    expect(await carryOut(agent, ";")).toEqual({ ok: true, output: ";" });
  });
  test("has no secret on anybody's command line", async () => {
    await carryOut(newAgent({}, { environment: { API_KEY: "a-very-secret-key" } }), "echo x");
    expect(execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" })).not.toContain("a-very-secret-key");
    expect(under.tmux("show-environment", "-g")).not.toContain("a-very-secret-key");
  });
  test("costs no more processes when it works for longer", async () => {
    const agent = newAgent();
    await carryOut(agent, "echo first");
    const spent = async (description: string): Promise<number> => {
      const before = faultsOfChildren();
      await carryOut(agent, description);
      return faultsOfChildren() - before;
    };
    const short = await spent("echo short");
    expect(await spent("slow")).toBeLessThan(1.5 * short);
  });
  test("that is a worker shows what it works on and what waits for it", async () => {
    const agent = newAgent({}, { type: "worker" });
    await carryOut(agent, "echo x");
    const context = attemptContext();
    const outcomes = [connector.carryOut(agent, workFor("hang", { title: "Dig a hole" }), context), connector.carryOut(agent, workFor("hang"), context)];
    const queue = () => under.tmux("capture-pane", "-p", "-t", `=agent-agent%2E${agents}%3Ax:queue`);
    await expect.poll(queue).toMatch(/Works on Dig a hole .*\n1 wait\n/);
    context.abort("Enough.");
    await Promise.all(outcomes);
    await carryOut(agent, "echo y");
    await expect.poll(queue).toContain("Nothing to do.");
  });
  test("is told who it is before its first prompt, and never again", async () => {
    const agent = newAgent({}, { persona: "echo You are a sailor." });
    expect(await carryOut(agent, "echo one")).toMatchObject({ ok: true, output: expect.stringMatching(/^echo You are a sailor\..*one$/s) });
    expect(await carryOut(agent, "echo two")).toEqual({ ok: true, output: "echo two" });
  });
  test("is started anew when its registration has changed", async () => {
    const agent = newAgent();
    await carryOut(agent, "echo x");
    const changed = await carryOut({ ...agent, environment: { REGION: "us" } }, "reveal");
    expect(changed).toMatchObject({ ok: true, output: expect.stringContaining('"REGION":"us"') });
  });
  test("is waited for until it is ready", async () =>
    expect(await carryOut(newAgent({}, {}, "--late"), "echo late")).toMatchObject({ ok: true, output: "echo late" }));
  test("that swallows the first Enter is seen not to have taken the prompt, and gets another", async () =>
    expect(await carryOut(newAgent({}, {}, "--swallow"), "echo once")).toMatchObject({ ok: true, output: "echo once" }));
  test("tells what it writes while it works", async () => {
    const context = attemptContext();
    await carryOut(newAgent(), "slow", context);
    expect(context.updates.map((update) => (update.kind === "terminal" ? update.text : "")).join("")).toContain("working on it\r\n");
  });
  test("that is interrupted can be used again", async () => {
    const agent = newAgent();
    const context = attemptContext();
    const outcome = carryOut(agent, "hang", context);
    await expect.poll(() => connector.busy()).toBe(1);
    context.abort("Enough.");
    expect(await outcome).toMatchObject({ ok: false, kind: "cancelled" });
    expect(await carryOut(agent, "echo again")).toMatchObject({ ok: true, output: "echo again" });
  });
  test("that does not listen is ended whole, with what left its group", async () => {
    const agent = newAgent();
    const child = await carryOut(agent, "child");
    const pids = (child.ok ? (child.output as string) : "").split(" ").map(Number);
    const context = attemptContext();
    const outcome = carryOut(agent, "stubborn", context);
    await expect.poll(async () => (await connector.living.screen(agent)).lines).toContain("I do not listen.");
    const startedAt = performance.now();
    context.abort("Enough.");
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    expect(performance.now() - startedAt).toBeLessThan(atThisPace(2000));
    await expect.poll(() => pids.filter(lives)).toEqual([]);
  });
  test("is held to its memory", async () => {
    const outcome = await carryOut(newAgent({}, { resourceLimits: { memory: "200MB" } }), "memory");
    expect(outcome).toMatchObject({ ok: false, kind: "limit", detail: expect.stringContaining("limit is 191 MiB") });
  });
  test("is held to its share of a core", async () => {
    const outcome = await carryOut(newAgent({}, { resourceLimits: { cpu: "0.25" } }), "spin 2500");
    // 2.5 s at a quarter of a core are 0.6 s of CPU; the burst and a look every 0.2 s add to it.
    expect(Number(outcome.ok && outcome.output)).toBeLessThan(1400);
    expect(Number(outcome.ok && outcome.output)).toBeGreaterThan(100);
  });
  test("stays paused whatever its share of a core is, with all that it has started", async () => {
    const agent = newAgent({}, { resourceLimits: { cpu: "0.25" } });
    const child = await carryOut(agent, "helper");
    const pids = (child.ok ? (child.output as string) : "").split(" ").map(Number);
    const outcome = carryOut(agent, "spin 2500");
    await expect.poll(() => pids.map(stateOf), { interval: 20 }).toEqual(["T", "T"]);
    await connector.living.pause(agent);
    const used = cpuOf(pids[0]);
    const pausedAt = performance.now();
    await expect.poll(() => performance.now() - pausedAt).toBeGreaterThan(1500);
    expect([pids.map(stateOf), cpuOf(pids[0])]).toEqual([["T", "T"], used]);
    await connector.living.resume(agent);
    expect(await outcome).toMatchObject({ ok: true });
  });
  test("is given time to tidy up when it is stopped gracefully, and none when it is not", async () => {
    for (const [graceful, code] of [
      [true, "tidied up"],
      [false, "in the middle"],
    ] as const) {
      const agent = newAgent();
      const place = await carryOut(agent, "tidy 800");
      const file = place.ok ? (place.output as string) : "";
      expect(readFileSync(file, "utf8")).toBe("in the middle");
      await connector.living.stop(agent, graceful);
      expect(readFileSync(file, "utf8")).toBe(code);
    }
  });
  test("whose program has ended by itself leaves no session behind", async () => {
    const agent = newAgent();
    await carryOut(agent, "echo x");
    await connector.living.write(agent, "die", ["Enter"]);
    const sessions = () => under.tmux("list-sessions", "-F", "#{session_name}");
    await expect.poll(sessions).not.toContain(`agent-agent%2E${agents}%3Ax\n`);
    expect(await connector.living.screen(agent)).toMatchObject({ isRunning: false });
    expect(await carryOut(agent, "echo anew")).toEqual({ ok: true, output: "echo anew" });
  });
  test("can be attached to by a person, who types there and leaves again, and is typed to by nobody meanwhile", async () => {
    const agent = newAgent();
    await connector.living.start(agent);
    const { attachCommand } = await connector.living.screen(agent);
    // Another tmux is the person's terminal.
    const person = (...args: string[]): string =>
      execFileSync("tmux", ["-S", join(under.dataDir, "person.sock"), "-f", "/dev/null", ...args], { encoding: "utf8" });
    person("new-session", "-d", "-s", "person", "-x", "120", "-y", "40", `env -u TMUX ${attachCommand}`);
    const clients = () => under.tmux("list-clients", "-t", `=agent-agent%2E${agents}%3Ax`).trim();
    await expect.poll(clients).not.toBe("");
    person("send-keys", "-t", "person", "-l", "echo by a person");
    person("send-keys", "-t", "person", "Enter");
    await expect.poll(async () => (await connector.living.screen(agent)).lines).toContain("echo by a person");
    const began = performance.now();
    expect(await carryOut(agent, "echo by Baton")).toEqual({ ok: true, output: "echo by Baton" });
    // tmux tells whole seconds of when somebody typed.
    expect(performance.now() - began).toBeGreaterThan(1900);
    person("send-keys", "-t", "person", "C-b", "d");
    await expect.poll(clients).toBe("");
    expect(await connector.living.screen(agent)).toMatchObject({ isRunning: true });
  });
  test("is ended when it was idle for long enough", async () => {
    const agent = newAgent({ idleMs: 100 });
    await carryOut(agent, "echo x");
    await expect.poll(async () => (await connector.living.screen(agent)).isRunning).toBe(false);
  });
  test("is started, looked at, typed into, paused, continued and stopped by hand", async () => {
    const agent = newAgent();
    await connector.living.start(agent);
    expect(under.tmux("list-windows", "-t", `=agent-agent%2E${agents}%3Ax`, "-F", "#{window_name}").trim().split("\n")).toEqual(["main", "monitor"]);
    await connector.living.write(agent, "echo by hand", ["Enter"]);
    await expect.poll(async () => (await connector.living.screen(agent)).lines).toContain("echo by hand");
    await connector.living.pause(agent);
    await connector.living.write(agent, "echo later", ["Enter"]);
    const { lines, attachCommand } = await connector.living.screen(agent);
    expect(lines.filter((line) => line === "echo later")).toEqual([]);
    expect(attachCommand).toContain("attach");
    await connector.living.resume(agent);
    await expect.poll(async () => (await connector.living.screen(agent)).lines).toContain("echo later");
    await connector.living.stop(agent, true);
    expect(await connector.living.screen(agent)).toMatchObject({ isRunning: false });
    await expect(connector.living.write(agent, "x", [])).rejects.toMatchObject({ code: "conflict" });
  });
  test("that ends before it is ready says what it said", async () => {
    const outcome = await carryOut(
      agentFor(terminalConnector.parse({ kind: "terminal", command: "sh", args: ["-c", "echo no key here; exit 4"], ready: ">" }), { id: "ends" }),
      "echo x",
    );
    expect(outcome).toMatchObject({ ok: false, kind: "unavailable", detail: expect.stringMatching(/code 4: no key here/) });
  });
  test("that is a shell says by its status what failed", async () => {
    const shell = { command: "/bin/sh", args: ["-i"], ready: "$", done: "[exit {status}]" };
    const agent = newAgent(shell, { environment: { PS1: "[exit $?]\n$ " } });
    expect(await carryOut(agent, "echo well; true")).toEqual({ ok: true, output: "well" });
    expect(await carryOut(agent, "echo badly; false")).toEqual({ ok: false, kind: "agent_error", detail: "badly" });
    expect(await carryOut(agent, "(exit 3)")).toEqual({ ok: false, kind: "agent_error", detail: "It ended with status 3." });
    expect(await carryOut(agent, "printf '[exit 9]\\nno\\n'")).toEqual({ ok: true, output: "[exit 9]\nno" });
  });
  test("is refused without the end of its prompt, or with a command that is not there", async () => {
    for (const wrong of [settings({ ready: " " }), settings({ command: "/no/such/agent" })])
      await expect(connector.check(agentFor(wrong))).rejects.toSatisfy((error) => error instanceof Refusal && error.code === "bad_input");
  });
});
