import { expect, test } from "vitest";
import { openAccess } from "./access.ts";
import { keyFrom, openApiKeys } from "./api-keys.ts";
import { cookieFrom, toCookie } from "./login-cookie.ts";
import { type GuardedRequest, openBrowserGuard } from "./browser-guard.ts";

const reading: GuardedRequest = { method: "GET", isWebSocket: false, host: "localhost:8000", origin: undefined, fetchSite: undefined };
const check =
  (request: Partial<GuardedRequest>, settings = { host: "127.0.0.1", corsOrigins: ["https://allowed.example"] }) =>
  () =>
    openBrowserGuard(settings).check({ method: "GET", isWebSocket: false, host: "localhost:8000", origin: undefined, fetchSite: undefined, ...request });

test("a key belongs to one holder and others to none", () => {
  const keys = openApiKeys(["first-key", "second-key"]);
  expect(keys.holderOf("first-key")).toMatch(/^key:[0-9a-f]{12}$/);
  expect(keys.holderOf("second-key")).not.toBe(keys.holderOf("first-key"));
  expect(keys.holderOf("first-ke")).toBeUndefined();
});

test("a key is read from the Authorization header, and from a subprotocol where there can be no header", () => {
  expect(keyFrom({ authorization: "Bearer abc" })).toBe("abc");
  expect(keyFrom({ authorization: "Basic abc" })).toBeUndefined();
  expect(keyFrom({ "sec-websocket-protocol": `baton.live, baton.bearer.${Buffer.from("kéy").toString("base64url")}` })).toBe("kéy");
});

test("a wrong key is counted by address and refused as unknown", async () => {
  const access = openAccess({ host: "0.0.0.0", apiKeys: ["right"], corsOrigins: [] });
  const caller = await access.identify({ ...reading, headers: { authorization: "Bearer wrong" }, address: "10.0.0.1" });
  expect(caller).toEqual({ name: "address:10.0.0.1", identity: undefined, showedKey: true });
  expect(() => access.authorize(caller, "view")).toThrow("not known");
});

test.each(["localhost:8000", "localhost", "127.0.0.1:1", "[::1]:8000", "LOCALHOST:80"])("a loopback server answers to %s", (host) => {
  expect(check({ host })).not.toThrow();
});

test.each(["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example:8000", "", undefined])(
  "a loopback server does not answer to %s",
  (host) => {
    expect(check({ host })).toThrow("Host header");
  },
);

test("a server that others may reach answers to any name", () => {
  expect(check({ host: "baton.example" }, { host: "0.0.0.0", corsOrigins: [] })).not.toThrow();
});

test("a page of the server itself may change things", () => {
  expect(check({ method: "POST", origin: "http://localhost:8000" })).not.toThrow();
  expect(check({ method: "GET", isWebSocket: true, origin: "http://localhost:8000" })).not.toThrow();
});

test("who is not a browser may change things", () => {
  expect(check({ method: "DELETE" })).not.toThrow();
});

test("a page of an allowed origin may change things", () => {
  expect(check({ method: "POST", origin: "https://allowed.example" })).not.toThrow();
});

test.each(["https://evil.example", "http://localhost:9999", "null", "http://localhost:8000.evil.example"])("a page from %s may change nothing", (origin) => {
  expect(check({ method: "POST", origin })).toThrow("may not");
  expect(check({ method: "GET", isWebSocket: true, origin })).toThrow("may not");
});

test.each(["cross-site", "same-site"])("a %s page may change nothing, also where its browser says no origin", (fetchSite) => {
  expect(check({ method: "POST", fetchSite })).toThrow("may not");
});

test("a page of another origin reads nothing, unless its origin is allowed or a person follows its link", () => {
  expect(check({ fetchSite: "cross-site", fetchMode: "no-cors" })).toThrow("may not");
  expect(check({ fetchSite: "same-site", fetchMode: "cors", origin: "http://localhost:9999" })).toThrow("may not");
  expect(check({ fetchSite: "cross-site", fetchMode: "cors", origin: "https://allowed.example" })).not.toThrow();
  expect(check({ fetchSite: "cross-site", fetchMode: "navigate" })).not.toThrow();
});

const own = "http://localhost:8000";
test.each<[boolean, string, Partial<GuardedRequest>]>([
  [true, "reads", { fetchSite: "same-origin" }],
  [true, "changes something", { method: "POST", origin: own, fetchSite: "same-origin" }],
  [true, "opens a socket", { isWebSocket: true, origin: own }],
  [true, "changes something on plain HTTP, where browsers say no site", { method: "POST", origin: own }],
  [true, "is opened by a person", { fetchSite: "none" }],
  [false, "reads from another port of this host", { fetchSite: "same-site" }],
  [false, "reads from another site", { fetchSite: "cross-site" }],
  [false, "reads from an allowed origin", { origin: "https://allowed.example" }],
  [false, "changes something from an allowed origin", { method: "POST", origin: "https://allowed.example", fetchSite: "cross-site" }],
  [false, "opens a socket from another port", { isWebSocket: true, origin: "http://localhost:9999" }],
  [false, "opens a socket and says no origin", { isWebSocket: true }],
  [false, "changes something and says no origin", { method: "POST" }],
  [false, "says another origin and the same site", { method: "POST", origin: "http://localhost:9999", fetchSite: "same-origin" }],
  [false, "is a frame without an origin", { method: "POST", origin: "null" }],
])("that a cookie counts is %s for who %s", (counts, _, request) => {
  const guard = openBrowserGuard({ host: "127.0.0.1", corsOrigins: ["https://allowed.example"] });
  expect(guard.isOwnPage({ ...reading, ...request })).toBe(counts);
});

test("the cookie is kept from scripts and other sites, goes over TLS alone where the page came by it, and is one of its port", () => {
  expect(toCookie({ host: "localhost:8000", protocol: "http" }, { name: "login", secret: "abc" })).toBe(
    "baton-login8000=abc; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
  );
  const secure = toCookie({ host: "baton.example", protocol: "https" }, { name: "login", secret: "abc" });
  expect(secure).toBe("__Host-baton-login=abc; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure");
  expect(toCookie({ host: "localhost:8000", protocol: "http" }, { name: "login", secret: undefined })).toContain("Max-Age=0");
  const shown = "x=1; baton-login8001=other; baton-login8000=abc";
  expect([cookieFrom(shown, "localhost:8000", "login"), cookieFrom(shown, "localhost:8001", "login"), cookieFrom(shown, "localhost", "login")]).toEqual([
    "abc",
    "other",
    undefined,
  ]);
  expect(cookieFrom("baton-login=planted; __Host-baton-login=true", "baton.example", "login")).toBe("true");
  expect(cookieFrom(undefined, "localhost", "login")).toBeUndefined();
});
