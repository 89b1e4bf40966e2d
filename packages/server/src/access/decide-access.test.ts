import { expect, test } from "vitest";
import { type AccessSettings, decideAccess, isLoopback } from "./decide-access.ts";

const LONG_KEY = "a-key-that-is-long-enough";
const decide = (settings: Partial<AccessSettings>) => decideAccess({ host: "127.0.0.1", apiKeys: [], isProduction: false, allowInsecure: false, ...settings });

test("on a loopback address without keys callers need none", () => {
  expect(decide({})).toEqual({ start: true, requireAuth: false, warnings: [] });
});

test("keys that are configured are demanded on a loopback address too", () => {
  expect(decide({ apiKeys: [LONG_KEY] })).toEqual({ start: true, requireAuth: true, warnings: [] });
});

test("where others can connect keys are demanded", () => {
  expect(decide({ host: "0.0.0.0", apiKeys: [LONG_KEY] })).toMatchObject({ start: true, requireAuth: true });
});

test("a server that demands keys but has none does not start, and says what to set", () => {
  expect(decide({ host: "0.0.0.0" })).toMatchObject({ start: false, reason: expect.stringContaining("BATON_API_KEYS") });
});

test("an open server that others can reach starts only when told so, with a warning", () => {
  expect(decide({ host: "0.0.0.0", requireAuth: false })).toMatchObject({ start: true, requireAuth: false, warnings: [expect.stringContaining("ANYBODY")] });
});

test("production does not start open", () => {
  expect(decide({ isProduction: true })).toMatchObject({ start: false, reason: expect.stringContaining("ALLOW_INSECURE") });
  expect(decide({ isProduction: true, requireAuth: false, apiKeys: [LONG_KEY] })).toMatchObject({ start: false });
});

test("production starts open when that is meant", () => {
  expect(decide({ isProduction: true, allowInsecure: true })).toMatchObject({ start: true, requireAuth: false });
});

test("production starts with keys", () => {
  expect(decide({ isProduction: true, apiKeys: [LONG_KEY] })).toMatchObject({ start: true, requireAuth: true });
});

test("a key that can be guessed is warned of", () => {
  expect(decide({ apiKeys: ["secret"] })).toMatchObject({ warnings: [expect.stringContaining("shorter")] });
});

test("credentials that cross a network in the open are warned of, by TLS or behind a proxy they are not", () => {
  const open = { host: "0.0.0.0", apiKeys: [LONG_KEY] };
  expect(decide(open)).toMatchObject({ start: true, warnings: [expect.stringContaining("BATON_TLS_CERT")] });
  expect(decide({ ...open, tlsCert: "cert.pem", tlsKey: "key.pem" })).toMatchObject({ start: true, warnings: [] });
  expect(decide({ ...open, trustProxy: true })).toMatchObject({ start: true, warnings: [] });
});

test.each([{ tlsCert: "cert.pem" }, { tlsKey: "key.pem" }])("a certificate without its key is not started with, nor a key without its certificate", (half) => {
  expect(decide(half)).toMatchObject({ start: false, reason: expect.stringContaining("is set, but not") });
});

test.each(["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "LOCALHOST"])("%s is loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["0.0.0.0", "::", "192.168.1.1", "localhost.example.com", "127.0.0.1.example.com", ""])("%s is not loopback", (host) => {
  expect(isLoopback(host)).toBe(false);
});
