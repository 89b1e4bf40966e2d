import { once } from "node:events";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { REFUSALS, type Task } from "@baton/contract";
import { afterEach, expect, expectTypeOf, test } from "vitest";
import { Refusal, Unreachable, createClient } from "./index.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}
/** A server that answers every request the same and remembers what it was asked. */
async function openServer(answer: Answer = {}) {
  const asked: { method: string | undefined; url: string | undefined; headers: IncomingMessage["headers"]; body: unknown }[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const body = headers["content-length"] === undefined ? Promise.resolve(undefined) : json(request);
    void body.then((sent) => {
      asked.push({ method, url, headers, body: sent });
      const { status = 200, headers: answered = {}, body: text = {} } = answer;
      response.writeHead(status, answered).end(typeof text === "string" ? text : JSON.stringify(text));
    });
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const problem = (code: keyof typeof REFUSALS, more: object = {}) => {
  const [status, title] = REFUSALS[code];
  return { status, body: { type: "", title, status, detail: "No.", code, error: "", error_type: "", status_code: status, ...more } };
};

test("a call goes where the table says, with its parts in their places", async () => {
  const { url, asked } = await openServer({ body: { id: "t" } });
  const client = createClient({ url: `${url}/`, apiKey: "k" });
  await client.listTaskEvents({ params: { id: "a b" }, query: { after: 3 } });
  await client.submitTask({ body: { description: "x" }, idempotencyKey: "once" });
  await client.updateAgent({ params: { id: "a" }, body: { enabled: false }, ifMatch: 7 });
  expect(asked).toMatchObject([
    { method: "GET", url: "/api/v1/tasks/a%20b/events?after=3", headers: { authorization: "Bearer k" } },
    { method: "POST", url: "/api/v1/tasks", headers: { "idempotency-key": "once", "content-type": "application/json" }, body: { description: "x" } },
    { method: "PATCH", headers: { "if-match": '"7"' }, body: { enabled: false } },
  ]);
});

test("what a call needs and gives is known to the compiler", () => {
  const client = createClient({ url: "" });
  expectTypeOf(client.getTask).returns.resolves.toEqualTypeOf<Task>();
  expectTypeOf(client.removeAgent).returns.resolves.toEqualTypeOf<undefined>();
  expectTypeOf(client.getLive).toBeCallableWith();
  expectTypeOf(client.listTasks).toBeCallableWith({ query: { limit: 5 } });
  // @ts-expect-error an id is needed
  expectTypeOf(client.getTask).toBeCallableWith({});
  // @ts-expect-error a description is needed
  expectTypeOf(client.submitTask).toBeCallableWith({ body: {} });
});

test("a problem document is thrown as the contract's refusal", async () => {
  const issues = [{ path: "body.steps", message: "is too long" }];
  const { url } = await openServer(problem("bad_input", { issues }));
  const error = await createClient({ url })
    .getLive()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refusal);
  expect(error).toMatchObject({ code: "bad_input", status: 400, message: "No.", issues });
});

test("a refusal says how long to wait", async () => {
  const { url } = await openServer({ ...problem("too_many_requests"), headers: { "retry-after": "7" } });
  await expect(createClient({ url }).getLive()).rejects.toMatchObject({ code: "too_many_requests", retryAfterSeconds: 7 });
});

test("a refusal whose code is newer than this client is known by its status", async () => {
  const { url } = await openServer(problem("conflict", { code: "stuck_in_traffic" }));
  await expect(createClient({ url }).getLive()).rejects.toMatchObject({ name: "Refusal", code: "conflict" });
});

test("an answer without a body is undefined", async () => {
  const { url } = await openServer({ status: 200, body: "" });
  expect(await createClient({ url }).removeAgent({ params: { id: "a" } })).toBeUndefined();
});

test("a server that is not there is unreachable, with the reason", async () => {
  const { url } = await openServer();
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  const error = await createClient({ url })
    .getLive()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Unreachable);
  expect(String(error)).toContain("ECONNREFUSED");
});

test("a gateway that cannot reach the server makes it unreachable", async () => {
  const { url } = await openServer({ status: 502, body: "<h1>Bad Gateway</h1>" });
  await expect(createClient({ url }).getLive()).rejects.toBeInstanceOf(Unreachable);
});

test("something that is not Baton is unreachable, not an answer", async () => {
  const { url } = await openServer({ body: "<h1>It works!</h1>" });
  await expect(createClient({ url }).getLive()).rejects.toThrow("not JSON");
});

test("a call that takes too long is unreachable", async () => {
  const server = createServer(() => undefined).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 20 });
  await expect(client.getLive()).rejects.toThrow("too long");
});

test("a call that its caller gives up throws the caller's reason", async () => {
  const { url } = await openServer();
  await expect(createClient({ url }).getLive({ signal: AbortSignal.abort(new Error("changed my mind")) })).rejects.toThrow("changed my mind");
});
