// Secrets by name: they reach the agents whose registrations name them, when those are called or started, and are found nowhere else.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@baton/client";
import type { Baton, Config } from "@baton/server";
import { describe, expect, onTestFinished, test } from "vitest";
import postgres from "postgres";
import { createDatabase, postgresUrl } from "../services.ts";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { Sql, sql } from "../../packages/server/src/store/sql.ts";
import { command, startJourney } from "./world.fixture.ts";

const OPERATOR = "the-key-of-the-operator";
const value = (what: string): string => `kept-"${what}"/secret+value 7f3a9c`;
const forms = (what: string): string[] => {
  const plain = value(what);
  return [plain, JSON.stringify(plain).slice(1, -1), encodeURIComponent(plain), Buffer.from(plain).toString("base64"), "7f3a9c"];
};
const NAMES = ["token", "password", "cluster"];
const found = (text: string | Buffer): string[] => NAMES.flatMap(forms).filter((form) => text.includes(form));

function filesBelow(directory: string): [file: string, bytes: Buffer][] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [[path, readFileSync(path)] as [string, Buffer]];
  });
}
/** The files of a Postgres database as they lie on its disk, and what every row says. */
async function postgresFiles(url: string): Promise<[string, Buffer][]> {
  const disk = postgres(url, { max: 1 });
  try {
    await disk`checkpoint`;
    const relations = await disk<{ name: string; bytes: Buffer }[]>`
      select relname as name, pg_read_binary_file(pg_relation_filepath(oid), 0, 100000000, true) as bytes from pg_class
      where relkind in ('r', 't', 'i') and relnamespace in ('public'::regnamespace, 'pg_toast'::regnamespace)`;
    const tables = await disk<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
    const told: [string, Buffer][] = [];
    for (const { name } of tables) {
      const rows = await disk.unsafe(`select t::text as row from "${name}" t`);
      told.push([name, Buffer.from(rows.map((one) => one["row"]).join("\n"))]);
    }
    return [...told, ...relations.filter(({ bytes }) => bytes !== null).map(({ name, bytes }) => [name, bytes] as [string, Buffer])];
  } finally {
    await disk.end();
  }
}
/** Every row of every table as JSON. */
async function everyRow(db: Baton["world"]["db"]): Promise<string[]> {
  const names =
    db.dialect === "postgres"
      ? sql`select tablename as name from pg_tables where schemaname = 'public'`
      : sql`select name from sqlite_master where type = 'table'`;
  const rows: string[] = [];
  for (const { name } of await db.all<{ name: string }>(names))
    for (const row of await db.all(new Sql([`select * from ${name}`], []))) rows.push(JSON.stringify(row));
  return rows;
}
const server = await postgresUrl();

