// The process connector with real commands: its contract, what the command finds around it, what its output means, and that nothing stays behind.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Outcome, type ProcessConnector, Refusal } from "@baton/contract";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProcesses, openPrograms } from "../../programs/programs.ts";
import { systemClock } from "../../std/clock.ts";
import type { Connector, ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, testConnector, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openProcessConnector } from "./process.ts";
import { atThisPace } from "../../../../../tests/pace.ts";

const settings: ProcessConnector = { kind: "process", command: process.execPath, args: [fakeAgentPath("process-agent.mjs")], output: "json" };
const makeDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "baton-process-"));
/** Runs; one that has ended and only waits to be reaped does not. */
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !hasProcesses() || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false; // No such process: what most tests here hope for.
  }
};
const allGone = (pids: number[]) => expect.poll(() => pids.filter(lives), { interval: 20 }).toEqual([]);

testConnector("process", async () => {
  const directory = await makeDirectory();
  const programs = openPrograms(systemClock);
  const connector = openProcessConnector({ clock: systemClock, programs, attemptsDirectory: directory });
  return {
    connector,
    agent: agentFor(settings),
    // A directory per attempt, removed when all of it has ended.
    stillWorking: async () => (await readdir(directory)).length,
    close: async () => {
      await programs.close();
      await rm(directory, { recursive: true });
    },
  };
});

