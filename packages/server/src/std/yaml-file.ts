// A YAML file -> a value that its schema accepts, or a refusal that names each mistake as `file:line:column`.
import { type Issue, parse, Refusal } from "@baton/contract";
import { type Document, isMap, isNode, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

/** More than a person writes, and too few to make a small file a huge value. */
const MAX_ALIASES = 100;

/** An empty file is an empty map. @throws Refusal `bad_input` */
export function parseYamlFile<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (mistakes: readonly (Issue & { at: number })[]): never => {
    const issues = mistakes.map(({ at, ...issue }) => {
      const { line, col } = lines.linePos(Math.min(at, text.length));
      return { ...issue, path: `${file}:${line}:${col}` };
    });
    throw new Refusal("bad_input", issues.map(({ path, message }) => `${path}  ${message}`).join("\n"), { issues });
  };
  if (document.errors.length > 0) refuse(document.errors.map(({ pos, message }) => ({ path: "", message: `is no YAML: ${message}`, at: pos[0] })));
  try {
    return parse(schema, document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}, "");
  } catch (error) {
    if (error instanceof ReferenceError) return refuse([{ path: "", message: `is no YAML: ${error.message}`, at: 0 }]);
    if (!(error instanceof Refusal)) throw error;
    const issues = error.issues ?? [{ path: "", message: error.message }];
    return refuse(issues.map((issue) => ({ ...issue, message: inWords(issue), at: offsetOf(document, issue.path) })));
  }
}
const inWords = ({ path, message, allowed }: Issue): string =>
  `${path === "" ? "the whole file" : path.slice(1)}: ${message}${allowed === undefined ? "" : ` (allowed: ${allowed.join(", ")})`}`;
const toSnake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Where the deepest part of `.steps[0].needs[1]` that is in the file begins: its key, or the item of a list. */
function offsetOf(document: Document, path: string): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [, key, index] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)) {
    const pair = key !== undefined && isMap(node) ? node.items.find((one) => [key, toSnake(key)].includes(String(one.key))) : undefined;
    const item: unknown = index !== undefined && isSeq(node) ? node.items[Number(index)] : pair?.value;
    if (item === undefined) break;
    offset = startOf(pair === undefined ? item : pair.key) ?? offset;
    node = item;
  }
  return offset;
}
const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
