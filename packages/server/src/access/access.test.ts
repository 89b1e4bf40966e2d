import { expect, test } from "vitest";
import { openAccess } from "./access.ts";
import { keyFrom, openApiKeys } from "./api-keys.ts";
import { type GuardedRequest, openBrowserGuard } from "./browser-guard.ts";

const check =
  (request: Partial<GuardedRequest>, settings = { host: "127.0.0.1", corsOrigins: ["https://allowed.example"] }) =>
  () =>
    openBrowserGuard(settings).check({ method: "GET", isWebSocket: false, host: "localhost:8000", origin: undefined, ...request });

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
  const caller = await access.identify({ headers: { authorization: "Bearer wrong" }, address: "10.0.0.1" });
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
