// `baton chat` and `baton sessions` as processes against a real server, with an agent that dials in.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentConnection, connectAgent } from "@baton/client";
import type { Json } from "@baton/contract";
import { type Baton, startBaton } from "@baton/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baton, compile, startBaton as startCommand } from "../baton-process.fixture.ts";

const dataDir = mkdtempSync(join(tmpdir(), "baton-cli-chat-"));
let server: Baton;
let agent: AgentConnection;
const run = (...args: string[]) => baton(args, { BATON_URL: server.url });
const chat = (typed: string, ...args: string[]) => baton(["chat", ...args], { BATON_URL: server.url }, typed);
const idIn = (out: string) => /Go on with: baton chat (\S+)/.exec(out)?.[1] ?? "";

beforeAll(async () => {
  compile();
  server = await startBaton({ dataDir, port: 0, logLevel: "error", logFile: join(dataDir, "log"), sqliteSynchronous: "normal", pollMs: 100 }, {});
  agent = await connectAgent({ url: server.url, name: "parrot", capabilities: ["talking"], maxConcurrentTasks: 5 }, (work, { update }) => {
    if (work.description === "fail") throw new Error("I cannot say that.");
    if (work.description === "aloud") update({ kind: "text", text: "I say it aloud." });
    const known = work.context.session?.turns.map(({ content }) => content) ?? [];
    return `you said ${work.description}; before: ${JSON.stringify(known)}`;
  });
});
afterAll(async () => {
  await agent.close({ graceMs: 0 });
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("each line is a turn of one conversation, and each answer is told what was said before", async () => {
  const { exitCode, out, err } = await chat("one\n\n  two  \n/exit\nnever\n");
  expect([exitCode, err]).toEqual([0, ""]);
  expect(out.split("\n").filter((line) => line.startsWith("you said"))).toEqual([
    "you said one; before: []",
    'you said two; before: ["one","you said one; before: []"]',
  ]);
  expect(out).not.toContain("never");
  const shown = await run("sessions", "show", idIn(out));
  expect(shown.out).toMatch(/active, 4 turns\.[\s\S]*1 user {2}one\n2 assistant {2}you said one[\s\S]*3 user {2}two\n4 assistant/);
});

test("a conversation goes on where it was left, with its last turns shown first", async () => {
  const id = idIn((await chat("first\n", "--title", "Tides")).out);
  const again = await chat("second\n", id);
  expect(again.out).toMatch(/^1 user {2}first\n2 assistant {2}you said first/);
  expect(again.out).toContain('you said second; before: ["first",');
  expect((await run("sessions", "list")).out).toMatch(new RegExp(`${id} +4 +active .*Tides`));
});

test("what an agent says while it works is shown as it is said, and not once more at the end", async () => {
  const { out } = await chat("aloud\n");
  expect(out).toContain("I say it aloud.\n");
  expect(out).not.toContain("you said aloud");
});

test("an answer that fails is said, and the exit code tells of the last one", async () => {
  expect(await chat("fail\n")).toMatchObject({ exitCode: 1, out: expect.stringContaining("failed: I cannot say that.") });
  expect(await chat("fail\nfine\n")).toMatchObject({ exitCode: 0 });
});

test("a program gets one JSON document for each line", async () => {
  const { out } = await chat("one\nfail\n", "--json");
  const said = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { sessionId: string; status: string; result: Json; failure: { detail: string } | null });
  expect(said.map(({ status, result, failure }) => [status, result, failure?.detail])).toEqual([
    ["completed", "you said one; before: []", undefined],
    ["failed", null, "I cannot say that."],
  ]);
  expect(new Set(said.map(({ sessionId }) => sessionId)).size).toBe(1);
});

test("whoever stops waiting for an answer is told where it will be", async () => {
  const { out } = await run("sessions", "add", "--title", "Patience");
  const id = /Session (\S+) is begun/.exec(out)?.[1] ?? "";
  const { child, ended } = startCommand(["chat", id, "--requires", "nobody-has-this"], { BATON_URL: server.url }, "Are you there?\n");
  child.stdout?.once("data", () => child.kill("SIGINT"));
  expect(await ended).toMatchObject({
    exitCode: 130,
    err: expect.stringContaining(`The task goes on. Its answer will be in the conversation: baton chat ${id}`),
  });
});

test("a session that is not there is refused, and nothing is handed in", async () => {
  expect(await chat("one\n", "nobody")).toMatchObject({ exitCode: 3, err: expect.stringContaining("nobody") });
});

test("facts are pinned, told to agents, and taken away; a conversation is removed", async () => {
  const id = /Session (\S+) is begun/.exec((await run("sessions", "add", "talk", "--user", "ann", "--turns", "2")).out)?.[1] ?? "";
  expect(id).toBe("talk");
  const pin = /Pinned as (\S+)\./.exec((await run("sessions", "pin", id, "We ship on Friday.")).out)?.[1] ?? "";
  await chat("hello\n", id);
  expect((await run("sessions", "context", id)).out).toMatch(/We ship on Friday\.[\s\S]*hello[\s\S]*about \d+ tokens/);
  expect((await run("sessions", "show", id)).out).toContain(`pinned ${pin}  We ship on Friday.`);
  expect((await run("sessions", "pin", id, "--turn", "1")).exitCode).toBe(0);
  expect((await run("sessions", "unpin", id, pin)).out).toContain(`Pin ${pin} is taken away.`);
  expect((await run("sessions", "context", id)).out).not.toContain("We ship on Friday.");
  expect((await run("sessions", "list", "--user", "ann")).out).toMatch(/talk +2 +active .*ann/);
  expect((await run("sessions", "remove", id)).out).toBe("Session talk is removed.\n");
  expect(await run("sessions", "show", id)).toMatchObject({ exitCode: 3 });
});

test("a pin is a fact or a turn, and a list goes on from a cursor", async () => {
  await run("sessions", "add", "pages");
  expect(await run("sessions", "pin", "pages")).toMatchObject({ exitCode: 2, err: expect.stringContaining("Say a fact, or --turn") });
  const { out } = await run("sessions", "list", "--limit", "1");
  const cursor = /There are more: --cursor (\d+)/.exec(out)?.[1] ?? "";
  const next = await run("sessions", "list", "--limit", "1", "--cursor", cursor, "--json");
  expect(JSON.parse(next.out).items[0].id).not.toBe("pages");
});
