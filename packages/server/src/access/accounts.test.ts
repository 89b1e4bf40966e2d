// Users, logins, keys and the audit log, on both stores.
import { createHash } from "node:crypto";
import { AUDIT_ROOT, auditText } from "@baton/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { newId } from "../std/clock.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openPostgres } from "../store/postgres.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { sql } from "../store/sql.ts";
import { createApiKey, createFirstAdmin, createUser, endLogins, removeApiKey, removeUser, updateUser } from "./accounts.ts";
import { openLogins } from "./access.ts";
import { openAudit } from "./audit.ts";
import { identify, identifyBrowser, type IdentifyWorld } from "./identify.ts";
import { logIn, logInBrowser, logOut, refresh } from "./logins.ts";
import { openProjects } from "./projects.ts";
import { openPasswords } from "./passwords.ts";
import { openStanding } from "./standing.ts";
import { openTokenKeys } from "./token-keys.ts";

const url = await postgresUrl();
const database = url === undefined ? undefined : await createDatabase(url);
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const secrets = ["a secret of thirty-two bytes or more"];
const settings = { secrets: () => secrets, issuer: "baton", audience: "baton", lifetimeSeconds: 900 };

function testAccounts(store: string, open: () => Promise<Db>): void {
  describe(`accounts on ${store}`, () => {
    let db: Db;
    let now = 1_800_000_000_000;
    let world: IdentifyWorld;
    beforeEach(async () => {
      db = await open();
      await migrate(db, now);
      for (const statement of [
        sql`delete from users`,
        sql`delete from api_keys`,
        sql`delete from refresh_tokens`,
        sql`delete from logins`,
        sql`delete from guesses`,
        sql`delete from audit`,
      ]) {
        await db.transaction((tx) => tx.run(statement));
      }
      const clock = { now: () => now };
      world = {
        db,
        clock,
        newId,
        log: silent,
        passwords: openPasswords(2 ** 10),
        tokenKeys: openTokenKeys(settings),
        tokenSeconds: 900,
        sessionSeconds: 3600,
        projects: openProjects({ db, clock }),
      };
    });
    afterEach(() => db.close());
    const ada = { name: "ada", password: "correct horse battery", role: "user" as const, projects: ["*"] };

    test("who has the password gets a token by which they are known, and nobody else does", async () => {
      await createUser(world, ada);
      const { accessToken } = await logIn(world, "ada", ada.password);
      expect(await identify(world, accessToken)).toMatchObject({ name: "ada", kind: "user", role: "user" });
      for (const [name, password] of [
        ["ada", "wrong"],
        ["nobody", ada.password],
      ] as const) {
        await expect(logIn(world, name, password)).rejects.toMatchObject({ code: "unauthorized", message: expect.stringMatching(/Name or password is wrong/) });
      }
      now += 900_000 + 6000;
      expect(await identify(world, accessToken)).toBeUndefined();
    });
    test("a refresh token is good once; used twice, nothing of that login is good any more", async () => {
      await createUser(world, ada);
      const first = await logIn(world, "ada", ada.password);
      const second = await refresh(world, first.refreshToken);
      expect(await identify(world, second.accessToken)).toMatchObject({ name: "ada" });
      await expect(refresh(world, first.refreshToken)).rejects.toMatchObject({ code: "unauthorized" });
      await expect(refresh(world, second.refreshToken)).rejects.toMatchObject({ code: "unauthorized" });
    });
    test("of two who use a refresh token at once one gets the next", async () => {
      await createUser(world, ada);
      const { refreshToken } = await logIn(world, "ada", ada.password);
      const both = await Promise.allSettled([refresh(world, refreshToken), refresh(world, refreshToken)]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });
    test("a login that is not used ends", async () => {
      await createUser(world, ada);
      const { refreshToken } = await logIn(world, "ada", ada.password);
      now += 3_600_001;
      await expect(refresh(world, refreshToken)).rejects.toMatchObject({ code: "unauthorized" });
    });
    test("what is changed of a user ends their logins and their tokens at once", async () => {
      await createUser(world, ada);
      for (const patch of [{ password: "another long password" }, { role: "viewer" as const }, { enabled: false }]) {
        await updateUser(world, "ada", { enabled: true, password: ada.password });
        now += 2000;
        const tokens = await logIn(world, "ada", ada.password);
        now += 2000;
        await updateUser(world, "ada", patch);
        expect(await identify(world, tokens.accessToken)).toBeUndefined();
        await expect(refresh(world, tokens.refreshToken)).rejects.toMatchObject({ code: "unauthorized" });
      }
    });
    test("a browser is known by its cookie, which is kept as a hash, until its login is not used any more", async () => {
      await createUser(world, ada);
      const cookie = await logInBrowser(world, "ada", ada.password);
      await expect(logInBrowser(world, "ada", "wrong")).rejects.toMatchObject({ code: "unauthorized" });
      expect(JSON.stringify(await db.all(sql`select * from logins`))).not.toContain(cookie);
      for (let hours = 0; hours < 3; hours++) {
        now += 3_000_000;
        expect(await identifyBrowser(world, cookie)).toMatchObject({ name: "ada", kind: "user" });
      }
      expect(await identifyBrowser(world, `${cookie}x`)).toBeUndefined();
      expect(await identify(world, cookie)).toBeUndefined();
      now += 3_600_001;
      expect(await identifyBrowser(world, cookie)).toBeUndefined();
    });
    test("to log out ends one login with its tokens, at once, and no other", async () => {
      await createUser(world, ada);
      const cookies = [await logInBrowser(world, "ada", ada.password), await logInBrowser(world, "ada", ada.password)] as const;
      const tokens = await logIn(world, "ada", ada.password);
      for (const ended of [await identifyBrowser(world, cookies[0]), await identify(world, tokens.accessToken)]) {
        if (ended?.by === undefined || !("login" in ended.by)) throw new Error("Nobody came in by a login.");
        await logOut(world, ended.by.login);
      }
      expect(await identifyBrowser(world, cookies[0])).toBeUndefined();
      expect(await identify(world, tokens.accessToken)).toBeUndefined();
      await expect(refresh(world, tokens.refreshToken)).rejects.toMatchObject({ code: "unauthorized" });
      expect(await identifyBrowser(world, cookies[1])).toMatchObject({ name: "ada" });
    });
    test("all logins of a user end at once, with what is connected by them, on every server", async () => {
      await createUser(world, ada);
      await createUser(world, { ...ada, name: "eve" });
      const cookie = await logInBrowser(world, "ada", ada.password);
      const tokens = await logIn(world, "ada", ada.password);
      const other = await identifyBrowser(world, await logInBrowser(world, "eve", ada.password));
      const servers = [await openStanding(world), await openStanding(world)];
      let eves = 0;
      const adas = [await identifyBrowser(world, cookie), await identify(world, tokens.accessToken)];
      const ended = Promise.all(
        servers.flatMap((standing) => {
          standing.hold(other, () => eves++);
          return adas.map((who) => new Promise<void>((resolve) => standing.hold(who, resolve)));
        }),
      );
      await endLogins(world, "ada");
      expect([await identifyBrowser(world, cookie), await identify(world, tokens.accessToken)]).toEqual([undefined, undefined]);
      await expect(refresh(world, tokens.refreshToken)).rejects.toMatchObject({ code: "unauthorized" });
      await ended;
      expect(eves).toBe(0);
      await Promise.all(servers.map((standing) => standing.close()));
      await expect(endLogins(world, "nobody")).rejects.toMatchObject({ code: "not_found" });
    });
    test("who is connected by an API key is not any more once it is revoked", async () => {
      const { id, key } = await createApiKey(world, { name: "ci", role: "user", projects: ["*"] }, "ada");
      const standing = await openStanding(world);
      const who = await identify(world, key);
      const ended = new Promise<void>((resolve) => standing.hold(who, resolve));
      await removeApiKey(world, id);
      await ended;
      // Of one that was opened while the key was being revoked.
      await new Promise<void>((resolve) => standing.hold(who, resolve));
      await standing.close();
    });
    test("the last admin who may log in stays one", async () => {
      expect(await createFirstAdmin(world, "a long enough password")).toBe(true);
      expect(await createFirstAdmin(world, "a long enough password")).toBe(false);
      const attempts = [
        () => updateUser(world, "admin", { enabled: false }),
        () => updateUser(world, "admin", { role: "user" }),
        () => removeUser(world, "admin"),
      ];
      for (const attempt of attempts) {
        await expect(attempt()).rejects.toMatchObject({ code: "conflict" });
      }
      await createUser(world, { ...ada, role: "admin" });
      const both = await Promise.allSettled([removeUser(world, "admin"), removeUser(world, "ada")]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });
    test("several servers that start at once make one first admin", async () => {
      const made = await Promise.all([1, 2, 3].map(() => createFirstAdmin(world, "a long enough password")));
      expect(made.filter(Boolean)).toHaveLength(1);
    });
    test("a name is taken once", async () => {
      await createUser(world, ada);
      await expect(createUser(world, ada)).rejects.toMatchObject({ code: "name_taken" });
    });
    test("a key is known until it is revoked or has expired, and is kept as a hash", async () => {
      const lasting = await createApiKey(world, { name: "ci", role: "user", projects: ["*"] }, "ada");
      const brief = await createApiKey(
        world,
        { name: "brief", role: "agent", projects: ["*"], agent: "worker", expiresAt: new Date(now + 1000).toISOString() },
        "ada",
      );
      expect(await identify(world, lasting.key)).toMatchObject({ name: "key:ci", kind: "key", role: "user" });
      expect(await identify(world, brief.key)).toMatchObject({ role: "agent", agent: "worker" });
      expect(JSON.stringify(await db.all(sql`select * from api_keys`))).not.toContain(lasting.key);
      now += 1001;
      expect(await identify(world, brief.key)).toBeUndefined();
      await removeApiKey(world, lasting.id);
      expect(await identify(world, lasting.key)).toBeUndefined();
    });
    test("passwords and refresh tokens are kept as hashes", async () => {
      await createUser(world, ada);
      const { refreshToken, accessToken } = await logIn(world, "ada", ada.password);
      const kept = JSON.stringify([await db.all(sql`select * from users`), await db.all(sql`select * from refresh_tokens`)]);
      for (const secret of [ada.password, refreshToken, accessToken]) expect(kept).not.toContain(secret);
    });
    test("wrong passwords are counted by all servers, by name and network, and lock out no owner of a name who comes from elsewhere", async () => {
      await createUser(world, ada);
      const servers = [openLogins(world), openLogins(world)] as const;
      const attempt = async (name: string, password: string, network: string, at: 0 | 1 = 0): Promise<string> =>
        servers[at].logIn(name, password, network).then(
          () => "in",
          (error: { code: string }) => error.code,
        );
      const guess = (name: string, network: string, at: number) => attempt(name, "wrong", network, at % 2 === 0 ? 0 : 1);
      // Many at once are no more than many one after the other.
      const burst = await Promise.all(Array.from({ length: 16 }, (_, at) => guess("ada", "stranger", at)));
      expect(burst.filter((answer) => answer === "unauthorized")).toHaveLength(10);
      for (const server of servers)
        await expect(server.logIn("ada", ada.password, "stranger")).rejects.toMatchObject({ code: "too_many_requests", retryAfterSeconds: 60 });
      expect(await attempt("ada", ada.password, "home")).toBe("in");
      // Of one network, whatever the name.
      const names = await Promise.all(Array.from({ length: 40 }, (_, at) => guess(`name ${at}`, "stranger", at)));
      expect(names.filter((answer) => answer === "unauthorized").length).toBeLessThanOrEqual(20);
      // From everywhere, for one name: she gets in from where she did before, and from a new place once it is over.
      const everywhere: unknown[] = [];
      while (everywhere.length < 120)
        everywhere.push(...(await Promise.all(Array.from({ length: 20 }, (_, at) => guess("ada", `network ${everywhere.length + at}`, at)))));
      expect(everywhere.filter((answer) => answer === "unauthorized").length).toBeLessThanOrEqual(90);
      expect([await attempt("ada", ada.password, "home", 1), await attempt("ada", ada.password, "new place", 1)]).toEqual(["in", "too_many_requests"]);
      now += 60_001;
      expect([await attempt("ada", ada.password, "new place"), await attempt("ada", ada.password, "stranger")]).toEqual(["in", "in"]);
      expect(JSON.stringify(await db.all(sql`select * from guesses`))).not.toMatch(/home|stranger/);
    });

    const entry = {
      who: "ada",
      role: "user",
      address: "::1",
      action: "submitTask",
      method: "POST",
      path: "/api/v1/tasks",
      status: 201,
      fields: ["title"],
      changes: null,
    };
    test("the audit log is one chain over all who write it, from which nothing can be taken", async () => {
      await db.transaction((tx) => tx.run(sql`update audit_head set seq = 0, hash = ${AUDIT_ROOT}`));
      const audits = [openAudit(world), openAudit(world)];
      for (let n = 0; n < 700; n++) audits[n % 2]?.record({ ...entry, status: 200 + (n % 7) });
      await Promise.all(audits.map((audit) => audit.close()));
      const audit = openAudit(world);
      const all = [...(await audit.list({ after: 0, limit: 500 })).items, ...(await audit.list({ after: 500, limit: 500 })).items];
      expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 700 }, (_, at) => at + 1));
      let before = AUDIT_ROOT;
      for (const one of all) {
        expect(one.previousHash).toBe(before);
        before = createHash("sha256").update(auditText(one)).digest("hex");
        expect(one.hash).toBe(before);
      }
    });
  });
}
testAccounts("SQLite", async () => openSqlite({ file: ":memory:", synchronous: "normal" }));
if (database === undefined) describe.skip("accounts on Postgres", () => test("skipped: no Postgres answers here"));
else testAccounts("Postgres", () => openPostgres({ url: database, maxConnections: 4 }));
