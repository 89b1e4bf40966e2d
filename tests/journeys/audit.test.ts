// What the audit log says of changes: before and after, never a secret; written out, verified later, and by whom it can be told that it was altered.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createClient } from "@baton/client";
import type { AuditEntry } from "@baton/contract";
import { type Config, startBaton } from "@baton/server";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { baton, compile } from "../../packages/cli/src/baton-process.fixture.ts";
import { sql } from "../../packages/server/src/store/sql.ts";
import { createDatabase, postgresUrl } from "../services.ts";

const ADMIN_KEY = "the-key-of-the-operator";
async function start(given: Partial<Config>) {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-audit-"));
  const server = await startBaton(
    { dataDir, port: 0, logLevel: "error", apiKeys: [ADMIN_KEY], sqliteSynchronous: "normal", passwordCost: 2 ** 10, ...given },
    {},
  );
  onTestFinished(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { url: server.url, dataDir, world: server.world, admin: createClient({ url: server.url, apiKey: ADMIN_KEY }) };
}
/** By the plain route, with its trailer. */
async function exported(url: string, key: string, query = ""): Promise<{ status: number | undefined; text: string; chain: string | undefined }> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => get(`${url}/api/v1/audit/export?${query}`, { headers }, resolve).on("error", reject));
  return { status: answer.statusCode, text: await text(answer), chain: answer.trailers["baton-chain"] };
}
const changesIn = (entries: readonly AuditEntry[]) => entries.map(({ action, changes }) => [action, changes]);
const was = (before: unknown, after: unknown) => ({ before, after });

