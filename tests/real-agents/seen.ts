// What a run of real agents showed, kept beside their cache: scripts/real-agents/matrix.mjs makes docs/agents.md from it.
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cache, pinnedOf } from "./pinned.ts";
import type { RealAgent } from "./real-agent.ts";

export type Capability = "edit" | "usage" | "cost" | "denied by rule" | "asked" | "cancel" | "resume" | "failure" | "coordinates" | "outside";
export interface Sight {
  /** `unknown`: the agent does not tell. `no`: it cannot, and the test holds it to that. */
  state: "yes" | "partly" | "no" | "unknown" | "failed";
  detail: string;
}
const NO_RULES = { rules: [], askTimeoutMs: 1000 };

export function keepSeen(agent: RealAgent, capability: Capability, sight: Sight): void {
  const { package: from, version } = pinnedOf(agent.name);
  const line = { title: agent.title, name: agent.name, package: from, version, connector: agent.connector(NO_RULES).kind, capability, ...sight };
  mkdirSync(join(cache, "seen"), { recursive: true });
  appendFileSync(join(cache, "seen", `${agent.name}.jsonl`), `${JSON.stringify(line)}\n`);
}
