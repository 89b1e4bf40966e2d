// Every pattern by its name, and what may be said of each.
import type { Coordination, growingPatterns } from "@baton/contract";
import { planned } from "./by-agent.ts";
import { collaborative } from "./collaborative.ts";
import { escalation } from "./escalation.ts";
import { hierarchical } from "./hierarchical.ts";
import type { Growth, Pattern, View } from "./pattern.ts";
import { pipeline } from "./pipeline.ts";
import { race } from "./race.ts";
import { swarm } from "./swarm.ts";

type Growing = (typeof growingPatterns)[number];
export const patternTable: Record<Growing | "pipeline", Pattern> = { pipeline, hierarchical, collaborative, swarm, race, escalation, planned };
const growing: Readonly<Record<string, Pattern>> = { hierarchical, collaborative, swarm, race, escalation, planned } satisfies Record<Growing, Pattern>;

/** Whether plans of this pattern grow while they run. */
export const isGrowing = (pattern: string): boolean => Object.hasOwn(growing, pattern);
/** The part whose outputs are left out of the view until the task ends. */
export const bulkOf = (pattern: string): string | undefined => growing[pattern]?.bulk;
/** What its plan grows by now; undefined: by nothing. */
export const grow = (pattern: string, view: View): Growth | undefined => growing[pattern]?.grow(view);

/** The settings each pattern knows; what it does not know is refused. */
export const settingsOf: Record<string, readonly (keyof Coordination)[]> = {
  single: ["timeoutMs", "retries", "outputSchema"],
  steps: [],
  pipeline: ["timeoutMs", "retries", "outputSchema"],
  hierarchical: ["agents", "rounds", "outputSchema", "timeoutMs", "retries"],
  collaborative: ["agents", "rounds", "agreement", "outputSchema", "timeoutMs", "retries"],
  swarm: ["enough", "stragglerFactor", "outputSchema", "timeoutMs", "retries"],
  race: ["agents", "verify", "outputSchema", "timeoutMs", "retries"],
  escalation: ["agents", "verify", "outputSchema", "timeoutMs", "retries"],
};