const postgres = await postgresUrl();
describe.each([
  ["SQLite", async () => ({})],
  ["Postgres", async () => ({ databaseUrl: await createDatabase(postgres ?? "") })],
] as const)("on %s", (store, settings) => {
  test.skipIf(store === "Postgres" && postgres === undefined)("changes are told before and after, and secrets nowhere", async () => {
    const { admin, dataDir } = await start(await settings());
    const repository = realpathSync(dataDir);
    execFileSync("git", ["init", "-q", "-b", "main", repository]);
    const user = await admin.createUser({ body: { name: "ada", password: "planted-password-of-ada", role: "user" } });
    await admin.updateUser({ params: { id: "ada" }, body: { role: "viewer", password: "planted-other-password" } });
    await admin.removeUser({ params: { id: user.id } });
    const key = await admin.createApiKey({ body: { name: "ci", role: "user" } });
    await admin.createSecret({ body: { name: "model-key", value: "planted-value" } });
    const connector = { kind: "dialin" as const };
    await admin.createAgent({ body: { name: "counter", connector, environment: { TOKEN: "planted-token" }, maxConcurrentTasks: 1 } });
    await admin.updateAgent({ params: { id: "counter" }, body: { maxConcurrentTasks: 2, description: "x".repeat(3000) } });
    await admin.createBudget({ body: { name: "all", scope: "everything", usd: 5 } });
    await admin.updateBudget({ params: { id: "all" }, body: { usd: 7 } });
    await admin.createProject({ body: { name: "blue" } });
    await admin.updateProject({ params: { id: "blue" }, body: { description: "the sea" } });
    await admin.createSchedule({ body: { name: "nightly", cron: "0 3 * * *", task: { description: "sweep" } } });
    await admin.removeSchedule({ params: { id: "nightly" } });
    await admin.createMessageRule({ body: { name: "quiet", effect: "deny", from: ["role:agent"], to: ["mailbox:*"] } });
    await admin.putGates({ body: { repository, gates: [{ name: "size", kind: "size", maxFiles: 5 }] } });
    await admin.putGates({ body: { repository, gates: [{ name: "size", kind: "size", maxFiles: 9 }] } });
    await expect(admin.updateUser({ params: { id: "nobody" }, body: { role: "admin" } })).rejects.toThrow();

    const { items } = await admin.listAudit({ query: { limit: 100 } });
    const told = changesIn(items);
    expect(told.slice(0, 5)).toEqual([
      ["createUser", { name: was(null, "ada"), role: was(null, "user"), enabled: was(null, true), projects: was(null, ["*"]) }],
      ["updateUser", { role: was("user", "viewer") }],
      ["removeUser", { name: was("ada", null), role: was("viewer", null), enabled: was(true, null), projects: was(["*"], null) }],
      ["createApiKey", { name: was(null, "ci"), role: was(null, "user"), projects: was(null, ["*"]) }],
      ["createSecret", { name: was(null, "model-key") }],
    ]);
    const of = (action: string) => told.filter(([name]) => name === action).map(([, changes]) => changes);
    expect(of("updateAgent")).toEqual([
      { maxConcurrentTasks: was(1, 2), description: was("", { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), length: 3002 }) },
    ]);
    expect(of("updateBudget")).toMatchObject([{ limits: { before: { usd: 5 }, after: { usd: 7 } } }]);
    expect(of("updateProject")).toEqual([{ description: was("", "the sea") }]);
    expect(of("removeSchedule")).toMatchObject([{ name: was("nightly", null), cron: was("0 3 * * *", null) }]);
    expect(of("createMessageRule")).toMatchObject([{ effect: was(null, "deny") }]);
    expect(of("putGates")[1]).toMatchObject({ gates: { before: [{ maxFiles: 5 }], after: [{ maxFiles: 9 }] } });
    expect(told.at(-1)).toEqual(["updateUser", null]);
    expect(JSON.stringify(items)).not.toContain("planted");
    expect(JSON.stringify(items)).not.toContain(key.key);
  });

  test.skipIf(store === "Postgres" && postgres === undefined)("of changes at the same moment each is told from what the one before it left", async () => {
    const { admin, dataDir } = await start(await settings());
    const repository = realpathSync(dataDir);
    execFileSync("git", ["init", "-q", "-b", "main", repository]);
    const template = { name: "ours", framework: "own" };
    const rule = { name: "quiet", effect: "deny" as const, from: ["role:agent"], to: ["mailbox:*"] };
    await admin.createAgent({ body: { name: "counter", connector: { kind: "dialin" } } });
    await admin.createBudget({ body: { name: "all", scope: "everything", usd: 1000 } });
    await admin.createProject({ body: { name: "blue" } });
    await admin.createSchedule({ body: { name: "nightly", cron: "0 3 * * *", task: { description: "sweep" } } });
    await admin.createMessageRule({ body: rule });
    await admin.createTemplate({ body: template });
    await admin.createUser({ body: { name: "ada", password: "a password that is long", role: "user" } });
    const changes = (n: number) => [
      admin.updateAgent({ params: { id: "counter" }, body: { description: `${n}` } }),
      admin.updateBudget({ params: { id: "all" }, body: { usd: n } }),
      admin.updateProject({ params: { id: "blue" }, body: { description: `${n}` } }),
      admin.updateSchedule({ params: { id: "nightly" }, body: { cron: `${n} 3 * * *` } }),
      admin.replaceMessageRule({ params: { id: "quiet" }, body: { ...rule, description: `${n}` } }),
      admin.replaceTemplate({ params: { id: "ours" }, body: { ...template, description: `${n}` } }),
      admin.putGates({ body: { repository, gates: [{ name: "size", kind: "size", maxFiles: n }] } }),
    ];
    const numbers = [1, 2, 3, 4, 5, 6];
    await Promise.all([
      ...numbers.flatMap(changes),
      admin.updateUser({ params: { id: "ada" }, body: { role: "viewer" } }),
      admin.updateUser({ params: { id: "ada" }, body: { enabled: false } }),
    ]);
    // None of two undid what the other did.
    expect((await admin.listUsers({})).items).toMatchObject([{ name: "ada", role: "viewer", enabled: false }]);
    const { items } = await admin.listAudit({ query: { limit: 200 } });
    for (const action of ["updateAgent", "updateBudget", "updateProject", "updateSchedule", "replaceMessageRule", "replaceTemplate", "putGates"]) {
      const steps = items.filter((entry) => entry.action === action).map((entry) => Object.values(entry.changes ?? {}).at(-1));
      // Each begins where another ended, but for the first: they are one row of changes.
      const [begins, ends] = (["before", "after"] as const).map((side) => new Set(steps.map((step) => JSON.stringify(step?.[side])))) as [
        Set<string>,
        Set<string>,
      ];
      expect([steps.length, begins.size, ends.size], action).toEqual([numbers.length, numbers.length, numbers.length]);
      expect(
        [...begins].filter((begin) => !ends.has(begin)),
        action,
      ).toHaveLength(1);
    }
  });

  test.skipIf(store === "Postgres" && postgres === undefined)(
    "the log is written out as it is read, and says at its end whether its chain is whole",
    async () => {
      const { admin, url, world } = await start(await settings());
      const key = (await admin.createApiKey({ body: { name: "viewer", role: "viewer" } })).key;
      for (let n = 0; n < 1200; n++)
        world.audit.record({ who: "=ada", role: "user", address: "::1", action: "x", method: "POST", path: "/", status: 200, fields: [], changes: null });
      const seqs: number[] = [];
      for await (const entry of admin.exportAudit({})) seqs.push(entry.seq);
      expect(seqs).toEqual(Array.from({ length: 1201 }, (_, n) => n + 1));

      const whole = await exported(url, ADMIN_KEY, "format=csv&after=1000");
      expect(whole.text.split("\n")[1]).toMatch(/^1001,[^,]+,'=ada,user,/);
      expect(whole).toMatchObject({ status: 200, chain: expect.stringMatching(/^201 entries, unbroken/) });
      expect(await exported(url, key)).toMatchObject({ status: 403, chain: undefined });
      await expect(createClient({ url, apiKey: key }).exportAudit().next()).rejects.toMatchObject({ code: "forbidden" });
      // As whoever may write to the store could do.
      await world.db.transaction((tx) => tx.run(sql`update audit set who = ${"bob"} where seq = ${700}`));
      const broken = await exported(url, ADMIN_KEY);
      // All of it, with the denials since.
      expect(broken.text.trim().split("\n").length).toBeGreaterThan(1200);
      expect(broken.chain).toMatch(/^The chain is broken at entry 700/);
    },
  );
});

