// Values a schema accepts, generated from the schema itself, so that a new route or field is covered by being there.
import * as fc from "fast-check";
import type { z } from "zod";

interface Def {
  type: string;
  format?: string;
  checks?: z.ZodType[];
  innerType?: z.ZodType;
  out?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  keyType?: z.ZodType;
  options?: z.ZodType[];
  shape?: Record<string, z.ZodType>;
  values?: unknown[];
  entries?: Record<string, string>;
}
interface Check {
  check: string;
  value?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  inclusive?: boolean;
}

/** For strings that must look like something. Addresses lead nowhere: port 9 of this machine is closed. */
const SHAPED = [
  "http://127.0.0.1:9",
  "http://127.0.0.1:9/päth?x=1#y",
  "http://localhost:9/a%20b",
  "http://169.254.169.254/latest",
  "http://[::1]:9/",
  "http://user:word@127.1:9/",
  "512MB",
  "0.5 GiB",
  "2",
  "2999-12-31T23:59:59.999Z",
  "2030-01-01T00:00:00+05:30",
  "PATH_LIKE",
  "USD",
  "ünï-код-名",
  "a",
  "Ab_1",
  "/no/such/place",
  "role:agent",
  "mailbox:*",
  // What a browser subscribes to notices with: a point of P-256, and a secret.
  "BG_wO5SSQc4drdQ1GeaWDgqFtBppoFwygQOqK84VlMoWPE91OlW_AdxT9sCwx-7ni0DG_30lqW4igrmJzvccFEo",
  "AQEBAQEBAQEBAQEBAQEBAQ",
  // A public key, and a signature, in base64url.
  "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  "A".repeat(86),
];

/** Never huge, so that many are tried; never with keys that the door refuses in any JSON. @param full with every field that may be left out. */
export function arbitraryOf(schema: z.ZodType, full = false): fc.Arbitrary<unknown> {
  return arbitrary(schema, full).filter((value) => schema.safeParse(value).success && !JSON.stringify(value).includes('"__proto__"'));
}

function arbitrary(schema: z.ZodType, full: boolean): fc.Arbitrary<unknown> {
  const build = (inner: z.ZodType): fc.Arbitrary<unknown> => arbitrary(inner, full);
  const def = schema._zod.def as unknown as Def;
  switch (def.type) {
    case "object":
      return objectOf(def.shape ?? {}, full);
    case "array":
      return fc.array(build(def.element as z.ZodType), { minLength: limitsOf(def).least ?? (full ? 1 : 0), maxLength: Math.min(4, limitsOf(def).most ?? 4) });
    case "record":
      return fc.dictionary(build(def.keyType as z.ZodType) as fc.Arbitrary<string>, build(def.valueType as z.ZodType), { maxKeys: 4, noNullPrototype: true });
    case "union":
      return fc.oneof(...(def.options ?? []).map(build));
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "boolean":
      return fc.boolean();
    case "number":
      return numberOf(def);
    case "string":
      return stringOf(schema);
    case "custom":
      return fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
    case "nullable":
      return fc.option(build(def.innerType as z.ZodType));
    case "pipe":
      return build(def.out as z.ZodType);
    default:
      if (def.innerType) return build(def.innerType);
      throw new Error(`Nothing is known about generating a ${def.type}: teach tests/bad-input/arbitrary-of.ts.`);
  }
}

function objectOf(shape: Record<string, z.ZodType>, full: boolean): fc.Arbitrary<unknown> {
  const fields = Object.entries(shape);
  const required = fields.filter(([, field]) => !field.safeParse(undefined).success).map(([name]) => name);
  const model = Object.fromEntries(fields.map(([name, field]) => [name, arbitrary(field, full)]));
  return fc.record(model, { requiredKeys: full ? Object.keys(model) : required, noNullPrototype: true });
}

function limitsOf(def: Def): { least: number | undefined; most: number | undefined; whole: boolean } {
  const checks = (def.checks ?? []).map((check) => check._zod.def as unknown as Check);
  const find = (kind: string): Check | undefined => checks.find((check) => check.check === kind);
  return {
    least: find("greater_than")?.value ?? find("min_length")?.minimum,
    most: find("less_than")?.value ?? find("max_length")?.maximum,
    whole: checks.some((check) => check.format === "safeint"),
  };
}
function numberOf(def: Def): fc.Arbitrary<number> {
  const { least, most, whole } = limitsOf(def);
  const min = least ?? Number.MIN_SAFE_INTEGER;
  const max = most ?? Number.MAX_SAFE_INTEGER;
  return whole ? fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max)) : fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
}
function stringOf(schema: z.ZodType): fc.Arbitrary<string> {
  const accepts = (text: string): boolean => schema.safeParse(text).success;
  const shaped = SHAPED.filter(accepts);
  const { least, most } = limitsOf(schema._zod.def as unknown as Def);
  const free = fc.string({ unit: "grapheme", minLength: least ?? 0, maxLength: Math.min(most ?? 40, 40) }).filter(accepts);
  const takesMost = ["ünï-код-名", "a", "Ab_1"].every(accepts);
  if (!takesMost && shaped.length === 0) throw new Error("A string must look like something tests/bad-input/arbitrary-of.ts has no example of.");
  if (!takesMost) return fc.constantFrom(...shaped);
  return shaped.length === 0 ? free : fc.oneof({ weight: 4, arbitrary: free }, { weight: 1, arbitrary: fc.constantFrom(...shaped) });
}
