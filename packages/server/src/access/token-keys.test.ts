// What counts as a token of ours, and what only looks like one.
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "../std/clock.ts";
import { openSqlite } from "../store/sqlite.ts";
import { migrate } from "../store/migrate.ts";
import { createUser } from "./accounts.ts";
import { identify, type IdentifyWorld } from "./identify.ts";
import { logIn } from "./logins.ts";
import { openPasswords } from "./passwords.ts";
import { openProjects } from "./projects.ts";
import { openStanding } from "./standing.ts";
import { openTokenKeys } from "./token-keys.ts";

const SECRET = "a secret of thirty-two bytes or more";
const secrets = [SECRET];
const settings = { secrets: () => secrets, issuer: "baton", audience: "baton", lifetimeSeconds: 900 };
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const now = 1_800_000_000_000;
const ada = { name: "ada", password: "correct horse battery", role: "user" as const, projects: ["*"] };
let world: IdentifyWorld;
beforeEach(async () => {
  const db = openSqlite({ file: ":memory:", synchronous: "normal" });
  await migrate(db, now);
  const clock = { now: () => now };
  const more = { passwords: openPasswords(2 ** 10), tokenKeys: openTokenKeys(settings), tokenSeconds: 900, sessionSeconds: 3600 };
  world = { db, clock, newId, log: silent, ...more, projects: openProjects({ db, clock }) };
});
afterEach(() => world.db.close());

test("tokens of others who have the secret are taken with their role; forged and confused ones are not", async () => {
  const key = new TextEncoder().encode(SECRET);
  const token = (claims: object, more: { alg?: string; key?: Uint8Array; exp?: number; aud?: string; iss?: string } = {}) =>
    new SignJWT({ role: "user", ...claims })
      .setProtectedHeader({ alg: more.alg ?? "HS256" })
      .setSubject("service")
      .setIssuer(more.iss ?? "baton")
      .setAudience(more.aud ?? "baton")
      .setIssuedAt(now / 1000)
      .setExpirationTime(more.exp ?? now / 1000 + 60)
      .sign(more.key ?? key);
  expect(await identify(world, await token({}))).toMatchObject({ name: "service", kind: "token", role: "user" });
  // Who is connected by one is so no longer than it lasts, with the seconds that clocks may differ by.
  const standing = await openStanding(world);
  const last = await identify(world, await token({}, { exp: now / 1000 - 4 }));
  await new Promise<void>((resolve) => standing.hold(last, resolve));
  await standing.close();
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicText = publicKey.export({ format: "pem", type: "spki" }).toString();
  const signed = (header: object, claims: object, by: Uint8Array | KeyObject = key) => new SignJWT({ ...claims }).setProtectedHeader(header as never).sign(by);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: "service", role: "admin", iss: "baton", aud: "baton", iat: now / 1000, exp: now / 1000 + 60 };
  const bad = [
    await token({}, { key: new TextEncoder().encode("another secret of thirty-two bytes") }),
    await token({}, { exp: now / 1000 - 60 }),
    await token({}, { aud: "other" }),
    await token({}, { iss: "other" }),
    await token({}, { alg: "HS512" }),
    await token({ role: "emperor" }),
    await token({ user: "an id nobody has" }),
    await token({ user: "an id nobody has", login: "a login nobody has" }),
    `${part({ alg: "none" })}.${part(claims)}.`,
    `${part({ alg: "HS256", kid: "../../etc/passwd" })}.${part(claims)}.AAAA`,
    `${part({ alg: "RS256" })}.${part(claims)}.AAAA`,
    // Whoever lets the header choose the way, the key, or where to get one.
    ...["None", "NONE", "nOnE", "HS256 "].map((alg) => `${part({ alg })}.${part(claims)}.`),
    await signed({ alg: "RS256", jwk: publicKey.export({ format: "jwk" }) }, claims, privateKey),
    await signed({ alg: "RS256", jku: "http://127.0.0.1:9/jwks", kid: "one" }, claims, privateKey),
    await signed({ alg: "HS256" }, claims, new TextEncoder().encode(publicText)),
    await signed({ alg: "HS256", kid: "' or '1'='1" }, claims, new Uint8Array(32)),
    // What a token of ours always says.
    ...(await Promise.all(["exp", "iat", "sub", "iss", "aud"].map((name) => signed({ alg: "HS256" }, { ...claims, [name]: undefined })))),
    await signed({ alg: "HS256" }, { ...claims, nbf: now / 1000 + 60 }),
    await signed({ alg: "HS256" }, { ...claims, sub: "s".repeat(201) }),
    `${(await token({})).split(".").slice(0, 2).join(".")}.`,
    `${await token({})}x`,
    "a.b.c",
    "..",
  ];
  for (const one of bad) expect(await identify(world, one), one).toBeUndefined();
});
test("a secret that signs no more is accepted until it is taken away", async () => {
  await createUser(world, ada);
  const { accessToken } = await logIn(world, "ada", ada.password);
  const both = ["the new secret of thirty-two bytes!!", SECRET];
  const replaced = { ...world, tokenKeys: openTokenKeys({ ...settings, secrets: () => both }) };
  expect(await identify(replaced, accessToken)).toMatchObject({ name: "ada" });
  let inForce = both;
  const changing = { ...world, tokenKeys: openTokenKeys({ ...settings, secrets: () => inForce }) };
  expect(await identify(changing, accessToken)).toMatchObject({ name: "ada" });
  inForce = ["the new secret of thirty-two bytes!!"];
  expect(await identify(changing, accessToken)).toBeUndefined();
  const signed = await logIn(changing, "ada", ada.password);
  expect(await identify(changing, signed.accessToken)).toMatchObject({ name: "ada" });
  expect(await identify(world, signed.accessToken)).toBeUndefined();
});
