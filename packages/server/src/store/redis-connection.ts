// How Redis is connected to: never waited for, tried again by itself, and what is said while it is away fails at once.
import { createHash } from "node:crypto";
import { Refusal } from "@baton/contract";
import { Redis } from "ioredis";
import type { Db } from "./db.ts";
import { sql } from "./sql.ts";

const FIRST_MS = 2000;
const LONGEST_WAIT_MS = 2000;

/** Not connected yet. @throws Refusal `bad_input` for a URL that is none. */
export function connectRedis(url: string, more: { commandTimeout?: number } = {}): Redis {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new Refusal("bad_input", "REDIS_URL must be an address such as redis://127.0.0.1:6379.");
  return new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What was under way is not sent again and channels are subscribed to by whoever wants them: when Redis dies right after it came back,
    // what the client does of its own fails where nobody can catch it, and that would end the server.
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    connectTimeout: FIRST_MS,
    retryStrategy: (tries: number) => Math.min(LONGEST_WAIT_MS, 50 * 2 ** Math.min(tries, 10)),
    ...more,
  });
}
/** Of the store, so that two that share a Redis do not meet there. */
export async function nameOf(db: Db): Promise<string> {
  const [row] = await db.all<{ name: string }>(sql`select current_database() || '/' || current_schema() || '@' || coalesce(inet_server_port(), 0) as name`);
  return createHash("sha256")
    .update(row?.name ?? "")
    .digest("hex")
    .slice(0, 16);
}
