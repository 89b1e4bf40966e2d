// `baton tools` as a process against a real server and a real tool server.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Baton, startBaton } from "@baton/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baton, compile } from "../baton-process.fixture.ts";

const toolServer = fileURLToPath(new URL("../../../../tests/fake-agents/mcp-server.mjs", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "baton-cli-tools-"));
let server: Baton;
const run = (...args: string[]) => baton(args, { BATON_URL: server.url });

beforeAll(async () => {
  compile();
  server = await startBaton({ dataDir, port: 0, logLevel: "error", logFile: join(dataDir, "log"), sqliteSynchronous: "normal" }, {});
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("a tool server is registered, shown with what it has, found by words and called", async () => {
  const added = await run("tools", "add", "calc", "--command", process.execPath, "--arg", toolServer, "--arg", "stdio", "--env", "KEY=a=b");
  expect(added).toMatchObject({ exitCode: 0, err: "" });
  expect(added.out).toMatch(/^Tool server calc is registered\.\n.*SERVER.*\n.*calc +tool +work/s);
  const found = await run("tools", "list", "two numbers");
  expect(found.out.trim().split("\n")).toHaveLength(2);
  expect(found.out).toContain("Adds two numbers.");
  expect(await run("tools", "test", "calc", "add", "--arguments", '{"a":1,"b":2}')).toEqual({ exitCode: 0, err: "", out: '{"sum":3}\n' });
  expect(await run("tools", "test", "calc", "fly")).toMatchObject({ exitCode: 1, out: expect.stringContaining('no tool "fly"') });
  const environment = await run("tools", "test", "calc", "work", "--arguments", '{"description":"reveal"}');
  expect(environment.out).toContain('"KEY":"a=b"');
  expect((await run("tools", "test", "calc")).out).toContain("Some notes");
  const preview = await run("tasks", "preview", "Sum it up", "--tools", "add");
  expect(preview.out).toMatch(/TOOLS AT HAND.*add +calc +add +yes/s);
});

test("what makes no sense is bad usage", async () => {
  for (const args of [
    ["add", "x"],
    ["add", "x", "--http", "http://127.0.0.1:1", "--command", "y"],
    ["add", "x", "--command", "y", "--env", "secret"],
    ["test", "calc", "add", "--arguments", "{"],
  ])
    expect(await run("tools", ...args)).toMatchObject({ exitCode: 2, err: expect.not.stringContaining("secret") });
});
