// JSON Schema (2020-12, and draft-07 where it says so) that strangers wrote, over JSON that other strangers wrote: bounded in time.
import type { Issue, Json } from "@baton/contract";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { TookTooLong, within } from "./time-bound.ts";

export type JsonSchema = Record<string, Json>;
const MAX_CHECK_MS = 250;
/** Much more: the first ones are compiled while the machine is busy starting. */
const MAX_COMPILE_MS = 2000;
const MAX_SCHEMAS = 200;
const MAX_PROBLEMS = 8;
const settings = { allErrors: true, strict: false, validateFormats: false, addUsedSchema: false, logger: false } as const;
/** Made when first needed: making one takes tens of milliseconds. */
const validators = new Map<"old" | "new", Ajv>();
/** The newest used last: whoever is first is forgotten. */
const compiled = new Map<string, ValidateFunction>();

function compile(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  const validate = known ?? compileBy(validatorFor(schema), schema);
  compiled.delete(text);
  compiled.set(text, validate);
  if (compiled.size > MAX_SCHEMAS) compiled.delete(compiled.keys().next().value as string);
  return validate;
}
function validatorFor(schema: JsonSchema): Ajv {
  const age = typeof schema["$schema"] === "string" && schema["$schema"].includes("draft-07") ? "old" : "new";
  const known = validators.get(age);
  if (known) return known;
  const made = age === "old" ? new Ajv(settings) : new Ajv2020(settings);
  // So that the limit below is for the stranger's schema alone.
  made.compile({ type: "object" });
  validators.set(age, made);
  return made;
}
function compileBy(validator: Ajv, schema: JsonSchema): ValidateFunction {
  try {
    return within(MAX_COMPILE_MS, () => validator.compile(schema));
  } finally {
    // What we keep is bounded here; what it would keep is not.
    validator.removeSchema(schema);
  }
}
/** What is wrong with a schema itself. */
export function schemaIssues(schema: JsonSchema, path: string): Issue[] {
  try {
    compile(schema);
    return [];
  } catch (error) {
    return [
      {
        path,
        message: error instanceof TookTooLong ? `takes longer than ${MAX_COMPILE_MS} ms to understand` : `is no JSON Schema: ${(error as Error).message}`,
      },
    ];
  }
}
/** Where `value` does not fit, in words; undefined when it does. */
export function misfit(schema: JsonSchema, value: Json): string | undefined {
  try {
    const validate = compile(schema);
    if (within(MAX_CHECK_MS, () => validate(value))) return undefined;
    const problems = (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath === "" ? "the output" : instancePath} ${message ?? "does not fit"}`,
    );
    return [...new Set(problems)].slice(0, MAX_PROBLEMS).join("; ");
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    return `it could not be checked within ${MAX_CHECK_MS} ms`;
  }
}
