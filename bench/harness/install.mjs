// What must be there before anything is measured: Baton, built; and the bench's own manifest, installed on first use and
// after its lock file changed. Nobody else installs the peers.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export function installPeers(home, say) {
  const installed = join(home, "node_modules", ".package-lock.json");
  const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(home, "package-lock.json")).mtimeMs;
  if (isCurrent) return;
  say("Installing the peers into bench/node_modules (once) …");
  // `npm run` hands its own prefix down by environment; here another manifest is meant.
  const { npm_config_local_prefix: _, ...environment } = process.env;
  const { status, stderr, error } = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: home, env: environment, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ci in bench failed: ${error?.message ?? stderr.slice(0, 2000)}`);
}

/** Installs and compiles of Baton what is missing or stale; its progress goes to stderr, as stdout is for figures. */
export function prepareBaton() {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL("../baton/prepare-main.mjs", import.meta.url))], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
