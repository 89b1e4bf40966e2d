// The mapping language on its own: what is a path, what a path becomes, and what is refused before it is ever used.
import { assert, jsonValue, property } from "fast-check";
import type { Json } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { workFor } from "./connector.testsuite.ts";
import { mapValue, type Scope, toScope } from "./mapping.ts";
import { pathIssues } from "../std/json-path.ts";

const scope: Scope = {
  description: "Summarise it",
  context: { notes: [{ text: "one" }, { text: "two" }], step_first: { found: 3 } },
  step_input: { items: [{ n: 1 }, { n: 2 }, { n: 3 }], "odd key": true },
  config: { model: "m-1" },
  task: { id: "t-1" },
  steps: { first: { found: 3 } },
};

describe("a mapping", () => {
  test.each<[string, Json]>([
    ["$.description", "Summarise it"],
    ["$.config.model", "m-1"],
    ["$.task.id", "t-1"],
    ["$.steps.first.found", 3],
    ["$.context.step_first.found", 3],
    ["$.step_input.items[0].n", 1],
    ["$.step_input.items[-1].n", 3],
    ["$.step_input.items[*].n", [1, 2, 3]],
    ["$.step_input.items[?@.n > 1].n", [2, 3]],
    ["$.step_input.items[?@.n > 2].n", 3],
    ["$.step_input['odd key']", true],
    ["$..text", ["one", "two"]],
    ["$.nothing.here", null],
    ["$.context.notes[?match(@.text, 'o.*')].text", "one"],
    ["$.__proto__", null],
    ["$", { ...scope }],
  ])("turns %s into what it matches", (path, value) => expect(mapValue(path, scope)).toEqual(value));

  test.each(["plain", "", "costs $5", " $.description", "$description", "$[0]", "{description}"])("leaves %j as it is", (text) => {
    expect(mapValue(text, scope)).toBe(text);
  });

  test("recurses through objects and lists and keeps everything else", () => {
    const mapping = { a: [{ b: "$.description" }, "$.config.model", 7, null, false], c: { d: { e: "$.task.id" } } };
    expect(mapValue(mapping, scope)).toEqual({ a: [{ b: "Summarise it" }, "m-1", 7, null, false], c: { d: { e: "t-1" } } });
  });

  test("keeps a field named __proto__ a field", () => {
    const mapped = mapValue(JSON.parse('{"__proto__": {"polluted": "$.description"}}') as Json, scope);
    expect(JSON.stringify(mapped)).toBe('{"__proto__":{"polluted":"Summarise it"}}');
    expect({}).not.toHaveProperty("polluted");
  });

  test("sees earlier outputs as steps, and as step_<id> in context", () => {
    const { context } = workFor("x");
    const seen = toScope({ ...workFor("x"), context: { ...context, steps: { one: 1, "2": "two" } } }, {});
    expect(mapValue(["$.context.step_one", "$.context.step_2", "$.steps.one", "$.context.task.description"], seen)).toEqual([1, "two", 1, "The whole task"]);
  });

  test("without paths comes out as it went in, whatever it holds", () => {
    const literal = jsonValue().filter((value) => !JSON.stringify(value).includes("$"));
    assert(
      property(literal, (value) => {
        expect(JSON.stringify(mapValue(value as Json, scope))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe("a mapping is refused", () => {
  test.each(["$.", "$.a[", "$.a[?", "$.50 per item", "$.a b", `$.${"a".repeat(3_000)}`, `$.a[?${"(".repeat(400)}`])(
    "for %s, by the place it stands at",
    (path) => {
      expect(pathIssues({ list: [1, path] }, "body")).toEqual([{ path: "body.list[1]", message: expect.any(String) }]);
    },
  );
  test("for nothing else", () => expect(pathIssues({ a: ["$.a.b", "$", "text", 1, null] }, "body")).toEqual([]));
});
