// What is wrong with a YAML text by a schema of the contract, each at its place in the text. Pure.
import { Refusal, parse } from "@baton/contract";
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { z } from "zod";

export interface Problem {
  from: number;
  to: number;
  message: string;
}
export type Checked = { value: unknown; problems: [] } | { value: undefined; problems: Problem[] };

/** `value`: as it was written, once nothing is wrong with it. */
export function findProblems(text: string, schema: z.ZodType): Checked {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined)
    return {
      value: undefined,
      problems: [{ from: broken.pos[0], to: Math.max(broken.pos[0] + 1, broken.pos[1]), message: broken.message.split("\n")[0] ?? "" }],
    };
  const value: unknown = document.toJS();
  try {
    parse(schema, value, "$");
    return { value, problems: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const problems = (error.issues ?? [{ path: "$", message: error.message }]).map(({ path, message, allowed }) => ({
      ...placeOf(document, path, text.length),
      message: `${path === "$" ? "this" : path.slice(2)}: ${message}${allowed === undefined ? "" : `; allowed: ${allowed.join(", ")}`}`,
    }));
    return { value: undefined, problems };
  }
}

/** Of the key and value that a path such as `$.steps[0].needs` names, or of the nearest thing around them that is there. */
function placeOf(document: Document, path: string, end: number): { from: number; to: number } {
  const parts = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => (key === undefined ? Number(index) : key));
  let node: Node | null = document.contents;
  let place = { from: 0, to: Math.min(end, 1) };
  for (const part of parts) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && same(String(key.value), String(part))) : undefined;
    const next = (pair === undefined ? (isSeq(node) ? node.items[Number(part)] : undefined) : pair.value) as Node | null | undefined;
    const range = (pair?.key as Node | undefined)?.range ?? next?.range;
    if (range) place = { from: range[0], to: Math.max(range[0] + 1, range[1]) };
    if (next === undefined || next === null) break;
    node = next;
  }
  return place;
}

/** Callers may write snake_case; what is refused is named in camelCase. */
const same = (written: string, named: string): boolean =>
  written === named || written.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) === named;
