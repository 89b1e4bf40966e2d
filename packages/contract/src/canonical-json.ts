// One text for one JSON value, whoever writes it, so that it can be signed: names in order, nothing between, as RFC 8785 has it.
import type { Json } from "./json.ts";

/** @param value as JSON.parse makes them. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const named = Object.keys(value).sort();
  return `{${named.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] as Json)}`).join(",")}}`;
}
