// Every import of every source file, read with a real parser: static, dynamic, re-exports, and types.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { Visitor, parseSync } from "oxc-parser";

const SOURCES = ["packages", "examples"];
const SKIPPED = new Set(["dist", "dist-types", "node_modules"]);
const CODE = /\.(ts|tsx|mts|mjs|js)$/;

/**
 * @typedef {object} Import
 * @property {string} file from the root, with forward slashes
 * @property {number} line
 * @property {string | null} specifier null: computed at run time, so that nobody can tell
 */
/** @typedef {{files: string[], imports: Import[]}} Imports */

/** @param {string} root @returns {Imports} */
export function readImports(root) {
  const files = SOURCES.flatMap((folder) => codeBelow(root, folder));
  return { files, imports: files.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8"))) };
}

/** @param {string} root @param {string} folder @returns {string[]} */
function codeBelow(root, folder) {
  const full = join(root, folder);
  if (!existsSync(full)) return [];
  return readdirSync(full, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : codeBelow(root, path);
    return CODE.test(entry.name) ? [relative(root, join(root, path)).split(sep).join("/")] : [];
  });
}

/** @param {string} file @param {string} text @returns {Import[]} */
export function importsOf(file, text) {
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  /** @type {Import[]} */
  const found = [];
  const note = (/** @type {{source: {type: string, value?: unknown, start: number} | null}} */ { source }) => {
    if (source === null) return;
    const line = text.slice(0, source.start).split("\n").length;
    found.push({ file, line, specifier: source.type === "Literal" ? String(source.value) : null });
  };
  new Visitor({ ImportDeclaration: note, ExportNamedDeclaration: note, ExportAllDeclaration: note, ImportExpression: note, TSImportType: note }).visit(program);
  return found;
}
