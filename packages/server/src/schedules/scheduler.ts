// What makes schedules happen: looks for those that are due, hands their tasks in, and moves them on to their next time.
import { Refusal, type TaskInput } from "@baton/contract";
import { getTaskRow, isTerminal, submitUnparsed, type TasksWorld } from "../tasks/tasks.ts";
import { claimDue, eventDataOf, moveOn, releaseDue, type ScheduleRow, selectDue, selectNextDue } from "./schedule-rows.ts";
import { nextTime, timesToServe } from "./when.ts";

export interface Scheduler {
  stop(): Promise<void>;
}
const AT_ONCE = 50;
/** Others keep away so long from what a server is handing in. */
const CLAIM_MS = 30_000;

/** Looks at every poll, and sooner when the next one is due sooner. */
export function openScheduler(world: TasksWorld): Scheduler {
  const { pollMs } = world.settings;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking: Promise<void> = Promise.resolve();
  async function look(): Promise<void> {
    let wait = pollMs;
    try {
      // A server without a lease begins nothing; another one does.
      if (world.dispatcher.lease() !== undefined) for (const row of await selectDue(world.db, world.clock.now(), AT_ONCE)) await claim(world, row);
      const next = await selectNextDue(world.db);
      if (next !== undefined) wait = Math.max(10, Math.min(pollMs, next - world.clock.now()));
    } catch (error) {
      world.log.warn({ error: String(error) }, "schedules could not be looked at; the next look follows");
    }
    if (!stopped) timer = setTimeout(begin, wait);
  }
  function begin(): void {
    looking = look();
  }
  begin();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

async function claim(world: TasksWorld, due: ScheduleRow): Promise<void> {
  const now = world.clock.now();
  const row = await world.db.transaction((tx) => claimDue(tx, due, now, now + CLAIM_MS));
  if (!row) return;
  try {
    await serve(world, row);
  } catch (error) {
    await world.db.transaction((tx) => releaseDue(tx, row));
    throw error;
  }
}
/** @throws Refusal `unavailable` when this server takes no tasks now: the schedule stays due. */
async function serve(world: TasksWorld, row: ScheduleRow): Promise<void> {
  const now = row.claimed_at as number;
  const dueAt = row.next_at as number;
  const times = timesToServe(row, dueAt, now, row.catch_up as "skip");
  let { last_at, last_task_id } = row;
  let skipped: string | undefined = times.length === 0 ? "no server ran at its time" : undefined;
  for (const at of times) {
    if (row.overlap === "skip" && last_task_id !== null && !(await hasEnded(world, last_task_id))) {
      skipped = `task ${last_task_id} has not ended`;
      continue;
    }
    // Who stored it was asked whether they may name its checks.
    const options = { idempotencyKey: `schedule/${row.id}/${at}`, mayCheck: true };
    const handedIn = await submitUnparsed(world, JSON.parse(row.task) as TaskInput, options).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === "unavailable") throw error;
      world.log.warn({ scheduleId: row.id, error: String(error) }, "a schedule's task was refused");
      skipped = `its task was refused: ${error instanceof Error ? error.message : String(error)}`;
      return undefined;
    });
    if (handedIn) [last_at, last_task_id] = [at, handedIn.id];
  }
  await world.db.transaction(async (tx) => {
    const moved = await moveOn(tx, row.id, dueAt, { next_at: nextTime(row, Math.max(now, dueAt)), last_at, last_task_id });
    if (!moved) return;
    const data = { ...eventDataOf(row), dueAt: new Date(dueAt).toISOString() };
    if (last_at !== row.last_at) await world.events.append(tx, [{ type: "schedule.fired", taskId: last_task_id ?? undefined, data }]);
    else await world.events.append(tx, [{ type: "schedule.skipped", data: { ...data, reason: skipped ?? "" } }]);
  });
  world.events.committed();
}
const hasEnded = (world: TasksWorld, taskId: string): Promise<boolean> =>
  getTaskRow(world, taskId).then(
    (task) => isTerminal(task.status),
    // Removed: nothing of it goes on.
    () => true,
  );
