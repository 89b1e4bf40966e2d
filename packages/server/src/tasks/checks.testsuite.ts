// Checks of what steps came to, held against every store with real commands: what fails goes back to the same agent, each failure once.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepCheck, TaskInput, Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { typeOf } from "./growing.testkit.ts";
import { cancelTask, getTask, retryTask } from "./tasks.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

/** One that has ended and is not collected yet has no command line any more. */
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";

export function testChecks(store: string, freshStore: () => Promise<OpenStore>): void {
  const servers: TestServer[] = [];
  const directories: string[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });
  const start = async (script: Script, ...agents: string[]) => {
    const server = await openTestServer(await freshStore(), script);
    servers.push(server);
    for (const name of agents.length === 0 ? ["worker"] : agents) await server.addAgent(name, { capabilities: name === "thinker" ? ["planning"] : [] });
    return server;
  };
  const workshop = (): string => {
    const directory = mkdtempSync(join(tmpdir(), "baton-check-"));
    directories.push(directory);
    return directory;
  };
  const checked = (repository: string, script: string, more: Partial<StepCheck> = {}): TaskInput => ({
    description: "Do.",
    repository,
    steps: [{ id: "only", check: { command: "sh", args: ["-c", script], ...more } }],
  });
  const feedbackOf = (told: Work[]) => told.map(({ feedback }) => feedback ?? null);

  describe(`a check on ${store}`, () => {
    test("is run where the agent worked, and what it says goes back to the same agent with its conversation until it passes", async () => {
      const repository = workshop();
      const told: [string, Work][] = [];
      const server = await start(
        (work, _, name) => {
          told.push([name, work]);
          writeFileSync(join(repository, "state"), ["broken", "half", "good"][told.length - 1] ?? "");
          return { ok: true, output: told.length, conversation: `talk ${told.length}` };
        },
        "one",
        "two",
      );
      const id = await server.submit(checked(repository, 'grep -q good state || { echo "state is $(cat state)" >&2; exit 3; }'));
      const task = await server.until(id, "completed");
      expect(task.result).toBe(3);
      expect(new Set(told.map(([name]) => name)).size).toBe(1);
      expect(told.map(([, { feedback, conversation }]) => [feedback?.match(/ended with code 3|state is \w+/g), conversation])).toEqual([
        [undefined, undefined],
        [["ended with code 3", "state is broken"], "talk 1"],
        [["ended with code 3", "state is half"], "talk 2"],
      ]);
      expect(task.steps[0]?.attempts.map((one) => one.outcome?.ok === false && one.outcome.kind)).toEqual(["gate", "gate", false]);
    });
    test("fails its step when the same failure comes again, though numbers and times in it differ", async () => {
      const told: Work[] = [];
      const server = await start((work) => (told.push(work), done()));
      const id = await server.submit(checked(workshop(), 'echo "failed after $$ ms in /tmp/$$"; exit 1'));
      const { failure } = await server.until(id, "failed");
      expect([told.length, failure?.kind, failure?.detail]).toEqual([2, "gate", expect.stringMatching(/told of this very failure before/)]);
    });
    test("tells an agent of different failures as often as it may be, and then fails", async () => {
      const told: Work[] = [];
      const words = ["alpha", "beta", "gamma", "delta"];
      const repository = workshop();
      const server = await start((work) => (writeFileSync(join(repository, "word"), words[told.push(work) - 1] ?? ""), done()));
      const id = await server.submit(checked(repository, "cat word; exit 1", { maxFeedback: 2 }));
      const { failure } = await server.until(id, "failed");
      expect(failure?.detail).toMatch(/told 2 times[\s\S]*gamma/);
      expect(feedbackOf(told).map((text) => text?.split("\n").at(-1))).toEqual([undefined, "alpha", "beta"]);
      await retryTask(server, id);
      await server.until(id, "failed");
      expect(told[3]?.feedback).toBeUndefined();
    });
    test("gets what the agent answered, a clean environment and the end of what it writes is told, not all of it", async () => {
      const told: Work[] = [];
      const repository = workshop();
      process.env["BATON_SUITE_CANARY"] = "canary";
      const server = await start((work) => (told.push(work), done({ answer: 42 })));
      const id = await server.submit(checked(repository, "cat > given; env > env; seq 1 100000; echo the end; exit 1", { maxFeedback: 1 }));
      await server.until(id, "failed");
      delete process.env["BATON_SUITE_CANARY"];
      expect(JSON.parse(readFileSync(join(repository, "given"), "utf8"))).toMatchObject({ taskId: id, stepId: "only", output: { answer: 42 } });
      expect(readFileSync(join(repository, "env"), "utf8")).not.toContain("canary");
      expect(told[1]?.feedback).toMatch(/the end$/);
      expect(told[1]?.feedback?.length).toBeLessThan(9000);
    });
    test("that takes too long is ended with all it started", async () => {
      const repository = workshop();
      const server = await start(() => done());
      const id = await server.submit(checked(repository, "sleep 60 & echo $! > child; wait", { timeoutMs: 300, maxFeedback: 0 }));
      expect((await server.until(id, "failed")).failure?.detail).toContain("was not done after 300 ms");
      await expect.poll(() => isAlive(Number(readFileSync(join(repository, "child"), "utf8")))).toBe(false);
    });
    test("ends with its task when that is cancelled", async () => {
      const repository = workshop();
      const server = await start(() => done());
      const id = await server.submit(checked(repository, "echo $$ > child; sleep 60"));
      const pid = () => Number(readFileSync(join(repository, "child"), { encoding: "utf8", flag: "a+" }));
      await expect.poll(pid).toBeGreaterThan(0);
      await cancelTask(server, id);
      await expect.poll(() => server.dispatcher.attempts.size).toBe(0);
      await expect.poll(() => isAlive(pid())).toBe(false);
      expect((await getTask(server, id)).status).toBe("cancelled");
    });
    test("whose command is not there fails its step without blaming the agent", async () => {
      const told: Work[] = [];
      const server = await start((work) => (told.push(work), done()));
      const id = await server.submit({ description: "Do.", repository: workshop(), steps: [{ id: "only", check: { command: "./not-there" } }] });
      expect((await server.until(id, "failed")).failure).toMatchObject({ kind: "gate", detail: expect.stringContaining("cannot be run") });
      expect(told).toHaveLength(1);
    });
    test("cannot be named by an agent that makes a plan", async () => {
      const directory = workshop();
      const check = { command: "touch", args: [join(directory, "owned")] };
      const server = await start((work) => done(typeOf(work) === "planning" ? { steps: [{ id: "a", description: "A", check }] } : "done"), "thinker");
      const task = await server.until(await server.submit({ description: "Go.", planning: "agent" }), "completed");
      expect(task.steps.map((step) => step.id)).toEqual(["plan", "a"]);
      expect(() => readFileSync(join(directory, "owned"))).toThrow();
    });
  });
}
