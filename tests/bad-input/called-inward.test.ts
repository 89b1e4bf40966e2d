// Whoever names an address has this server call it: no route, no kind of agent and no provider of logins gets it to call where it may not,
// however the address is written, and wherever what may be called sends it on to.
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@baton/client";
import { type Problem, type Route, routes } from "@baton/contract";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { LOOPBACK, MALFORMED, NEVER, PRIVATE } from "../../packages/server/src/connectors/addresses.testkit.ts";
import { exchange, type Answer } from "./exchange.ts";
import { type Path, placesOf, replaceAt } from "./hostile.ts";
import { goodBody, routeNames } from "./requests.ts";
import { type EmptyServer, openEmptyServer } from "./server.fixture.ts";

interface Listening {
  port: number;
  /** How often somebody connected. */
  visits(): number;
  /** How often it was asked something. */
  asked(): number;
  close(): Promise<void>;
}
async function listen(host: string, answer: RequestListener = (_, response) => void response.end("{}")): Promise<Listening> {
  const server: Server = createServer(answer);
  let visits = 0;
  server.on("connection", () => visits++);
  let asked = 0;
  server.on("request", () => asked++);
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    visits: () => visits,
    asked: () => asked,
    close: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  };
}
const JSON_TYPE = { "content-type": "application/json" };
const send = (url: string, route: Route, body: string): Promise<Answer> =>
  exchange(url, { method: route.method, path: route.path.replace(/\{\w+\}/g, "worker"), headers: JSON_TYPE, body });
const valueAt = (value: unknown, path: Path): unknown => path.reduce((one, key) => (one as Record<string | number, unknown>)[key], value);

let server: EmptyServer;
let inside: Listening;
beforeAll(async () => {
  inside = await listen("127.0.0.1");
  server = await openEmptyServer({ outbound: "public" });
  await createClient({ url: server.url }).createAgent({ body: { name: "worker", connector: { kind: "dialin" } } });
});
afterAll(async () => {
  await server.close();
  await inside.close();
});

/** The same place, told in ways that hide it. */
const spellings = (port: number): string[] =>
  ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "127.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①"].map(
    (host) => `http://${host}:${port}/`,
  );
const isAddress = (value: unknown): boolean => typeof value === "string" && /^https?:/.test(value);

/** Every body of the contract's table in which an address may stand, with this address in each such place. */
function* addressed(address: string): Generator<{ name: keyof typeof routes; route: Route; body: string }> {
  for (const name of routeNames) {
    const route: Route = routes[name];
    if (!route.body) continue;
    const sampled = [false, true].flatMap((full) => fc.sample(goodBody(route, full), { numRuns: 40, seed: 7 }));
    for (const body of sampled)
      for (const place of placesOf(body)) if (isAddress(valueAt(body, place))) yield { name, route, body: replaceAt(body, place, JSON.stringify(address)) };
  }
}
async function walk(url: string, addresses: readonly string[]): Promise<Set<string>> {
  const walked = new Set<string>();
  for (const address of addresses)
    for (const { name, route, body } of addressed(address)) {
      walked.add(name);
      await send(url, route, body);
    }
  return walked;
}
test("no body of any route has it call this machine, wherever in it an address may stand", async () => {
  const walked = await walk(server.url, spellings(inside.port).slice(0, 3));
  expect([...walked]).toEqual(expect.arrayContaining(["createAgent", "updateAgent", "testConnection", "createAgentFromTemplate", "createAgentFromCatalogue"]));
  expect(inside.visits()).toBe(0);
});
test("the same bodies do have it call, where it may", async () => {
  const open = await openEmptyServer({ outbound: "loopback" });
  onTestFinished(() => open.close());
  await createClient({ url: open.url }).createAgent({ body: { name: "worker", connector: { kind: "dialin" } } });
  const seen = await listen("127.0.0.1");
  onTestFinished(() => seen.close());
  await walk(open.url, [`http://127.0.0.1:${seen.port}/`]);
  expect(seen.asked()).toBeGreaterThan(5);
});

/** Agents by kind, at an address. */
const KINDS: Record<string, (url: string) => object> = {
  http: (endpoint) => ({ connector: { kind: "http", endpoint } }),
  a2a: (url) => ({ connector: { kind: "a2a", url } }),
  openai: (baseUrl) => ({ connector: { kind: "openai", baseUrl, model: "m" } }),
  langgraph: (url) => ({ connector: { kind: "langgraph", url, assistant: "a" } }),
  mcp: (url) => ({ connector: { kind: "mcp", server: { name: "s", url } } }),
};
const post = (url: string, path: string, body: object): Promise<Answer> =>
  exchange(url, { method: "POST", path, headers: JSON_TYPE, body: JSON.stringify(body) });
