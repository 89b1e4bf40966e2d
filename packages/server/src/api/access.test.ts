import { once } from "node:events";
import { request } from "node:http";
import { createClient } from "@baton/client";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { HttpServer } from "./http.ts";
import { type TestWorld, openTestHttp } from "./http.testkit.ts";

const KEY = "a-key-that-is-long-enough";
const opened: HttpServer[] = [];
afterEach(async () => {
  for (const http of opened.splice(0)) await http.close();
});
async function open(config: TestWorld["config"] = {}): Promise<HttpServer> {
  const http = await openTestHttp({
    config,
    handlers: { getReady: async () => ({ answer: { status: "ready", checks: {} } }), listTemplates: async () => ({ answer: { items: [] } }) },
  });
  opened.push(http);
  return http;
}

test("without a key the API says 401 and how to authenticate", async () => {
  const http = await open({ apiKeys: [KEY] });
  const response = await fetch(`${http.address}/api/v1/templates`);
  expect([response.status, response.headers.get("www-authenticate"), response.headers.get("content-type")]).toEqual([
    401,
    'Bearer realm="baton"',
    "application/problem+json; charset=utf-8",
  ]);
});

test("who has no key is not told which paths exist", async () => {
  const http = await open({ apiKeys: [KEY] });
  expect((await fetch(`${http.address}/api/v1/nothing`)).status).toBe(401);
  expect((await fetch(`${http.address}/%61pi/v1/templates`)).status).toBe(401);
});

test("with the right key the API answers", async () => {
  const http = await open({ apiKeys: ["another-key-of-some-length", KEY] });
  expect(await createClient({ url: http.address, apiKey: KEY }).listTemplates()).toEqual({ items: [] });
});

test("with a wrong key the client throws unauthorized", async () => {
  const http = await open({ apiKeys: [KEY] });
  await expect(createClient({ url: http.address, apiKey: `${KEY}x` }).listTemplates()).rejects.toMatchObject({ name: "Refusal", code: "unauthorized" });
});

test.each(["/health/ready", "/api/v1/openapi.json", "/docs", "/"])("%s needs no key", async (path) => {
  const http = await open({ apiKeys: [KEY] });
  expect((await fetch(http.address + path)).status).toBe(200);
});

test("a request for another host name is refused, as a rebound DNS name would make it", async () => {
  const http = await open();
  const { hostname, port } = new URL(http.address);
  const [response] = await once(request({ hostname, port, path: "/api/v1/templates", headers: { host: "evil.example" } }).end(), "response");
  response.resume();
  expect(response.statusCode).toBe(403);
});

test("a foreign page may not submit", async () => {
  const http = await open();
  const init = { method: "POST", body: '{"description":"x"}', headers: { "content-type": "application/json", origin: "https://evil.example" } };
  expect((await fetch(`${http.address}/api/v1/tasks`, init)).status).toBe(403);
});

test("a foreign page may not open the live socket", async () => {
  const http = await open();
  const socket = new WebSocket(`${http.address}/api/v1/live`, { origin: "https://evil.example" });
  const [error] = await once(socket, "error");
  expect(String(error)).toContain("403");
});

test("the live socket demands the key", async () => {
  const http = await open({ apiKeys: [KEY] });
  const [error] = await once(new WebSocket(`${http.address}/api/v1/live`), "error");
  expect(String(error)).toContain("401");
});

test("a browser's socket shows its key as a subprotocol, which is not repeated", async () => {
  const http = await open({ apiKeys: [KEY] });
  const socket = new WebSocket(`${http.address}/api/v1/live`, ["baton.live", `baton.bearer.${Buffer.from(KEY).toString("base64url")}`]);
  await once(socket, "open");
  expect(socket.protocol).toBe("baton.live");
  socket.terminate();
});

test("an allowed origin's browser is told that it may", async () => {
  const http = await open({ corsOrigins: ["https://allowed.example"], apiKeys: [KEY] });
  const headers = { origin: "https://allowed.example", "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  const response = await fetch(`${http.address}/api/v1/tasks`, { method: "OPTIONS", headers });
  expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, "https://allowed.example"]);
});

test("another origin's browser is told nothing", async () => {
  const http = await open({ corsOrigins: ["https://allowed.example"] });
  const response = await fetch(`${http.address}/api/v1/templates`, { headers: { origin: "https://evil.example" } });
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
});
