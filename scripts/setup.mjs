// Makes a checkout ready: the right Node, the packages that are missing, the builds that are stale. Plain Node, nothing imported
// that has to be installed first.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { PhaseFailed, phase, quietly } from "./phase.mjs";
import { isFresh, markFresh, markStale } from "./freshness.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
const CODE = ["contract", "client", "server", "cli"];

const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(path, "utf8"));

/** Refuses a Node older than package.json's `engines` before something fails in a less clear way. */
export function requireNode() {
  /** @type {string} */
  const wanted = readJson(join(root, "package.json")).engines.node;
  const floor = wanted.replace(">=", "").split(".").map(Number);
  const found = process.versions.node.split(".").map(Number);
  const older = (found[0] ?? 0) - (floor[0] ?? 0) || (found[1] ?? 0) - (floor[1] ?? 0);
  if (older < 0)
    throw new PhaseFailed(
      `Baton needs Node ${wanted}; this is Node ${process.versions.node} (${process.execPath}).\nGet a newer one from https://nodejs.org or your version manager.`,
      1,
    );
}

/**
 * Whether node_modules holds every package the lock file asks for, at its version. npm writes its own account of a finished install to
 * node_modules/.package-lock.json and removes it before it begins another, so this is also right after an install that was
 * interrupted, made by hand, or made for less (`npm start` leaves out what only tests need).
 * @param {{dev: boolean}} want
 */
export function isInstalled({ dev }) {
  const account = join(root, "node_modules/.package-lock.json");
  if (!existsSync(account)) return false;
  const installed = readJson(account).packages;
  for (const [path, wanted] of Object.entries(readJson(join(root, "package-lock.json")).packages)) {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) continue;
    if (wanted.optional || wanted.devOptional || (wanted.dev && !dev)) continue;
    if (installed[path] === undefined || installed[path].version !== wanted.version) return false;
  }
  return true;
}

/** @param {{dev: boolean}} want */
export async function install({ dev }) {
  if (isInstalled({ dev })) return;
  const args = ["ci", "--loglevel=error", "--no-fund", "--no-audit", "--no-progress", ...(dev ? ["--include=dev"] : ["--omit=dev"])];
  await phase("Install packages", () => quietly("npm", args, root));
}

// Always whole: TypeScript 7.0's incremental build was seen to leave a declaration file as it was although a type it repeats had changed in
// another file. What is unchanged is not compiled at all, which saves more than increments would.
const tsc = (/** @type {string[]} */ ...args) => quietly(process.execPath, ["node_modules/typescript/bin/tsc", "--build", "--force", ...args], root);

/** What each build is made of, what it makes, and how. */
const units = {
  types: {
    title: "Check types",
    sources: ["packages", "tests", "scripts", "examples", "tsconfig.json", "tsconfig.base.json", "vitest.config.ts", "oxlint.config.mjs"],
    makes: CODE.map((name) => `packages/${name}/dist/index.js`),
    stamp: "node_modules/.cache/types.fresh",
    run: () => tsc(),
  },
  code: {
    title: "Compile",
    sources: [...CODE.flatMap((name) => [`packages/${name}/src`, `packages/${name}/package.json`, `packages/${name}/tsconfig.json`]), "tsconfig.base.json"],
    makes: CODE.map((name) => `packages/${name}/dist/index.js`),
    stamp: "packages/cli/dist/.fresh",
    // Starting only needs what the compiler writes; what it thinks of the types is for those who change them.
    run: () => tsc("--noCheck", ...CODE.map((name) => `packages/${name}`)),
  },
  dashboard: {
    title: "Build the dashboard",
    sources: ["packages/contract", "packages/client", "packages/dashboard"],
    makes: ["packages/dashboard/dist/index.html"],
    stamp: "packages/dashboard/dist/.fresh",
    run: () => quietly("npm", ["run", "build", "--silent", "--workspace", "@baton/dashboard"], root),
  },
};

/**
 * Does what is stale, judged by the content of its sources: a fresh checkout or another branch costs nothing when nothing changed.
 * @param {keyof typeof units} name
 */
async function refresh(name) {
  const unit = units[name];
  if (isFresh(root, unit)) return;
  markStale(root, unit);
  await phase(unit.title, unit.run);
  markFresh(root, unit);
}

/** Compiles everything, and refuses what the types refuse. */
export async function checkTypes() {
  await refresh("types");
  markFresh(root, units.code);
}

export async function build() {
  await refresh("code");
  await refresh("dashboard");
}
