import { expect, test } from "vitest";
import { type TimedStep, toCriticalPath } from "./critical-path.ts";

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const step = (id: string, needs: string[], from: number | null = null, to: number | null = null): TimedStep => ({
  id,
  needs,
  startedAt: from === null ? null : at(from),
  completedAt: to === null ? null : at(to),
  attempts: [],
});

test("the critical path goes by time, not by the number of steps", () => {
  const steps = [step("a", [], 0, 1), step("long", ["a"], 1, 60), step("b", ["a"], 1, 2), step("c", ["b"], 2, 3), step("end", ["long", "c"])];
  expect(toCriticalPath(steps, 60_000)).toEqual(["a", "long", "end"]);
});

test("a step under way counts with what it has taken so far", () => {
  const steps = [step("a", [], 0, 1), step("b", ["a"], 1, 5), step("c", ["a"], 1)];
  expect(toCriticalPath(steps, 4000)).toEqual(["a", "b"]);
  expect(toCriticalPath(steps, 30_000)).toEqual(["a", "c"]);
});

test("where every step is on the path, there is nothing to tell", () => {
  expect(toCriticalPath([step("a", []), step("b", ["a"])], 0)).toEqual([]);
});

test("a plan with a circle or a missing step still has an answer", () => {
  expect(toCriticalPath([step("a", ["b"]), step("b", ["a", "gone"]), step("c", [])], 0).length).toBeLessThanOrEqual(3);
});
