// Buckets that servers share, in Redis: what one takes another does not have. Filled by Redis' own clock; forgotten once they would be full.
import type { Redis } from "ioredis";
import type { Db } from "./db.ts";
import { connectRedis, nameOf } from "./redis-connection.ts";

export interface Buckets {
  /** @returns how many of those wanted are granted. Rejects while Redis is away. */
  take(name: string, wanted: number, limit: { perSecond: number; burst: number }): Promise<number>;
  close(): void;
}
const TAKE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = burst
if known[1] then left = math.min(burst, tonumber(known[1]) + math.max(0, now - tonumber(known[2])) / 1000 * rate) end
local granted = math.min(wanted, math.floor(left))
redis.call('HSET', KEYS[1], 'left', tostring(left - granted), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - left + granted) / rate * 1000) + 1000)
return granted`;
type WithTake = Redis & { takeTokens(key: string, perSecond: number, burst: number, wanted: number): Promise<number> };

/** @throws Refusal `bad_input` for a URL that is none. */
export async function openRedisBuckets(db: Db, url: string): Promise<Buckets> {
  const redis = connectRedis(url, { commandTimeout: 1000 });
  // Told by who takes: each server counts for itself meanwhile.
  redis.on("error", () => undefined);
  redis.defineCommand("takeTokens", { numberOfKeys: 1, lua: TAKE });
  const prefix = `baton:${await nameOf(db)}:bucket:`;
  await redis.connect().catch(() => undefined);
  return {
    take: (name, wanted, { perSecond, burst }) => (redis as WithTake).takeTokens(prefix + name, perSecond, burst, wanted),
    close: () => redis.disconnect(),
  };
}
