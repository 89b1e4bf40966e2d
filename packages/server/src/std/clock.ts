// Time, ids and chance, as the world hands them out; tests put their own in.
import { randomBytes } from "node:crypto";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}
export const systemClock: Clock = { now: () => Date.now() };
export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

let pool = Buffer.alloc(0);
let used = 0;
let lastMs = 0;
let counter = 0;
/** A UUIDv7: sorts by creation time within a process, even inside one millisecond (RFC 9562, 12-bit counter). */
export function newId(): string {
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  if (used + 8 > pool.length) {
    pool = randomBytes(4096);
    used = 0;
  }
  const tail = pool.toString("hex", used, used + 8);
  used += 8;
  const time = lastMs.toString(16).padStart(12, "0");
  const variant = "89ab"[(pool[used - 8] as number) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`;
}
