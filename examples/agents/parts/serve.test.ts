// The three HTTP agents over real HTTP: the shape each speaks, and whom none of them answers.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines, makeRepository } from "../repository.fixture.ts";
import { startServer } from "./serve.mjs";

interface Started {
  child: ChildProcess;
  url: string;
}
async function start(name: string, ...args: string[]): Promise<Started> {
  const script = fileURLToPath(new URL(`../${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [script, "--serve", "--port", "0", ...args], {
    env: { PATH: process.env["PATH"] ?? "" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, url: `http://127.0.0.1:${(JSON.parse(line) as { listening: { port: number } }).listening.port}` };
}
const post = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
};

const shapes = [
  {
    name: "history-analyst",
    path: "/kickoff",
    toBody: (repository: unknown, text: string) => ({ inputs: { topic: text, repository } }),
    toResult: (body: Record<string, never>) => body["result"],
    toError: (body: Record<string, never>) => (body["success"] === false ? body["error"] : undefined),
    kind: "history-analysis",
  },
  {
    name: "code-scanner",
    path: "/serving-endpoints/any-model/invocations",
    toBody: (repository: unknown, text: string) => ({ messages: [{ role: "user", content: text }], custom_inputs: { repository } }),
    toResult: (body: { choices: [{ message: { content: string }; finish_reason: string }] }) =>
      body.choices[0].finish_reason === "stop" ? body.choices[0].message.content : undefined,
    toError: (body: { error: { message: string } }) => body.error.message,
    kind: "code-scan",
  },
  {
    name: "dependency-reviewer",
    path: "/v1/chat/completions",
    toBody: (repository: unknown, text: string) => ({ model: "x", messages: [{ role: "user", content: text }], metadata: { repository } }),
    toResult: (body: { choices: [{ message: { content: string } }] }) => body.choices[0].message.content,
    toError: (body: { error: { message: string } }) => body.error.message,
    kind: "dependency-review",
  },
];

describe.each(shapes)("the $name", ({ name, path, toBody, toResult, toError, kind }) => {
  let agent: Started;
  beforeAll(async () => {
    agent = await start(name);
  });
  afterAll(async () => {
    agent.child.kill("SIGTERM");
    if (agent.child.exitCode === null) await once(agent.child, "exit");
    expect(agent.child.exitCode).toBe(0);
  });
  const ask = (repository: unknown, text = "Look at it.") => post(agent.url + path, toBody(repository, text));
  const resultOf = (body: never) => {
    const result: unknown = toResult(body);
    return typeof result === "string" && result.startsWith("{") ? (JSON.parse(result) as unknown) : result;
  };

  test("does its work in its shape", async () => {
    const repository = makeRepository();
    repository.commit({ "a b.ts": lines(3) });
    const { status, body } = await ask(repository.path);
    expect(status).toBe(200);
    expect(resultOf(body as never)).toMatchObject({ kind, head: repository.git("rev-parse", "HEAD").trim() });
  });
  test("finds the repository in the words when it is not given apart", async () => {
    const repository = makeRepository();
    const { body } = await ask(null, `Please look at ${repository.path} today`);
    expect(resultOf(body as never)).toMatchObject({ kind, head: null });
  });
  test("says what it does when greeted, as a connection test does", async () => {
    const { status, body } = await ask(null, "Hello, this is a test");
    expect(status).toBe(200);
    expect(resultOf(body as never)).toContain(`${name}: `);
  });
  test.each([
    [null, "Say which repository"],
    ["relative/path", "must be an absolute path"],
    ["/nowhere/at/all", "does not exist"],
    [42, "Say which repository"],
  ])("refuses the repository %j as data", async (repository, message) => {
    const { status, body } = await ask(repository);
    expect(status).toBe(422);
    expect(toError(body as never)).toContain(message);
  });
  test("tells its health and what it can do", async () => {
    expect(await (await fetch(`${agent.url}/health`)).json()).toMatchObject({ status: "ok", name, active: 0 });
    expect(await (await fetch(`${agent.url}/capabilities`)).json()).toMatchObject({ name, capabilities: expect.arrayContaining(["code_analysis"]) });
  });
});

describe("none of them answers", () => {
  let agent: Started;
  beforeAll(async () => {
    agent = await start("history-analyst");
  });
  afterAll(() => agent.child.kill());
  const body = JSON.stringify({ inputs: { topic: "hello" } });
  const statusWith = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${agent.url}/kickoff`, { method: "POST", headers: { "content-type": "application/json", ...headers } }, (response) =>
        resolve(response.resume().statusCode),
      );
      sent.once("error", reject).end(body);
    });

  test("under another host name, as after a rebinding", async () => expect(await statusWith({ host: "evil.example:8003" })).toBe(403));
  test("a web page", async () => expect(await statusWith({ origin: "https://evil.example" })).toBe(403));
  test("a form", async () => expect(await statusWith({ "content-type": "text/plain" })).toBe(415));
  test("a body that is not a JSON object", async () => {
    expect((await post(`${agent.url}/kickoff`, "{ broken")).status).toBe(400);
    expect((await post(`${agent.url}/kickoff`, [])).status).toBe(400);
  });
  test("a body without end", async () => expect((await post(`${agent.url}/kickoff`, { a: "x".repeat(2 ** 20) })).status).toBe(413));
  test("an unknown path or method", async () => {
    expect((await post(`${agent.url}/other`, {})).status).toBe(404);
    expect((await fetch(`${agent.url}/kickoff`)).status).toBe(405);
  });
});

const slow = {
  name: "slow",
  summary: "Waits.",
  capabilities: ["waiting"],
  port: 0,
  route: /^\/wait$/,
  toAsked: () => ({ repository: "/anywhere" }),
  toAnswer: (result: unknown) => ({ result }),
  toRefusal: ({ message }: { message: string }) => ({ error: message }),
};
const untilAborted = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));

test("a caller that goes away ends the work", async () => {
  let ended = () => {};
  const over = new Promise<void>((resolve) => (ended = resolve));
  const gone = new AbortController();
  const server = await startServer(
    {
      ...slow,
      work: (_, { signal }) => {
        setImmediate(() => gone.abort());
        return untilAborted(signal).finally(ended);
      },
    },
    0,
  );
  await expect(
    fetch(`http://127.0.0.1:${server.port}/wait`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}", signal: gone.signal }),
  ).rejects.toThrow();
  await over;
  await server.close(0);
});

