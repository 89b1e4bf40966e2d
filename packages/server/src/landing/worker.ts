// Works on the queues of repositories on this machine: each by one server at a time, under its lease. Looks at every poll, and at once when it is told to.
import { carryOut, recover } from "./carry-out.ts";
import { lookAfterAsking } from "./ask-others.ts";
import { lookAfterReturned } from "./give-back.ts";
import { type Held, QueueLost } from "./hold.ts";
import { CHANNEL, type LandingsWorld } from "./landings-world.ts";
import { claimQueue, type QueueRow, releaseQueue, selectClaimable } from "./queue-rows.ts";
import { isHere } from "./repository.ts";

export interface LandingWorker {
  /** What is judged is ended, and judged again by whoever comes next. */
  stop(): Promise<void>;
}

export async function openLandingWorker(world: LandingsWorld): Promise<LandingWorker> {
  const stopping = new AbortController();
  const working = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;

  async function look(): Promise<void> {
    clearTimeout(timer);
    do {
      lookAgain = false;
      await begin().catch((error: unknown) => world.log.warn({ error: String(error) }, "landings could not be looked at; the next look follows"));
    } while (lookAgain && !stopping.signal.aborted);
    looking = undefined;
    if (!stopping.signal.aborted) timer = setTimeout(wake, world.settings.pollMs);
  }
  function wake(): void {
    if (stopping.signal.aborted) return;
    if (looking) lookAgain = true;
    else looking = look();
  }
  async function begin(): Promise<void> {
    const lease = world.dispatcher.lease();
    if (lease === undefined) return;
    await lookAfterReturned(world);
    await lookAfterAsking(world);
    for (const queue of await selectClaimable(world.db, world.clock.now())) {
      if (working.has(queue.id) || stopping.signal.aborted || !(await isHere(queue))) continue;
      const held = await claim(world, queue, lease);
      if (!held) continue;
      const work = workOn(world, held, stopping.signal).then((ended) => {
        working.delete(queue.id);
        // After a fault the next poll is soon enough.
        if (ended) wake();
      });
      working.set(queue.id, work);
    }
  }
  const stopListening = await world.db.onNotify(CHANNEL, wake);
  wake();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await stopListening();
      await looking;
      await Promise.all(working.values());
    },
  };
}

async function claim(world: LandingsWorld, queue: QueueRow, worker: string): Promise<Held | undefined> {
  const isClaimed = await world.db.transaction((tx) => claimQueue(tx, queue, worker));
  return isClaimed ? { id: queue.id, repository: queue.repository, worker, fence: queue.fence + 1 } : undefined;
}
/** @returns whether all went well. Never rejects. */
async function workOn(world: LandingsWorld, held: Held, signal: AbortSignal): Promise<boolean> {
  let isWell = true;
  try {
    await recover(world, held);
    while (!signal.aborted && (await carryOut(world, held, signal)));
    await world.db.transaction((tx) => releaseQueue(tx, held.id, held.worker, held.fence));
  } catch (error) {
    isWell = false;
    const fields = { repository: held.repository, error: String(error) };
    if (error instanceof QueueLost) world.log.info(fields, "a queue of landings is left to others");
    else world.log.error(fields, "a queue of landings could not be worked on; it is tried again");
    await world.db
      .transaction((tx) => releaseQueue(tx, held.id, held.worker, held.fence))
      .catch((again: unknown) => world.log.warn({ ...fields, error: String(again) }, "a queue of landings is held until the lease ends"));
  }
  return isWell;
}
