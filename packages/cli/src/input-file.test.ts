// What is wrong in a file is said with the place where it is wrong.
import { taskInput } from "@baton/contract";
import { describe, expect, it } from "vitest";
import { BadUsage } from "./exit.ts";
import { parseInput } from "./input-file.ts";

const refusal = (text: string): string => {
  try {
    parseInput("task.yaml", text, taskInput);
  } catch (error) {
    if (error instanceof BadUsage) return error.message;
    throw error;
  }
  throw new Error("It was accepted.");
};

describe("a task file", () => {
  it("may be YAML or JSON, in camelCase or snake_case", () => {
    expect(parseInput("t", "description: Count\ndepends_on: [a]\n", taskInput)).toEqual({ description: "Count", depends_on: ["a"] });
    expect(parseInput("t", '{"description": "Count"}', taskInput)).toEqual({ description: "Count" });
  });
  it("with a mistake in its syntax is refused at line and column", () => {
    expect(refusal("description: Count\nsteps: [one\n")).toMatch(/^task\.yaml:3:1 {2}/);
  });
  it("with a wrong value is refused at its key, whichever way the key is written", () => {
    expect(refusal("description: Count\nsteps:\n  - id: one\n    timeout_ms: soon\n")).toMatch(
      /^task\.yaml:4:5 {2}steps\[0\]\.timeoutMs: .*\n {8}timeout_ms: soon\n {8}\^$/,
    );
  });
  it("with a wrong item of a list is refused at the item", () => {
    expect(refusal("description: Count\nrequirements:\n  - read\n  - 7\n")).toMatch(/^task\.yaml:4:5 {2}requirements\[1\]: /);
  });
  it("where something is missing is refused at what it is missing from", () => {
    expect(refusal("description: Count\nsteps:\n  - id: one\n  - title: Two\n")).toMatch(/^task\.yaml:4:5 {2}steps\[1\]\.id: /);
  });
  it("that repeats a key is refused at the second", () => {
    expect(refusal("description: Count\ndescription: Again\n")).toMatch(/^task\.yaml:2:1 {2}Map keys must be unique/);
  });
  it("that is empty or no map is refused as a whole", () => {
    expect(refusal("")).toMatch(/^task\.yaml:1:1 {2}the whole file: /);
    expect(refusal("just words")).toMatch(/^task\.yaml:1:1 {2}the whole file: /);
  });
});
