// When the server is killed, what lived in its terminals stands still: another server takes it up, or it ends.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { terminalConnector } from "@baton/contract";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { tmuxPath } from "../../../../../tests/services.ts";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import { agentFor, attemptContext, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openTerminalConnector } from "./terminal.ts";

const agent = agentFor(
  terminalConnector.parse({
    kind: "terminal",
    command: process.execPath,
    args: [fakeAgentPath("line-agent.mjs")],
    ready: "you>",
    idleMs: 0,
    columns: 100,
    rows: 30,
  }),
  { id: "a", name: "a" },
);
const lives = (pid: number | undefined): boolean => existsSync(`/proc/${pid}/stat`);
const stateOf = (pid: number | undefined): string | undefined => (lives(pid) ? /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1] : undefined);

describe.skipIf(tmuxPath() === undefined)("an agent in a terminal whose server is killed", () => {
  let outDir: string;
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), "baton-host-"));
    const conditions = ["@baton/source"];
    await build({
      configFile: false,
      logLevel: "silent",
      resolve: { conditions },
      ssr: { noExternal: true, resolve: { conditions } },
      build: { ssr: new URL("./terminal-host.testkit.ts", import.meta.url).pathname, outDir },
    });
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));

  /** A server with an agent, killed. @param waitSeconds how long its terminals wait for another. */
  async function killedServer(waitSeconds: number, ...busyWith: string[]) {
    const dataDir = await mkdtemp(join(tmpdir(), "baton-term-"));
    const host = join(outDir, "terminal-host.testkit.js");
    const args = [fakeAgentPath("terminal-host.mjs"), host, dataDir, fakeAgentPath("line-agent.mjs"), String(waitSeconds)];
    const server = spawn(process.execPath, [...args, ...busyWith], { stdio: ["ignore", "pipe", "inherit"] });
    const [pid, child] = await firstPids(server.stdout);
    expect([lives(pid), lives(child)]).toEqual([true, true]);
    server.kill("SIGKILL");
    const sessions = (): string => {
      try {
        const words = ["-S", join(dataDir, "tmux.sock"), "list-sessions", "-F", "#{session_name}"];
        return execFileSync("tmux", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      } catch {
        return ""; // No tmux runs there any more.
      }
    };
    const programs = openPrograms(systemClock);
    /** A server started after it, on the same folder. */
    const next = openTerminalConnector({ clock: systemClock, newId, programs, dataDir, homesDirectory: join(dataDir, "homes") });
    onTestFinished(async () => {
      await next.close();
      await programs.close();
      if (lives(child)) process.kill(child as number, "SIGKILL");
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
    });
    return { pid, child, sessions, next };
  }

  test("stands still at once, and ends when no server comes", async () => {
    const { pid, sessions } = await killedServer(1);
    await expect.poll(() => stateOf(pid) ?? "gone", { interval: 20 }).toMatch(/T|gone/);
    await expect.poll(() => lives(pid)).toBe(false);
    await expect.poll(sessions).toBe("");
  });
  test("is taken up by the next one: the same process, with what stands on its screen", async () => {
    const { pid, sessions, next } = await killedServer(60);
    await next.living.adopt([agent]);
    const { isRunning, lines } = await next.living.screen(agent);
    expect(isRunning).toBe(true);
    expect(lines).toEqual(expect.arrayContaining(["A line-by-line agent. Say something.", "you> child"]));
    expect(await next.carryOut(agent, workFor("echo I am back"), attemptContext())).toEqual({ ok: true, output: "echo I am back" });
    const again = await next.carryOut(agent, workFor("child"), attemptContext());
    expect(again).toMatchObject({ ok: true, output: expect.stringMatching(`^${pid} `) });
    expect(sessions().trim()).toBe("agent-a");
  });
  test("has what it worked on broken off before it is handed something else", async () => {
    const { pid, next } = await killedServer(60, "brood", "I brood over it.");
    await next.living.adopt([agent]);
    expect((await next.living.screen(agent)).lines).toContainEqual(expect.stringContaining("^C interrupted"));
    expect(await next.carryOut(agent, workFor("echo next"), attemptContext())).toEqual({ ok: true, output: "echo next" });
    expect(stateOf(pid)).toBe("S");
  });
  test("is ended with what left its group when it does not listen, and started anew", async () => {
    const { pid, child, next } = await killedServer(60, "stubborn", "I do not listen.");
    await next.living.adopt([agent]);
    await expect.poll(() => [lives(pid), lives(child)]).toEqual([false, false]);
    expect(await next.carryOut(agent, workFor("echo anew"), attemptContext())).toEqual({ ok: true, output: "echo anew" });
  });
  test("is ended when it was registered otherwise, or is registered no more", async () => {
    for (const agents of [[{ ...agent, environment: { REGION: "us" } }], []]) {
      const { pid, child, sessions, next } = await killedServer(60);
      await next.living.adopt(agents);
      await expect.poll(() => [lives(pid), lives(child)]).toEqual([false, false]);
      expect(sessions()).toBe("");
    }
  });
  test("is left to a server that still lives", async () => {
    const { pid, next } = await killedServer(60);
    await next.living.adopt([agent]);
    const dataDir = /-S (.*)\/tmux\.sock /.exec((await next.living.screen(agent)).attachCommand)?.[1] ?? "";
    const programs = openPrograms(systemClock);
    const third = openTerminalConnector({ clock: systemClock, newId, programs, dataDir, homesDirectory: join(dataDir, "homes") });
    await third.living.adopt([]);
    expect([stateOf(pid), (await next.living.screen(agent)).isRunning]).toEqual(["S", true]);
    await third.close();
    await programs.close();
  });
});

async function firstPids(stdout: NodeJS.ReadableStream): Promise<number[]> {
  for await (const line of createInterface({ input: stdout })) return JSON.parse((JSON.parse(line) as { message: string }).message) as number[];
  throw new Error("The host ended before its agent said anything.");
}
