import { taskInput } from "@baton/contract";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Schema, completeAt } from "./complete-keys.ts";

const schema = z.toJSONSchema(taskInput, { io: "input", unrepresentable: "any" }) as Schema;
const labels = (text: string) => {
  const lines = text.split("\n");
  return completeAt(lines, lines.length - 1, schema).map(({ label }) => label);
};

test("at the beginning of a line stand the keys of a task", () => {
  expect(labels("description: Go\n")).toEqual(expect.arrayContaining(["title", "steps", "constraints"]));
});

test("inside a step stand the keys of a step", () => {
  expect(labels("steps:\n  - id: a\n    ")).toEqual(expect.arrayContaining(["needs", "requirements", "timeoutMs"]));
  expect(labels("steps:\n  - id: a\n    ")).not.toContain("steps");
});

test("inside the limits stand the limits", () => {
  expect(labels("constraints:\n  ")).toEqual(expect.arrayContaining(["deadline", "maxAgents", "budget"]));
});

test("behind a key with a closed set stand its values", () => {
  expect(labels("pattern: ")).toContain("swarm");
});
