// Whether what a build made still belongs to its sources: a hash of their content in a file beside the output.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const OUTPUT = new Set(["dist", "dist-types", "node_modules"]);

/**
 * @typedef {object} Unit
 * @property {string[]} sources files and folders the output depends on, from the root; one that is missing counts as empty
 * @property {string[]} makes files that must be there for the output to be whole
 * @property {string} stamp where the hash of the sources is kept
 */

/** @param {string} root @param {string} path @returns {string[]} */
function filesBelow(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(sep).some((part) => OUTPUT.has(part)))
    .sort();
}

/** @param {string} root @param {Unit} unit */
export function hashOf(root, unit) {
  const hash = createHash("sha256").update(process.versions.modules);
  for (const file of [...unit.sources, "package-lock.json"].flatMap((path) => filesBelow(root, path))) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** @param {string} root @param {Unit} unit */
export function isFresh(root, unit) {
  const stamp = join(root, unit.stamp);
  return existsSync(stamp) && unit.makes.every((file) => existsSync(join(root, file))) && readFileSync(stamp, "utf8") === hashOf(root, unit);
}

/** @param {string} root @param {Unit} unit */
export function markFresh(root, unit) {
  mkdirSync(dirname(join(root, unit.stamp)), { recursive: true });
  writeFileSync(join(root, unit.stamp), hashOf(root, unit));
}

/** Taken back before a build begins, so that one cut short is not believed. @param {string} root @param {Unit} unit */
export const markStale = (root, unit) => rmSync(join(root, unit.stamp), { force: true });
