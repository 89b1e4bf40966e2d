// Paths that strangers write: judged in words, filled in, and never so many that judging them holds up the server.
import { expect, test } from "vitest";
import { fill, pathIssues, pathProblem, select } from "./json-path.ts";

test("what is no path is named with its place", () => {
  const issues = pathIssues({ list: ["$.a.b", { deep: "$.[" }], "odd key": "$.1a" }, "body");
  expect(issues.map((issue) => issue.path)).toEqual(["body.list[1].deep", "body.odd key"]);
});

test("literal text is not judged", () => {
  expect(pathIssues(["$5.00", "text", "", "$[0", 7, null, { "$.": "$" }], "body")).toEqual([]);
});

test("no more than twenty issues are told", () => {
  expect(
    pathIssues(
      Array.from({ length: 100 }, () => "$.["),
      "body",
    ).length,
  ).toBe(20);
});

test.each([
  ["plain paths", "$.a.b[0]", 10_000],
  ["paths that filter or descend", "$..a[?@.b == 1]", 200],
])("a document may hold many %s, and is told when it holds too many", (_, path, most) => {
  const holding = (count: number) =>
    pathIssues(
      Array.from({ length: count }, () => path),
      "body",
    );
  expect(holding(most)).toEqual([]);
  expect(holding(most + 1)).toEqual([{ path: "body", message: expect.stringContaining(String(most)) as string }]);
});

test("a path that would run for ever is given up", () => {
  const document = { list: [`${"a".repeat(60)}!`] };
  expect(() => select(document, '$.list[?match(@, "(a+)+b")]')).toThrow("took longer");
});

test("after one that was given up the next one runs", () => {
  expect(select({ list: [1, 2, 3] }, "$.list[?@ > 1]")).toEqual([2, 3]);
});

test("names of the prototype are names like others", () => {
  expect(fill({ a: "$.constructor", b: "$.__proto__" }, { steps: {} })).toEqual({ a: null, b: null });
  expect(pathProblem("$.__proto__.constructor")).toBeUndefined();
});
