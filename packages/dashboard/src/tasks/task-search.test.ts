import { expect, test } from "vitest";
import { parseTaskSearch, toTaskFilter } from "./task-search.ts";

test("what an address says of the tasks is asked of the API", () => {
  const search = parseTaskSearch({ show: "failed", q: "report", priority: "high", type: "analysis", project: "web", view: "board" });
  expect(toTaskFilter(search)).toEqual({ status: "failed", q: "report", priority: "high", type: "analysis", projectId: "web" });
});

test("what an address says and nobody knows is left out", () => {
  expect(parseTaskSearch({ show: "nothing", priority: "utmost", view: "pie", q: "" })).toEqual({});
});

test("words that look like a number are words", () => {
  expect(parseTaskSearch({ q: 42 })).toEqual({ q: "42" });
});
