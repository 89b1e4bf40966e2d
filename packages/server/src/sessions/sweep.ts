// Ends sessions in which nothing was said for long, and removes those that ended long ago: a bounded number at a time, an index away.
import type { Log } from "../std/log.ts";
import { type SessionsWorld, write } from "./change-session.ts";
import { deleteSessions, eventDataOf, expireIdle, selectExpired } from "./session-rows.ts";

const AT_ONCE = 200;
const EVERY_MS = 30_000;

/** One round. @returns whether there may be more. */
export async function sweepSessions(world: SessionsWorld): Promise<boolean> {
  const { sessionIdleMs, sessionRetentionMs } = world.settings;
  const now = world.clock.now();
  let found = 0;
  await write(world, async (tx) => {
    const expired = await expireIdle(tx, now - sessionIdleMs + 1, now, AT_ONCE);
    const old = await selectExpired(tx, now - sessionRetentionMs, AT_ONCE);
    if (old.length > 0)
      await deleteSessions(
        tx,
        old.map(({ id }) => id),
      );
    found = Math.max(expired.length, old.length);
    return [
      ...expired.map((one) => ({ type: "session.expired" as const, data: eventDataOf(one) })),
      ...old.map((one) => ({ type: "session.removed" as const, data: { ...eventDataOf(one), reason: "It had expired long ago." } })),
    ];
  });
  return found === AT_ONCE;
}
export function openSessionSweep(world: SessionsWorld & { log: Log }): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let sweeping = Promise.resolve();
  const begin = (): void => {
    sweeping = sweepSessions(world)
      .catch((error: unknown) => {
        world.log.warn({ error: String(error) }, "sessions could not be swept; the next sweep follows");
        return false;
      })
      .then((more) => {
        if (!stopped) timer = setTimeout(begin, more ? 0 : EVERY_MS);
      });
  };
  begin();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
