// What is found outside the repository is really usable, and a database made for a test is empty and its own.
import postgres from "postgres";
import { afterAll, describe, expect, it, vi } from "vitest";
import { chromiumPath, createDatabase, postgresUrl, redisUrl, tmuxPath } from "./services.ts";

const server = await postgresUrl();

describe.skipIf(server === undefined)("a database for a test", () => {
  it("is empty, and another one than the next", async () => {
    const [one, two] = await Promise.all([database(), database()]);
    await one`create table mark (at int)`;
    expect(await two`select count(*)::int as found from pg_tables where tablename = 'mark'`).toMatchObject([{ found: 0 }]);
  });
  const urls = server === undefined ? [] : [createDatabase(server), createDatabase(server)];
  const opened: postgres.Sql[] = [];
  const database = async () => {
    const sql = postgres(await (urls.shift() as Promise<string>), { max: 1 });
    opened.push(sql);
    return sql;
  };
  afterAll(() => Promise.all(opened.map((sql) => sql.end())));
});

describe("where services are required", () => {
  it("an absent one is a failure that says what to do", async () => {
    vi.stubEnv("BATON_REQUIRE_SERVICES", "1");
    vi.stubEnv("BATON_TEST_REDIS", "redis://127.0.0.1:1");
    await expect(redisUrl()).rejects.toThrow("redis://127.0.0.1:1 does not answer PING");
    vi.unstubAllEnvs();
  });
  it.runIf(process.env["BATON_REQUIRE_SERVICES"] === "1")("every one of them is here", async () => {
    expect([await postgresUrl(), await redisUrl(), tmuxPath(), chromiumPath()]).not.toContain(undefined);
  });
});
