// Schemas and values of strangers: held, told, and bounded in time.
import { expect, test } from "vitest";
import { misfits, schemaProblem } from "./json-schema.ts";

test("what does not fit is told by place, all of it", () => {
  const schema = { type: "object", properties: { n: { type: "number" }, s: { enum: ["a"] } }, required: ["n", "m"] };
  expect(misfits(schema, { n: 1, m: 2 })).toEqual([]);
  expect(misfits(schema, { n: "x", s: "b" })).toEqual([
    "it must have required property 'm'",
    "/n must be number",
    "/s must be equal to one of the allowed values",
  ]);
  expect(misfits({ additionalProperties: false }, { extra: 1 })).toEqual(["it must NOT have additional properties (extra)"]);
});
test("both the newest JSON Schema and draft-07 are understood", () => {
  expect(misfits({ type: "array", prefixItems: [{ type: "number" }] }, ["x"])).toEqual(["/0 must be number"]);
  expect(misfits({ $schema: "http://json-schema.org/draft-07/schema#", type: "array", items: [{ type: "number" }] }, ["x"])).toEqual(["/0 must be number"]);
});
test("what is no schema is told, and fits nothing", () => {
  expect(schemaProblem({ type: "nothing" })).toMatch(/is no JSON Schema/);
  expect(schemaProblem({ $ref: "http://127.0.0.1/elsewhere" })).toMatch(/is no JSON Schema/);
  expect(misfits({ type: "nothing" }, 1)).toEqual([expect.stringMatching(/could not be checked: its schema is no JSON Schema/)]);
});
test("a pattern that would take for ever is given up", () => {
  expect(misfits({ type: "string", pattern: "^(a+)+$" }, `${"a".repeat(40)}!`)).toEqual(["could not be checked within 250 ms"]);
});
test("schemas with the same $id do not get into each other's way", () => {
  expect(misfits({ $id: "https://example.org/x", type: "number" }, 1)).toEqual([]);
  expect(misfits({ $id: "https://example.org/x", type: "string" }, "s")).toEqual([]);
});
