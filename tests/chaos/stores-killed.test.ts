// What servers lean on dies: their Postgres and their Redis are killed with SIGKILL and started again, as are they, while tasks and messages go
// through. The servers stay, say within seconds that they take nothing, and go on as soon as their store is back.
import { createClient } from "@baton/client";
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { postgresUrl, redisUrl } from "../services.ts";
import { openPostgresServer, openRedis, type PrivateServer } from "../private-servers.ts";
import { compileServer } from "./cluster.ts";
import { runCrash } from "./crash-run.ts";
import { openTraffic } from "./message-traffic.ts";
import { clearStage, expectNoFaults, limitMs, startRun, times } from "./stage.ts";

const areHere = (await postgresUrl()) !== undefined && (await redisUrl()) !== undefined;

beforeAll(compileServer);
afterEach(clearStage);

async function startServices(): Promise<{ postgres: PrivateServer; redis: PrivateServer }> {
  const [postgres, redis] = [await openPostgresServer(), await openRedis()];
  onTestFinished(async () => {
    // The servers end first: none is to connect to whoever has the port next.
    await clearStage();
    await Promise.all([postgres.remove(), redis.remove()]);
  });
  await Promise.all([postgres.start(), redis.start()]);
  return { postgres, redis };
}

describe.skipIf(!areHere)("a Postgres and a Redis that are killed", () => {
  test(
    "lose no task and no message, and nothing comes again after it was done",
    async () => {
      const { postgres, redis } = await startServices();
      const { disturb: _, ...run } = await startRun(
        2,
        postgres.url,
        { tasks: 160 * times, kills: 20 * times, killGapMs: 2000, downMs: 3000 },
        { REDIS_URL: redis.url },
      );
      await expectNoFaults(runCrash({ ...run, services: [postgres, redis], traffic: openTraffic }));
    },
    limitMs,
  );
  test("keep nobody waiting: whoever asks meanwhile is told to try again, and is served as soon as Postgres is back", async () => {
    const { postgres } = await startServices();
    const run = await startRun(1, postgres.url, { tasks: 0, kills: 0, killGapMs: 0, downMs: 0 });
    const [server] = run.servers;
    if (!server) throw new Error("There is one.");
    await server.start();
    const client = createClient({ url: server.url, timeoutMs: 30_000 });
    await client.createMailbox({ body: { name: "desk" } });
    await postgres.kill();
    const body = { title: "t", description: "d" };
    const refusal = { code: "unavailable", status: 503, retryAfterSeconds: 1 };
    const asked = performance.now();
    await Promise.all([
      expect(client.submitTask({ body })).rejects.toMatchObject(refusal),
      expect(client.sendMessage({ body: { recipientId: "desk" } })).rejects.toMatchObject({ code: "unavailable", status: 503 }),
    ]);
    // 5 s, and what a busy machine adds.
    expect(performance.now() - asked).toBeLessThan(15_000);
    const askedAgain = performance.now();
    await expect(client.submitTask({ body })).rejects.toMatchObject(refusal);
    expect(performance.now() - askedAgain).toBeLessThan(2000);
    await postgres.start();
    await expect
      .poll(() =>
        client.submitTask({ body }).then(
          ({ status }) => status,
          () => "refused",
        ),
      )
      .not.toBe("refused");
    await expect
      .poll(() =>
        client.sendMessage({ body: { recipientId: "desk" } }).then(
          () => "sent",
          () => "refused",
        ),
      )
      .toBe("sent");
    expect(server.ownEnds).toEqual([]);
  });
});
