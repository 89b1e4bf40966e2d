// `baton conflicts` as a process against a real server, whose agents write to the same file in work trees of one repository.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@baton/client";
import { type Baton, startBaton } from "@baton/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baton, compile } from "../baton-process.fixture.ts";

const letterAgent = fileURLToPath(new URL("../../../../tests/fake-agents/letter-agent.mjs", import.meta.url));
const directory = realpathSync(mkdtempSync(join(tmpdir(), "baton-cli-conflicts-")));
const repository = join(directory, "repository");
let server: Baton;
const run = (...args: string[]) => baton(args, { BATON_URL: server.url });
const git = (...args: string[]) => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { cwd: repository });

beforeAll(async () => {
  compile();
  mkdirSync(repository);
  writeFileSync(join(repository, "letter.txt"), "Dear all\n");
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "Begin");
  server = await startBaton({ dataDir: join(directory, "data"), port: 0, logLevel: "error", logFile: join(directory, "log"), sqliteSynchronous: "normal" }, {});
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

test("what two tasks write in one place is listed with both, shown with its files, and resolved", async () => {
  expect((await run("conflicts", "list")).out).toContain("Nobody is in anybody's way.");
  const client = createClient({ url: server.url });
  const connector = { kind: "process" as const, command: process.execPath, args: [letterAgent] };
  await client.createAgent({ body: { name: "writer", connector, capabilities: ["letters"] } });
  for (const id of ["greeting", "farewell"]) {
    await client.submitTask({ body: { id, description: id, requirements: ["letters"], repository, workspace: "task" } });
    expect((await client.waitForTask(id)).status).toBe("completed");
  }
  await expect.poll(async () => (await client.listConflicts()).total).toBe(1);
  const about = ["tasks", "preview", "Sign it", "--requires", "letters", "--repository", repository, "--files", "letter.txt"];
  expect((await run(...about)).out).toMatch(/In the way: task (greeting|farewell) has changed letter\.txt/);
  const { id: signed } = await client.submitTask({ body: { description: "Sign it", requirements: ["nobody"], repository, files: ["letter.txt"] } });
  const { items } = await client.listTaskEvents({ params: { id: signed }, query: {} });
  const foreseen = items.find(({ type }) => type === "conflict.foreseen");
  expect(foreseen?.data["conflicts"]).toHaveLength(2);
  const listed = await run("conflicts", "list", "--repository", repository);
  expect(listed.out).toMatch(/open +merge +(greeting and farewell|farewell and greeting)/);
  expect((await run("conflicts", "list", "--state", "gone")).out).toContain("Nobody");
  const id = (await client.listConflicts()).items[0]?.id ?? "";
  expect((await run("conflicts", "show", id)).out).toMatch(/Merging the two fails in letter\.txt.*task greeting.*branch baton\/greeting/s);
  const resolved = await run("conflicts", "resolve", id, "--note", "farewell comes last");
  expect(resolved).toMatchObject({ exitCode: 0, out: expect.stringMatching(/resolved.*: farewell comes last/s) });
  expect(await run("conflicts", "resolve", "nothing")).toMatchObject({ exitCode: 3 });
  expect(await run("conflicts", "list", "--state", "strange")).toMatchObject({ exitCode: 2 });
});
