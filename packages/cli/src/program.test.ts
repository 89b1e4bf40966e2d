// The command as a process against a real HTTP server: what it sends, what it prints, and its exit code.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal, type Task } from "@baton/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baton, compile, startBaton } from "./baton-process.fixture.ts";
import { type Answers, type TinyServer, aTask, anEvent, openTinyServer } from "./tiny-server.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "baton-cli-"));
let server: TinyServer | undefined;
const serve = async (answers: Answers, events = [anEvent(1, "task.submitted")]) => {
  server = await openTinyServer(answers, events);
  return { BATON_URL: server.url };
};
const sent = () => server?.received[0];
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(compile);
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

const submits: Answers = { "POST /api/v1/tasks": () => aTask({ status: "queued", reason: "It waits for its turn." }) };

const ended = (task: Task): Answers => ({ "GET /api/v1/tasks/task-1": () => task, "GET /api/v1/tasks/task-1/events": () => ({ items: [], nextCursor: 0 }) });

describe("baton run", () => {
  it("hands in what was typed and says how to go on", async () => {
    const answer = await baton(["run", "Count the words", "--requires", "count,read", "--priority", "high"], await serve(submits));
    expect(answer).toEqual({ exitCode: 0, err: "", out: "Task task-1 is queued: It waits for its turn.\nSee it with: baton tasks watch task-1\n" });
    expect(sent()?.body).toEqual({ description: "Count the words", requirements: ["count", "read"], priority: "high" });
    expect(sent()?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  });
  it("gives the task to the one agent that was named", async () => {
    await baton(["run", "Count", "--agent", "counter"], await serve(submits));
    expect(sent()?.body).toMatchObject({ steps: [{ id: "work", description: "Count", agent: "counter" }] });
  });
  it("lets what is typed win over the file", async () => {
    const path = file("task.yaml", "title: From the file\npriority: low\nsteps:\n  - id: one\n");
    await baton(["run", "Typed", "-f", path, "--priority", "high"], await serve(submits));
    expect(sent()?.body).toEqual({ title: "From the file", description: "Typed", priority: "high", steps: [{ id: "one" }] });
  });
  it("sends the key it was given in the environment", async () => {
    await baton(["run", "Count"], { ...(await serve(submits)), BATON_API_KEY: "secret" });
    expect(sent()?.headers.authorization).toBe("Bearer secret");
  });
  it("says where the key goes when the server asks for one", async () => {
    const environment = await serve({ "POST /api/v1/tasks": () => new Refusal("unauthorized", "Send an API key.") });
    const { exitCode, err } = await baton(["run", "Count"], environment);
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: "refused: Send an API key.\nSay the key in BATON_API_KEY, or with --api-key.\n" });
  });
  it("ends with 0 and the result when the task it waited for completed", async () => {
    const environment = await serve({ ...submits, ...ended(aTask()) });
    const { exitCode, out } = await baton(["run", "Count", "--wait"], environment);
    expect(exitCode).toBe(0);
    expect(out).toContain("completed in 2.0 s\n\n42 words");
  });
  it("ends with 1 and the reason when the task it waited for failed", async () => {
    const failed = aTask({ status: "failed", result: null, failure: { kind: "agent_error", detail: "It cannot count.", stepId: "work" } });
    const environment = await serve({ ...submits, ...ended(failed) });
    const { exitCode, out } = await baton(["run", "Count", "--wait"], environment);
    expect(exitCode).toBe(1);
    expect(out).toContain("failed in 2.0 s: It cannot count. (agent_error in step work)");
  });
  it("prints the ended task as one JSON document for a program that waits", async () => {
    const environment = await serve({ ...submits, ...ended(aTask()) });
    const { out } = await baton(["run", "Count", "--wait", "--json"], environment);
    expect(JSON.parse(out)).toEqual(aTask());
  });
});

