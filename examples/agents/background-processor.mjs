#!/usr/bin/env node
// Background processor: the small work between the steps of a plan that needs no model, one process for each piece. How many of them run at once is what
// `baton agents scale background-processor N` says. Given only work that asks for it.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isProgram, runProgram } from "./parts/command-line.mjs";
import { Refusal } from "./parts/refusal.mjs";

/** @typedef {Record<string, unknown>} Row */

/** @type {Record<string, { what: string, does: (input: Row, signal: AbortSignal) => unknown }>} */
export const operations = {
  merge: { what: "{values: [list or object, …]} -> one list, or one object in which the later win", does: ({ values }) => merge(toList(values, "values")) },
  select: {
    what: "{items: [object, …], where?: {field: value}, fields?: [name, …], sortBy?: name, descending?: true, limit?: n} -> those items",
    does: select,
  },
  count: { what: "{items: [object, …], by: name} -> how many items have each value of it", does: ({ items, by }) => count(toRows(items), toName(by, "by")) },
  digest: {
    what: "{value} -> sha256 of its JSON, the same for the same value",
    does: ({ value }) => createHash("sha256").update(canonical(value)).digest("hex"),
  },
  wait: { what: "{ms} -> after that long, at most an hour", does: async ({ ms }, signal) => ({ waitedMs: await wait(ms, signal) }) },
};

/** @param {unknown} input `{operation, …}` @param {AbortSignal} signal @throws Refusal */
export async function processWork(input, signal) {
  const { operation, ...rest } = isRow(input) ? input : {};
  const known = typeof operation === "string" && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (known === undefined)
    throw new Refusal("bad_operation", `The step's input needs an operation: ${Object.keys(operations).join(", ")}. What each takes: --help.`);
  return { output: (await known.does(rest, signal)) ?? null };
}

/** @param {unknown[]} values */
function merge(values) {
  if (values.every((value) => Array.isArray(value))) return values.flat();
  if (values.every(isRow)) return Object.fromEntries(values.flatMap((value) => Object.entries(value)));
  throw new Refusal("bad_input", "values must be all lists, or all objects.");
}

/** @param {Row} input */
function select({ items, where = {}, fields, sortBy, descending = false, limit }) {
  if (!isRow(where)) throw new Refusal("bad_input", "where must be an object of fields and their values.");
  const wanted = Object.entries(where).map(([name, value]) => /** @type {const} */ ([name, canonical(value)]));
  const found = toRows(items).filter((item) => wanted.every(([name, value]) => canonical(item[name]) === value));
  if (sortBy !== undefined) found.sort(byField(toName(sortBy, "sortBy"), descending === true));
  const few = limit === undefined ? found : found.slice(0, toWhole(limit, "limit"));
  if (fields === undefined) return few;
  const names = toList(fields, "fields").map((name) => toName(name, "fields"));
  return few.map((item) => Object.fromEntries(names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]])));
}
/** Numbers by size, all else by its text. @param {string} name @param {boolean} descending */
const byField = (name, descending) => (/** @type {Row} */ one, /** @type {Row} */ other) => {
  const [a, b] = [one[name], other[name]];
  const order = typeof a === "number" && typeof b === "number" ? a - b : canonical(a).localeCompare(canonical(b));
  return descending ? -order : order;
};

/** @param {Row[]} items @param {string} by */
function count(items, by) {
  /** @type {Map<string, { value: unknown, count: number }>} */
  const counts = new Map();
  for (const { [by]: value = null } of items) {
    const key = canonical(value);
    counts.set(key, { value, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** @param {unknown} given @param {AbortSignal} signal */
async function wait(given, signal) {
  const ms = Math.min(toWhole(given, "ms"), 3_600_000);
  await sleep(ms, undefined, { signal });
  return ms;
}

/** JSON in which the order of fields does not matter. @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isRow(value)) return JSON.stringify(value ?? null);
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(",")}}`;
}

/** @param {unknown} value @returns {value is Row} */
const isRow = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @param {unknown} value @param {string} name @returns {unknown[]} */
function toList(value, name) {
  if (Array.isArray(value)) return value;
  throw new Refusal("bad_input", `${name} must be a list.`);
}
/** @param {unknown} value @returns {Row[]} */
function toRows(value) {
  const list = toList(value, "items");
  if (list.every(isRow)) return [...list];
  throw new Refusal("bad_input", "items must be objects.");
}
/** @param {unknown} value @param {string} name */
function toName(value, name) {
  if (typeof value === "string" && value !== "") return value;
  throw new Refusal("bad_input", `${name} must be the name of a field.`);
}
/** @param {unknown} value @param {string} name */
function toWhole(value, name) {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new Refusal("bad_input", `${name} must be a whole number from 0.`);
}

/** The first line of stdin is the work. */
async function readWork() {
  let line = "";
  for await (const chunk of process.stdin) if ((line += chunk).includes("\n")) break;
  try {
    return JSON.parse(line.split("\n", 1)[0] ?? "");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal("usage", 'Give one line of JSON on stdin: {"input":{"operation":"merge","values":[[1],[2]]}}.');
  }
}

if (isProgram(import.meta.url)) {
  await runProgram({
    name: "background-processor",
    summary: "The small work between the steps of a plan that needs no model.",
    usage: `background-processor.mjs < work.json      one line of JSON in, one line of JSON out; the step's input says what to do:
${Object.entries(operations)
  .map(([name, { what }]) => `    operation: ${name.padEnd(8)} ${what}`)
  .join("\n")}`,
    run: async ({ signal }) => JSON.stringify(await processWork((await readWork())?.input, signal)),
  });
}
