// The first admin of a new store: made by the operator's word alone, before anybody is answered, once, however many servers start at once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@baton/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Baton, startBaton } from "../../packages/server/src/app/app.ts";
import { createDatabase, postgresUrl } from "../services.ts";

const url = await postgresUrl();
const passwords = ["the password of the first", "the password of the second"] as const;

describe.skipIf(url === undefined)("two servers that start on one empty Postgres at once", () => {
  test("make one admin, whose password one of them was given, and nobody comes in before or beside", async () => {
    const databaseUrl = await createDatabase(url ?? "");
    const dataDir = mkdtempSync(join(tmpdir(), "baton-first-admin-"));
    const start = (at: 0 | 1): Promise<Baton> =>
      startBaton(
        {
          dataDir: join(dataDir, String(at)),
          databaseUrl,
          port: 0,
          host: "127.0.0.1",
          logLevel: "error",
          adminPassword: passwords[at],
          secretKey: "one for both",
        },
        {},
      );
    const servers: Baton[] = [];
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(dataDir, { recursive: true, force: true });
    });
    /** From the moment a server answers: strangers who would be the first, and both passwords. */
    const storm = async (starting: Promise<Baton>) => {
      const server = await starting;
      servers.push(server);
      const stranger = createClient({ url: server.url });
      const codeOf = (call: Promise<unknown>) =>
        call.then(
          () => "let in",
          (error: { code: string }) => error.code,
        );
      const asStranger = Array.from({ length: 10 }, (_, n) =>
        codeOf(stranger.createUser({ body: { name: n % 2 ? "admin" : `mine-${n}`, password: "a long password", role: "admin" } })),
      );
      const asAdmin = passwords.map((password) => codeOf(stranger.createToken({ body: { name: "admin", password } })));
      return { strangers: await Promise.all(asStranger), admins: await Promise.all(asAdmin) };
    };
    const [one, two] = await Promise.all([storm(start(0)), storm(start(1))]);
    expect(new Set([...one.strangers, ...two.strangers])).toEqual(new Set(["unauthorized"]));
    expect([...one.admins].sort()).toEqual(["let in", "unauthorized"]);
    expect(two.admins).toEqual(one.admins);

    const right = passwords[one.admins.indexOf("let in")] ?? "";
    const { accessToken } = await createClient({ url: servers[0]?.url ?? "" }).createToken({ body: { name: "admin", password: right } });
    const admin = createClient({ url: servers[1]?.url ?? "", apiKey: accessToken });
    expect((await admin.listUsers({})).items.map(({ name, role }) => [name, role])).toEqual([["admin", "admin"]]);

    // One that starts later with another password changes nothing.
    const later = await startBaton(
      { dataDir: join(dataDir, "later"), databaseUrl, port: 0, logLevel: "error", adminPassword: "yet another password", secretKey: "one for both" },
      {},
    );
    servers.push(later);
    await expect(createClient({ url: later.url }).createToken({ body: { name: "admin", password: "yet another password" } })).rejects.toMatchObject({
      code: "unauthorized",
    });
    expect(await admin.getIdentity({})).toMatchObject({ name: "admin" });
  });
});
