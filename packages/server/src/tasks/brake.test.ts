// When an attempt is braked, with times that are given.
import type { Update } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { openBrake } from "./brake.ts";

const call = (callId: string, title: string, input: unknown = null, status: "running" | "completed" | "denied" = "completed"): Update => ({
  kind: "tool",
  callId,
  title,
  input: input as null,
  status,
});
const used = (inputTokens: number): Update => ({ kind: "usage", inputTokens, outputTokens: null, cost: null });

describe("the brake of an attempt", () => {
  test("stops the same call made too often in a row", () => {
    const brake = openBrake({ identicalCalls: 3 }, 0);
    expect([1, 2, 3].map((n) => brake.heed(call(`c${n}`, "ls", { path: "." }), n))).toEqual([
      undefined,
      undefined,
      expect.stringContaining("same call 3 times"),
    ]);
  });
  test("counts anew after another call", () => {
    const brake = openBrake({ identicalCalls: 3 }, 0);
    const said = ["ls", "ls", "cat", "ls", "ls"].map((title, n) => brake.heed(call(`c${n}`, title), n));
    expect(said).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
  test("counts a call once, however often it is told of", () => {
    const brake = openBrake({ identicalCalls: 2 }, 0);
    expect([brake.heed(call("a", "ls", 1, "running"), 0), brake.heed(call("a", "ls", 1, "running"), 1), brake.heed(call("a", "ls", 1), 2)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
  test("tells calls with other input apart", () => {
    const brake = openBrake({ identicalCalls: 2 }, 0);
    expect([brake.heed(call("a", "read", 1), 0), brake.heed(call("b", "read", 2), 1)]).toEqual([undefined, undefined]);
  });
  test("stops tokens that run away, whatever they cost", () => {
    const brake = openBrake({ tokensPerMinute: 1000 }, 0);
    expect([brake.heed(used(900), 1000), brake.heed(used(1100), 2000)]).toEqual([undefined, expect.stringContaining("1100 tokens within a minute")]);
  });
  test("lets the same tokens pass over a longer time", () => {
    const brake = openBrake({ tokensPerMinute: 1000 }, 0);
    const said = [1, 2, 3, 4, 5].map((minute) => brake.heed(used(900 * minute), minute * 60_000));
    expect(said.every((word) => word === undefined)).toBe(true);
  });
  test("stops an attempt that has fallen silent, and does not count the time people take", () => {
    const brake = openBrake({ noProgressMs: 10_000 }, 0);
    brake.heed({ kind: "text", text: "on it" }, 1000);
    expect(brake.checkSilence(5000, 0)).toBeUndefined();
    expect(brake.checkSilence(30_000, 25_000)).toBeUndefined();
    expect(brake.checkSilence(40_000, 25_000)).toContain("told nothing");
  });
});
