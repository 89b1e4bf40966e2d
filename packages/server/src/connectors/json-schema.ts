// JSON Schemas that registrations and tool servers wrote, over JSON that agents wrote: what does not fit is told in words, and no pattern runs for ever.
import type { Json } from "@baton/contract";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { within } from "../std/time-bound.ts";

const MAX_EVALUATION_MS = 250;
const MAX_COMPILATION_MS = 2_000;
const MAX_PROBLEMS = 20;

/** Every way in which a value does not fit, such as "/answer must be number"; empty when it does. */
export type Fit = (value: Json) => string[];

/** @throws Error in words when it is not a JSON Schema that can be used. */
export function compileSchema(schema: object): Fit {
  // One for each schema: what it compiles it keeps. Unknown keywords and formats are no reason to refuse what others accept.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false, addUsedSchema: false });
  const { $schema: _, ...rules } = schema as Record<string, unknown>;
  const validate = within(MAX_COMPILATION_MS, () => ajv.compile(rules));
  return (value) => problemsOf(validate, value);
}

function problemsOf(validate: ValidateFunction, value: Json): string[] {
  try {
    if (within(MAX_EVALUATION_MS, () => validate(value))) return [];
  } catch (error) {
    return [`could not be checked: ${(error as Error).message}`];
  }
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = "additionalProperty" in params ? ` (${String(params["additionalProperty"])})` : "";
    return `${instancePath === "" ? "it" : instancePath} ${message ?? "does not fit"}${extra}`;
  });
  return problems.slice(0, MAX_PROBLEMS);
}
