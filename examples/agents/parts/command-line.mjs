// How every sample agent behaves on the command line: `--help`, a repository to work on at once, or the way Baton reaches it.
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Refusal } from "./refusal.mjs";

/**
 * @param {string} url of the module that asks
 * @returns {boolean} whether it is the program that was started, not a module somebody imports
 */
export const isProgram = (url) => process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} summary what it does, in a sentence
 * @property {string} usage lines below "Usage:"
 * @property {import("node:util").ParseArgsConfig["options"]} [options]
 * @property {(given: { paths: string[], values: Record<string, unknown>, signal: AbortSignal }) => Promise<unknown>} run what it answers is printed: text as it is, else JSON
 */

/**
 * Exit codes: 0 done, 1 a bug, 2 bad usage, 3 refused with the reason on stderr.
 * @param {Program} program
 */
export async function runProgram(program) {
  const stop = new AbortController();
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"])) process.once(signal, () => stop.abort(new Refusal("stopped", `Ended by ${signal}.`)));
  try {
    const given = read(program);
    const answer = given === undefined ? help(program) : await program.run({ ...given, signal: stop.signal });
    if (answer !== undefined) await print(typeof answer === "string" ? answer : JSON.stringify(answer, null, process.stdout.isTTY ? 2 : 0));
  } catch (error) {
    process.exitCode = error instanceof Refusal && error.code === "usage" ? 2 : isNo(error) ? 3 : 1;
    process.stderr.write(`${program.name}: ${isNo(error) ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  } finally {
    // Whoever started it may keep it open.
    process.stdin.destroy();
  }
}

/** A refusal of ours, of Baton's client, or nobody there to ask. @param {unknown} error @returns {error is Error} */
const isNo = (error) => error instanceof Error && ["Refusal", "Unreachable"].includes(error.name);

/** @param {Program} program */
function read(program) {
  try {
    const { values, positionals } = parseArgs({ options: { help: { type: "boolean", short: "h" }, ...program.options }, allowPositionals: true });
    if (values.help) return undefined;
    return { values, paths: positionals.map((path) => resolve(path)) };
  } catch (error) {
    throw new Refusal("usage", `${error instanceof Error ? error.message : String(error)}\n${help(program)}`);
  }
}

/** @param {Program} program */
const help = (program) => `${program.summary}\n\nUsage:\n${program.usage.trimEnd().replace(/^/gm, "  ")}`;

/** @param {string} text */
const print = (text) => new Promise((resolve, reject) => process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve(undefined))));
