// JSON nobody expects, as text, because much of it cannot be held as a value, and the ways to put it into good input.
import * as fc from "fast-check";

const deep = (levels: number, open: string, close: string): string => open.repeat(levels) + close.repeat(levels);
const wide = (count: number, item: (at: number) => string): string => Array.from({ length: count }, (_, at) => item(at)).join(",");

export const hostileTexts = [
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "1.5",
  "1e308",
  "-1e308",
  "1e999",
  "9007199254740993",
  "2147483648",
  '""',
  '" "',
  '"NaN"',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"x\\udc00y"',
  '"\\u202e\\ufeff\\u200b"',
  '"__proto__"',
  '"constructor"',
  `"'; drop table agents; --"`,
  '"$.steps[?(@.a==1)]"',
  '"$."',
  '"${PATH}"',
  '"http://127.0.0.1:9/\\u0000"',
  '"http://127.0.0.1:9/\\ud800"',
  '"http://127.0.0.1:99999/"',
  '"javascript:alert(1)"',
  '"2026-02-30T25:61:00Z"',
  "[]",
  "{}",
  "[[]]",
  "[null]",
  '{"constructor":1,"toString":2,"hasOwnProperty":3}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"kind":"http"}',
  '{"kind":{"kind":"http"}}',
  `"${"long".repeat(60_000)}"`,
  `"${"💥".repeat(50_000)}"`,
  deep(63, "[", "]"),
  deep(10_000, "[", "]"),
  `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
  `[${wide(100_000, () => "1")}]`,
  `[${wide(300, (at) => `"capability-${at}"`)}]`,
  `{${wide(20_000, (at) => `"key-${at}":${at}`)}}`,
] as const;
export const hostileText = fc.constantFrom(...hostileTexts);

export type Path = (string | number)[];
/** Every place of a value, the whole one included. */
export function placesOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...at, Array.isArray(value) ? Number(key) : key]))];
}

const MARK = "put the hostile text here 5f1c";
/** `value` as JSON with `text`, which is JSON or not, in place of what is at `path`. */
export function replaceAt(value: unknown, path: Path, text: string): string {
  return JSON.stringify(put(value, path)).replace(JSON.stringify(MARK), () => text);
}
function put(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return MARK;
  if (Array.isArray(value)) return value.map((item, at) => (at === key ? put(item, rest) : item));
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, name === key ? put(item, rest) : item]));
}

/** The same value with a field nobody knows in every object along the way to `path`. */
export const withUnknownField = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value, [name]: 1 } : value;

/** Parts of a path and values of a query as they go on the wire. */
export const oddText = fc.oneof(
  fc.constantFrom(
    "%00",
    "%2F",
    "%2e%2e",
    "..%2f..",
    "%",
    "%zz",
    "%ff%fe",
    "%ed%a0%80",
    "__proto__",
    "constructor",
    "a%20b",
    "+",
    "%E2%80%AE",
    "*",
    "null",
    "-1",
    "0",
    "1e308",
    "NaN",
    "0x10",
    "1,2",
  ),
  fc.constantFrom("x".repeat(201), "%F0%9F%92%A5".repeat(60), "y".repeat(2000)),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).map(encodeURIComponent),
);
