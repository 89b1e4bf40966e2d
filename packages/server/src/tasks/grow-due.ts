// Plans that asked to be looked at again at a time: no step ended, but one has taken too long.
import type { AgentIndex } from "../routing/agent-index.ts";
import { commitDraft, countMove, type Draft } from "./draft.ts";
import { releaseTask } from "./release.ts";
import type { TakeOverWorld } from "./take-over.ts";
import { isTerminal } from "./task-machine.ts";
import { growTask, isHeld, type LockedTask, lockTasks, markUnwaiting, selectToGrow, type TaskEnd } from "./task-rows.ts";
import { followUp } from "./turn-settle.ts";

const AT_ONCE = 100;

/** How a task stands before anything of it is settled. */
export const toEnd = (task: LockedTask): TaskEnd => ({
  id: task.id,
  status: task.status,
  steps_left: task.steps_left,
  result: null,
  failure: null,
  completed_at: null,
});
export async function growDue(world: TakeOverWorld): Promise<Draft[]> {
  const due = await selectToGrow(world.db, world.clock.now(), AT_ONCE);
  const drafts: Draft[] = [];
  for (const { id } of due) drafts.push(await growOne(world, world.registry.index, id));
  return drafts;
}
const growOne = (world: TakeOverWorld, index: AgentIndex, id: string): Promise<Draft> =>
  commitDraft(world, async (tx, draft) => {
    const [task] = await lockTasks(tx, [id]);
    const now = world.clock.now();
    if (!task) return;
    await growTask(tx, id, task.steps_total, task.steps_left, null);
    if (isTerminal(task.status)) return;
    const end = toEnd(task);
    await followUp({ index }, tx, new Map([[id, end]]), [], new Map(), new Map([[id, task]]), now, draft);
    if (end.completed_at !== null) return;
    if (task.max_running !== null && !isHeld(task)) await releaseTask(tx, task, now, draft);
    if (task.status === "waiting" && draft.ready.size > 0)
      for (const { status } of await markUnwaiting(tx, [id])) countMove(draft, "waiting", status as "queued");
  });
