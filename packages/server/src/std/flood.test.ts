// One bucket a sender for all servers: what one server lets through another does not, whoever asks first, and Redis may go away.
import { expect, onTestFinished, test } from "vitest";
import { createDatabase, postgresUrl, redisUrl } from "../../../../tests/services.ts";
import { openPostgres } from "../store/postgres.ts";
import { openRedisBuckets } from "../store/redis-buckets.ts";
import { silent } from "../tasks/tasks.testkit.ts";
import { type FloodLimit, openFlood, type SharedBuckets } from "./flood.ts";

const clock = { now: Date.now };
const outcomes = async (takes: (Promise<void> | undefined)[]): Promise<string> =>
  (await Promise.allSettled(takes.map((one) => one ?? Promise.resolve()))).map(({ status }) => (status === "fulfilled" ? "+" : "-")).join("");
/** Hands out so many, and is told how often it was asked. */
function bucketOf(total: number): SharedBuckets & { asked: number[]; isAway: boolean } {
  let left = total;
  const bucket = {
    asked: [] as number[],
    isAway: false,
    take: async (_: string, wanted: number) => {
      bucket.asked.push(wanted);
      if (bucket.isAway) throw new Error("away");
      const granted = Math.min(left, wanted);
      left -= granted;
      return granted;
    },
  };
  return bucket;
}
const LIMIT: FloodLimit = { what: "messages", perSecond: 100, burst: 20 };

test("some are taken ahead, so that most messages ask nobody, and those of one sender pass in their order", async () => {
  const bucket = bucketOf(12);
  const flood = openFlood({ clock, log: silent }, LIMIT, bucket);
  const passed: number[] = [];
  await Promise.all([1, 2, 3].map(async (n) => flood.take("ann")?.then(() => passed.push(n))));
  expect(passed).toEqual([1, 2, 3]);
  expect([flood.take("ann"), flood.take("ann")]).toEqual([undefined, undefined]);
  expect(bucket.asked).toEqual([5]);
  expect(await outcomes(Array.from({ length: 9 }, () => flood.take("ann")))).toBe("+++++++--");
});
test("while what is shared is away a server counts for itself, and shares again when it is back", async () => {
  const bucket = bucketOf(1000);
  bucket.isAway = true;
  const flood = openFlood({ clock: { now: () => 0 }, log: silent }, LIMIT, bucket);
  expect(await outcomes(Array.from({ length: 21 }, () => flood.take("ann")))).toBe(`${"+".repeat(20)}-`);
  bucket.isAway = false;
  expect(await outcomes([flood.take("ann")])).toBe("+");
});

const [postgres, redis] = [await postgresUrl(), await redisUrl()];
const database = postgres === undefined ? undefined : await createDatabase(postgres);
test.skipIf(database === undefined || redis === undefined)("servers share what a sender may send, by Redis, and each sender has its own", async () => {
  const db = await openPostgres({ url: database as string, maxConnections: 2 });
  onTestFinished(() => db.close());
  const slow: FloodLimit = { what: "messages", perSecond: 1, burst: 10 };
  const began = Date.now();
  const floods = await Promise.all(
    [1, 2].map(async () => {
      const buckets = await openRedisBuckets(db, redis as string);
      onTestFinished(() => buckets.close());
      return openFlood({ clock, log: silent }, slow, buckets);
    }),
  );
  let through = 0;
  for (let n = 0; n < 30; n++) if ((await outcomes([floods[n % 2]?.take("ann")])) === "+") through++;
  expect(through).toBeGreaterThanOrEqual(10);
  expect(through).toBeLessThanOrEqual(11 + (Date.now() - began) / 1000);
  expect(await outcomes([floods[0]?.take("bob"), floods[1]?.take("bob")])).toBe("++");
  for (let n = 0; n < 3; n++) await outcomes([floods[0]?.take("ann")]);
  await expect(floods[0]?.take("ann")).rejects.toMatchObject({ code: "too_many_requests" });
});
