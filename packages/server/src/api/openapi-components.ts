// zod schemas -> JSON Schema with the contract's nouns as named components. A noun whose input differs from its output is
// two components: `Capability` as answered, `CapabilityInput` as accepted.
import * as contract from "@baton/contract";
import { z } from "zod";

type Json = Record<string, unknown>;

export interface Components {
  /** Grows with every `toSchema`. */
  readonly schemas: Record<string, Json>;
  /** A reference when `schema` is a noun, else the schema with references inside. */
  toSchema(schema: z.ZodType, io: "input" | "output"): Json;
  /** Without any references. */
  toInline(schema: z.ZodType): Json;
}

export function openComponents(): Components {
  const schemas: Record<string, Json> = {};
  const nouns = registerNouns();
  const toSchema = (schema: z.ZodType, io: "input" | "output"): Json => {
    const { $defs = {}, $schema: _, ...converted } = convert(z.object({ it: schema }), io, nouns) as Json & { $defs?: Record<string, Json> };
    const names = new Map<string, string>();
    for (const [name, definition] of Object.entries($defs)) names.set(name, nameFor(schemas, name, definition, io));
    for (const [name, definition] of Object.entries($defs)) schemas[names.get(name) ?? name] = relink(clean(definition), names) as Json;
    return relink((converted["properties"] as { it: Json }).it, names) as Json;
  };
  const toInline = (schema: z.ZodType): Json => clean(convert(schema, "input", z.registry()) as Json);
  return { schemas, toSchema, toInline };
}

/** Every exported schema of an object is a noun; its name is the export's. */
function registerNouns() {
  const nouns = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(contract)) {
    if (!(schema instanceof z.ZodType) || schema._zod.def.type === "custom") continue;
    const isNoun = ["object", "union"].includes(schema._zod.def.type) && !/Query$|Frame$/.test(name);
    if (isNoun) nouns.add(schema, { id: name.charAt(0).toUpperCase() + name.slice(1) });
  }
  return nouns;
}

function convert(schema: z.ZodType, io: "input" | "output", metadata: z.core.$ZodRegistry<Json>): unknown {
  return z.toJSONSchema(schema, {
    io,
    metadata,
    target: "draft-2020-12",
    unrepresentable: "any",
    // A preprocessed value is described by what it must become: the aliases are a courtesy.
    override: ({ zodSchema, jsonSchema }) => {
      const def = zodSchema._zod.def as { type: string; in?: z.ZodType; out?: z.ZodType };
      if (io === "input" && def.type === "pipe" && def.in?._zod.def.type === "transform" && def.out) Object.assign(jsonSchema, clean(convert(def.out, io, z.registry()) as Json));
    },
  });
}

/** The name a definition gets: its own, unless that already means something else. */
function nameFor(schemas: Record<string, Json>, name: string, definition: Json, io: "input" | "output"): string {
  const known = schemas[name];
  const isOther = known !== undefined && JSON.stringify(shapeOf(known)) !== JSON.stringify(shapeOf(definition));
  return isOther && io === "input" ? `${name}Input` : name;
}

/** References aside, as they are what differs before relinking. */
const shapeOf = (definition: Json): unknown => JSON.parse(JSON.stringify(clean(definition)).replace(/"#\/[^"]*\/(\w+?)(Input)?"/g, '"$1"'));

function clean({ $schema: _, id: __, ...rest }: Json): Json {
  return rest;
}

function relink(value: unknown, names: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const target = key === "$ref" && typeof item === "string" ? /^#\/\$defs\/(.+)$/.exec(item)?.[1] : undefined;
      return [key, target === undefined ? relink(item, names) : `#/components/schemas/${names.get(target) ?? target}`];
    }),
  );
}
