// Ids sort as they were made and never repeat.
import { expect, test } from "vitest";
import { newId } from "./clock.ts";

test("a hundred thousand ids are UUIDv7, different, and sorted", () => {
  const ids = Array.from({ length: 100_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
  expect(ids.every((id, at) => at === 0 || (ids[at - 1] as string) < id)).toBe(true);
});

test("an id begins with the time it was made at", () => {
  const made = Number.parseInt(newId().replaceAll("-", "").slice(0, 12), 16);
  // The hundred thousand above may have run ahead of the clock: 4,096 fit into a millisecond.
  expect(Math.abs(made - Date.now())).toBeLessThan(1000);
});
