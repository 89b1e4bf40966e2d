// What one caller may ask, counted by two servers together by way of Redis.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBaton } from "@baton/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDatabase, postgresUrl, redisUrl } from "../services.ts";

const [postgres, redis] = [await postgresUrl(), await redisUrl()];
describe.skipIf(postgres === undefined || redis === undefined)("two servers with one Postgres and one Redis", () => {
  test("let a caller ask as much as one of them would, and others meanwhile", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "baton-limits-"));
    const databaseUrl = await createDatabase(postgres ?? "");
    const keys = ["the-key-of-who-asks-much", "the-key-of-who-asks-little"];
    const start = async (name: string) => {
      const settings = {
        dataDir: join(dataDir, name),
        databaseUrl,
        redisUrl: redis,
        port: 0,
        logLevel: "error" as const,
        apiKeys: keys,
        secretKey: "one for both",
      };
      const server = await startBaton({ ...settings, rateLimit: { max: 20, windowMs: 3_600_000 }, strangerLimit: 5 }, {});
      onTestFinished(() => server.stop());
      return server.url;
    };
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const urls = [await start("one"), await start("other")];
    const ask = (n: number, key: string | undefined) => fetch(`${urls[n % 2]}/api/v1/auth/me`, { headers: { authorization: `Bearer ${key}` } });
    const statuses: number[] = [];
    for (let n = 0; n < 30; n++) statuses.push((await ask(n, keys[0])).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), ...Array.from({ length: 10 }, () => 429)]);
    expect(Number((await ask(0, keys[0])).headers.get("retry-after"))).toBeGreaterThan(0);
    // Whoever is not known is refused less often than that, and then no more; who is, still asks.
    const strange: number[] = [];
    for (let n = 0; n < 8; n++) strange.push((await ask(n, "nobody's")).status);
    expect(strange).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect((await ask(1, keys[1])).status).toBe(200);
  });
});