describe("a command", () => {
  let directory: string;
  let connector: Connector;
  const programs = openPrograms(systemClock);
  beforeAll(async () => {
    directory = await makeDirectory();
    connector = openProcessConnector({ clock: systemClock, programs, attemptsDirectory: directory });
  });
  afterAll(async () => {
    await programs.close();
    await rm(directory, { recursive: true });
  });
  const agent = (changes: Partial<ProcessConnector> = {}, more: Partial<ConnectorAgent> = {}) => agentFor({ ...settings, ...changes }, more);
  const carryOut = (
    description: string,
    changes: Partial<ProcessConnector> = {},
    more: Partial<ConnectorAgent> = {},
    context = attemptContext(),
  ): Promise<Outcome> => connector.carryOut(agent(changes, more), workFor(description), context);
  /** The pids a behaviour reports in its progress, once it has. */
  const reported = async (context: ReturnType<typeof attemptContext>): Promise<number[]> => {
    await expect.poll(() => context.said.length).toBeGreaterThan(0);
    return JSON.parse(context.said[0]?.message ?? "[]") as number[];
  };

  describe("finds around it", () => {
    const revealed = async (changes: Partial<ProcessConnector> = {}, more: Partial<ConnectorAgent> = {}) => {
      const outcome = await carryOut("reveal", changes, more);
      if (!outcome.ok) throw new Error(outcome.detail);
      return outcome.output as { environment: Record<string, string>; arguments: string[]; cwd: string; files: string[] };
    };
    test("a clean environment with what its registration allows", async () => {
      const { environment, cwd } = await revealed({}, { environment: { REGION: "eu", EMPTY: "" } });
      expect(environment).toEqual({
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: cwd,
        PWD: cwd,
        REGION: "eu",
        EMPTY: "",
        BATON_ATTEMPT_ID: expect.any(String),
      });
    });
    test("a fresh directory, or the one its agent names", async () => {
      expect((await revealed()).cwd).toContain(directory);
      expect((await revealed({ cwd: "/" })).cwd).toBe("/");
      expect(await readdir(directory)).toEqual([]);
    });
    test("its arguments as they were written, with nothing in them run by a shell", async () => {
      const tricky = ["$(touch /tmp/x)", "`id`", "; exit 3", "a b", "'\"", "*", "", "-c", "$HOME", "line\nline"];
      expect((await revealed({ args: [...settings.args, ...tricky] })).arguments).toEqual(tricky);
    });
    test("no open files but its own three", async () => {
      // Beside the three: the folder ls reads, and what this test run itself was started with, which every child gets.
      const list = { command: "ls", args: ["-l", "/proc/self/fd"], output: "text" as const };
      const { stdout } = spawnSync("ls", list.args, { stdio: ["pipe", "pipe", "pipe"], encoding: "utf8" });
      const outcome = await carryOut("", list);
      expect(descriptors(outcome.ok && typeof outcome.output === "string" ? outcome.output : "")).toEqual(descriptors(stdout));
    });
  });

  describe("answers with", () => {
    test.each<[string, unknown]>([
      ["pretty", { answer: 42 }],
      ["bare", [1, 2]],
    ])("%s JSON", async (description, output) => expect(await carryOut(description)).toMatchObject({ ok: true, output }));
    test("all of its text in text mode", async () =>
      expect(await carryOut("plain", { output: "text" })).toMatchObject({ ok: true, output: "Starting …\nJust words." }));
    test("artifacts, tokens and cost", async () => {
      expect(await carryOut("rich")).toEqual({
        ok: true,
        output: { found: 3 },
        artifacts: [{ name: "report.md", type: "report", content: "# Report" }],
        usage: { inputTokens: 10, outputTokens: 20 },
        cost: { amount: 0.01, currency: "USD" },
      });
    });
    test("the text of files it made", async () => {
      expect(await carryOut("file")).toMatchObject({
        ok: true,
        artifacts: [
          { type: "file", name: "report.md", content: "# Written to a file" },
          { name: "../../../etc/hostname", content: undefined },
        ],
      });
    });
    test("without having listened", async () => {
      const work = workFor("x".repeat(100_000), { input: "y".repeat(1_000_000) });
      const deaf = agent({ args: [...settings.args, "deaf"] });
      expect(await connector.carryOut(deaf, work, attemptContext())).toMatchObject({ ok: true, output: "did not listen" });
    });
    test("lines on stderr as progress", async () => {
      const context = attemptContext();
      await carryOut("progress", {}, {}, context);
      expect(context.said).toContainEqual({ message: "a line of the log" });
    });
  });

  describe("fails with", () => {
    test("its exit code and the end of stderr", async () => {
      const outcome = await carryOut("exit 3");
      expect(outcome).toMatchObject({ ok: false, kind: "agent_error", detail: expect.stringMatching(/^It exited with code 3: .*and then it went wrong$/s) });
      expect(!outcome.ok && outcome.detail.length).toBeLessThan(4_200);
    });
    test("the signal that ended it", async () => expect(await carryOut("die")).toMatchObject({ detail: expect.stringContaining("SIGKILL") }));
    test("the kind it says itself", async () => expect(await carryOut("busy")).toEqual({ ok: false, kind: "unavailable", detail: "come back later" }));
    test("what is wrong in its answer", async () => {
      expect(await carryOut("wrong")).toMatchObject({ ok: false, kind: "invalid_response", detail: expect.stringContaining("artifacts.0.name") });
    });
    test("no answer when it wrote no JSON", async () => expect(await carryOut("plain")).toMatchObject({ ok: false, kind: "invalid_response" }));
    test("a command that is gone", async () => expect(await carryOut("", { command: "/no/such/agent" })).toMatchObject({ ok: false, kind: "agent_error" }));
    test("arguments longer than the system takes", async () => {
      expect(await carryOut("", { args: Array.from({ length: 200 }, () => "x".repeat(200_000)) })).toMatchObject({ ok: false });
    });
  });

  describe("leaves nothing behind", () => {
    test("when it is cancelled, its children and those that left its group included", async () => {
      const context = attemptContext();
      const outcome = carryOut("family", {}, {}, context);
      const pids = await reported(context);
      expect(pids.filter(lives)).toHaveLength(3);
      context.abort("Enough.");
      expect(await outcome).toMatchObject({ kind: "cancelled" });
      await allGone(pids);
    });
    test("when it ends well and its children do not", async () => {
      const outcome = await carryOut("orphans");
      expect(outcome.ok && outcome.output).toHaveLength(2);
      await allGone(outcome.ok ? (outcome.output as number[]) : []);
    });
    test("when it does not listen to SIGTERM", async () => {
      const context = attemptContext();
      const outcome = carryOut("stubborn", {}, {}, context);
      const pids = await reported(context);
      const startedAt = performance.now();
      context.abort("Enough.");
      await outcome;
      expect(performance.now() - startedAt).toBeLessThan(atThisPace(2_000));
      await allGone(pids);
    });
    test("and may tidy up on SIGTERM", async () => {
      const context = attemptContext();
      const outcome = carryOut("tidy", {}, {}, context);
      await expect.poll(() => context.said.length).toBe(1);
      context.abort("Enough.");
      expect(await outcome).toMatchObject({ kind: "cancelled" });
      expect(context.said).toContainEqual({ message: "tidied up" });
    });
    test("when the server ends its programs", async () => {
      const ownPrograms = openPrograms(systemClock);
      const own = openProcessConnector({ clock: systemClock, programs: ownPrograms, attemptsDirectory: directory });
      const context = attemptContext();
      const outcome = own.carryOut(agent(), workFor("stubborn"), context);
      const pids = await reported(context);
      await ownPrograms.close();
      expect(await outcome).toMatchObject({ ok: false });
      await allGone(pids);
    });
    test("when this server is killed with kill -9", async () => {
      const outDir = await makeDirectory();
      await bundle(outDir);
      const args = [fakeAgentPath("process-host.mjs"), join(outDir, "process-host.testkit.js"), directory, fakeAgentPath("process-agent.mjs"), "family"];
      const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const pids = await firstMessage(host.stdout);
      expect(pids.filter(lives)).toHaveLength(3);
      host.kill("SIGKILL");
      const [self, child, escaped] = pids as [number, number, number];
      await allGone([self, child]);
      // What left the session is only found by a living server.
      process.kill(escaped, "SIGKILL");
      await Promise.all([outDir, ...(await readdir(directory)).map((name) => join(directory, name))].map((path) => rm(path, { recursive: true })));
    });
  });

  describe.skipIf(!hasProcesses())("is held to its limits", () => {
    test("of memory", async () => {
      const outcome = await carryOut("memory", {}, { resourceLimits: { memory: "200MB", timeoutMs: 15_000 } });
      expect(outcome).toMatchObject({ ok: false, kind: "limit", detail: expect.stringContaining("limit is 191 MiB") });
    });
    test("of cores", async () => {
      const outcome = await carryOut("spin 2500", {}, { resourceLimits: { cpu: "0.25" } });
      // 2.5 s at a quarter of a core are 0.6 s of CPU; the burst and a look every 0.2 s add to it.
      expect(outcome.ok && outcome.output).toBeLessThan(1_400);
    });
  });

  describe("is refused at registration", () => {
    test.each<[string, Partial<ProcessConnector>, Partial<ConnectorAgent>]>([
      ["a name nobody knows", { command: "no-such-agent-anywhere" }, {}],
      ["a path that is not there", { command: "/no/such/agent" }, {}],
      ["a file that cannot be run", { command: "/etc/passwd" }, {}],
      ["a relative path without cwd", { command: "./agent" }, {}],
      ["a name that is only on another PATH", { command: "ls" }, { environment: { PATH: "/no/such/folder" } }],
      ["a builtin of the shell", { command: "eval" }, {}],
      ["a cwd that is not absolute", { cwd: "here" }, {}],
      ["a cwd that is not there", { cwd: "/no/such/folder" }, {}],
    ])("for %s", async (_, changes, more) => {
      await expect(connector.check(agent(changes, more))).rejects.toSatisfy((error) => error instanceof Refusal && error.code === "bad_input");
    });
    test("but not for a program on the PATH", async () => expect(await connector.check(agent({ command: "ls" }))).toBeUndefined());
  });
});

/** The numbers in a listing of /proc/self/fd. */
const descriptors = (listing: string): number[] => [...listing.matchAll(/ (\d+) -> /g)].map((match) => Number(match[1])).sort((a, b) => a - b);

/** The connector as plain JavaScript, for a host that is not a test runner. */
async function bundle(outDir: string): Promise<void> {
  const entry = new URL("./process-host.testkit.ts", import.meta.url).pathname;
  const conditions = ["@baton/source"];
  await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: { ssr: entry, outDir },
  });
}
async function firstMessage(stdout: NodeJS.ReadableStream): Promise<number[]> {
  for await (const line of createInterface({ input: stdout })) return JSON.parse((JSON.parse(line) as { message: string }).message) as number[];
  throw new Error("The host ended before its agent said anything.");
}
