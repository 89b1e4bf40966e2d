// When an agent is given nothing for a while, and for how long. Pure.
import type { Brakes } from "@baton/contract";
import type { LoadRow, ParkedFor } from "./agent-rows.ts";

export interface Parking {
  for: ParkedFor;
  until: number;
  reason: string;
}
const CIRCUIT = { failures: 5, openMs: 30_000 };
const MAX_OPEN_MS = 600_000;
/** An agent without quota that does not say until when is asked again after a minute, then after twice as long each time. */
const QUOTA_MS = 60_000;
const MAX_QUOTA_MS = 3_600_000;

export const isParked = (load: Pick<LoadRow, "parked_until">, now: number): boolean => load.parked_until !== null && load.parked_until > now;
/** Its circuit was broken, and it has not succeeded since. */
export const isProbed = (brakes: Brakes, load: Pick<LoadRow, "streak">): boolean => load.streak >= (brakes.circuit ?? CIRCUIT).failures;

/** After an attempt that timed out or found the agent unavailable, the `streak`th in a row. */
export function parkingAfterFailures(brakes: Brakes, streak: number, now: number): Parking | undefined {
  const { failures, openMs } = brakes.circuit ?? CIRCUIT;
  if (streak < failures) return undefined;
  const until = now + Math.min(openMs * 2 ** (streak - failures), Math.max(openMs, MAX_OPEN_MS));
  return { for: "circuit", until, reason: `${streak} attempts in a row timed out or found it unavailable` };
}
/** @param said when it may be asked again, if it said so. */
export function parkingWithoutQuota(streak: number, said: number | undefined, detail: string, now: number): Parking {
  const guess = now + Math.min(QUOTA_MS * 2 ** Math.min(streak, 10), MAX_QUOTA_MS);
  return { for: "quota", until: said !== undefined && said > now ? said : guess, reason: `its quota is used up: ${detail.slice(0, 300)}` };
}