test("more work at once than it takes is put off", async () => {
  let waiting = 0;
  let allBusy = () => {};
  const busy = new Promise<void>((resolve) => (allBusy = resolve));
  const work = (_: unknown, { signal }: { signal: AbortSignal }) => {
    waiting++;
    if (waiting === 4) allBusy();
    return untilAborted(signal);
  };
  const server = await startServer({ ...slow, work }, 0);
  const url = `http://127.0.0.1:${server.port}/wait`;
  const first = Array.from({ length: 4 }, () => post(url, {}));
  await busy;
  expect((await post(url, {})).status).toBe(503);
  const closed = server.close(0);
  for (const { status, body } of await Promise.all(first)) expect([status, body["error"]]).toEqual([422, "slow is stopping."]);
  await closed;
});

test("a port that is taken is refused, or passed over when that was asked for", async () => {
  const agent = { ...slow, work: () => Promise.resolve("done") };
  const first = await startServer(agent, 0);
  await expect(startServer(agent, first.port)).rejects.toMatchObject({ code: "port_taken" });
  const second = await startServer(agent, first.port, first.port);
  expect(second.port).toBeGreaterThan(first.port);
  await Promise.all([first.close(0), second.close(0)]);
});

test("it ends when stdin does, so that it never outlives whoever started it", async () => {
  const { child } = await start("history-analyst", "--until-stdin-ends");
  child.stdin?.end();
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
});
