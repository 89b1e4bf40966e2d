// How many messages one sender may send: a bucket that fills by `perSecond` up to `burst`. Of this server alone, in memory.
import { Refusal } from "@baton/contract";
import type { Clock } from "../std/clock.ts";

export interface FloodLimit {
  perSecond: number;
  burst: number;
}
export interface Flood {
  /** @throws Refusal `too_many_requests`. */
  take(senderId: string): void;
}
const MAX_KNOWN = 10_000;

export function openFlood(clock: Clock, { perSecond, burst }: FloodLimit): Flood {
  const buckets = new Map<string, { left: number; at: number }>();
  const fill = (bucket: { left: number; at: number }, now: number): number => Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond);
  /** Who has a full bucket is as good as unknown. */
  function forget(now: number): void {
    for (const [sender, bucket] of buckets) if (fill(bucket, now) >= burst) buckets.delete(sender);
  }
  return {
    take: (senderId) => {
      const now = clock.now();
      const bucket = buckets.get(senderId);
      const left = bucket ? fill(bucket, now) : burst;
      if (left < 1) {
        throw new Refusal("too_many_requests", `${senderId} sends more than ${perSecond} messages a second.`, {
          retryAfterSeconds: Math.max(1, Math.ceil((1 - left) / perSecond)),
        });
      }
      if (!bucket && buckets.size >= MAX_KNOWN) forget(now);
      buckets.set(senderId, { left: left - 1, at: now });
    },
  };
}
