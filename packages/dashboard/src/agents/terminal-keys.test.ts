import { expect, test } from "vitest";
import { toTerminalInputs } from "./terminal-keys.ts";

test("a line and its Enter are one input", () => {
  expect(toTerminalInputs("ls -l\r")).toEqual([{ text: "ls -l", keys: ["Enter"] }]);
});

test("what is typed after a key is an input of its own", () => {
  expect(toTerminalInputs("a\rb\r")).toEqual([
    { text: "a", keys: ["Enter"] },
    { text: "b", keys: ["Enter"] },
  ]);
});

test("arrows are arrows, in both of the ways terminals say them, and Escape is Escape", () => {
  expect(toTerminalInputs("\u001b[A\u001bOB\u001b")).toEqual([{ keys: ["Up", "Down", "Escape"] }]);
});

test("control characters that have no name here are not typed", () => {
  expect(toTerminalInputs("a\u0007\u0000b")).toEqual([{ text: "ab" }]);
});
