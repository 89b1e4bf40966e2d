// JSON Schema (2020-12, and draft-07 where it says so) that strangers wrote, over JSON that other strangers wrote: bounded in time.
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { TookTooLong, within } from "./time-bound.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;
const MAX_CHECK_MS = 250;
/** Much more: the first ones are compiled while the machine is busy starting. */
const MAX_COMPILE_MS = 2000;
const MAX_SCHEMAS = 200;
const MAX_PROBLEMS = 20;
const settings = { allErrors: true, strict: false, validateFormats: false, addUsedSchema: false, logger: false } as const;
/** Made when first needed: making one takes tens of milliseconds. */
const validators = new Map<"old" | "new", Ajv>();
/** The newest used last: whoever is first is forgotten. */
const compiled = new Map<string, ValidateFunction>();

function compile(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = compiled.get(text);
  const validate = known ?? compileBy(schema);
  compiled.delete(text);
  compiled.set(text, validate);
  if (compiled.size > MAX_SCHEMAS) compiled.delete(compiled.keys().next().value as string);
  return validate;
}
function validatorFor(said: unknown): Ajv {
  const age = typeof said === "string" && said.includes("draft-07") ? "old" : "new";
  const known = validators.get(age);
  if (known) return known;
  const made = age === "old" ? new Ajv(settings) : new Ajv2020(settings);
  // So that the limit below is for the stranger's schema alone.
  made.compile({ type: "object" });
  validators.set(age, made);
  return made;
}
function compileBy({ $schema, ...rules }: JsonSchema): ValidateFunction {
  const validator = validatorFor($schema);
  try {
    return within(MAX_COMPILE_MS, () => validator.compile(rules));
  } finally {
    // What we keep is bounded here; what it would keep is not.
    validator.removeSchema(rules);
  }
}
/** What is wrong with a schema itself, to be read after its name; undefined when nothing is. */
export function schemaProblem(schema: JsonSchema): string | undefined {
  try {
    compile(schema);
    return undefined;
  } catch (error) {
    if (error instanceof TookTooLong) return `takes longer than ${MAX_COMPILE_MS} ms to understand`;
    return `is no JSON Schema: ${(error as Error).message}`;
  }
}
/** Every way in which `value` does not fit, such as "/answer must be number", at the most 20; empty when it does. A schema nobody can use is one. */
export function misfits(schema: JsonSchema, value: unknown): string[] {
  const unusable = schemaProblem(schema);
  if (unusable !== undefined) return [`could not be checked: its schema ${unusable}`];
  const validate = compile(schema);
  try {
    if (within(MAX_CHECK_MS, () => validate(value))) return [];
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    return [`could not be checked within ${MAX_CHECK_MS} ms`];
  }
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = "additionalProperty" in params ? ` (${String(params["additionalProperty"])})` : "";
    return `${instancePath === "" ? "it" : instancePath} ${message ?? "does not fit"}${extra}`;
  });
  return [...new Set(problems)].slice(0, MAX_PROBLEMS);
}
