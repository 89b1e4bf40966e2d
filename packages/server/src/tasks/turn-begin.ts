// The short way: a step that is handed in while its line is empty and an agent is free begins in the very transaction that
// stores it. It is written once, as running, instead of ready first and running after.
import type { Demand } from "../routing/agent-index.ts";
import { toFacts } from "../routing/assignment.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import type { Submission } from "./submission.ts";
import type { NewStepRow } from "./step-rows.ts";
import type { Choice, ClaimWorld } from "./turn-claim.ts";

/** Steps that begin at once, by the row that is about to be inserted. Their places are reserved in memory. */
export type Begun = Map<NewStepRow, Choice>;

/** Chooses agents for what may begin at once, oldest first, up to `limit`; others wait in their lines, and behind those who `waited` before. */
export function chooseAtOnce(world: ClaimWorld, waited: readonly string[], submissions: readonly Submission[], limit: number, now: number): Begun {
  const begun: Begun = new Map();
  const behind = new Set(waited);
  const demands = new Map<string, Demand>();
  const demandOf = (key: string): Demand => {
    const demand = demands.get(key) ?? parseRouteKey(key);
    demands.set(key, demand);
    return demand;
  };
  for (const submission of submissions) {
    // Whether it may begin is known once it is stored.
    if (submission.dependsOn.length > 0 || submission.about !== undefined) continue;
    let slots = submission.task.max_running ?? Number.POSITIVE_INFINITY;
    for (const step of submission.steps) {
      if (slots === 0) break;
      if (step.status !== "ready" || behind.has(step.route_key)) continue;
      const demand = demandOf(step.route_key);
      const choice = begun.size < limit ? world.registry.index.choose(demand) : undefined;
      // Whoever comes after one that has to wait waits behind it.
      if (!choice) behind.add(step.route_key);
      else {
        slots--;
        world.places.add(choice.agent.id, 1);
        begun.set(step, { step: asReady(submission, step), agentId: choice.agent.id, facts: toFacts(choice, demand, now), begun: true });
      }
    }
  }
  return begun;
}
/** What was chosen and not inserted after all gives its place back. */
export function giveBack(world: ClaimWorld, begun: Begun, started: ReadonlySet<Choice>): void {
  for (const choice of begun.values()) if (!started.has(choice)) world.places.add(choice.agentId, -1);
}
const asReady = ({ task, steps }: Submission, step: NewStepRow): Choice["step"] => ({
  task_id: task.id,
  step_id: step.step_id,
  position: step.position,
  queue_key: step.queue_key,
  attempt: 0,
  retries_left: step.retries_left,
  losses: 0,
  feedback: null,
  told: null,
  route_key: step.route_key,
  step_spec: step.spec,
  title: task.title,
  description: task.description,
  type: task.type,
  task_spec: task.spec,
  task_status: "executing",
  project_id: task.project_id,
  max_running: task.max_running,
  steps_total: steps.length,
  deadline_at: task.deadline_at,
});
