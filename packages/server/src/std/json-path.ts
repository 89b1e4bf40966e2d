// JSONPath (RFC 9535) over JSON that strangers wrote, with paths that registrations wrote: bounded in length and in time.
import { type Issue, type Json, Refusal } from "@baton/contract";
import { query } from "jsonpath-rfc9535";
import parsePath from "jsonpath-rfc9535/parser";
import { isTooLong, withinTime } from "./within-time.ts";

const MAX_PATH_LENGTH = 2_000;
/** Filters run regular expressions and `..` walks everything: either may take forever on the wrong document. */
const MAX_EVALUATION_MS = 250;
/** Names, indexes and wildcards only: cost is bounded by the document, no limit needed. */
const PLAIN_PATH = /^\$(?:\.[\p{L}\p{N}_]+|\[-?\d+\]|\.\*|\[\*\]|\['[^'\\]*'\])*$/u;
/** How many paths one document may hold: judging and filling them holds up everything else this server does. */
const MAX_PATHS = 10_000;
/** Of those that filter or descend, which must be watched while they run. */
const MAX_WATCHED_PATHS = 200;
const MAX_ISSUES = 20;

/** Whether a string in a mapping is a path; every other string is literal. */
export const isPath = (text: string): boolean => text === "$" || text.startsWith("$.");

/** Everything `path` matches, in document order. @throws Refusal `bad_input` when it is not JSONPath or takes too long. */
export function selectAll(document: Json, path: string): Json[] {
  return PLAIN_PATH.test(path) ? evaluate(path, () => query(document, path)) : evaluate(path, () => withinTime(MAX_EVALUATION_MS, () => query(document, path)));
}

/** One match is the value itself, several are a list, none is null. */
export function select(document: Json, path: string): Json {
  const found = selectAll(document, path);
  return found.length > 1 ? found : (found[0] ?? null);
}

/** Every path in `value` that is not good JSONPath, up to 20, or that there are more of them than can be served. */
export function pathIssues(value: Json, where: string): Issue[] {
  const found: Issue[] = [];
  let paths = 0;
  let watched = 0;
  const judge = (path: string, at: string): void => {
    paths++;
    if (!PLAIN_PATH.test(path)) watched++;
    const message = pathProblem(path);
    if (message !== undefined) found.push({ path: at, message });
  };
  const isFull = (): boolean => paths > MAX_PATHS || watched > MAX_WATCHED_PATHS;
  const walk = (item: Json, at: string): void => {
    if (found.length >= MAX_ISSUES || isFull()) return;
    if (typeof item === "string") {
      if (isPath(item)) judge(item, at);
    } else if (Array.isArray(item)) item.forEach((inner, index) => walk(inner, `${at}[${index}]`));
    else if (item !== null && typeof item === "object") for (const [key, inner] of Object.entries(item)) walk(inner, `${at}.${key}`);
  };
  walk(value, where);
  const tooMany = { path: where, message: `holds more than ${MAX_PATHS} paths, or more than ${MAX_WATCHED_PATHS} that filter or descend` };
  return isFull() ? [tooMany, ...found] : found;
}

/** What is wrong with `path`, in words; undefined when it is good JSONPath. */
export function pathProblem(path: string): string | undefined {
  if (path.length > MAX_PATH_LENGTH) return `is longer than ${MAX_PATH_LENGTH} characters`;
  if (!path.startsWith("$")) return `must be JSONPath that starts with $, such as $.result; given ${JSON.stringify(path)}`;
  try {
    evaluate(path, () => (PLAIN_PATH.test(path) ? parsePath(path) : withinTime(MAX_EVALUATION_MS, () => parsePath(path))));
    return undefined;
  } catch (error) {
    return error instanceof Refusal ? error.message : String(error);
  }
}

function evaluate<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = isTooLong(error) ? `took longer than ${MAX_EVALUATION_MS} ms` : `is not JSONPath: ${(error as Error).message}`;
    throw new Refusal("bad_input", `${path} ${why}`);
  }
}

/** `$` and `$.…` become what they match (one the value, several a list, none null); objects and lists recurse; the rest is literal. */
export function fill(value: Json, scope: Json): Json {
  if (typeof value === "string") return isPath(value) ? select(scope, value) : value;
  if (Array.isArray(value)) return value.map((item) => fill(item, scope));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, scope)]));
}
