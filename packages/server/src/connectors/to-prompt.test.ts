// What a coding agent is told of a step.
import { expect, test } from "vitest";
import { workFor } from "./connector.testsuite.ts";
import { toPrompt } from "./to-prompt.ts";

const plain = workFor("Fix the race in the cache");
const task = { ...plain.context.task, description: plain.description };
const alone = { ...plain, context: { task, steps: {} } };

test("a step that is the whole task is its description and nothing else", () => {
  expect(toPrompt(alone)).toBe("Fix the race in the cache");
});
test("a step of a plan is told what it is a part of", () => {
  const parted = { ...alone, context: { task: { ...task, title: "Release", description: "Ship 2.0" }, steps: {} } };
  expect(toPrompt(parted)).toBe('Fix the race in the cache\n\nThis is one step of a larger task, "Release":\nShip 2.0');
});
test("input is JSON, files are a list, the language is named", () => {
  const full = { ...alone, input: { found: [1] }, context: { task: { ...task, files: ["src/a.ts", "b c.ts"], language: "typescript" }, steps: {} } };
  expect(toPrompt(full)).toBe(
    'Fix the race in the cache\n\nLanguage: typescript\n\nFiles it is about:\n- src/a.ts\n- b c.ts\n\nInput of this step:\n{\n  "found": [\n    1\n  ]\n}',
  );
});
test("what earlier steps produced is told once, as input or beside it", () => {
  const steps = { read: "all read" };
  expect(toPrompt({ ...alone, input: steps, context: { task, steps } }).match(/all read/g)).toHaveLength(1);
  expect(toPrompt({ ...alone, input: "shorter", context: { task, steps } })).toContain(
    'Input of this step:\nshorter\n\nWhat earlier steps produced, by step:\n{\n  "read": "all read"\n}',
  );
});
test("zero is an input, null is none", () => {
  expect(toPrompt({ ...alone, input: 0 })).toContain("Input of this step:\n0");
  expect(toPrompt({ ...alone, input: null })).not.toContain("Input");
});
