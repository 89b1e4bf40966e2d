// Who may do what, route by route: every route of the contract as every role, as nobody, and what the audit log says of it.
import { createClient } from "@baton/client";
import { accessRoles, type AccessRole, AUDIT_ROOT, auditText, type Right, rightsOf, type RouteName, routeRights, routes } from "@baton/contract";
import { createHash } from "node:crypto";
import { connectAgent } from "@baton/client";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Baton, startBaton } from "../../packages/server/src/app/app.ts";

const ADMIN_KEY = "the-key-of-the-operator";
let baton: Baton;
const keys = {} as Record<AccessRole, string>;
const admin = () => createClient({ url: baton.url, apiKey: ADMIN_KEY });

beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-access-"));
  baton = await startBaton({ dataDir, port: 0, logLevel: "error", apiKeys: [ADMIN_KEY], sqliteSynchronous: "normal" }, {});
  for (const role of accessRoles) keys[role] = (await admin().createApiKey({ body: { name: role, role } })).key;
  return async () => {
    await baton.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
});

/** With an id nobody has and a body that is none, so that whoever is let in is refused for that and changes nothing. */
async function ask(name: RouteName, bearer: string | undefined): Promise<number> {
  const { method, path } = routes[name];
  const headers = { "content-type": "application/json", ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) };
  const body = method === "GET" ? {} : { body: JSON.stringify({ "not a field": true }) };
  const response = await fetch(baton.url + path.replace(/\{\w+\}/g, "nobody"), { method, headers, ...body });
  await response.body?.cancel();
  return response.status;
}

describe.each(Object.entries(routeRights) as [RouteName, Right][])("%s", (name, right) => {
  test("is closed to who shows nothing, and to who shows what nobody has", async () => {
    expect([await ask(name, undefined), await ask(name, "baton_nothing"), await ask(name, "a.b.c")]).toEqual([401, 401, 401]);
  });
  test.each(accessRoles)(`is open to the role %s if that may ${right}`, async (role) => {
    const status = await ask(name, keys[role]);
    if (rightsOf[role].includes(right)) expect([401, 403]).not.toContain(status);
    else expect(status).toBe(403);
  });
});
test("routes without a right are those that the table opens to everybody", () => {
  const open = Object.entries(routes).filter(([, route]) => "open" in route && route.open);
  expect(Object.keys(routes).sort()).toEqual([...Object.keys(routeRights), ...open.map(([name]) => name)].sort());
});

test("a person logs in, works, and is told who they are", async () => {
  await admin().createUser({ body: { name: "grace", password: "a password that is long", role: "viewer" } });
  const { accessToken } = await createClient({ url: baton.url }).createToken({ body: { name: "grace", password: "a password that is long" } });
  const grace = createClient({ url: baton.url, apiKey: accessToken });
  expect(await grace.getIdentity({})).toMatchObject({ name: "grace", kind: "user", role: "viewer" });
  expect((await grace.listTasks({})).items).toEqual([]);
  await expect(grace.submitTask({ body: { description: "Go." } })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("grace has the role viewer"),
  });
});
test.each(["key:operator", "address:127.0.0.1", "Login:ada", "ada ", "ada\u202e"])("nobody is called %j, like somebody else in the audit log", async (name) => {
  await expect(admin().createUser({ body: { name, password: "a password that is long" } })).rejects.toMatchObject({
    code: "bad_input",
    issues: [{ path: "body.name" }],
  });
});
test("the key of one agent lets it be that agent and no other", async () => {
  const { key } = await admin().createApiKey({ body: { name: "for one", role: "agent", agent: "its-own" } });
  const connection = await connectAgent({ url: baton.url, apiKey: key, name: "its-own", capabilities: ["x"] }, () => "done");
  onTestFinished(() => connection.close({ graceMs: 0 }));
  await expect(connectAgent({ url: baton.url, apiKey: key, name: "another", capabilities: ["x"] }, () => "done")).rejects.toThrow(/its-own/);
  await expect(connectAgent({ url: baton.url, apiKey: keys.viewer, name: "another", capabilities: ["x"] }, () => "done")).rejects.toThrow(/agent\.work/);
});
test("who may only be an agent sees no events", async () => {
  const client = createClient({ url: baton.url, apiKey: keys.agent });
  const first = async () => {
    for await (const event of client.followEvents({ after: 0, signal: AbortSignal.timeout(60_000) })) return event;
    return undefined;
  };
  await expect(first()).rejects.toMatchObject({ code: "forbidden" });
});
test("the audit log has every change and every denial, by name and without values, in a chain", async () => {
  const before = (await admin().listAudit({ query: { limit: 1000 } })).items;
  let cursor = before.at(-1)?.seq ?? 0;
  for (;;) {
    const { items, nextCursor } = await admin().listAudit({ query: { after: cursor, limit: 1000 } });
    if (items.length === 0) break;
    cursor = nextCursor;
  }
  const password = "planted-password-of-eve";
  await admin().createUser({ body: { name: "eve", password, role: "user" } });
  await expect(createClient({ url: baton.url }).createToken({ body: { name: "eve", password: "planted-guess-of-eve" } })).rejects.toThrow();
  await expect(createClient({ url: baton.url, apiKey: keys.viewer }).listUsers({})).rejects.toThrow();
  const { items } = await admin().listAudit({ query: { after: cursor } });
  expect(items.map(({ who, action, status, fields }) => [who, action, status, fields])).toEqual([
    [expect.stringMatching(/^key:/), "createUser", 201, ["name", "password", "role"]],
    ["login:eve", "createToken", 401, ["name", "password"]],
    ["key:viewer", "listUsers", 403, []],
  ]);
  expect(JSON.stringify(items)).not.toContain("planted");
  const all = (await admin().listAudit({ query: { limit: 1000 } })).items;
  let previous = AUDIT_ROOT;
  for (const entry of all) {
    expect(entry.previousHash).toBe(previous);
    previous = createHash("sha256").update(auditText(entry)).digest("hex");
    expect(entry.hash).toBe(previous);
  }
});
test("an operator on their own machine needs no credentials, and is told so", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-access-"));
  const local = await startBaton({ dataDir, port: 0, logLevel: "error" }, {});
  onTestFinished(async () => {
    await local.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  expect(await createClient({ url: local.url }).getIdentity({})).toMatchObject({ kind: "local", role: "admin" });
});
