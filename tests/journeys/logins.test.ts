// Logins of browsers: the cookie and for whom it counts, the ways out, and what is connected when a login ends.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type Refusal } from "@baton/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Baton, startBaton } from "../../packages/server/src/app/app.ts";

const ADMIN_KEY = "the-key-of-the-operator";
const password = "a password that is long";
let baton: Baton;
let dataDir: string;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "baton-logins-"));
  baton = await startBaton({ dataDir, port: 0, logLevel: "error", apiKeys: [ADMIN_KEY], sqliteSynchronous: "normal" }, {});
  await admin().createUser({ body: { name: "grace", password, role: "user" } });
});
afterEach(async () => {
  await baton.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
const admin = () => createClient({ url: baton.url, apiKey: ADMIN_KEY });
const loggedIn = (accessToken: string) => createClient({ url: baton.url, apiKey: accessToken });

/** As a page of the server itself asks, unless it is said otherwise. */
function ask(path: string, { cookie, method = "GET", ...more }: { cookie?: string; method?: string; body?: object; headers?: Record<string, string> } = {}) {
  const own = method === "GET" ? {} : { origin: baton.url };
  const sent = { "content-type": "application/json", "sec-fetch-site": "same-origin", ...own, ...(cookie === undefined ? {} : { cookie }), ...more.headers };
  return fetch(`${baton.url}/api/v1${path}`, { method, headers: sent, ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }) });
}
async function logIn(): Promise<{ cookie: string; attributes: string[] }> {
  const response = await ask("/auth/login", { method: "POST", body: { name: "grace", password } });
  expect([response.status, await response.text()]).toEqual([204, ""]);
  const [cookie = "", ...attributes] = (response.headers.get("set-cookie") ?? "").split("; ");
  return { cookie, attributes };
}
function openSocket(cookie: string, headers: Record<string, string> = { origin: baton.url }): WebSocket {
  return new WebSocket(`${baton.url}/api/v1/live`, ["baton.live"], { headers: { cookie, ...headers } });
}

