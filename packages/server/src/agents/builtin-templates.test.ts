// The built-in templates must pass the same door as a caller's own.
import { templateInput } from "@baton/contract";
import { expect, test } from "vitest";
import { builtinTemplates } from "./builtin-templates.ts";

test.each(builtinTemplates)("$name is a template anybody could have sent", (template) => {
  expect(templateInput.parse(template)).toEqual(template);
});

test("the four of them have names of their own", () => {
  expect(builtinTemplates.map((template) => template.name)).toEqual(["crewai", "databricks_foundation", "openai_compatible", "custom"]);
});
