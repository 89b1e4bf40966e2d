// Which packages are pinned, where they are installed, and which of them this run drives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Pinned {
  package: string;
  version: string;
  program: string;
}
const pinned = JSON.parse(readFileSync(new URL("packages.json", import.meta.url), "utf8")) as Record<string, Pinned>;
export const cache = process.env["BATON_AGENTS_CACHE"] ?? fileURLToPath(new URL("../../.cache/agents", import.meta.url));

/** None unless scripts/test-agents.mjs or scripts/test.mjs said so. */
export const isChosen = (name: string): boolean => (process.env["BATON_TEST_AGENTS"] ?? "").split(",").includes(name);

export function pinnedOf(name: string): Pinned {
  const one = pinned[name];
  if (one === undefined) throw new Error(`packages.json pins nothing for ${name}.`);
  return one;
}
export const programOf = (name: string): string => join(cache, `${name}-${pinnedOf(name).version}`, "node_modules/.bin", pinnedOf(name).program);
