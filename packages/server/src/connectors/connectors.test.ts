// The door: every kind is found, and closing it leaves nothing running.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connector as connectorSettings, Refusal } from "@baton/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId, systemClock } from "../std/clock.ts";
import { agentFor, attemptContext, workFor } from "./connector.testsuite.ts";
import { type Connectors, openConnectors } from "./connectors.ts";
import { fakeAgentPath, startFakeAgent } from "./fake-agent.testkit.ts";

let directory: string;
let connectors: Connectors;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "baton-connectors-"));
  connectors = openConnectors({
    clock: systemClock,
    newId,
    attemptsDirectory: directory,
    dataDir: directory,
    homesDirectory: join(directory, "homes"),
    outbound: { allow: "loopback" },
    publicUrl: undefined,
    findTemplate: async () => undefined,
    readEnv: () => undefined,
    readSecret: () => undefined,
    hiderFor: () => undefined,
  });
});
afterAll(() => rm(directory, { recursive: true }));

test("there is a connector for every kind an agent can be registered with", () => {
  const kinds = connectorSettings.options.map((option) => option.shape.kind.value);
  expect(kinds.map((kind) => connectors.get(kind).kind)).toEqual(kinds);
});

test.each(["telepathy", "toString", "__proto__"])("the kind %s is refused, and the refusal says which there are", (kind) => {
  expect(() => connectors.get(kind)).toThrow(Refusal);
  expect(() => connectors.get(kind)).toThrow(/there are (?=.*http)(?=.*dialin)(?=.*claude)/);
});

test("closing the door ends every attempt behind it", async () => {
  const http = await startFakeAgent("http-agent.mjs");
  const command = agentFor({ kind: "process", command: process.execPath, args: [fakeAgentPath("process-agent.mjs")], output: "json" });
  const contexts = [attemptContext(), attemptContext()];
  const link = { sent: 0, send: () => void link.sent++ };
  connectors.dialin.attach("agent-1", link, []);
  const outcomes = [
    connectors.get("http").carryOut(agentFor({ kind: "http", endpoint: `http://127.0.0.1:${http.port}` }), workFor("hang"), contexts[0] ?? attemptContext()),
    connectors.get("process").carryOut(command, workFor("tidy"), contexts[1] ?? attemptContext()),
    connectors.get("dialin").carryOut(agentFor({ kind: "dialin" }), workFor("hang"), attemptContext()),
  ];
  await expect.poll(() => contexts[1]?.said.length).toBe(1);
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${http.port}/open`)).json()).toEqual({ open: 1 });
  await connectors.close();
  expect(await Promise.all(outcomes)).toMatchObject([{ ok: false }, { ok: false }, { ok: false }]);
  await http.close();
});
