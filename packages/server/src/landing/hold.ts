// A queue that this server holds, and how it writes while it does: what it writes after it lost the queue leaves no trace.
import type { Landing } from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import { tryAgain, type Tx } from "../store/db.ts";
import { afterRefusal, type Fate } from "./landing-machine.ts";
import { type LandingRow, updateLanding } from "./landing-rows.ts";
import { CHANNEL, type LandingsWorld } from "./landings-world.ts";
import { holdQueue, type QueueRow } from "./queue-rows.ts";

export interface Held {
  id: string;
  repository: string;
  worker: string;
  fence: number;
}
/** The queue is another server's by now, or this one stops: whoever holds it goes on. */
export class QueueLost extends Error {}

/** All or nothing. @throws QueueLost when the queue is somebody else's by now. */
export async function write<T>(
  world: LandingsWorld,
  held: Held,
  work: (tx: Tx, queue: QueueRow, now: number) => Promise<{ events: NewEvent[]; answer: T }>,
): Promise<T> {
  const answer = await tryAgain(world.db, () =>
    world.db.transaction(async (tx) => {
      const queue = await holdQueue(tx, held.id, held.worker, held.fence);
      if (!queue || world.dispatcher.lease() !== held.worker) throw new QueueLost(`The queue of ${held.repository} is another server's.`);
      const done = await work(tx, queue, world.clock.now());
      await world.events.append(tx, done.events);
      return done.answer;
    }),
  );
  world.events.committed();
  world.db.notify(CHANNEL);
  return answer;
}

/** Writes down what becomes of each. @returns the events that tell of it. */
export async function settle(
  world: { newId(): string },
  tx: Tx,
  rows: readonly LandingRow[],
  fates: ReadonlyMap<string, Fate>,
  now: number,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  for (const row of rows) {
    const fate = fates.get(row.id) ?? { to: "queued" as const, reason: "It is judged again." };
    const failure = fate.to === "refused" ? JSON.stringify({ ...fate.failure, detail: fate.failure.detail.slice(0, 20_000) }) : null;
    Object.assign(row, { state: fate.to, reason: fate.reason.slice(0, 2000), failure, updated_at: now });
    if (fate.to === "refused") events.push(refuse(row, fate, world.newId()));
    await updateLanding(tx, row);
    if (fate.to === "asking") events.push(toEvent("landing.asking", row, { reason: row.reason }));
    if (fate.to === "queued") events.push(toEvent("landing.queued", row, { reason: row.reason }));
  }
  return events;
}
function refuse(row: LandingRow, { failure }: Fate & { to: "refused" }, taskId: string): NewEvent {
  const told = JSON.parse(row.returns) as Landing["returns"];
  const { kind, gates, files } = failure;
  const facts = { kind, gates, files: files.map(({ path }) => path) };
  const next = row.workspace_id === null ? { isReturned: false as const, why: undefined } : afterRefusal(failure, told, row.max_feedback);
  if (!next.isReturned) {
    if (next.why !== undefined) row.reason = `${next.why} ${row.reason}`.slice(0, 2000);
    return toEvent("landing.refused", row, { ...facts, reason: row.reason });
  }
  row.state = "returned";
  row.returns = JSON.stringify([...told, { taskId, signature: next.signature }]);
  return toEvent("landing.returned", row, { ...facts, reason: row.reason, workspaceId: row.workspace_id, reworkTaskId: taskId });
}
export const toEvent = (
  type: NewEvent["type"],
  row: Pick<LandingRow, "id" | "task_id" | "project" | "repository" | "target">,
  data: Record<string, unknown>,
): NewEvent => ({
  type,
  ...(row.task_id === null ? {} : { taskId: row.task_id }),
  data: { projectId: row.project, landingId: row.id, repository: row.repository, target: row.target, ...data },
});
