// zod schemas -> JSON Schema with the contract's nouns as named components. A noun whose input differs from its output is
// two components: `ProcessConnector` as answered, `ProcessConnectorInput` as accepted.
import * as contract from "@baton/contract";
import { z } from "zod";

export type Json = Record<string, unknown>;
type Direction = "input" | "output";

export interface Components {
  /** Grows with every `toSchema`. */
  readonly schemas: Record<string, Json>;
  /** A reference when `schema` is a noun, else the schema with references inside. Outputs first: they get the plain names. */
  toSchema(schema: z.ZodType, io: Direction): Json;
  /** Without any references; of what is accepted. */
  toInline(schema: z.ZodType): Json;
}

export function openComponents(): Components {
  const schemas: Record<string, Json> = {};
  const nouns = registerNouns();
  const outputs = new Map<string, Json>();
  const inputNames = new Map<string, string>();
  const toSchema = (schema: z.ZodType, io: Direction): Json => {
    const { $defs = {}, properties } = convert(z.object({ it: schema }), io, nouns) as { $defs?: Record<string, Json>; properties: { it: Json } };
    const definitions = new Map(Object.entries($defs).map(([name, definition]) => [name, clean(definition)]));
    if (io === "output") for (const [name, definition] of definitions) outputs.set(name, definition);
    else nameInputs(definitions, outputs, inputNames);
    const nameOf = (name: string) => (io === "input" ? (inputNames.get(name) ?? name) : name);
    for (const [name, definition] of definitions) schemas[nameOf(name)] = relink(definition, nameOf) as Json;
    return relink(properties.it, nameOf) as Json;
  };
  return { schemas, toSchema, toInline: (schema) => clean(convert(schema, "input", z.registry()) as Json) };
}

/** Every exported schema of an object or a choice is a noun; its name is the export's. */
function registerNouns(): z.core.$ZodRegistry<{ id: string }> {
  const nouns = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(contract)) {
    if (!(schema instanceof z.ZodType) || !["object", "union"].includes(schema._zod.def.type)) continue;
    if (!/(Query|Frame)$/.test(name)) nouns.add(schema, { id: name.charAt(0).toUpperCase() + name.slice(1) });
  }
  return nouns;
}

function convert(schema: z.ZodType, io: Direction, metadata: z.core.$ZodRegistry<Json>): unknown {
  return z.toJSONSchema(schema, {
    io,
    metadata,
    target: "draft-2020-12",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const def = zodSchema._zod.def as { type: string; catchall?: unknown; in?: z.ZodType; out?: z.ZodType };
      // A preprocessed value is described by what it must become: the aliases are a courtesy.
      if (io === "input" && def.type === "pipe" && def.in?._zod.def.type === "transform" && def.out)
        Object.assign(jsonSchema, clean(convert(def.out, io, z.registry()) as Json));
      // Answers may grow: only what is strict says that nothing else may be there.
      if (def.type === "object" && def.catchall === undefined) delete jsonSchema.additionalProperties;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}

/** Decides the name of each new input: another one than its output's when it, or anything it refers to, differs. */
function nameInputs(definitions: Map<string, Json>, outputs: Map<string, Json>, names: Map<string, string>): void {
  const fresh = [...definitions.keys()].filter((name) => !names.has(name));
  const isOwn = (name: string) => names.get(name) !== undefined && names.get(name) !== name;
  const differs = (name: string) =>
    outputs.has(name) && (JSON.stringify(outputs.get(name)) !== JSON.stringify(definitions.get(name)) || refersTo(definitions.get(name), isOwn));
  for (const name of fresh) names.set(name, name);
  for (let found: string[] = fresh; found.length > 0; ) {
    found = fresh.filter((name) => !isOwn(name) && differs(name));
    for (const name of found) names.set(name, `${name}Input`);
  }
}

const refersTo = (value: unknown, isOwn: (name: string) => boolean): boolean =>
  [...JSON.stringify(value).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].some((match) => isOwn(match[1] ?? ""));

function clean(schema: Json): Json {
  const { $schema: _schema, id: _id, ...rest } = schema;
  return rest;
}

function relink(value: unknown, nameOf: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, nameOf));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const target = key === "$ref" && typeof item === "string" ? /^#\/\$defs\/(.+)$/.exec(item)?.[1] : undefined;
    return [key, target === undefined ? relink(item, nameOf) : `#/components/schemas/${nameOf(target)}`];
  });
  return Object.fromEntries(entries);
}
