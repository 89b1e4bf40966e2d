// What an agent changes of a template must stay what the caller wrote.
import { expect, test } from "vitest";
import { mappingOverride, requestMapping } from "./template.ts";

test("a mapping that overrides one field says nothing about the others", () => {
  const parsed = mappingOverride.parse({ request: { path: "/ask" }, response: {} });
  expect(parsed).toEqual({ request: { path: "/ask" }, response: {} });
});

test("a template's own mapping gets the default of every field", () => {
  expect(requestMapping.parse({})).toEqual({ method: "POST", path: "/process", headers: {}, bodyMapping: {} });
});
