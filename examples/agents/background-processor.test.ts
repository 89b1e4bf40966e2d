// The background processor: what each operation comes to, and what it does not take.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { operations, processWork } from "./background-processor.mjs";

const never = new AbortController().signal;
const items = [
  { name: "b", size: 10, kind: "file" },
  { name: "a", size: 9, kind: "file" },
  { name: "c", size: 2, kind: "folder" },
];

test.each([
  [{ operation: "merge", values: [[1], [2, 3]] }, [1, 2, 3]],
  [
    { operation: "merge", values: [{ a: 1, b: 1 }, { b: 2 }] },
    { a: 1, b: 2 },
  ],
  [{ operation: "select", items, where: { kind: "file" }, sortBy: "size", fields: ["name"] }, [{ name: "a" }, { name: "b" }]],
  [{ operation: "select", items, sortBy: "size", descending: true, limit: 1 }, [items[0]]],
  [
    { operation: "count", items, by: "kind" },
    [
      { value: "file", count: 2 },
      { value: "folder", count: 1 },
    ],
  ],
  [{ operation: "wait", ms: 1 }, { waitedMs: 1 }],
])("%j", async (input, output) => {
  expect(await processWork(input, never)).toEqual({ output });
});

test("the digest of a value does not depend on the order of its fields", async () => {
  const [one, other, third] = await Promise.all(
    [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
      { a: 1, b: [3] },
    ].map((value) => processWork({ operation: "digest", value }, never)),
  );
  expect(one).toEqual(other);
  expect(one).not.toEqual(third);
});

test.each([
  [null, "needs an operation: merge, select, count, digest, wait"],
  [{ operation: "constructor" }, "needs an operation"],
  [{ operation: "merge", values: [[1], {}] }, "all lists, or all objects"],
  [{ operation: "select", items: [1] }, "items must be objects"],
  [{ operation: "count", items, by: 3 }, "by must be the name of a field"],
  [{ operation: "wait", ms: -1 }, "ms must be a whole number"],
])("refuses %j", async (input, message) => {
  await expect(processWork(input, never)).rejects.toThrow(message);
});

test("as a command it reads one line and writes one, and its help has every operation", () => {
  const program = fileURLToPath(new URL("background-processor.mjs", import.meta.url));
  const run = (args: string[], input = "") => execFileSync(process.execPath, [program, ...args], { input, encoding: "utf8" });
  expect(JSON.parse(run([], `${JSON.stringify({ input: { operation: "merge", values: [["a"], ["b"]] } })}\n`))).toEqual({ output: ["a", "b"] });
  for (const name of Object.keys(operations)) expect(run(["--help"])).toContain(`operation: ${name}`);
});
