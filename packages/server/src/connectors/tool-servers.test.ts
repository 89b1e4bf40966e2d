// How talk with tool servers ends when the attempt does.
import { openPrograms, type Programs } from "../programs/programs.ts";
import { systemClock } from "../std/clock.ts";
import { expect, onTestFinished, test } from "vitest";
import { fakeAgentPath } from "./fake-agent.testkit.ts";
import { openOutbound } from "./outbound.ts";
import { openToolServer, type Surroundings } from "./tool-servers.ts";

const server = { name: "tools", command: process.execPath, args: [fakeAgentPath("mcp-server.mjs"), "stdio"], env: {} };
/** @returns what came of opening it, and the programs started for it. */
async function open(signal: AbortSignal) {
  const opened = openPrograms(systemClock);
  const runs: ReturnType<Programs["start"]>[] = [];
  const programs: Programs = {
    ...opened,
    start: (...given) => {
      const run = opened.start(...given);
      runs.push(run);
      return run;
    },
  };
  const outbound = openOutbound({ allow: "loopback" });
  onTestFinished(async () => {
    await programs.close();
    await outbound.close();
  });
  const around: Surroundings = {
    cwd: process.cwd(),
    home: process.cwd(),
    environment: {},
    holder: { environment: {} },
    resourceLimits: {},
    attemptId: "attempt",
    signal,
    ask: () => Promise.reject(new Error("Nobody is asked.")),
    askTimeoutMs: 1000,
  };
  const world = { outbound, programs, readEnv: () => undefined, readSecret: () => undefined };
  return { tools: await openToolServer(world, server, around), runs };
}

test("an attempt that has ended starts no tool server", async () => {
  expect(await open(AbortSignal.abort())).toMatchObject({ tools: { ok: false }, runs: [] });
});
test("an attempt that ends while its tool server starts closes it", async () => {
  const ended = new AbortController();
  const opening = open(ended.signal);
  ended.abort();
  const { tools, runs } = await opening;
  expect(tools).toMatchObject({ ok: false });
  expect(runs).toHaveLength(1);
  await runs[0]?.ended;
});
