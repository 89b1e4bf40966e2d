// How slow this machine is just now: limits of time in tests are those of a machine that is not overloaded.
import { spawnSync } from "node:child_process";

/** What it takes to start and end a Node where the limits hold as they are written. */
const START_MS = 100;

/** @returns the limit (milliseconds) as it is on this machine at this moment: never less than what was given. */
export function atThisPace(limitMs: number): number {
  const startedAt = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return limitMs * Math.max(1, (performance.now() - startedAt) / START_MS);
}