describe.each(["SQLite", ...(server === undefined ? [] : ["Postgres"])])("secrets on %s", (store) => {
  const start = async (given: Partial<Config> = {}) => {
    const databaseUrl = store === "Postgres" ? await createDatabase(server as string) : undefined;
    const journey = await startJourney({ apiKeys: [OPERATOR], logLevel: "debug", databaseUrl, ...given });
    return { ...journey, databaseUrl };
  };

  test("what registrations name reaches programs, headers and tool servers, and no answer, event, log or database file", async () => {
    const { client, url, baton, dataDir, databaseUrl } = await start();
    for (const name of NAMES) await client.createSecret({ body: { name, value: value(name) } });
    const http = await startFakeAgent("http-agent.mjs");
    onTestFinished(() => http.close());
    await client.createAgent({
      body: {
        name: "program",
        connector: command,
        capabilities: ["program"],
        environment: { TOKEN: "${secret:token}", BOTH: "id:${secret:token}:${secret:password}" },
      },
    });
    const mapping = { request: { headers: { Authorization: "Bearer ${secret:token}", "X-Own": "${PASSWORD}" } } };
    const service = { name: "service", connector: { kind: "http" as const, endpoint: `http://127.0.0.1:${http.port}`, mapping }, capabilities: ["service"] };
    const made = await client.createAgent({ body: { ...service, environment: { PASSWORD: "${secret:password}" } } });
    expect(made).toMatchObject({
      environment: { PASSWORD: "${secret:password}" },
      connector: { mapping: { request: { headers: { Authorization: "Bearer ${secret:token}" } } } },
    });

    const answers: string[] = [];
    const ids: string[] = [];
    const run = async (requirement: string, description: string): Promise<unknown> => {
      const task = await client.waitForTask((await client.submitTask({ body: { description, requirements: [requirement] } })).id);
      ids.push(task.id);
      answers.push(JSON.stringify(task));
      return task.result;
    };
    // It has it: the agent says how it begins and how long it is, and when it says all of it, that is put out of sight.
    expect(await run("program", "length BOTH")).toEqual({ length: `id:${value("token")}:${value("password")}`.length, begins: "id:kept" });
    expect(await run("program", "tell TOKEN")).toEqual({
      plain: "********",
      inside: "<********>",
      inJson: '{"value":"********"}',
      encoded: "********",
      "********": 1,
    });
    expect(JSON.stringify(await run("service", "reveal"))).toMatch(/"authorization":"Bearer \*{8}".*"x-own":"\*{8}"/);
    for (const path of [
      "/tasks",
      ...ids.map((id) => `/tasks/${id}`),
      "/agents",
      "/agents/program",
      "/agents/service",
      "/secrets",
      "/audit?limit=1000",
      "/events?limit=1000",
    ]) {
      answers.push(await (await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${OPERATOR}` } })).text());
    }
    for (const { steps } of await Promise.all(ids.map((id) => client.getTask({ params: { id } }))))
      for (const attempt of steps.flatMap(({ attempts }) => attempts))
        answers.push(JSON.stringify(await client.listAttemptUpdates({ params: { id: attempt.id } })));
    for (const answer of answers) expect(found(answer), answer.slice(0, 2000)).toEqual([]);
    await baton.stop();
    const files = [...filesBelow(dataDir), ...(databaseUrl === undefined ? [] : await postgresFiles(databaseUrl))];
    expect(files.length).toBeGreaterThan(2);
    for (const [file, bytes] of files) expect(found(bytes), file).toEqual([]);
  });

  test("another value counts from the next call on, a removed one is missed by name, and who did it is in the audit log without it", async () => {
    const { client, addCommand, url } = await start();
    const { id } = await client.createSecret({ body: { name: "token", value: value("token") } });
    await expect(client.createSecret({ body: { name: "token", value: value("token") } })).rejects.toMatchObject({ code: "name_taken" });
    await addCommand("program", { environment: { TOKEN: "${secret:token}" } });
    const length = async () =>
      (await client.waitForTask((await client.submitTask({ body: { description: "length TOKEN", requirements: ["program"] } })).id)).result;
    expect(await length()).toMatchObject({ length: value("token").length });
    expect(await client.replaceSecret({ params: { id }, body: { value: "a shorter one" } })).toMatchObject({ version: 2, name: "token", projectId: null });
    expect(await length()).toMatchObject({ length: "a shorter one".length });
    await client.removeSecret({ params: { id } });
    const gone = await client.submitTask({ body: { description: "x", steps: [{ id: "s", requirements: ["program"], retries: 0 }] } });
    expect(JSON.stringify(await client.waitForTask(gone.id))).toContain('There is no secret named \\"token\\"');
    await expect(addCommand("next", { environment: { TOKEN: "${secret:token}" } })).rejects.toMatchObject({
      code: "bad_input",
      issues: [{ path: "environment.TOKEN" }],
    });
    const audit = await client.listAudit({ query: { limit: 1000 } });
    const told = audit.items.filter(({ action }) => action.endsWith("Secret")).map(({ action, status, fields }) => [action, status, fields]);
    expect(told).toEqual([
      ["createSecret", 201, ["name", "value"]],
      ["createSecret", 409, ["name", "value"]],
      ["replaceSecret", 200, ["value"]],
      ["removeSecret", 204, []],
    ]);
    expect((await fetch(`${url}/api/v1/secrets/${id}`, { headers: { authorization: `Bearer ${OPERATOR}` } })).status).toBe(405);
  });

  test("a secret is for agents of its project alone, and for people of it who may manage agents", async () => {
    const { client, url } = await start();
    for (const name of ["red", "blue"]) await client.createProject({ body: { name } });
    const as = async (role: "agent-manager" | "user", project: string) =>
      createClient({ url, apiKey: (await client.createApiKey({ body: { name: `${role} ${project}`, role, projects: [project] } })).key });
    const red = await as("agent-manager", "red");
    const blue = await as("agent-manager", "blue");
    const made = await red.createSecret({ body: { name: "token", value: value("token") } });
    expect(made.projectId).toBe("red");
    const shared = await client.createSecret({ body: { name: "shared", value: value("shared") } });
    expect((await red.listSecrets({})).items.map(({ name }) => name)).toEqual(["token"]);
    expect((await blue.listSecrets({})).items).toEqual([]);
    for (const id of [made.id, shared.id])
      await expect(blue.replaceSecret({ params: { id }, body: { value: "of another" } })).rejects.toMatchObject({ code: "not_found" });
    await expect((await as("user", "red")).listSecrets({})).rejects.toMatchObject({ code: "forbidden" });
    await expect(red.rotateSecretKey()).rejects.toMatchObject({ code: "forbidden" });
    const calling = (name: string) => ({
      name,
      connector: { kind: "http" as const, endpoint: "http://127.0.0.1:9", mapping: { request: { headers: { "X-Key": "${secret:token}" } } } },
    });
    expect(await red.createAgent({ body: calling("in-red") })).toMatchObject({ projectId: "red" });
    await expect(blue.createAgent({ body: calling("in-blue") })).rejects.toMatchObject({ code: "bad_input" });
    await expect(client.createAgent({ body: calling("of-all") })).rejects.toMatchObject({ code: "bad_input" });
  });

  test("a new installation's key seals everything anew while agents work on, and the old one opens nothing of it", async () => {
    const { client, dataDir, baton, addCommand, databaseUrl } = await start();
    await client.createSecret({ body: { name: "token", value: value("token") } });
    await addCommand("program", { environment: { TOKEN: "${secret:token}", PLAIN: "a plain value" } });
    const length = async (asked = client) =>
      (await asked.waitForTask((await asked.submitTask({ body: { description: "length TOKEN", requirements: ["program"] } })).id)).result;
    const key = () => readFileSync(join(dataDir, "secret.key"), "utf8").trim().split("\n");
    const [before] = key();
    await client.createMailbox({ body: { name: "box" } });
    await client.sendMessage({ body: { recipientId: "box", messageType: "note", payload: { text: "for your eyes" }, sensitive: true } });
    const rotated = await client.rotateSecretKey();
    expect(rotated).toMatchObject({ made: true });
    const { keyId } = rotated;
    const sealed = (await everyRow(baton.world.db)).flatMap((row) => row.match(/sealed:[^"\\]*/g) ?? []);
    // The secret's data key, two of the agent, of each template one, and three of the message; the secret's value stays under its data key.
    expect(sealed.filter((one) => one.startsWith(`sealed:2:${keyId}:`)).length).toBe(rotated.resealed);
    expect(sealed.length).toBe(rotated.resealed + 1);
    expect([key().length, key()[1]]).toEqual([2, before]);
    expect(await length()).toMatchObject({ length: value("token").length });
    await client.updateAgent({ params: { id: "program" }, body: { description: "Changed after that." } });
    await baton.stop();
    // At the next start what was written meanwhile is looked at once more, and the old key goes.
    const again = await startJourney({ dataDir, apiKeys: [OPERATOR], databaseUrl });
    expect([key().length, key().includes(before as string)]).toEqual([1, false]);
    expect(await length(again.client)).toMatchObject({ length: value("token").length });
    expect(await again.client.getAgent({ params: { id: "program" } })).toMatchObject({
      description: "Changed after that.",
      environment: { PLAIN: "********" },
    });
  });
});

test("where the key is a passphrase, the operator gives a new one beside the old, and all of it moves over", async () => {
  const first = await startJourney({ apiKeys: [OPERATOR], secretKey: "the old passphrase" });
  const { dataDir } = first;
  await first.client.createSecret({ body: { name: "token", value: value("token") } });
  await first.addCommand("program", { environment: { TOKEN: "${secret:token}" } });
  await first.baton.stop();
  const second = await startJourney({ dataDir, apiKeys: [OPERATOR], secretKey: "the new passphrase", previousSecretKeys: ["the old passphrase"] });
  expect(await second.client.rotateSecretKey()).toMatchObject({ made: false });
  expect(await second.client.rotateSecretKey()).toMatchObject({ made: false, resealed: 0 });
  await second.baton.stop();
  const third = await startJourney({ dataDir, apiKeys: [OPERATOR], secretKey: "the new passphrase" });
  const task = await third.client.submitTask({ body: { description: "length TOKEN", requirements: ["program"] } });
  expect((await third.client.waitForTask(task.id)).result).toMatchObject({ length: value("token").length });
});
