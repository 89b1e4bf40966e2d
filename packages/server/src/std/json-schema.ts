// JSON Schema (2020-12, and draft-07 where it says so) that strangers wrote, over JSON that other strangers wrote: bounded in time.
import type { Issue, Json } from "@baton/contract";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isTooLong, withinTime } from "./within-time.ts";

export type JsonSchema = Record<string, Json>;
const MAX_MS = 250;
const MAX_SCHEMAS = 200;
const MAX_PROBLEMS = 8;
const settings = { allErrors: true, strict: false, validateFormats: false, addUsedSchema: false, logger: false } as const;
/** The newest used last: whoever is first is forgotten. */
const compiled = new Map<string, ValidateFunction>();

function compile(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  const isOld = typeof schema["$schema"] === "string" && schema["$schema"].includes("draft-07");
  const validate = known ?? withinTime(MAX_MS, () => (isOld ? new Ajv(settings) : new Ajv2020(settings)).compile(schema));
  compiled.delete(text);
  compiled.set(text, validate);
  if (compiled.size > MAX_SCHEMAS) compiled.delete(compiled.keys().next().value as string);
  return validate;
}
/** What is wrong with a schema itself. */
export function schemaIssues(schema: JsonSchema, path: string): Issue[] {
  try {
    compile(schema);
    return [];
  } catch (error) {
    return [{ path, message: isTooLong(error) ? `takes longer than ${MAX_MS} ms to understand` : `is no JSON Schema: ${(error as Error).message}` }];
  }
}
/** Where `value` does not fit, in words; undefined when it does. */
export function misfit(schema: JsonSchema, value: Json): string | undefined {
  try {
    const validate = compile(schema);
    if (withinTime(MAX_MS, () => validate(value))) return undefined;
    const problems = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath === "" ? "the output" : instancePath} ${message ?? "does not fit"}`);
    return [...new Set(problems)].slice(0, MAX_PROBLEMS).join("; ");
  } catch (error) {
    if (!isTooLong(error)) throw error;
    return `it could not be checked within ${MAX_MS} ms`;
  }
}
