// Logging in elsewhere, against a real OpenID Connect provider: who comes in and as what, and all that must not let anybody in.
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@baton/client";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Baton, startBaton } from "../../packages/server/src/app/app.ts";
import type { Config } from "../../packages/server/src/app/config.ts";
import { sql } from "../../packages/server/src/store/sql.ts";
import { CLIENT, type Issuer, openIssuer, openWalker, type Walker } from "../issuer.fixture.ts";

const ADMIN_KEY = "the-key-of-the-operator";
let dataDir: string;
let issuer: Issuer;
let baton: Baton;
const start = (given: Partial<Config> = {}): Promise<Baton> =>
  startBaton(
    {
      dataDir,
      port: 0,
      logLevel: "debug",
      logFile: join(dataDir, "baton.log"),
      sqliteSynchronous: "normal",
      apiKeys: [ADMIN_KEY],
      oidcIssuer: issuer.url,
      oidcClientId: CLIENT.id,
      oidcClientSecret: CLIENT.secret,
      ...given,
    },
    {},
  );
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "baton-oidc-"));
  issuer = await openIssuer();
  baton = await start();
  issuer.know(baton.url);
  issuer.people["ada"] = { preferred_username: "ada", email: "ada@example.com", email_verified: true };
  issuer.people["bob"] = { preferred_username: "bob", email: "ada@example.com", email_verified: false };
});
afterEach(async () => {
  await baton.stop();
  await issuer.close();
  rmSync(dataDir, { recursive: true, force: true });
});
const admin = () => createClient({ url: baton.url, apiKey: ADMIN_KEY });
/** As the page would ask after it came back. */
async function whoIs(walker: Walker): Promise<unknown> {
  const cookie = [...walker.cookies].filter(([key]) => key.startsWith(new URL(baton.url).host)).map(([key, value]) => `${key.split(" ")[1]}=${value}`);
  const response = await fetch(`${baton.url}/api/v1/auth/me`, { headers: { "sec-fetch-site": "same-origin", cookie: cookie.join("; ") } });
  return response.status === 200 ? response.json() : response.status;
}
async function comeIn(walker: Walker, name: string): Promise<string | null> {
  return (await walker.get(await walker.logInAt(baton.url, name))).headers.get("location");
}
const users = async () => (await admin().listUsers({})).items.map(({ name, role, projects, email, issuer: by }) => ({ name, role, projects, email, by }));

test("whoever comes for the first time gets an account with the least there is; the second time it is theirs again", async () => {
  const walker = openWalker();
  expect(await comeIn(walker, "ada")).toBe("/tasks");
  expect(await whoIs(walker)).toMatchObject({ name: "ada@example.com", kind: "user", role: "viewer", projects: ["default"] });
  await admin().updateUser({ params: { id: "ada@example.com" }, body: { role: "user" } });
  expect(await whoIs(walker)).toBe(401);
  const again = openWalker();
  expect(await comeIn(again, "ada")).toBe("/tasks");
  expect(await whoIs(again)).toMatchObject({ name: "ada@example.com", role: "user" });
  expect(await users()).toEqual([{ name: "ada@example.com", role: "user", projects: ["default"], email: "ada@example.com", by: issuer.url }]);
});
test("an address that is not said to be theirs is not shown, and nobody becomes somebody here by calling themselves so there", async () => {
  await admin().createUser({ body: { name: "ada", password: "a password that is long", role: "admin" } });
  await comeIn(openWalker(), "ada");
  const [bob, mallory] = [openWalker(), openWalker()];
  await comeIn(bob, "bob");
  expect(await whoIs(bob)).toMatchObject({ name: "bob@127.0.0.1", role: "viewer" });
  issuer.people["mallory"] = { preferred_username: "key:ops/../ada", email: "ada@example.com" };
  await comeIn(mallory, "mallory");
  expect(await whoIs(mallory)).toMatchObject({ name: "key-ops-..-ada@127.0.0.1" });
  issuer.people["eve"] = { email: "ada@example.com", email_verified: true };
  const eve = openWalker();
  await comeIn(eve, "eve");
  expect(await whoIs(eve)).toMatchObject({ name: "ada@example.com-2", role: "viewer" });
});
test("of one who comes by two browsers at once there is one account", async () => {
  const walkers = [openWalker(), openWalker()];
  const ends = await Promise.all(walkers.map((walker) => walker.logInAt(baton.url, "ada")));
  await Promise.all(walkers.map((walker, at) => walker.get(ends[at] ?? "")));
  expect(await users()).toHaveLength(1);
  for (const walker of walkers) expect(await whoIs(walker)).toMatchObject({ name: "ada@example.com" });
});
test("an account of elsewhere has no password to guess", async () => {
  await comeIn(openWalker(), "ada");
  for (const password of ["", " ", "any"]) {
    await expect(createClient({ url: baton.url }).createToken({ body: { name: "ada@example.com", password } })).rejects.toThrow();
  }
});

