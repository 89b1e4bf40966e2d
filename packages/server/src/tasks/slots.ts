// How many steps of one task may go at once (`constraints.maxAgents`). Only what runs has a slot: of each line a task has as many steps ready as
// it could begin, whichever finds an agent first begins, and what then finds its task full leaves its line until a slot is free.
import type { Tx } from "../store/db.ts";
import { countRunning, holdSteps, type ReadyStep } from "./step-rows.ts";

/** How a task's steps stand when it may begin: of each line as many ready as it has slots. Told of its steps in the order of the plan. */
export function openLineCount(slots: number | null): (routeKey: string) => "ready" | "held" {
  const counts = new Map<string, number>();
  return (routeKey) => {
    const count = (counts.get(routeKey) ?? 0) + 1;
    counts.set(routeKey, count);
    return slots !== null && count > slots ? "held" : "ready";
  };
}

/** The slots as one turn fills them. */
export interface Slots {
  /** False: the step's task has as many going as it may; the step is passed over. */
  isFree(step: ReadyStep): boolean;
  take(step: ReadyStep): void;
  giveBack(step: ReadyStep): void;
  /** What was passed over: taken out of its line, or staying in it because a slot came free after all. */
  settle(tx: Tx): { out: ReadyStep[]; staying: ReadyStep[] };
}
/** @param steps of tasks that this turn has locked: what runs of them is counted once. Tasks without a limit cost nothing. */
export async function openSlots(tx: Tx, steps: readonly ReadyStep[]): Promise<Slots> {
  const limited = [...new Set(steps.flatMap((step) => (step.max_running === null ? [] : [step.task_id])))];
  const running = new Map((limited.length === 0 ? [] : await countRunning(tx, limited)).map(({ task_id, n }) => [task_id, n]));
  const passed: ReadyStep[] = [];
  const hasRoom = ({ task_id, max_running }: ReadyStep): boolean => max_running === null || (running.get(task_id) ?? 0) < max_running;
  const count = ({ task_id }: ReadyStep, by: number): unknown => running.set(task_id, (running.get(task_id) ?? 0) + by);
  return {
    isFree: (step) => hasRoom(step) || passed.push(step) === 0,
    take: (step) => count(step, 1),
    giveBack: (step) => count(step, -1),
    settle: (tx) => {
      const out = passed.filter((step) => !hasRoom(step));
      if (out.length > 0) tx.leave(holdSteps(tx, out));
      return { out, staying: passed.filter(hasRoom) };
    },
  };
}