describe("a command that cannot be served", () => {
  it("ends with 2 when nothing was described", async () => {
    expect(await baton(["run"])).toMatchObject({ exitCode: 2, out: "", err: expect.stringContaining("Say what is to be done") });
  });
  it("ends with 2 and names what would be right", async () => {
    expect(await baton(["tasks", "lst"])).toMatchObject({ exitCode: 2, err: expect.stringContaining("Did you mean list?") });
    expect(await baton(["run", "Count", "--priority", "huge"])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("allowed: background, low, normal, high, critical"),
    });
    expect(await baton(["tasks", "list", "--url", "nowhere"])).toMatchObject({ exitCode: 2, err: expect.stringContaining("such as http://127.0.0.1:8000") });
  });
  it("ends with 2 and line and column of every mistake in a file", async () => {
    const path = file("wrong.yaml", "description: Count\nsteps:\n  - id: one\n    retries: 99\n    neds: [two]\n");
    const { exitCode, err } = await baton(["run", "-f", path]);
    expect(exitCode).toBe(2);
    expect(err).toContain(`${path}:4:5  steps[0].retries: `);
    expect(err).toContain(`${path}:5:5  steps[0].neds: is not known here\n        neds: [two]\n        ^`);
  });
  it("ends with 2 and line and column of what the server finds wrong in a file", async () => {
    const path = file("circle.yaml", "description: Count\nsteps:\n  - id: one\n    needs: [two]\n");
    const no = new Refusal("bad_input", "no plan", { issues: [{ path: "body.steps[0].needs[0]", message: "there is no step two" }] });
    const { exitCode, err } = await baton(["run", "-f", path], await serve({ "POST /api/v1/tasks": () => no }));
    expect([exitCode, err]).toEqual([2, `error: ${path}:4:13  steps[0].needs[0]: there is no step two\n        needs: [two]\n                ^\n`]);
  });
  it("ends with 2 when the file is not there", async () => {
    expect(await baton(["run", "-f", join(folder, "none.yaml")])).toMatchObject({ exitCode: 2, err: expect.stringContaining("there is no such file") });
  });
  it("ends with 3 when the server refuses, and shows every issue", async () => {
    const no = new Refusal("bad_input", "body.requirements: too many", { issues: [{ path: "body.requirements", message: "too many", allowed: ["50"] }] });
    const { exitCode, err } = await baton(["run", "Count"], await serve({ "POST /api/v1/tasks": () => no }));
    expect(exitCode).toBe(3);
    expect(err).toBe("refused: body.requirements: too many\n  body.requirements: too many (allowed: 50)\n");
  });
  it("tells a program of a refusal by its problem document", async () => {
    const { exitCode, out, err } = await baton(["tasks", "show", "nobody", "--json"], await serve({}));
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: "" });
    expect(JSON.parse(out)).toMatchObject({ code: "not_found", status: 404 });
  });
  it("ends with 4 when nothing answers", async () => {
    expect(await baton(["agents", "list", "--url", "http://127.0.0.1:1"])).toMatchObject({
      exitCode: 4,
      out: "",
      err: expect.stringContaining("Is the server running?"),
    });
  });
});

describe("streams", () => {
  const events = [anEvent(1, "task.submitted"), anEvent(2, "attempt.started", { stepId: "work", agentId: "worker-1" }), anEvent(3, "task.completed")];

  it("print one JSON document a line, and end well when they are told to", async () => {
    const { child, ended } = startBaton(["events", "-f", "--after", "1", "--json"], await serve({}, events));
    child.stdout?.on("data", (chunk: Buffer) => chunk.includes("task.completed") && child.kill("SIGTERM"));
    const { exitCode, out } = await ended;
    expect(exitCode).toBe(0);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(events.slice(1));
  });
  it("show a watched task in a pipe by a line per event and its result", async () => {
    let asked = 0;
    const task = () => (asked++ === 0 ? aTask({ status: "executing", completedAt: null }) : aTask());
    const { exitCode, out } = await baton(["tasks", "watch", "task-1"], await serve({ "GET /api/v1/tasks/task-1": task }, events));
    expect(exitCode).toBe(0);
    expect(out).toMatch(/attempt\.started +work worker-1\n.*task\.completed.*\ncompleted in 2\.0 s\n\n42 words\n$/);
  });
  it("leave the task running when a person stops watching, and say how to go on", async () => {
    const environment = await serve({ "GET /api/v1/tasks/task-1": () => aTask({ status: "executing", completedAt: null }) }, [anEvent(1, "attempt.started")]);
    const { child, ended } = startBaton(["tasks", "watch", "task-1"], environment);
    child.stdout?.once("data", () => child.kill("SIGINT"));
    expect(await ended).toMatchObject({ exitCode: 130, err: "The task goes on. See it again with: baton tasks watch task-1\n" });
  });
});

describe("lists", () => {
  it("are tables without colours in a pipe", async () => {
    const page = { items: [aTask({ id: "a", title: "Steer \u001b[2J the terminal" })], total: 30, limit: 1, offset: 0 };
    const { out } = await baton(["tasks", "list", "--limit", "1"], await serve({ "GET /api/v1/tasks": () => page }));
    expect(out).toContain("Steer  the terminal");
    expect(out).not.toContain("\u001b");
    expect(out).toContain("1 of 30; the next with --offset 1");
    expect(sent()?.query).toEqual({ limit: "1", offset: "0" });
  });
  it("are the server's own page for a program", async () => {
    const page = { items: [aTask()], total: 1, limit: 20, offset: 0 };
    const { out } = await baton(["tasks", "list", "--json"], await serve({ "GET /api/v1/tasks": () => page }));
    expect(JSON.parse(out)).toEqual(page);
  });
});

describe("baton doctor", () => {
  it("ends with 0 where Baton can run, and says what is missing to do more", async () => {
    const { exitCode, out } = await baton(["doctor", "--port", "0", "--data-dir", join(folder, "data"), "--url", "http://127.0.0.1:1", "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, findings: expect.arrayContaining([expect.objectContaining({ name: "server", state: "warn" })]) });
  });
  it("ends with 1 where a configured database does not answer", async () => {
    const { exitCode, out } = await baton(["doctor", "--port", "0", "--data-dir", folder], { DATABASE_URL: "postgres://127.0.0.1:1/baton" });
    expect(exitCode).toBe(1);
    expect(out).toMatch(/✗ postgres +127\.0\.0\.1:1 does not answer: connect ECONNREFUSED/);
  });
});
