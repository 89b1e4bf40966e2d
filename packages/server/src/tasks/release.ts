// Steps that may begin: because what they needed has completed, a place in their task came free, or the task goes on again.
import { parseRouteKey, toRouteKey } from "../routing/route-key.ts";
import type { Tx } from "../store/db.ts";
import { selectCompletedAttempt } from "./attempt-rows.ts";
import { countMove, type Draft } from "./draft.ts";
import { queueKey } from "./task-machine.ts";
import { selectStartable, setRouteKey, setStepStatus } from "./step-rows.ts";
import { countDownTasks, isHeld, isHeldBack, markUnwaiting, type LockedTask } from "./task-rows.ts";

interface Freed {
  task_id: string;
  step_id: string;
  route_key: string;
}
/** A step that goes on with another is from now on for the agent that completed that one. */
export async function bindContinued(tx: Tx, freed: readonly Freed[]): Promise<Freed[]> {
  const bound: Freed[] = [];
  for (const step of freed) {
    const demand = parseRouteKey(step.route_key);
    const done = demand.continues === undefined ? undefined : await selectCompletedAttempt(tx, step.task_id, demand.continues);
    if (!done || done.agent_id === demand.agent) {
      bound.push(step);
      continue;
    }
    const route_key = toRouteKey({ ...demand, agent: done.agent_id });
    await setRouteKey(tx, step.task_id, step.step_id, route_key);
    bound.push({ ...step, route_key });
  }
  return bound;
}
/** Makes these steps ready, as far as their tasks allow; tasks with a limit are looked at as a whole. */
export async function releaseSteps(tx: Tx, freed: readonly Freed[], tasks: readonly LockedTask[], now: number, draft: Draft): Promise<void> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const changes: { task_id: string; step_id: string; status: string; queue_key: number }[] = [];
  for (const step of freed) {
    const task = byId.get(step.task_id) as LockedTask;
    if (task.max_running !== null || isHeld(task)) {
      changes.push({ task_id: step.task_id, step_id: step.step_id, status: "held", queue_key: queueKey(now, task.priority) });
      continue;
    }
    changes.push({ task_id: step.task_id, step_id: step.step_id, status: "ready", queue_key: queueKey(now, task.priority) });
    draft.ready.add(step.route_key);
  }
  if (changes.length > 0) tx.leave(setStepStatus(tx, changes));
  for (const task of byId.values()) if (task.max_running !== null && !isHeld(task)) await releaseTask(tx, task, now, draft);
}
/** Makes ready what of one task may begin: with a limit, in each of its lines as many as it has slots free. */
export async function releaseTask(tx: Tx, task: LockedTask, now: number, draft: Draft): Promise<number> {
  const begun = await selectStartable(tx, task.id, task.max_running);
  if (begun.length === 0) return 0;
  tx.leave(
    setStepStatus(
      tx,
      begun.map((step) => ({ task_id: step.task_id, step_id: step.step_id, status: "ready", queue_key: queueKey(now, task.priority) })),
    ),
  );
  for (const step of begun) draft.ready.add(step.route_key);
  return begun.length;
}
/** Tasks that waited for these, and for nothing else, begin. */
export async function startDependents(tx: Tx, completed: readonly string[], now: number, draft: Draft): Promise<void> {
  const free = (await countDownTasks(tx, completed)).filter((task) => (task.status === "waiting" || task.status === "paused") && !isHeldBack(task));
  if (free.length === 0) return;
  const unwaiting = await markUnwaiting(
    tx,
    free.map((task) => task.id),
  );
  for (const { status } of unwaiting) countMove(draft, "waiting", status as "queued");
  for (const task of free) if (!isHeld(task)) await releaseTask(tx, task, now, draft);
}
