// The guard against being talked into calling inward: a corpus of addresses, names and tricks, and real sockets where it allows.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Refusal } from "@baton/contract";
import { request } from "undici";
import { afterEach, describe, expect, test } from "vitest";
import { LOOPBACK, MALFORMED, NEVER, PRIVATE, PUBLIC } from "./addresses.testkit.ts";
import { openOutbound, type Outbound, type OutboundSettings, type ResolvedAddress } from "./outbound.ts";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()));
});

/** What names resolve to here: no test asks a name server. */
const NAMES: Record<string, string[]> = {
  "agents.example": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
  localhost: ["::1", "127.0.0.1"],
  "split.example": ["93.184.215.14", "10.0.0.5"],
  "metadata.google.internal": ["169.254.169.254"],
  "intranet.corp.example": ["10.20.30.40"],
  "sneaky.corp.example": ["169.254.169.254"],
};
async function resolve(hostname: string): Promise<ResolvedAddress[]> {
  const addresses = NAMES[hostname];
  if (addresses === undefined) throw Object.assign(new Error(`${hostname} is unknown`), { code: "ENOTFOUND" });
  return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}
function open(settings: OutboundSettings, resolver = resolve): Outbound {
  const outbound = openOutbound(settings, resolver);
  opened.push(() => outbound.close());
  return outbound;
}
async function listen(): Promise<{ port: number; connections(): number }> {
  let connections = 0;
  const server: Server = createServer((_, response) => response.end("hello"));
  server.on("connection", () => connections++);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  opened.push(() => new Promise((done) => server.close(done).closeAllConnections()));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const isRefused = (outbound: Outbound, url: string): Promise<boolean> =>
  outbound.check(url).then(
    () => false,
    (error: unknown) => error instanceof Refusal && error.code === "unsafe_endpoint",
  );

describe("what may be registered", () => {
  const cases: [OutboundSettings["allow"], string[], string[]][] = [
    ["public", PUBLIC, [...LOOPBACK, ...PRIVATE, ...NEVER, ...MALFORMED]],
    ["loopback", [...PUBLIC, ...LOOPBACK], [...PRIVATE, ...NEVER, ...MALFORMED]],
    ["private", [...PUBLIC, ...LOOPBACK, ...PRIVATE], [...NEVER, ...MALFORMED]],
  ];
  for (const [allow, allowed, refused] of cases) {
    test.each(allowed)(`${allow} lets %s through`, async (url) => expect(await isRefused(open({ allow }), url)).toBe(false));
    test.each(refused)(`${allow} refuses %s`, async (url) => expect(await isRefused(open({ allow }), url)).toBe(true));
  }

  test("a name that does not resolve now may be registered", async () =>
    expect(await isRefused(open({ allow: "public" }), "http://later.example/")).toBe(false));

  test("hosts opens single names, domains, addresses and blocks", async () => {
    const outbound = open({ allow: "public", hosts: ["*.corp.example", "10.9.0.0/16", "192.168.7.7"] });
    expect(await isRefused(outbound, "http://intranet.corp.example/")).toBe(false);
    expect(await isRefused(outbound, "http://10.9.200.1/")).toBe(false);
    expect(await isRefused(outbound, "http://192.168.7.7/")).toBe(false);
    expect(await isRefused(outbound, "http://192.168.7.8/")).toBe(true);
  });

  test("a name in hosts never opens the metadata address it may resolve to", async () => {
    expect(await isRefused(open({ allow: "private", hosts: ["*.corp.example"] }), "http://sneaky.corp.example/")).toBe(true);
  });
});

describe("what is called", () => {
  test.each([...LOOPBACK, ...PRIVATE, ...NEVER])("public does not connect to %s", async (url) => {
    const { dispatcher } = open({ allow: "public" });
    await expect(request(url, { dispatcher, signal: AbortSignal.timeout(5_000) })).rejects.toMatchObject({ code: "unsafe_endpoint" });
  });

  test("an allowed address is really called", async () => {
    const server = await listen();
    const answer = await request(`http://127.0.0.1:${server.port}/`, { dispatcher: open({ allow: "loopback" }).dispatcher });
    expect(await answer.body.text()).toBe("hello");
  });

  test("a name that points elsewhere after its check is refused when the socket connects", async () => {
    const server = await listen();
    const answers = [["93.184.215.14"], ["127.0.0.1"]];
    const outbound = open({ allow: "public" }, async () => (answers.shift() ?? []).map((address) => ({ address, family: 4 })));
    const url = `http://rebinding.example:${server.port}/`;
    await outbound.check(url);
    await expect(request(url, { dispatcher: outbound.dispatcher })).rejects.toMatchObject({ code: "unsafe_endpoint" });
    expect(server.connections()).toBe(0);
  });

  test("a redirect is handed back, not followed", async () => {
    const inner = await listen();
    const server = createServer((_, response) => response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    opened.push(() => new Promise((done) => server.close(done).closeAllConnections()));
    const answer = await request(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { dispatcher: open({ allow: "loopback" }).dispatcher });
    await answer.body.dump();
    expect(answer.statusCode).toBe(302);
    expect(inner.connections()).toBe(0);
  });
});
