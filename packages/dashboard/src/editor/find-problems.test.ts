import { taskInput } from "@baton/contract";
import { expect, test } from "vitest";
import { findProblems } from "./find-problems.ts";

const at = (text: string) => findProblems(text, taskInput).problems.map(({ from, to, message }) => [text.slice(from, to), message]);

test("a file that is right is its value", () => {
  expect(findProblems("description: Go\npriority: high", taskInput)).toEqual({ value: { description: "Go", priority: "high" }, problems: [] });
});

test("a value that is not allowed is marked at its key, with what is", () => {
  expect(at("description: Go\npattern: circle")).toEqual([["pattern", expect.stringContaining("allowed: auto, single")]]);
});

test("a key nobody knows is marked where it stands, also deep inside", () => {
  expect(at("description: Go\nsteps:\n  - id: a\n    neds: [b]")).toEqual([["neds", "steps[0].neds: is not known here"]]);
});

test("a key in snake_case is found where it was written", () => {
  expect(at("description: Go\nproject_id: [1]")).toEqual([["project_id", expect.stringContaining("projectId")]]);
});

test("what is missing is told at the beginning", () => {
  const { problems } = findProblems("title: Go", taskInput);
  expect(problems).toMatchObject([{ from: 0, message: expect.stringContaining("description") }]);
});

test("a text that is no YAML says where it breaks", () => {
  expect(findProblems("description: [Go", taskInput).problems).toHaveLength(1);
});
