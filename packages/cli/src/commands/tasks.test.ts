// `baton tasks` as a process against a real server: checks as they stand, budgets given later, plans that wait for a person.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentConnection, connectAgent, createClient } from "@baton/client";
import type { Task, TaskInput } from "@baton/contract";
import { type Baton, startBaton } from "@baton/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baton, compile } from "../baton-process.fixture.ts";

const dataDir = mkdtempSync(join(tmpdir(), "baton-cli-tasks-"));
let server: Baton;
let agent: AgentConnection;
const run = (...args: string[]) => baton(args, { BATON_URL: server.url });
const client = () => createClient({ url: server.url });
const carryOut = async (body: TaskInput): Promise<Task> => client().waitForTask((await client().submitTask({ body })).id);

beforeAll(async () => {
  compile();
  server = await startBaton({ dataDir, port: 0, logLevel: "error", logFile: join(dataDir, "log"), sqliteSynchronous: "normal", pollMs: 100 }, {});
  agent = await connectAgent({ url: server.url, name: "worker", capabilities: ["work"], maxConcurrentTasks: 5 }, (work) =>
    work.feedback === undefined ? "half" : "whole",
  );
});
afterAll(async () => {
  await agent.close({ graceMs: 0 });
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("show says which command must succeed, whether it did, how often the agent was told, and what it said", async () => {
  const check = { command: "sh", args: ["-c", 'grep -q whole || { echo "only half" >&2; exit 3; }'], maxFeedback: 2 };
  const passed = await carryOut({ description: "Go.", steps: [{ id: "build", check }] });
  expect(passed.steps[0]?.check).toMatchObject({ command: "sh", state: "passed", told: 1, lastFailure: expect.stringContaining("only half") });
  expect((await run("tasks", "show", passed.id)).out).toMatch(/check of build: sh -c grep .* {2}passed, its agent was told 1 of 2 times what failed\n/);
  const failed = await carryOut({ description: "Go.", steps: [{ id: "build", check: { ...check, maxFeedback: 0 } }] });
  expect((await run("tasks", "show", failed.id)).out).toMatch(/check of build: .* {2}failed\n {2}The check sh -c .* ended with code 3.*\n {2}only half\n/);
  const plain = await carryOut({ description: "Go." });
  expect((await run("tasks", "show", plain.id)).out).not.toContain("check of");
});

test("a task that its budget stopped is given more and goes on where it stood", async () => {
  const steps = ["a", "b", "c"].map((id, at, all) => ({ id, needs: at === 0 ? [] : [all[at - 1] ?? ""] }));
  const { id, failure } = await carryOut({ description: "Go.", steps, constraints: { budget: { attempts: 1 } } });
  expect(failure?.kind).toBe("budget");
  const raised = await run("tasks", "budget", id, "--attempts", "2");
  expect(raised.out).toMatch(new RegExp(`may spend 1 attempts of 2 attempts\\. It is failed: .*It goes on with: baton tasks retry ${id}\n$`));
  await run("tasks", "budget", id, "--attempts", "9", "--retry");
  const task = await client().waitForTask(id);
  expect([task.status, task.steps.map(({ attempts }) => attempts.length), task.budget?.used.attempts]).toEqual(["completed", [1, 1, 1], 3]);
  expect(await run("tasks", "budget", id, "--usd", "1")).toMatchObject({ exitCode: 3, err: expect.stringContaining("has completed") });
});

test("a budget needs a limit, and a limit is a number", async () => {
  expect(await run("tasks", "budget", "any")).toMatchObject({ exitCode: 2, err: expect.stringContaining("needs at least one limit") });
  expect(await run("tasks", "budget", "any", "--usd", "much")).toMatchObject({ exitCode: 2, err: expect.stringContaining("must be a number") });
});

test("a plan that waits for a person is approved with other steps from a file, whose mistakes are told with line and column", async () => {
  const { id } = await client().submitTask({ body: { description: "Go.", planReview: true } });
  const file = join(dataDir, "steps.yaml");
  writeFileSync(file, "steps:\n  - id: first\n    needs: [nobody]\n");
  expect(await run("tasks", "approve-plan", id, "-f", file)).toMatchObject({ exitCode: 2, err: expect.stringContaining(`${file}:3:13`) });
  writeFileSync(file, "steps:\n  - id: first\n  - id: second\n    needs: [first]\n");
  expect(await run("tasks", "approve-plan", id, "-f", file)).toMatchObject({ exitCode: 0 });
  expect((await client().waitForTask(id)).steps.map((step) => step.id)).toEqual(["first", "second"]);
});
