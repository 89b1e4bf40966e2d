import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

test("the canonical text of JSON has its names in order and nothing between", () => {
  expect(canonicalJson({ b: [1, { d: "ż\n", c: null }], a: 1e21, "\u20ac": -0, A: true })).toBe('{"A":true,"a":1e+21,"b":[1,{"c":null,"d":"ż\\n"}],"€":0}');
});
