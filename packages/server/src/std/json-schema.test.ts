// Schemas and values of strangers: held, told, and bounded in time.
import { expect, test } from "vitest";
import { misfit, schemaIssues } from "./json-schema.ts";

test("what does not fit is told by place, all of it", () => {
  const schema = { type: "object", properties: { n: { type: "number" }, s: { enum: ["a"] } }, required: ["n", "m"] };
  expect(misfit(schema, { n: 1, m: 2 })).toBeUndefined();
  expect(misfit(schema, { n: "x", s: "b" })).toBe(
    "the output must have required property 'm'; /n must be number; /s must be equal to one of the allowed values",
  );
});
test("both the newest JSON Schema and draft-07 are understood", () => {
  expect(misfit({ type: "array", prefixItems: [{ type: "number" }] }, ["x"])).toMatch(/must be number/);
  expect(misfit({ $schema: "http://json-schema.org/draft-07/schema#", type: "array", items: [{ type: "number" }] }, ["x"])).toMatch(/must be number/);
});
test("what is no schema is refused with its place", () => {
  expect(schemaIssues({ type: "nothing" }, "body.x")).toMatchObject([{ path: "body.x", message: expect.stringMatching(/is no JSON Schema/) }]);
  expect(schemaIssues({ $ref: "http://127.0.0.1/elsewhere" }, "body.x")).toHaveLength(1);
});
test("a pattern that would take for ever is given up", () => {
  expect(misfit({ type: "string", pattern: "^(a+)+$" }, `${"a".repeat(40)}!`)).toBe("it could not be checked within 250 ms");
});
test("schemas with the same $id do not get into each other's way", () => {
  expect(misfit({ $id: "https://example.org/x", type: "number" }, 1)).toBeUndefined();
  expect(misfit({ $id: "https://example.org/x", type: "string" }, "s")).toBeUndefined();
});
