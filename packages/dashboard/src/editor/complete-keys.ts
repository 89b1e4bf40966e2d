// What may stand at a place of a YAML text by a JSON Schema: keys that are not there yet, and values of a closed set. Pure.

export interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  description?: string;
}
export interface Suggestion {
  label: string;
  kind: "key" | "value";
}

/** For the line and column of the cursor. */
export function completeAt(lines: readonly string[], row: number, schema: Schema): Suggestion[] {
  const line = lines[row] ?? "";
  const value = /^(\s*(?:- )*)([\w-]+):\s+\S*$/.exec(line);
  const path = pathTo(lines, row);
  if (value?.[2] !== undefined) {
    const found = follow(schema, [...path, value[2]]);
    const values = found?.enum ?? found?.anyOf?.flatMap((one) => one.enum ?? []) ?? [];
    return values.map((one) => ({ label: String(one), kind: "value" as const }));
  }
  const here = follow(schema, path);
  return Object.keys(propertiesOf(here)).map((label) => ({ label, kind: "key" as const }));
}

/** The keys above the line, outermost first. */
function pathTo(lines: readonly string[], row: number): string[] {
  const path: string[] = [];
  let depth = indentOf(lines[row] ?? "");
  for (let at = row - 1; at >= 0 && depth > 0; at--) {
    const line = lines[at] ?? "";
    const key = /^(\s*)((?:- )*)([\w-]+):\s*$/.exec(line);
    const isList = /^\s*- /.test(line);
    if (key?.[3] === undefined || line.trim() === "") {
      if (isList && indentOf(line) <= depth) depth = Math.min(depth, (/^\s*/.exec(line)?.[0].length ?? 0) + 1);
      continue;
    }
    if (indentOf(line) < depth) {
      path.unshift(key[3]);
      depth = /^\s*/.exec(line)?.[0].length ?? 0;
    }
  }
  return path;
}

/** Of what stands behind the dashes of a list. */
const indentOf = (line: string): number => /^\s*(?:- )*/.exec(line)?.[0].length ?? 0;

function follow(schema: Schema | undefined, path: readonly string[]): Schema | undefined {
  return path.reduce<Schema | undefined>((at, key) => propertiesOf(at)[key], schema);
}

function propertiesOf(schema: Schema | undefined): Record<string, Schema> {
  if (schema === undefined) return {};
  if (schema.items !== undefined) return propertiesOf(schema.items);
  if (schema.anyOf !== undefined) return Object.assign({}, ...schema.anyOf.map(propertiesOf)) as Record<string, Schema>;
  return schema.properties ?? {};
}