const register = (url: string, kind: string, at: string): Promise<Answer> =>
  post(url, "/api/v1/agents", { name: `${kind} at ${at}`.slice(0, 190).replace(/[/?#]/g, "_"), capabilities: [`${kind}-work`], ...KINDS[kind]?.(at) });

describe.each(Object.keys(KINDS))("agents of kind %s", (kind) => {
  // Names lead wherever the resolver of the test's machine says; those are in connectors/outbound.test.ts.
  const inward = [...LOOPBACK, ...PRIVATE, ...NEVER].filter((address) => !/\/\/[a-z.]+\/|internal|example/.test(address) || address.includes("localhost"));
  test("are not registered at an address inside, whatever kind of inside and however it is written", async () => {
    for (const address of inward) {
      const answer = await register(server.url, kind, address);
      expect([address, (JSON.parse(answer.text) as Problem).code]).toEqual([address, "unsafe_endpoint"]);
    }
  });
  test("are not registered at what is no address of an agent", async () => {
    for (const address of MALFORMED)
      expect([address, (await register(server.url, kind, address)).status]).toEqual([
        address,
        expect.toSatisfy((status) => [400, 422].includes(status as number)),
      ]);
  });
  test("do not send it on to an address inside", async () => {
    const hidden = await listen("127.0.0.2");
    onTestFinished(() => hidden.close());
    let asked = 0;
    const sendOn = await listen("127.0.0.1", (_, response) => {
      asked++;
      response.writeHead([301, 302, 303, 307, 308][asked % 5] as number, { location: `http://127.0.0.2:${hidden.port}/` }).end();
    });
    onTestFinished(() => sendOn.close());
    const open = await openEmptyServer({ outbound: "public", outboundHosts: ["127.0.0.1"] });
    onTestFinished(() => open.close());
    for (let n = 0; n < 5; n++) await register(open.url, kind, `http://127.0.0.1:${sendOn.port}/${n}`);
    await post(open.url, "/api/v1/tasks", { description: "go", requirements: [`${kind}-work`] });
    const { items } = JSON.parse((await exchange(open.url, { method: "GET", path: "/api/v1/agents?limit=500" })).text) as { items: { id: string }[] };
    for (const { id } of items) await post(open.url, `/api/v1/agents/${id}/health-check`, {});
    expect(asked).toBeGreaterThan(0);
    expect(hidden.visits()).toBe(0);
  });
});

test("a provider of logins that may be called has nothing inside called by what it says of itself, nor by sending on", async () => {
  const hidden = await listen("127.0.0.2");
  onTestFinished(() => hidden.close());
  const at = `http://127.0.0.2:${hidden.port}`;
  let issuer = "";
  let sendsOn = true;
  const provider = await listen("127.0.0.1", (_, response) => {
    if (sendsOn) return void response.writeHead(302, { location: `${at}/.well-known/openid-configuration` }).end();
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${at}/token`, jwks_uri: `${at}/jwks`, userinfo_endpoint: `${at}/me` };
    response.setHeader("content-type", "application/json").end(JSON.stringify({ issuer, ...endpoints, response_types_supported: ["code"] }));
  });
  onTestFinished(() => provider.close());
  issuer = `http://127.0.0.1:${provider.port}`;
  const login = await openEmptyServer({ outbound: "public", oidcIssuer: issuer, oidcClientId: "baton", requireAuth: false, logLevel: "silent" });
  onTestFinished(() => login.close());
  const begin = () => fetch(`${login.url}${routes.beginOidc.path}`, { redirect: "manual" });
  expect((await begin()).headers.get("location")).not.toContain(issuer);
  sendsOn = false;
  const begun = await begin();
  const authorize = new URL(begun.headers.get("location") ?? "");
  expect(authorize.origin).toBe(issuer);
  const cookie = begun.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const back = `${login.url}${routes.finishOidc.path}?code=x&state=${authorize.searchParams.get("state")}`;
  const ended = await fetch(back, { redirect: "manual", headers: { cookie } });
  expect(ended.headers.get("location")).toContain("failed");
  expect(provider.asked()).toBeGreaterThan(1);
  expect(hidden.visits()).toBe(0);
});
