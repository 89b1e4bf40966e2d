import { expect, test } from "vitest";
import { toPermissionRequest as ofClaude } from "./claude-tools.ts";
import { commandIn } from "./doing.ts";

test.each([
  [{ command: "npm test" }, "npm test"],
  [{ command: ["bash", "-lc", "npm test"] }, "bash -lc 'npm test'"],
  [{ command: ["echo", "it's", ""] }, "echo 'it'\\''s' ''"],
  [{ command: "make", cwd: "/other place" }, "cd '/other place' && make"],
  [{ command: ["make"], workdir: "sub" }, "cd sub && make"],
  [{ command: " " }, undefined],
  [{ command: [] }, undefined],
  [{ command: ["a", 1] }, undefined],
  [{ cmd: "make" }, undefined],
])("the command of %j is %s", (input, command) => expect(commandIn(input)).toBe(command));

test("what Claude Code runs is known by its command, but not outside of its sandbox", () => {
  expect(ofClaude("Bash", { command: "npm test" }, undefined)).toMatchObject({ toolKind: "execute", command: "npm test", tool: "Bash" });
  expect(ofClaude("Bash", { command: "npm test", dangerouslyDisableSandbox: true }, undefined).command).toBeUndefined();
  expect(ofClaude("mcp__store__put", { key: "a" }, undefined)).toMatchObject({ toolKind: "other", tool: "mcp__store__put" });
});
