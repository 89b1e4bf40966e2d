// How many attempts an agent may begin within a minute and an hour, where its registration limits that. Counted over the attempts
// themselves, under the lock of its load, so that all servers share the limit.
import type { Brakes } from "@baton/contract";
import type { Parking, Registry } from "../agents/agents.ts";
import type { Tx } from "../store/db.ts";
import { countBegun } from "./attempt-rows.ts";

const WINDOWS = [
  { ms: 60_000, of: (brakes: Brakes) => brakes.attemptsPerMinute, word: "a minute" },
  { ms: 3_600_000, of: (brakes: Brakes) => brakes.attemptsPerHour, word: "an hour" },
] as const;

/** Of `wanted` more attempts of each agent, how many it may begin now; and when it may begin the next one, when that is none. */
export async function mayBegin(tx: Tx, registry: Registry, agentId: string, wanted: number, now: number): Promise<{ allowed: number; parking?: Parking }> {
  const brakes = registry.find(agentId)?.brakes ?? {};
  let allowed = wanted;
  let parking: Parking | undefined;
  for (const { ms, of, word } of WINDOWS) {
    const limit = of(brakes);
    if (limit === undefined) continue;
    const { n, first } = await countBegun(tx, agentId, now - ms);
    const room = Math.max(0, limit - n);
    // With the last free place taken it waits until the oldest attempt is that long ago.
    if (room <= allowed && (parking?.until ?? 0) < (first ?? now) + ms)
      parking = { for: "rate", until: (first ?? now) + ms, reason: `it may begin ${limit} ${limit === 1 ? "attempt" : "attempts"} within ${word}` };
    allowed = Math.min(allowed, room);
  }
  return parking ? { allowed, parking } : { allowed };
}
export const isLimited = (brakes: Brakes | undefined): boolean => brakes?.attemptsPerMinute !== undefined || brakes?.attemptsPerHour !== undefined;
