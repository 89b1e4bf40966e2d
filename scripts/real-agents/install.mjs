// Installs the real coding agents that tests drive: pinned, each in a folder of its own beside the work tree's dependencies, so that
// one that cannot be had does not stop the others. What is there already is not fetched again.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { passes, PhaseFailed, phase, quietly } from "../phase.mjs";
import { root } from "../setup.mjs";

/** @typedef {{package: string, version: string, program: string}} Pinned */

export const cacheFolder = () => resolve(process.env.BATON_AGENTS_CACHE ?? join(root, ".cache/agents"));

/** @returns {Record<string, Pinned>} */
export const pinnedAgents = () => JSON.parse(readFileSync(join(root, "tests/real-agents/packages.json"), "utf8"));

/** What `npm test` drives when BATON_TEST_AGENTS=1: by different makers, reached in different ways, and quick. */
const FEW = ["claude", "copilot"];

/**
 * The agents that are asked for by name, by `1` (a few) or by `all`.
 * @param {string[]} asked
 * @returns {string[]}
 */
export function chooseAgents(asked) {
  const known = Object.keys(pinnedAgents());
  if (asked.length === 0 || asked.includes("all")) return known;
  if (asked.includes("1")) return FEW;
  const strange = asked.filter((name) => !known.includes(name));
  if (strange.length > 0) throw new PhaseFailed(`There is no agent ${strange.join(", ")} to test; there are ${known.join(", ")}.`, 2);
  return asked;
}

/**
 * @param {string[]} names
 * @returns {Promise<string[]>} those that could not be installed; why has been told
 */
export async function installAgents(names) {
  const pinned = pinnedAgents();
  const missing = [];
  for (const name of names) {
    const one = pinned[name];
    if (one !== undefined && !isInstalled(name, one) && !(await passes(() => install(name, one)))) missing.push(name);
  }
  return missing;
}

/** Its folder carries the version, and has its final name only when it is whole. @param {string} name @param {Pinned} pinned */
const folderOf = (name, { version }) => join(cacheFolder(), `${name}-${version}`);
/** @param {string} name @param {Pinned} pinned */
const isInstalled = (name, pinned) => existsSync(join(folderOf(name, pinned), "node_modules/.bin", pinned.program));

/** @param {string} name @param {Pinned} pinned */
function install(name, pinned) {
  return phase(`Install ${pinned.package} ${pinned.version}`, async () => {
    const whole = folderOf(name, pinned);
    const begun = `${whole}.${process.pid}`;
    mkdirSync(begun, { recursive: true });
    try {
      writeFileSync(join(begun, "package.json"), JSON.stringify({ private: true }));
      const args = ["install", "--prefix", begun, "--save-exact", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
      await quietly("npm", [...args, `${pinned.package}@${pinned.version}`], begun);
      if (!existsSync(join(begun, "node_modules/.bin", pinned.program))) throw new PhaseFailed(`The package has no program ${pinned.program}.`, 1);
      rmSync(whole, { recursive: true, force: true });
      renameSync(begun, whole);
    } finally {
      rmSync(begun, { recursive: true, force: true });
    }
  });
}
