import { expect, test } from "vitest";
import { toLevels } from "./plan-levels.ts";

test("a step stands one level after the last of what it needs", () => {
  const steps = [
    { id: "d", needs: ["b", "c"] },
    { id: "a", needs: [] },
    { id: "b", needs: ["a"] },
    { id: "c", needs: ["b"] },
  ];
  expect(Object.fromEntries(toLevels(steps))).toEqual({ 0: ["a"], 1: ["b"], 2: ["c"], 3: ["d"] });
});
