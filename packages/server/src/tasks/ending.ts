// The end of an attempt, and what it changes of its step.
import type { AgentIndex } from "../routing/agent-index.ts";
import { parseRouteKey, toRouteKey } from "../routing/route-key.ts";
import type { StepChange } from "./step-rows.ts";
import { type Happening, queueKey, type Verdict } from "./task-machine.ts";
import type { LockedTask } from "./task-rows.ts";

/** An attempt's end, with what of its step the verdict needs. */
export interface Ending {
  attemptId: string;
  taskId: string;
  stepId: string;
  agentId: string;
  number: number;
  fence: number;
  startedAt: number;
  routeKey: string;
  retriesLeft: number;
  losses: number;
  /** Tries before this one that were sent back. */
  tries: number;
  /** As stored. */
  stepSpec: string;
  taskSpec: string;
  /** What its agent was told already was wrong, by a word for each failure. */
  told: readonly string[];
  /** What is wrong with it, for its agent, and the word for that: what was told before is not told again. */
  sendBack?: { feedback: string; failure: string };
  /** No agent has seen it. */
  neverRan?: boolean;
  /** How long people were waited for. */
  askedMs?: number;
  happening: Happening;
}
/** Of an attempt that is handed in twice, the first time. */
export const firstOfEach = (endings: readonly Ending[]): Ending[] => {
  const known = new Set<string>();
  const isNew = (key: string): boolean => !known.has(key) && known.add(key) !== undefined;
  return endings.filter((one) => isNew(`${one.attemptId} ${one.fence}`));
};
const toSame = (one: Ending) => ({
  task_id: one.taskId,
  step_id: one.stepId,
  attempt: one.number,
  attempt_id: one.attemptId,
  fence: one.fence,
  output: null,
  artifacts: null,
  run_at: null,
  route_key: one.routeKey,
  queue_key: null,
  retries_left: one.retriesLeft,
  losses: one.losses,
});
export const toCompletion = (one: Ending, { output, artifacts = [] }: Happening & { ok: true }, now: number): StepChange => ({
  ...toSame(one),
  status: "completed",
  reason: null,
  output: JSON.stringify(output ?? null),
  artifacts: artifacts.length > 0 ? JSON.stringify(artifacts) : null,
  completed_at: now,
});
export function toChange(index: AgentIndex, one: Ending, verdict: Exclude<Verdict, { step: "completed" }>, task: LockedTask, now: number): StepChange {
  const paused = task.paused === 1 || task.in_the_way !== null;
  const same = { ...toSame(one), queue_key: queueKey(now, task.priority) };
  if (verdict.step === "failed") return { ...same, status: "failed", reason: verdict.reason, completed_at: now };
  if (verdict.step === "ready") {
    // Whoever is told what was wrong is who did it, while it may take work.
    const route_key = verdict.feedback === undefined ? one.routeKey : toRouteKey({ ...parseRouteKey(one.routeKey), preferred: one.agentId });
    return { ...same, route_key, status: paused ? "held" : "ready", reason: verdict.reason, losses: verdict.losses, completed_at: null };
  }
  const route_key = verdict.exclude ? excluding(index, one.routeKey, one.agentId) : one.routeKey;
  const retried = { ...same, reason: verdict.reason, retries_left: verdict.retriesLeft, route_key, completed_at: null };
  // Held, it begins when the task goes on; delayed, it would begin by itself while the task is paused.
  return paused ? { ...retried, status: "held" } : { ...retried, status: "delayed", run_at: now + verdict.waitMs };
}
/** The same demand without this agent, if anybody else could do it. */
function excluding(index: AgentIndex, routeKey: string, agentId: string): string {
  const demand = parseRouteKey(routeKey);
  const excluded = [...new Set([...(demand.excluded ?? []), agentId])];
  const others = index.capable(demand).some((id) => !excluded.includes(id));
  return others ? toRouteKey({ ...demand, excluded }) : toRouteKey({ ...demand, excluded: [] });
}
