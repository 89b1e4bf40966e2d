import { gate } from "@baton/contract";
import { expect, test } from "vitest";
import { toDemand } from "./gate-words.ts";

test.each([
  [{ kind: "command", name: "t", command: "npm", args: ["test"], timeoutMs: 60_000 }, "npm test must succeed within 1 min."],
  [{ kind: "paths", name: "p", allowed: ["src/**"], forbidden: ["src/secret/**"] }, "Only src/** may change; src/secret/** must not change."],
  [{ kind: "size", name: "s", maxFiles: 1, maxLines: 1200, ignore: ["*.lock"] }, "At most 1 file, 1,200 lines, *.lock not counted."],
  [
    { kind: "coverage", name: "c", minLines: 80, minChangedLines: 90 },
    "Tests must reach at least 80 % of all lines, 90 % of the lines it adds, as coverage/lcov.info tells.",
  ],
  [{ kind: "secrets", name: "x" }, "No line it adds may look like a credential."],
])("a gate of kind $0.kind is told in a sentence", (given, words) => {
  expect(toDemand(gate.parse(given))).toBe(words);
});
