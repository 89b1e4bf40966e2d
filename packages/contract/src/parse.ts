// Unknown input -> trusted value, or a refusal that names each path. Used at every door.
import type { z } from "zod";
import { type Issue, Refusal } from "./refusal.ts";
import { MAX_JSON_DEPTH } from "./json.ts";

type Def = {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  out?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
};

/** snake_case -> camelCase for the keys a schema knows, so that callers may write either; a caller's own keys (payload, metadata) stay. */
export function acceptSnakeCase(schema: z.ZodType, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const def = schema._zod.def as unknown as Def;
  if (def.innerType) return acceptSnakeCase(def.innerType, value);
  if (def.type === "pipe") return acceptSnakeCase((def.out ?? def.in) as z.ZodType, value);
  if (def.type === "array" && Array.isArray(value)) {
    const items = value.map((item) => acceptSnakeCase(def.element as z.ZodType, item));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (def.type === "union") return acceptSnakeCase(optionFor(def.options ?? [], value), value);
  if (def.type !== "object" || Array.isArray(value)) return value;
  const shape = (schema as z.ZodObject).shape as Record<string, z.ZodType>;
  const entries = Object.entries(value);
  const named = entries.map(([key, item]): [string, unknown] => {
    const name = nameOf(shape, key, value);
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    return [name, known ? acceptSnakeCase(known, item) : item];
  });
  // Nearly everybody writes names as they are here: what need not be copied is not.
  return named.some(([name, item], at) => name !== entries[at]?.[0] || item !== entries[at]?.[1]) ? Object.fromEntries(named) : value;
}
function nameOf(shape: Record<string, z.ZodType>, key: string, value: object): string {
  if (!key.includes("_") || Object.hasOwn(shape, key)) return key;
  const camel = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(shape, camel) && !Object.hasOwn(value, camel) ? camel : key;
}

function optionFor(options: z.ZodType[], value: object): z.ZodType {
  const objects = options.filter((option) => option._zod.def.type === "object") as z.ZodObject[];
  const matching = objects.find((option) =>
    Object.entries(option.shape).some(
      ([key, field]) => (field as z.ZodType)._zod.def.type === "literal" && (field as z.ZodLiteral).values.has((value as Record<string, never>)[key]),
    ),
  );
  return (matching ?? objects[0] ?? options[0]) as z.ZodType;
}

/** Goes no deeper than the limit: a hostile depth cannot overflow the stack. */
function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth > MAX_JSON_DEPTH) return true;
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, depth + 1));
  for (const key in value) if (isTooDeep((value as Record<string, unknown>)[key], depth + 1)) return true;
  return false;
}

/** @throws Refusal `bad_input` naming every path below `where` that is wrong, and what is allowed there. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  if (isTooDeep(value)) {
    const message = `nests deeper than ${MAX_JSON_DEPTH} levels`;
    throw new Refusal("bad_input", `${where} ${message}.`, { issues: [{ path: where, message }] });
  }
  const result = schema.safeParse(acceptSnakeCase(schema, value));
  if (result.success) return result.data;
  const issues = flatten(result.error.issues, where).slice(0, 20);
  throw new Refusal(
    "bad_input",
    issues
      .map((issue) => `${issue.path}: ${issue.message}`)
      .slice(0, 3)
      .join("; "),
    { issues },
  );
}

function flatten(issues: readonly z.core.$ZodIssue[], where: string): Issue[] {
  return issues.flatMap((issue): Issue[] => {
    const path = where + issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: `${path}.${key}`, message: "is not known here" }));
    if (issue.code === "invalid_value") return [{ path, message: issue.message, allowed: issue.values.map(String) }];
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const closest = issue.errors.reduce((best, option) => (option.length > 0 && depthOf(option) > depthOf(best) ? option : best));
      return flatten(closest, path);
    }
    return [{ path, message: issue.message }];
  });
}
const depthOf = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));
