// What agents say of their progress, thinned out: the newest word of each attempt is written a few times a second, all in
// one transaction. Losing one loses nothing.
import type { Progress } from "@baton/contract";
import type { EventLog } from "../events/events.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import type { Going } from "./going.ts";
import { updateProgress } from "./attempt-rows.ts";

const GAP_MS = 250;

export function openProgress(world: { db: Db; events: EventLog; log: Log }): { note(going: Going, progress: Progress): void; close(): Promise<void> } {
  let noted = new Map<string, { going: Going; progress: Progress }>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const batch = [...noted.values()];
    noted = new Map();
    if (batch.length === 0) return;
    await world.db.transaction(async (tx) => {
      const written = await updateProgress(
        tx,
        batch.map(({ going, progress }) => ({ id: going.attemptId, fence: going.fence, progress: JSON.stringify(progress) })),
      );
      const running = new Set(written.map((row) => row.id));
      await world.events.append(
        tx,
        batch
          .filter(({ going }) => running.has(going.attemptId))
          .map(({ going, progress }) => ({
            type: "attempt.progressed",
            taskId: going.step.task_id,
            stepId: going.step.step_id,
            attemptId: going.attemptId,
            agentId: going.agentId,
            data: { ...progress },
          })),
      );
    });
    world.events.committed();
  }
  const flush = () => {
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => world.log.debug({ error: String(error) }, "progress could not be written"));
  };
  return {
    note: (going, progress) => {
      noted.set(going.attemptId, { going, progress });
      timer ??= setTimeout(flush, GAP_MS);
    },
    close: async () => {
      clearTimeout(timer);
      await writing;
    },
  };
}
