// What a run of real agents showed, kept beside their cache: scripts/real-agents/matrix.mjs makes docs/agents.md from it.
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RealAgent } from "./real-agent.ts";

export type Capability = "edit" | "usage" | "cost" | "denied by rule" | "asked" | "cancel" | "resume" | "failure" | "outside";
export interface Sight {
  /** `unknown`: the agent does not tell. `no`: it cannot, and the test holds it to that. */
  state: "yes" | "partly" | "no" | "unknown" | "failed";
  detail: string;
}

interface Pinned {
  package: string;
  version: string;
  program: string;
}
const pinned = JSON.parse(readFileSync(new URL("packages.json", import.meta.url), "utf8")) as Record<string, Pinned>;
const cache = process.env["BATON_AGENTS_CACHE"] ?? fileURLToPath(new URL("../../.cache/agents", import.meta.url));

/** Which packages are installed for this run; none unless scripts/test-agents.mjs or scripts/test.mjs said so. */
export const isChosen = (name: string): boolean => (process.env["BATON_TEST_AGENTS"] ?? "").split(",").includes(name);

export function programOf(name: string): string {
  const one = pinned[name];
  if (one === undefined) throw new Error(`packages.json pins nothing for ${name}.`);
  return join(cache, `${name}-${one.version}`, "node_modules/.bin", one.program);
}

export function keepSeen(agent: RealAgent, capability: Capability, sight: Sight): void {
  const { package: from, version } = pinned[agent.name] ?? {};
  mkdirSync(join(cache, "seen"), { recursive: true });
  const line = { title: agent.title, name: agent.name, package: from, version, connector: agent.connector(NO_RULES).kind, capability, ...sight };
  appendFileSync(join(cache, "seen", `${agent.name}.jsonl`), `${JSON.stringify(line)}\n`);
}
const NO_RULES = { rules: [], askTimeoutMs: 1000 };
