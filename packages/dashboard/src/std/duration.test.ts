import { expect, test } from "vitest";
import { toAge, toDuration } from "./duration.ts";

test("a duration is told in at most two units", () => {
  expect([420, 3210, 41_000, 125_000, 11_520_000, 4 * 86_400_000].map(toDuration)).toEqual(["420 ms", "3.2 s", "41 s", "2 min 5 s", "3 h 12 min", "4 d"]);
});

test("an age is told in one unit, and is never negative when clocks differ", () => {
  expect([-5000, 500, 12_900, 200_000, 7_300_000, 400_000_000].map(toAge)).toEqual(["now", "now", "12 s", "3 min", "2 h", "4 d"]);
});
