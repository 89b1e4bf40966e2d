// How much one sender may send, messages or requests: a bucket that fills by `perSecond` up to `burst`. Servers that share one take some from it
// ahead, a twentieth of a second's, so that most of what is sent asks nobody; while it is away each server counts for itself.
import { Refusal } from "@baton/contract";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

export interface FloodLimit {
  /** What is counted: `messages`. */
  what: string;
  perSecond: number;
  burst: number;
}
/** One bucket a sender, for all servers. */
export interface SharedBuckets {
  /** @returns how many of those wanted it may send. May reject, and may not take long. */
  take(senderId: string, wanted: number, limit: FloodLimit): Promise<number>;
}
export interface Flood {
  /** Calls of one sender are let through in their order. @throws Refusal `too_many_requests`. */
  take(senderId: string): Promise<void> | undefined;
}
const MAX_KNOWN = 10_000;
const AHEAD_MS = 1000;

export function openFlood(world: { clock: Clock; log: Log }, limit: FloodLimit, shared?: SharedBuckets): Flood {
  const own = openOwn(world.clock, limit);
  return shared === undefined ? { take: (senderId) => own(senderId) } : openShared(world, limit, shared, own);
}
const tooMany = (senderId: string, { what, perSecond, burst }: FloodLimit, left: number): Refusal =>
  new Refusal("too_many_requests", `${senderId} sends more than ${burst} ${what} at once, or ${Math.round(perSecond * 1000) / 1000} a second.`, {
    retryAfterSeconds: Math.max(1, Math.ceil((1 - left) / perSecond)),
  });

function openOwn(clock: Clock, limit: FloodLimit): (senderId: string) => undefined {
  const { perSecond, burst } = limit;
  const buckets = new Map<string, { left: number; at: number }>();
  const fill = (bucket: { left: number; at: number }, now: number): number => Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond);
  /** Who has a full bucket is as good as unknown. */
  function forget(now: number): void {
    for (const [sender, bucket] of buckets) if (fill(bucket, now) >= burst) buckets.delete(sender);
  }
  return (senderId) => {
    const now = clock.now();
    const bucket = buckets.get(senderId);
    const left = bucket ? fill(bucket, now) : burst;
    if (left < 1) throw tooMany(senderId, limit, left);
    if (!bucket && buckets.size >= MAX_KNOWN) forget(now);
    buckets.set(senderId, { left: left - 1, at: now });
  };
}

interface Lease {
  left: number;
  until: number;
  waiting: { resolve(): void; reject(refusal: unknown): void }[];
}
function openShared({ clock, log }: { clock: Clock; log: Log }, limit: FloodLimit, shared: SharedBuckets, own: (senderId: string) => undefined): Flood {
  const leases = new Map<string, Lease>();
  const ahead = Math.max(1, Math.floor(limit.perSecond / 20));
  let isAway = false;
  async function refill(senderId: string, lease: Lease): Promise<void> {
    while (lease.waiting.length > 0) {
      const wanted = Math.max(ahead, lease.waiting.length);
      const granted = await grant(senderId, wanted);
      if (granted === undefined) for (const one of lease.waiting.splice(0)) settle(one, () => own(senderId));
      else {
        const through = lease.waiting.splice(0, granted);
        for (const one of through) one.resolve();
        // Less than was asked for: there is nothing left, for those who came meanwhile neither.
        if (granted < wanted) for (const one of lease.waiting.splice(0)) one.reject(tooMany(senderId, limit, 0));
        lease.left = granted - through.length;
        lease.until = clock.now() + AHEAD_MS;
      }
    }
  }
  async function grant(senderId: string, wanted: number): Promise<number | undefined> {
    try {
      const granted = await shared.take(senderId, wanted, limit);
      isAway = false;
      return granted;
    } catch (error) {
      if (!isAway) log.warn({ error: String(error) }, `${limit.what} are not counted together: each server counts for itself until Redis is back`);
      isAway = true;
      return undefined;
    }
  }
  function leaseOf(senderId: string): Lease {
    const known = leases.get(senderId);
    if (known) return known;
    if (leases.size >= MAX_KNOWN) for (const [id, { waiting, until }] of leases) if (waiting.length === 0 && until <= clock.now()) leases.delete(id);
    const lease: Lease = { left: 0, until: 0, waiting: [] };
    leases.set(senderId, lease);
    return lease;
  }
  return {
    take: (senderId) => {
      const lease = leaseOf(senderId);
      if (lease.waiting.length === 0 && lease.left > 0 && lease.until > clock.now()) {
        lease.left--;
        return undefined;
      }
      return new Promise<void>((resolve, reject) => {
        if (lease.waiting.push({ resolve, reject }) === 1) void refill(senderId, lease);
      });
    },
  };
}
function settle({ resolve, reject }: Lease["waiting"][number], may: () => void): void {
  try {
    may();
    resolve();
  } catch (error) {
    reject(error);
  }
}
