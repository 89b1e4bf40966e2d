// Agents that say what they should not, die, or do not end: what that comes to, and that nothing of them stays behind.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProcesses } from "../../programs/programs.ts";
import { attemptContext } from "../connector.testsuite.ts";
import { type AcpBench, openAcpBench } from "./acp.testkit.ts";
import { atThisPace } from "../../../../../tests/pace.ts";

let bench: AcpBench;
beforeAll(async () => {
  bench = await openAcpBench();
});
afterAll(() => bench.close());

describe("an agent that behaves badly", () => {
  test.each([
    ["gabble", "limit"],
    ["babble", "limit"],
    ["longline", "limit"],
    ["beg", "limit"],
    ["broken", "invalid_response"],
    ["neither", "invalid_response"],
  ])(
    "%s: is ended",
    async (word, kind) => {
      const waits = { ...attemptContext(), ask: () => new Promise<never>(() => undefined) };
      expect(await bench.carryOut(word, bench.agent(), waits)).toMatchObject({ ok: false, kind });
      await expect.poll(() => bench.stillWorking()).toBe(0);
    },
    20_000,
  );
  test("may say what nobody understands, and answer what nobody asked", async () => {
    expect(await bench.carryOut("strange")).toMatchObject({ ok: true, output: "unshaken by -32601" });
  });
  test("and exits is a failure that tells its last words", async () => {
    expect(await bench.carryOut("exit no such file")).toMatchObject({
      kind: "agent_error",
      detail: expect.stringMatching(/code 3 before it had answered: no such file/),
    });
    expect(await bench.carryOut("exit You've hit your limit, resets 3pm (UTC)")).toMatchObject({ kind: "quota", until: expect.stringContaining("T15:00:00") });
    expect(await bench.carryOut("die")).toMatchObject({ kind: "unavailable", detail: expect.stringContaining("and then it went wrong") });
  });
  test("and knows nothing of the protocol is told by what it says", async () => {
    const outcome = await bench.carryOut("echo", bench.agent(["--deaf"]));
    expect(outcome).toMatchObject({
      kind: "agent_error",
      detail: expect.stringContaining("without a word of the Agent Client Protocol: unknown option --acp"),
    });
    expect(await bench.carryOut("echo", bench.agent(["--tomorrow"]))).toMatchObject({ kind: "agent_error", detail: expect.stringContaining("version 2") });
  });
  test("and opens no conversation is not waited for all the time the step has", async () => {
    const impatient = await openAcpBench(300);
    try {
      expect(await impatient.carryOut("echo", impatient.agent(["--mute"]))).toMatchObject({ kind: "unavailable", detail: expect.stringContaining("0.3 s") });
    } finally {
      await impatient.close();
    }
  });
});

describe("a cancel", () => {
  /** Runs; one that has ended and only waits to be reaped does not. */
  const lives = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return !hasProcesses() || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return false; // No such process: what these tests hope for.
    }
  };
  test("is told to the agent, whose figures count", async () => {
    const context = attemptContext();
    const outcome = bench.carryOut("patient", bench.agent(), context);
    await expect.poll(() => context.updates.length).toBeGreaterThan(0);
    context.abort("Enough.");
    expect(await outcome).toMatchObject({
      ok: false,
      kind: "cancelled",
      detail: "Enough.",
      usage: { inputTokens: 3, outputTokens: 4 },
      cost: { amount: 0.25, currency: "USD" },
    });
    expect(context.updates).toContainEqual({ kind: "text", text: "tidied up" });
  });
  test.each(["family", "stubborn"])("leaves nothing of a %s agent behind, within 2 s", async (word) => {
    const context = attemptContext();
    const outcome = bench.carryOut(word, bench.agent(), context);
    await expect.poll(() => context.said.length).toBeGreaterThan(0);
    const pids = JSON.parse(context.said[0]?.message ?? "[]") as number[];
    const cancelledAt = performance.now();
    context.abort("Enough.");
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    expect(performance.now() - cancelledAt).toBeLessThan(atThisPace(2_000));
    await expect.poll(() => pids.filter(lives)).toEqual([]);
  });
  test("while a person is asked is answered to the agent as one", async () => {
    const context = { ...attemptContext(), ask: () => new Promise<never>(() => undefined) };
    const outcome = bench.carryOut("may execute a.txt", bench.agent(), context, { timeoutMs: 700, deadlineAt: new Date(Date.now() + 700).toISOString() });
    expect(await outcome).toMatchObject({ kind: "timeout" });
    expect(context.updates).toContainEqual({ kind: "text", text: '{"outcome":{"outcome":"cancelled"}}' });
  });
});