const refused = async (walker: Walker, url: string): Promise<string | null> => {
  const location = (await walker.get(url)).headers.get("location");
  expect(await whoIs(walker)).toBe(401);
  return location;
};
const changed = (url: string, name: string, value: string): string => {
  const altered = new URL(url);
  altered.searchParams.set(name, value);
  return altered.href;
};
test("an answer with another state counts for nothing, and spoils nothing", async () => {
  const walker = openWalker();
  const end = await walker.logInAt(baton.url, "ada");
  expect(await refused(walker, changed(end, "state", "another"))).toBe("/?login=ended");
  expect((await walker.get(end)).headers.get("location")).toBe("/tasks");
});
test("an answer counts in the browser that asked alone: nobody is logged in as who sends them a link", async () => {
  const [attacker, victim] = [openWalker(), openWalker()];
  const end = await attacker.logInAt(baton.url, "bob");
  expect(await refused(victim, end)).toBe("/?login=ended");
  await victim.logInAt(baton.url, "ada");
  expect(await refused(victim, end)).toBe("/?login=ended");
});
test("an answer counts once, and its code is of no use with another", async () => {
  const walker = openWalker();
  const end = await walker.logInAt(baton.url, "ada");
  const before = new Map(walker.cookies);
  expect((await walker.get(end)).headers.get("location")).toBe("/tasks");
  const code = new URL(end).searchParams.get("code") ?? "";
  const replay = openWalker();
  for (const [name, value] of before) replay.cookies.set(name, value);
  expect(await refused(replay, end)).toBe("/?login=ended");
  const anew = openWalker();
  expect(await refused(anew, changed(await anew.logInAt(baton.url, "bob"), "code", code))).toBe("/?login=failed");
});
test("a token with another nonce, and a code that was asked for with another challenge, are not believed", async () => {
  for (const [name, value] of [
    ["nonce", "another"],
    ["code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
  ] as const) {
    const walker = openWalker();
    const end = await walker.logInAt(baton.url, "ada", { change: (url) => url.searchParams.set(name, value) });
    expect(await refused(walker, end)).toBe("/?login=failed");
  }
  expect(await users()).toEqual([]);
});
test("an answer of another issuer is not believed, whether it says so or not", async () => {
  const other = await openIssuer();
  onTestFinished(() => other.close());
  other.know(baton.url);
  const walker = openWalker();
  expect(await refused(walker, changed(await walker.logInAt(baton.url, "ada"), "iss", other.url))).toBe("/?login=failed");
  const mixed = openWalker();
  const end = await mixed.logInAt(baton.url, "ada", {
    change: (url) => {
      url.host = new URL(other.url).host;
    },
  });
  expect(new URL(end).searchParams.get("iss")).toBe(other.url);
  expect(await refused(mixed, end)).toBe("/?login=failed");
  const silent = openWalker();
  const quiet = new URL(await silent.logInAt(baton.url, "ada"));
  quiet.searchParams.delete("iss");
  expect(await refused(silent, quiet.href)).toBe("/?login=failed");
});
test("a login that took too long is over", async () => {
  const walker = openWalker();
  const end = await walker.logInAt(baton.url, "ada");
  await baton.world.db.transaction((tx) => tx.run(sql`update oidc_attempts set expires_at = ${Date.now() - 1}`));
  expect(await refused(walker, end)).toBe("/?login=ended");
});
test("who cancels there is told so here", async () => {
  const walker = openWalker();
  expect(await refused(walker, await walker.logInAt(baton.url, "ada", { cancels: true }))).toBe("/?login=cancelled");
});
test("whom an admin has locked out stays out, however well they are known elsewhere", async () => {
  await comeIn(openWalker(), "ada");
  await admin().updateUser({ params: { id: "ada@example.com" }, body: { enabled: false } });
  const walker = openWalker();
  expect(await refused(walker, await walker.logInAt(baton.url, "ada"))).toBe("/?login=locked");
  let last: unknown;
  while (last === undefined) {
    const { items } = await admin().listAudit({ query: { limit: 1000 } });
    last = items.filter(({ action }) => action === "finishOidc").map(({ who, status }) => [who, status])[1];
  }
  expect(last).toEqual(["login:ada@example.com", 403]);
});
test.each(["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "tasks"])("nobody is sent on to %s after", async (returnTo) => {
  const response = await openWalker().get(`${baton.url}/api/v1/auth/oidc/begin?${new URLSearchParams({ returnTo }).toString()}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "bad_input", issues: [{ path: "query.returnTo" }] });
});
test("a page that is read by anybody says where people log in, and nothing says the secret by which this server is known there", async () => {
  expect(await createClient({ url: baton.url }).getWaysIn({})).toEqual({ password: true, oidc: { name: "127.0.0.1" } });
  await comeIn(openWalker(), "ada");
  const walker = openWalker();
  await refused(walker, changed(await walker.logInAt(baton.url, "ada"), "code", "nothing"));
  await baton.stop();
  const log = readFileSync(join(dataDir, "baton.log"), "utf8");
  expect(log).toContain("was not let in");
  expect(log).not.toContain(CLIENT.secret);
  expect(readFileSync(join(dataDir, "baton.db")).includes(CLIENT.secret)).toBe(false);
});
test("where people log in may be away: they are told so, and a server without such a place says that it has none", async () => {
  const away = await start({ dataDir: join(dataDir, "away"), oidcIssuer: "http://127.0.0.1:9", oidcName: "Example" });
  const none = await start({ dataDir: join(dataDir, "none"), oidcIssuer: undefined, oidcClientId: undefined });
  onTestFinished(async () => {
    await away.stop();
    await none.stop();
  });
  expect((await openWalker().get(`${away.url}/api/v1/auth/oidc/begin`)).headers.get("location")).toBe("/?login=unreachable");
  expect(await createClient({ url: away.url }).getWaysIn({})).toMatchObject({ oidc: { name: "Example" } });
  expect(await createClient({ url: none.url }).getWaysIn({})).toEqual({ password: true, oidc: null });
  expect((await openWalker().get(`${none.url}/api/v1/auth/oidc/begin`)).status).toBe(404);
});
test("an issuer that names a place inside as its own has this server call nothing there", async () => {
  let calls = 0;
  const inside = createServer((_, response) => void (calls++, response.end("{}")));
  const sly = createServer((request, response) => {
    const url = `http://localhost:${(sly.address() as AddressInfo).port}`;
    const inner = `http://127.0.0.1:${(inside.address() as AddressInfo).port}`;
    const said = { issuer: url, authorization_endpoint: `${url}/auth`, token_endpoint: `${inner}/token`, jwks_uri: `${inner}/jwks` };
    response.setHeader("content-type", "application/json").end(JSON.stringify(said));
    request.resume();
  });
  for (const server of [inside, sly]) await once(server.listen(0, "127.0.0.1"), "listening");
  const slyUrl = `http://localhost:${(sly.address() as AddressInfo).port}`;
  const guarded = await start({ dataDir: join(dataDir, "guarded"), oidcIssuer: slyUrl, outbound: "public" });
  onTestFinished(async () => {
    await guarded.stop();
    for (const server of [inside, sly]) server.close();
  });
  const walker = openWalker();
  const sent = new URL((await walker.get(`${guarded.url}/api/v1/auth/oidc/begin`)).headers.get("location") ?? "");
  expect(sent.origin).toBe(slyUrl);
  const answer = new URLSearchParams({ code: "any", state: sent.searchParams.get("state") ?? "", iss: slyUrl });
  expect((await walker.get(`${guarded.url}/api/v1/auth/oidc/callback?${answer.toString()}`)).headers.get("location")).toBe("/?login=failed");
  expect(calls).toBe(0);
  expect(readFileSync(join(dataDir, "baton.log"), "utf8")).toContain("loopback address");
});
test.each<[Partial<Config>, RegExp]>([
  [{ oidcIssuer: "http://login.example.com" }, /must be https/],
  [{ oidcClientId: undefined }, /BATON_OIDC_CLIENT_ID/],
  [{ oidcIssuer: undefined }, /BATON_OIDC_ISSUER/],
  [{ apiKeys: [] }, /by which somebody would be an admin/],
])("a server with the settings %o does not start, and says why", async (given, why) => {
  const told = Object.fromEntries(Object.entries({ oidcIssuer: issuer.url, oidcClientId: CLIENT.id, apiKeys: [ADMIN_KEY], ...given }));
  await expect(startBaton({ dataDir: join(dataDir, "never"), port: 0, logLevel: "error", ...told }, {})).rejects.toThrow(why);
});
