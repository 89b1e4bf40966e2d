import { request as rawRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Preview } from "@baton/contract";
import { patterns, Refusal } from "@baton/contract";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../std/clock.ts";
import { openFlood } from "../std/flood.ts";
import { silent } from "../tasks/tasks.testkit.ts";
import type { RouteRequest } from "./api-world.ts";
import type { HttpServer } from "./http.ts";
import { type TestWorld, openTestHttp } from "./http.testkit.ts";

const opened: HttpServer[] = [];
afterEach(async () => {
  for (const http of opened.splice(0)) await http.close();
});
async function open(world: TestWorld = {}): Promise<HttpServer> {
  const http = await openTestHttp(world);
  opened.push(http);
  return http;
}

const preview: Preview = { pattern: "single", reason: "one", steps: [], conflicts: [] };
/** A server that remembers what its preview handler was asked. */
async function openPreview(config: TestWorld["config"] = {}) {
  const asked: RouteRequest<"previewTask">[] = [];
  const handlers: TestWorld["handlers"] = {
    previewTask: async (request) => {
      asked.push(request);
      return { answer: preview };
    },
  };
  const http = await open({ handlers, config });
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${http.address}/api/v1/tasks/preview`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  return { http, asked, post };
}

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const document = (await response.json()) as Record<string, unknown>;
  expect(document["status"]).toBe(response.status);
  return document;
}

test("a handler gets its input parsed, with defaults and snake_case understood", async () => {
  const { asked, post } = await openPreview();
  const response = await post(JSON.stringify({ description: "x", project_id: "p", payload: { keep_this: 1 } }));
  expect(await response.json()).toEqual(preview);
  expect(asked[0]?.body).toMatchObject({ projectId: "p", priority: "normal", payload: { keep_this: 1 } });
});

test("input that does not fit is refused with the path and what is allowed", async () => {
  const { post, asked } = await openPreview();
  const problem = await problemOf(await post(JSON.stringify({ description: "x", steps: [{ id: "a", needs: [7] }], pattern: "chaos" })));
  expect(problem).toMatchObject({
    code: "bad_input",
    issues: [{ path: "body.pattern", allowed: [...patterns] }, { path: "body.steps[0].needs[0]" }],
  });
  expect(asked).toEqual([]);
});

test.each([
  ["{", "is not JSON"],
  ['{"description":"x","__proto__":{"a":1}}', "poisons the prototype"],
  ['{"description":"x","constructor":{"prototype":{"a":1}}}', "poisons the constructor"],
  [`{"description":"x","payload":${"[".repeat(5000)}${"]".repeat(5000)}}`, "nests without end"],
  ["", "is empty"],
  ["null", "is null"],
  ["[]", "is an array"],
  ['{"description":"a\\u0000b"}', "holds a NUL"],
])("a body %s is refused as it %s", async (body) => {
  const { post, asked } = await openPreview();
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await problemOf(response)).toMatchObject({ code: "bad_input", issues: [{ path: expect.stringMatching(/^body/) }] });
  expect(asked).toEqual([]);
});

test("a body larger than the limit is refused with 413", async () => {
  const { post } = await openPreview({ bodyLimitBytes: 1000 });
  expect(await problemOf(await post(JSON.stringify({ description: "x".repeat(1000) })))).toMatchObject({ status: 413, code: "too_large" });
});

test.each([
  ["not JSON by its type", { "content-type": "application/x-www-form-urlencoded" }],
  ["compressed, which nobody unpacks", { "content-encoding": "gzip" }],
])("a body that is %s is refused with 415", async (_, headers) => {
  const { post } = await openPreview();
  expect(await problemOf(await post("description=x", headers))).toMatchObject({ status: 415, code: "unsupported_media" });
});

test("a call without a body may say that it is JSON", async () => {
  const http = await open({ handlers: { cancelTask: () => Promise.reject(new Refusal("conflict", "It has ended.")) } });
  const response = await fetch(`${http.address}/api/v1/tasks/t/cancel`, { method: "POST", headers: { "content-type": "application/json" } });
  expect(await problemOf(response)).toMatchObject({
    status: 409,
    code: "conflict",
    detail: "It has ended.",
    error: "It has ended.",
    error_type: "conflict",
    status_code: 409,
  });
});

test.each([
  [false, "127.0.0.1"],
  [true, "192.0.2.9"],
])("with trustProxy %s a caller is at %s, whatever they say", async (trustProxy, address) => {
  const seen: [string, boolean][] = [];
  const requests: TestWorld["requests"] = { take: (...asked) => void seen.push(asked) };
  const http = await open({ config: { trustProxy, requireAuth: true, apiKeys: ["the-key-of-the-operator"] }, requests });
  const from = { "x-forwarded-for": "198.51.100.6, 192.0.2.9" };
  await fetch(`${http.address}/health/live`, { headers: from });
  await fetch(`${http.address}/health/live`, { headers: { ...from, authorization: "Bearer the-key-of-the-operator" } });
  expect(seen).toEqual([
    [address, true],
    [expect.stringMatching(/^key:/), false],
  ]);
});

test("a body that nobody would read is refused", async () => {
  const http = await open();
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"reason":"x"}' };
  expect(await problemOf(await fetch(`${http.address}/api/v1/tasks/t/cancel`, init))).toMatchObject({ code: "bad_input" });
});

test("an unknown path is a 404 problem", async () => {
  const http = await open();
  expect(await problemOf(await fetch(`${http.address}/api/v1/nothing`))).toMatchObject({ status: 404, code: "not_found" });
});

test("a known path with another method is a 405 that says which are allowed", async () => {
  const http = await open();
  const response = await fetch(`${http.address}/api/v1/tasks`, { method: "DELETE" });
  expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
  expect(await problemOf(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
});

test("a path that cannot be decoded is a 400 problem", async () => {
  const http = await open();
  const { port, hostname } = new URL(http.address);
  const response = await rawGet({ host: hostname, port, path: "/api/v1/tasks/%zz" });
  expect(response).toMatchObject({ status: 400, problem: { code: "bad_input" } });
});

test("a parameter longer than an id may be is refused like any other input", async () => {
  const http = await open();
  expect(await problemOf(await fetch(`${http.address}/api/v1/tasks/${"x".repeat(3000)}`))).toMatchObject({
    code: "bad_input",
    issues: [{ path: "params.id" }],
  });
});

test("a query field that is not known is refused", async () => {
  const http = await open();
  expect(await problemOf(await fetch(`${http.address}/api/v1/tasks?colour=red`))).toMatchObject({ issues: [{ path: "query.colour" }] });
});

test("a head that is too large is a 431 problem", async () => {
  const http = await open();
  const { port, hostname } = new URL(http.address);
  const response = await rawGet({ host: hostname, port, path: "/", headers: { "x-big": "x".repeat(20_000) } });
  expect(response).toMatchObject({ status: 431, problem: { code: "too_large", status: 431 } });
});

test("what is not HTTP is answered with a 400 problem and hung up", async () => {
  const http = await open();
  const socket = connect(Number(new URL(http.address).port), "127.0.0.1");
  socket.end("HELLO\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"bad_input"/);
});

test("a bug is a 500 that tells nothing but a reference, which the log knows", async () => {
  const logTo: string[] = [];
  const http = await open({ logTo, handlers: { getLive: () => Promise.reject(new Error("password is 1234")) } });
  const problem = await problemOf(await fetch(`${http.address}/health/live`));
  expect(problem).toMatchObject({ status: 500, code: "internal" });
  expect(JSON.stringify(problem)).not.toContain("1234");
  const reference = String(problem["instance"]).replace("urn:baton:request:", "");
  expect(logTo.find((line) => line.includes(reference))).toContain("password is 1234");
});

test("a handler that takes too long is given up with 503", async () => {
  const http = await open({ handlers: { getLive: () => new Promise(() => undefined) }, config: { requestTimeoutMs: 30 } });
  expect(await problemOf(await fetch(`${http.address}/health/live`))).toMatchObject({ status: 503, code: "unavailable" });
});

test("an answer against the contract is found when answers are checked", async () => {
  const http = await open({ handlers: { getLive: async () => ({ answer: { status: "ok", version: 7 as unknown as string, uptimeMs: 1 } }) } });
  expect(await problemOf(await fetch(`${http.address}/health/live`))).toMatchObject({ status: 500 });
});

test("too many requests are refused with the time to wait", async () => {
  const http = await open({ requests: openFlood({ clock: systemClock, log: silent }, { what: "requests", perSecond: 0.1, burst: 2 }) });
  await fetch(`${http.address}/api/v1/tasks`);
  await fetch(`${http.address}/api/v1/tasks`);
  const response = await fetch(`${http.address}/api/v1/tasks`);
  expect(Number(response.headers.get("retry-after"))).toBe(10);
  expect(await problemOf(response)).toMatchObject({ status: 429, code: "too_many_requests" });
});

test("a handler's version is the ETag, and a reader who has it is told so", async () => {
  const http = await open({ handlers: { getReady: async () => ({ answer: { status: "ready", checks: {} }, etag: 7 }) } });
  const first = await fetch(`${http.address}/health/ready`);
  expect(first.headers.get("etag")).toBe('"7"');
  const second = await fetch(`${http.address}/health/ready`, { headers: { "if-none-match": '"7"' } });
  expect(second.status).toBe(304);
});

test.each(['"7"', 'W/"7"', "7"])("If-Match: %s reaches the handler of a versioned route as its version", async (ifMatch) => {
  const seen: (string | undefined)[] = [];
  const http = await open({
    handlers: {
      updateAgent: async (request) => {
        seen.push(request.ifMatch);
        throw new Refusal("version_mismatch", "It is at 8.");
      },
    },
  });
  const response = await fetch(`${http.address}/api/v1/agents/a`, {
    method: "PATCH",
    body: "{}",
    headers: { "content-type": "application/json", "if-match": ifMatch },
  });
  expect(await problemOf(response)).toMatchObject({ status: 412 });
  expect(seen).toEqual(["7"]);
});

test("an idempotency key that is not printable or too long is refused", async () => {
  const http = await open();
  const headers = { "content-type": "application/json", "idempotency-key": "k".repeat(201) };
  const response = await fetch(`${http.address}/api/v1/tasks`, { method: "POST", body: '{"description":"x"}', headers });
  expect(await problemOf(response)).toMatchObject({ issues: [{ path: "headers.idempotency-key" }] });
});

test("a removal answers 204 without a body", async () => {
  const http = await open({ handlers: { removeAgent: async () => ({}) } });
  const response = await fetch(`${http.address}/api/v1/agents/a`, { method: "DELETE" });
  expect([response.status, await response.text()]).toEqual([204, ""]);
});

test("answers carry headers that keep browsers safe", async () => {
  const http = await open();
  const { headers } = await fetch(`${http.address}/`);
  expect(headers.get("content-security-policy")).toContain("script-src 'self';");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

function rawGet(options: {
  host: string;
  port: string;
  path: string;
  headers?: Record<string, string>;
}): Promise<{ status: number | undefined; problem: unknown }> {
  return new Promise((resolve, reject) => {
    const request = rawRequest(options, (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode, problem: JSON.parse(body) }), reject);
    });
    request.on("error", reject).end();
  });
}
