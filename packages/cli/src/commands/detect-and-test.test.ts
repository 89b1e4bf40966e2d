// `baton agents detect` and `baton agents test NAME` as commands against a real server, with tiny programs on its PATH.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createClient } from "@baton/client";
import { startBaton } from "@baton/server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { baton, compile } from "../baton-process.fixture.ts";

beforeAll(compile);

/** Speaks as much of Claude Code's stream as one answer takes; logged in when HOME holds the file. */
const CLAUDE = `#!${process.execPath}
const args = process.argv.slice(2);
if (args.includes("--version")) { console.log("2.1.197 (Claude Code)"); process.exit(0); }
if (args[0] === "auth") process.exit(require("node:fs").existsSync(process.env.HOME + "/logged-in") ? 0 : 1);
`;

async function openServer() {
  const root = mkdtempSync(join(tmpdir(), "baton-detect-"));
  const [bin, home] = [join(root, "bin"), join(root, "home")];
  for (const folder of [bin, home]) mkdirSync(folder);
  const server = await startBaton(
    { dataDir: join(root, "data"), port: 0, logLevel: "silent", pollMs: 100, drainMs: 0 },
    { PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter), HOME: home },
  );
  onTestFinished(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const client = createClient({ url: server.url });
  return {
    client,
    home,
    install: (name: string, script: string) => {
      writeFileSync(join(bin, name), script);
      chmodSync(join(bin, name), 0o755);
    },
    run: (args: string[], environment = {}) => baton(["agents", ...args], { BATON_URL: server.url, ...environment }),
    names: async () => (await client.listAgents({})).items.map(({ name }) => name),
  };
}

describe("baton agents detect", () => {
  it("shows what is there, registers nobody without a yes, and says how", async () => {
    const { run, install, names } = await openServer();
    install("claude", CLAUDE);
    install("aider", "#!/bin/sh\necho aider 0.86.1\n");
    const { exitCode, out } = await run(["detect"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/claude +Claude Code +2\.1\.197 +missing/);
    expect(out).toMatch(/aider +aider +0\.86\.1 +unknown +– +terminal/);
    expect(out).toContain("baton agents detect --yes");
    expect(await names()).toEqual([]);
  });
  it("registers on a yes who may be able to log in, once", async () => {
    const { run, install, client } = await openServer();
    install("claude", CLAUDE);
    install("aider", "#!/bin/sh\necho aider 0.86.1\n");
    expect(await run(["detect", "--yes"])).toMatchObject({ exitCode: 0, out: expect.stringContaining("Try it with: baton agents test aider") });
    const { items } = await client.listAgents({});
    expect(items).toMatchObject([{ name: "aider", connector: { kind: "terminal" } }]);
    const again = JSON.parse((await run(["detect", "--yes", "--json"])).out) as { items: { id: string; registeredAs: string | null }[]; registered: unknown[] };
    expect(again.registered).toEqual([]);
    expect(again.items.map(({ id, registeredAs }) => [id, registeredAs])).toEqual([
      ["claude", null],
      ["aider", "aider"],
    ]);
  });
  it("registers who is named although not logged in, with the variable and the capabilities that were given", async () => {
    const { run, install, client } = await openServer();
    install("claude", CLAUDE);
    const { exitCode } = await run(["detect", "claude", "--yes", "--env", "ANTHROPIC_API_KEY", "-c", "coding"], { ANTHROPIC_API_KEY: "k3y" });
    expect(exitCode).toBe(0);
    const { items } = await client.listAgents({});
    expect(items).toMatchObject([{ name: "claude", connector: { kind: "claude" }, capabilities: [{ name: "coding" }] }]);
    expect(Object.keys(items[0]?.environment ?? {}).sort()).toEqual(["ANTHROPIC_API_KEY", "HOME", "PATH"]);
    expect(JSON.stringify(items)).not.toContain("k3y");
  });
  it("believes a login that is there", async () => {
    const { run, install, home } = await openServer();
    install("claude", CLAUDE);
    writeFileSync(join(home, "logged-in"), "");
    expect((await run(["detect"])).out).toMatch(/claude +Claude Code +2\.1\.197 +ready/);
  });
  it("refuses a name that was not found, and a variable that is not set or for nobody", async () => {
    const { run, install } = await openServer();
    install("claude", CLAUDE);
    expect(await run(["detect", "gemini", "--yes"])).toMatchObject({ exitCode: 2, err: expect.stringContaining("gemini: not found on the server's PATH") });
    expect(await run(["detect", "claude", "--yes", "--env", "NOT_SET"])).toMatchObject({ exitCode: 2, err: expect.stringContaining("not set in this shell") });
    expect(await run(["detect", "--yes", "--env", "PATH"])).toMatchObject({ exitCode: 2, err: expect.stringContaining("which agents --env is for") });
  });
});

describe("baton agents test NAME", () => {
  const command = (...script: string[]) => ({ kind: "process" as const, command: process.execPath, args: ["-e", script.join("\n")] });

  it("lets it do one tiny turn and shows what came back, and what is unknown as unknown", async () => {
    const { run, client } = await openServer();
    await client.createAgent({ body: { name: "says-ok", connector: command("console.log(JSON.stringify('OK'))") } });
    const { exitCode, out } = await run(["test", "says-ok"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^says-ok by process: completed\noutput +OK\ntook +\d.*\ntokens +unknown in, unknown out\ncost +unknown\nupdates +none\n$/);
  });
  it("ends with 1 and the reason when it fails", async () => {
    const { run, client } = await openServer();
    await client.createAgent({ body: { name: "fails", connector: command("console.error('not logged in'); process.exit(1)") } });
    const { exitCode, out } = await run(["test", "fails"]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/fails by process: failed\nwhy +.*not logged in/);
  });
  it("gives up on one that does not answer in the time it was given", async () => {
    const { run, client } = await openServer();
    await client.createAgent({ body: { name: "sleeps", connector: command("setInterval(() => undefined, 1000)") } });
    const { exitCode, out } = await run(["test", "sleeps", "--timeout", "1"]);
    expect(exitCode).toBe(1);
    expect(out).toContain("sleeps by process: failed");
  });
  it("refuses an agent that is not there", async () => {
    const { run } = await openServer();
    expect(await run(["test", "nobody"])).toMatchObject({ exitCode: 3, err: expect.stringContaining("There is no agent nobody") });
  });
});
