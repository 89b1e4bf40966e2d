// What `baton agents new` writes, run as it is: its own tests, its start, its registration, and a task that it does for a real server.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { baton, compile, startBaton } from "../baton-process.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "baton-new-"));
let server: { child: ChildProcess; url: string };

beforeAll(async () => {
  compile();
  const { child } = startBaton(["up", "--port", "0", "--data-dir", join(folder, "data"), "--no-samples", "--json"], { LOG_LEVEL: "silent" });
  const line = await new Promise<string>((resolve) => child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  server = { child, url: (JSON.parse(line) as { url: string }).url };
});
afterAll(async () => {
  server.child.kill("SIGTERM");
  await once(server.child, "exit");
  rmSync(folder, { recursive: true, force: true });
});

const create = (name: string, ...args: string[]) => baton(["agents", "new", name, "--dir", join(folder, name), ...args]);
/** @returns what it says once it is there. */
async function start(name: string, environment: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [join(folder, name, "agent.mjs")], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(0);
  });
  return ((await once(createInterface({ input: child.stdout }), "line")) as [string])[0];
}
const ownTests = (name: string): string => execFileSync(process.execPath, ["--test"], { cwd: join(folder, name), encoding: "utf8" });
const add = (name: string) => baton(["agents", "add", "-f", join(folder, name, "agent.yaml"), "--url", server.url]);
async function expectWork(name: string): Promise<void> {
  const { exitCode, out } = await baton(["run", "one word and one more", "--agent", name, "--wait", "--json", "--url", server.url]);
  expect(exitCode).toBe(0);
  expect(out).toContain('"words": 5');
}

it("an agent that dials in is started, and works", async () => {
  const { exitCode, out } = await create("dialling");
  expect({ exitCode, out }).toEqual({
    exitCode: 0,
    out: expect.stringMatching(/Try it[^]*agent\.mjs\n {2}npx baton run "one word and one more" --agent dialling --wait\n$/),
  });
  expect(ownTests("dialling")).toContain("# pass 4");
  expect(await start("dialling", { BATON_URL: server.url })).toContain("dialling waits for work");
  await expectWork("dialling");
});

it("a command is registered by its file, and works", async () => {
  await create("command", "--kind", "process", "--capabilities", "counting,reading");
  expect(ownTests("command")).toContain("# pass 4");
  expect(await add("command")).toMatchObject({ exitCode: 0 });
  await expectWork("command");
  const { out } = await baton(["agents", "show", "command", "--json", "--url", server.url]);
  expect(JSON.parse(out)).toMatchObject({ capabilities: [{ name: "counting" }, { name: "reading" }], maxConcurrentTasks: 4 });
  const failed = await baton(["run", "…", "--agent", "command", "--wait", "--url", server.url]);
  expect(failed.exitCode).toBe(1);
  expect(failed.out + failed.err).toContain("There is nothing to count.");
});

it("an agent behind HTTP is started, registered by its file, and works", async () => {
  await create("answering", "--kind", "http");
  expect(ownTests("answering")).toContain("# pass 4");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await start("answering", { PORT: "0" }))?.[0] ?? "";
  const path = join(folder, "answering", "agent.yaml");
  // Its own port is one for all agents of this kind; another test may have it.
  writeFileSync(path, readFileSync(path, "utf8").replace("http://127.0.0.1:8006", url));
  expect(await add("answering")).toMatchObject({ exitCode: 0 });
  await expectWork("answering");
  const page = await fetch(`${url}/process`, { method: "POST", body: "{}" });
  expect(page.status).toBe(415);
});

it("what is there already is left as it is", async () => {
  mkdirSync(join(folder, "mine"));
  const { exitCode, err } = await create("mine");
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining("is there already. Nothing was written; give another place with --dir.") });
  expect(readdirSync(join(folder, "mine"))).toEqual([]);
});

it.each([
  [["Bad Name"], "An agent is called by a-z"],
  [["../up"], "An agent is called by a-z"],
  [["good", "--kind", "pigeon"], "--kind is one of dialin, process, http"],
])("%j is refused before anything is written", async (args, message) => {
  const { exitCode, err } = await baton(["agents", "new", ...args, "--dir", join(folder, "never")]);
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(message) });
  expect(existsSync(join(folder, "never"))).toBe(false);
});
