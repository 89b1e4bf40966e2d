// What whoever hands out work may know of the radar, which is opened later: what it has in sight, and what follows from a collision.
import type { ConflictPolicy } from "./conflicts-world.ts";
import type { Radar } from "./radar.ts";

export interface Sight extends Pick<Radar, "changesIn"> {
  policy: ConflictPolicy | "off";
  /** How long a task waits for another at most, in milliseconds. */
  longestWaitMs: number;
  /** From now on it sees what this radar does. */
  lookThrough(radar: Radar | undefined): void;
}
export function openSight({ policy, longestWaitMs }: Pick<Sight, "policy" | "longestWaitMs">): Sight {
  let radar: Radar | undefined;
  return {
    policy,
    longestWaitMs,
    changesIn: (repository, since) => radar?.changesIn(repository, since) ?? [],
    lookThrough: (given) => void (radar = given),
  };
}