test("a browser is logged in by a cookie that no script reads and no other site brings along", async () => {
  const { cookie, attributes } = await logIn();
  expect(attributes).toEqual(["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Strict"]);
  expect(await (await ask("/auth/me", { cookie })).json()).toMatchObject({ name: "grace", kind: "user", role: "user" });
  expect((await ask("/tasks", { cookie, method: "POST", body: { description: "Go." } })).status).toBe(201);
  expect((await ask("/auth/me")).status).toBe(401);
});
test("behind TLS the cookie goes over TLS alone", async () => {
  const far = await startBaton({ dataDir: `${dataDir}-far`, port: 0, host: "0.0.0.0", logLevel: "error", apiKeys: [ADMIN_KEY], trustProxy: true }, {});
  try {
    await createClient({ url: far.url, apiKey: ADMIN_KEY }).createUser({ body: { name: "grace", password } });
    const response = await fetch(`${far.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-proto": "https", origin: far.url },
      body: JSON.stringify({ name: "grace", password }),
    });
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^__Host-baton-login\d+=[\w-]{43}; .*; Secure$/);
  } finally {
    await far.stop();
    rmSync(`${dataDir}-far`, { recursive: true, force: true });
  }
});
test.each<[string, number, Record<string, string>]>([
  ["another site reads", 403, { "sec-fetch-site": "cross-site" }],
  ["another port of this machine reads", 403, { "sec-fetch-site": "same-site" }],
  ["another origin reads", 401, { origin: "http://127.0.0.1:1" }],
])("the cookie does not count where a page of %s", async (_, status, headers) => {
  const { cookie } = await logIn();
  expect((await ask("/auth/me", { cookie, headers })).status).toBe(status);
});
test.each<[string, Record<string, string>]>([
  ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["another port of this machine", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
  ["a frame without an origin", { origin: "null", "sec-fetch-site": "cross-site" }],
])("a page of %s changes nothing by its visitor's cookie, and opens no socket", async (_, headers) => {
  const { cookie } = await logIn();
  expect((await ask("/tasks", { cookie, method: "POST", body: { description: "Go." }, headers })).status).toBe(403);
  expect((await ask("/auth/logout", { cookie, method: "POST", headers })).status).toBe(403);
  const [error] = await once(openSocket(cookie, headers), "error");
  expect(String(error)).toContain("403");
  expect((await admin().listTasks({})).items).toEqual([]);
  expect((await ask("/auth/me", { cookie })).status).toBe(200);
  // Whoever hung up is in the audit log too, with where they came from.
  let denied: { address: string }[] = [];
  while (denied.length < 3) denied = (await admin().listAudit({ query: { limit: 1000 } })).items.filter(({ status }) => status === 403);
  expect(denied.map(({ address }) => address)).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
});
test("a page of another origin cannot log its visitor in as somebody else", async () => {
  const response = await ask("/auth/login", { method: "POST", body: { name: "grace", password }, headers: { origin: "https://evil.example" } });
  expect([response.status, response.headers.get("set-cookie")]).toEqual([403, null]);
});
test("who sends a cookie and is no browser is asked for a token", async () => {
  const { cookie } = await logIn();
  const response = await fetch(`${baton.url}/api/v1/tasks`, {
    method: "POST",
    headers: { cookie, "content-type": "application/json" },
    body: '{"description":"Go."}',
  });
  expect(response.status).toBe(401);
  const [error] = await once(openSocket(cookie, {}), "error");
  expect(String(error)).toContain("401");
});
test("to log out ends the login for good, with its stream and its socket, and leaves others", async () => {
  const [{ cookie }, other] = [await logIn(), await logIn()];
  const socket = openSocket(cookie);
  await once(socket, "open");
  const otherSocket = openSocket(other.cookie);
  await once(otherSocket, "open");
  const stream = await ask("/events", { cookie, headers: { accept: "text/event-stream" } });
  const streamEnds = stream.text().then(
    () => "ended",
    () => "cut off",
  );
  const closed = once(socket, "close");
  const response = await ask("/auth/logout", { cookie, method: "POST" });
  expect([response.status, response.headers.get("set-cookie")]).toEqual([204, expect.stringMatching(/=; .*Max-Age=0/)]);
  await closed;
  expect(["ended", "cut off"]).toContain(await streamEnds);
  expect((await ask("/auth/me", { cookie })).status).toBe(401);
  expect((await ask("/auth/me", { cookie: other.cookie })).status).toBe(200);
  expect(otherSocket.readyState).toBe(WebSocket.OPEN);
  otherSocket.terminate();
});
test.each(["by the user", "by an admin"])("all logins of an account end at once, %s: cookies, tokens, what renews them, sockets", async (by) => {
  const { cookie } = await logIn();
  const tokens = await createClient({ url: baton.url }).createToken({ body: { name: "grace", password } });
  const socket = openSocket(cookie);
  const program = new WebSocket(`${baton.url}/api/v1/live`, ["baton.live"], { headers: { authorization: `Bearer ${tokens.accessToken}` } });
  await Promise.all([once(socket, "open"), once(program, "open")]);
  const closed = Promise.all([once(socket, "close"), once(program, "close")]);
  if (by === "by the user") expect((await ask("/auth/logout-everywhere", { cookie, method: "POST" })).status).toBe(204);
  else await admin().logOutUser({ params: { id: "grace" } });
  await closed;
  expect((await ask("/auth/me", { cookie })).status).toBe(401);
  await expect(loggedIn(tokens.accessToken).getIdentity({})).rejects.toMatchObject({ code: "unauthorized" });
  await expect(createClient({ url: baton.url }).createToken({ body: { refreshToken: tokens.refreshToken } })).rejects.toMatchObject({ code: "unauthorized" });
  expect((await logIn()).cookie).not.toBe("");
});
test("a program logs out by its access token; who came in by a key has no login to end, and is told so", async () => {
  const { accessToken } = await createClient({ url: baton.url }).createToken({ body: { name: "grace", password } });
  await loggedIn(accessToken).logOut({});
  await expect(loggedIn(accessToken).getIdentity({})).rejects.toMatchObject({ code: "unauthorized" });
  const refused = await admin()
    .logOut({})
    .catch((error: Refusal) => error);
  expect(refused).toMatchObject({ code: "conflict", message: expect.stringContaining("did not log in") });
});
test("whose role changes is connected no more by what they were", async () => {
  const { cookie } = await logIn();
  const socket = openSocket(cookie);
  await once(socket, "open");
  const closed = once(socket, "close");
  await admin().updateUser({ params: { id: "grace" }, body: { role: "viewer" } });
  await closed;
});
test("what a replaced key signed is good no more, from that moment on; whoever has a login goes on with it", async () => {
  const open = createClient({ url: baton.url });
  const tokens = await open.createToken({ body: { name: "grace", password } });
  const { cookie } = await logIn();
  expect(await loggedIn(tokens.accessToken).getIdentity({})).toMatchObject({ name: "grace" });
  await admin().rotateSecretKey();
  await expect(loggedIn(tokens.accessToken).getIdentity({})).rejects.toMatchObject({ code: "unauthorized" });
  expect((await ask("/auth/me", { cookie })).status).toBe(200);
  const renewed = await open.createToken({ body: { refreshToken: tokens.refreshToken } });
  expect(await loggedIn(renewed.accessToken).getIdentity({})).toMatchObject({ name: "grace" });
});