describe("the command line", () => {
  beforeAll(compile, 300_000);

  test("exports the log, verifies the export without a server, and tells what was altered in it", async () => {
    const { admin, url, dataDir } = await start({});
    const environment = { BATON_URL: url, BATON_API_KEY: ADMIN_KEY };
    await admin.createUser({ body: { name: "=cmd", password: "a password that is long" } });
    await admin.updateUser({ params: { id: "=cmd" }, body: { role: "viewer" } });
    await admin.createProject({ body: { name: "blue, or green" } });

    const exported = await baton(["audit", "export"], environment);
    expect(exported).toMatchObject({ exitCode: 0, err: expect.stringContaining("3 entries, unbroken") });
    const lines = exported.out.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as AuditEntry).action)).toEqual(["createUser", "updateUser", "createProject"]);
    const file = join(dataDir, "audit.jsonl");
    const verify = async (text: string) => {
      writeFileSync(file, text);
      return baton(["audit", "verify", "--file", file, "--json"]);
    };
    expect(await verify(exported.out)).toMatchObject({ exitCode: 0, out: expect.stringContaining('"entries": 3') });
    expect(await verify(lines.slice(1).join("\n"))).toMatchObject({ exitCode: 0 });
    expect(await verify(exported.out.replace('"after":"viewer"', '"after":"admin"'))).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('"brokenAt": 2'),
    });
    expect(await verify([lines[0], lines[2]].join("\n"))).toMatchObject({ exitCode: 1, out: expect.stringContaining('"brokenAt": 2') });
    expect(await verify("hello\n")).toMatchObject({ exitCode: 2 });
    expect(readFileSync(file, "utf8")).toBe("hello\n");

    const table = (await baton(["audit", "export", "--format", "csv", "--after", "1"], environment)).out.trim().split("\n");
    expect(table).toHaveLength(3);
    expect(table[1]).toMatch(/^2,/);
    expect(await baton(["audit", "verify"], environment)).toMatchObject({ exitCode: 0, out: expect.stringContaining("3 entries, unbroken") });
  });

  test("makes projects, changes them and says who is in them", async () => {
    const { url } = await start({});
    const environment = { BATON_URL: url, BATON_API_KEY: ADMIN_KEY };
    expect(await baton(["projects", "create", "blue", "--description", "the sea"], environment)).toMatchObject({ exitCode: 0 });
    expect(await baton(["projects", "change", "blue", "--repositories", "/srv/blue,/srv/sea"], environment)).toMatchObject({ exitCode: 0 });
    expect(JSON.parse((await baton(["projects", "list", "--json"], environment)).out)).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ name: "blue", description: "the sea", repositories: ["/srv/blue", "/srv/sea"] })]),
    });
    for (const [name, projects] of [
      ["ada", "blue"],
      ["bob", "default"],
      ["eve", "*"],
    ] as const)
      expect(await baton(["users", "add", name, "--projects", projects], environment, "a password that is long\n")).toMatchObject({ exitCode: 0 });
    await baton(["keys", "add", "ci", "--projects", "blue"], environment);
    const { items } = JSON.parse((await baton(["projects", "members", "blue", "--json"], environment)).out) as { items: { name: string; kind: string }[] };
    expect(items.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(["key ci", "user ada", "user eve"]);
    expect(await baton(["projects", "change", "blue"], environment)).toMatchObject({ exitCode: 2 });
  });
});
