// A YAML file -> a value that its schema accepts, or a refusal that names each mistake as `file:line:column`.
import { type Issue, parse, Refusal } from "@baton/contract";
import { type CST, type Document, isMap, isNode, isSeq, LineCounter, parseDocument, Parser } from "yaml";
import type { z } from "zod";

/** More than a person writes, and too few to make a small file a huge value. */
const MAX_ALIASES = 100;
/**
 * Also of what is no YAML. Nested deeper than the stack goes, forty kilobytes of brackets may end the whole process, which nothing can catch; ten thousand
 * keys of one map would hold it up for seconds, as each is held against all others.
 */
const MAX_DEPTH = 64;
const MAX_ITEMS = 2000;
/** Commas, comments, anchors and empty lines before one thing; mistakes beyond it are as many. */
const MAX_MARKS = 5000;
const MAX_MISTAKES = 20;
const MAX_LENGTH = 256 * 1024;

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const marksOf = (token: CST.Token): number => Math.max("start" in token ? lengthOf(token.start) : 0, "end" in token ? lengthOf(token.end) : 0);
/** What makes a text too heavy to be read as YAML, to be read after its name; found without reading it so. Undefined: nothing does. */
export function yamlTooHeavy(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH / 1024} KiB`;
  const tokens = [...new Parser().parse(text)];
  const tooMany = `has more than ${MAX_ITEMS} entries in one list or map, or more than ${MAX_MARKS} marks between two things`;
  if (tokens.length > MAX_MARKS) return tooMany;
  const left: [token: CST.Token, depth: number][] = tokens.map((token) => [token, 0]);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [token, depth] = next;
    if (depth > MAX_DEPTH) return `nests deeper than ${MAX_DEPTH} levels`;
    if (token.type === "document" && token.value) left.push([token.value, depth]);
    if (marksOf(token) > MAX_MARKS) return tooMany;
    if (!("items" in token)) continue;
    if (token.items.length > MAX_ITEMS) return tooMany;
    for (const { start, key, value } of token.items) {
      if (start.length > MAX_MARKS) return tooMany;
      for (const inner of [key, value]) if (inner) left.push([inner, depth + 1]);
    }
  }
  return undefined;
}

/** An empty file is an empty map. @throws Refusal `bad_input` */
export function parseYamlFile<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> {
  const lines = new LineCounter();
  const heavy = yamlTooHeavy(text);
  if (heavy !== undefined) throw new Refusal("bad_input", `${file} ${heavy}.`, { issues: [{ path: `${file}:1:1`, message: heavy }] });
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (mistakes: readonly (Issue & { at: number })[]): never => {
    const issues = mistakes.map(({ at, ...issue }) => {
      const { line, col } = lines.linePos(Math.min(at, text.length));
      return { ...issue, path: `${file}:${line}:${col}` };
    });
    throw new Refusal("bad_input", issues.map(({ path, message }) => `${path}  ${message}`).join("\n"), { issues });
  };
  if (document.errors.length > 0)
    refuse(document.errors.slice(0, MAX_MISTAKES).map(({ pos, message }) => ({ path: "", message: `is no YAML: ${message}`, at: pos[0] })));
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
