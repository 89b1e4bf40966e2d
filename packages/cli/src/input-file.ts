// A YAML or JSON file of a person's -> input the contract accepts, or a message with line and column for everything that is wrong.
import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { type Issue, Refusal, parse } from "@baton/contract";
import { type Document, LineCounter, isMap, isNode, parseDocument } from "yaml";
import type { z } from "zod";
import { BadUsage } from "./exit.ts";

/** `path` "-" is standard input. @throws BadUsage */
export async function readInputFile<S extends z.ZodType>(path: string, schema: S): Promise<z.input<S>> {
  return (await openInputFile(path, schema)).value;
}
/** What a file says, and how to tell of it what a server finds wrong later: with its place, where it is in the file. @throws BadUsage */
export async function openInputFile<S extends z.ZodType>(path: string, schema: S): Promise<{ value: z.input<S>; locate: (error: unknown) => unknown }> {
  const name = path === "-" ? "standard input" : path;
  const text = await readText(path);
  const locate = (error: unknown): unknown => {
    if (!(error instanceof Refusal) || error.code !== "bad_input" || !error.issues?.every((issue) => issue.path.startsWith("body"))) return error;
    return new BadUsage(tellIssues(name, text, error.issues, "body"));
  };
  return { value: parseInput(name, text, schema), locate };
}

async function readText(path: string): Promise<string> {
  if (path === "-") return readAll(process.stdin);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    throw new BadUsage(`${path} cannot be read: ${code === "ENOENT" ? "there is no such file" : String(code ?? error)}.`);
  }
}

/** @throws BadUsage naming every place that is wrong as `file:line:column` */
export function parseInput<S extends z.ZodType>(name: string, text: string, schema: S): z.input<S> {
  const { document, at } = readDocument(name, text);
  if (document.errors.length > 0) throw new BadUsage(document.errors.map(({ pos, message }) => at(pos[0], message)).join("\n"));
  const value: unknown = document.toJS();
  try {
    parse(schema, value, "");
    return value as z.input<S>;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new BadUsage(tellIssues(name, text, error.issues ?? [{ path: "", message: error.message }], ""));
  }
}
function readDocument(name: string, text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return { document, at: (offset: number, message: string) => pointAt(name, text, lines, offset, message) };
}
/** @param root what stands before the paths of the issues. */
function tellIssues(name: string, text: string, issues: readonly Issue[], root: string): string {
  const { document, at } = readDocument(name, text);
  const placed = issues.map((issue) => ({ ...issue, path: issue.path.slice(root.length) }));
  return placed.map((issue) => at(offsetOf(document, keysOf(issue.path)), inWords(issue))).join("\n");
}

const inWords = ({ path, message, allowed }: Issue): string =>
  `${path === "" ? "the whole file" : path.replace(/^\./, "")}: ${message}${allowed === undefined ? "" : ` (allowed: ${allowed.join(", ")})`}`;

/** `file:line:column  message`, the line, and a mark below the place. */
function pointAt(name: string, text: string, lines: LineCounter, offset: number, message: string): string {
  const { line, col } = lines.linePos(Math.min(offset, text.length));
  const shown = text.split(/\r?\n/)[line - 1] ?? "";
  return `${name}:${line}:${col}  ${message}\n    ${shown}\n    ${" ".repeat(Math.max(0, col - 1))}^`;
}

/** `.steps[0].needs[1]` -> ["steps", 0, "needs", 1]. */
const keysOf = (path: string): (string | number)[] => [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Where the deepest part of the path that is in the file begins: its key, or the item of a list. */
function offsetOf(document: Document, keys: (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of keys) {
    const found = step(node, key);
    if (found === undefined) break;
    offset = found.offset ?? offset;
    node = found.node;
  }
  return offset;
}

function step(node: unknown, key: string | number): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key: name }) => [String(key), snake(String(key))].includes(String(name)));
    return pair && { node: pair.value, offset: startOf(pair.key) };
  }
  const items = isNode(node) && "items" in node ? (node.items as unknown[]) : [];
  const item = typeof key === "number" ? items[key] : undefined;
  return item === undefined ? undefined : { node: item, offset: startOf(item) };
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
