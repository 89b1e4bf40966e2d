// The judgements `npm test` and `npm run check` are made of. Each is one line of progress; what fails is shown whole.
import { join } from "node:path";
import { openly, phase, quietly } from "./phase.mjs";
import { root } from "./setup.mjs";

/** A tool of node_modules, run by this Node: no shell, no npx, nothing printed by npm. @param {string} script @param {string[]} args */
const tool = (script, ...args) => quietly(process.execPath, [join("node_modules", script), ...args], root);

export const format = () => phase("Check the format", () => tool("@biomejs/biome/bin/biome", "format", "."));
export const lint = () => phase("Lint", () => tool("oxlint/bin/oxlint", "-c", "oxlint.config.mjs", "."));
export const law = () => phase("Check the import law", () => quietly(process.execPath, ["scripts/import-law.mjs"], root));
export const deadCode = () => phase("Look for dead code", () => tool("knip/bin/knip.js"));

export const mend = () => phase("Mend what lint can", () => tool("oxlint/bin/oxlint", "-c", "oxlint.config.mjs", "--fix", "."));
export const reformat = () => phase("Format", () => tool("@biomejs/biome/bin/biome", "format", "--write", "."));

/** @param {string[]} given what a person added to the command */
export function vitest(given) {
  const inCi = process.env.CI === "true" || process.env.CI === "1";
  const env = inCi ? { ...process.env, BATON_REQUIRE_SERVICES: "1" } : process.env;
  return openly(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...given], root, env);
}
