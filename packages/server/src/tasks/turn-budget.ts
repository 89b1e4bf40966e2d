// The part of a turn in which budgets have their say: what is about to begin is held by every budget that is about it, or does not begin. A task's
// own budget ends the task when it is spent; for a project's or everybody's its steps wait; of an agent's budget that agent gets nothing more.
import { DEFAULT_PROJECT, type Failure, type WaitingFor } from "@baton/contract";
import type { Registry } from "../agents/agents.ts";
import { type BudgetRow, fit, hold, isTaskOwn, KINDS, type NoRoom, type StandingBudgets, toTaskBudgetId } from "../budgets/budgets.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import type { Tx } from "../store/db.ts";
import { addLoad, countMove, type Draft } from "./draft-entries.ts";
import { lockLedger, noteStop } from "./ledger.ts";
import { failTask } from "./move-task.ts";
import { type Estimates, type Hold, toRate } from "./spending.ts";
import { type ReadyStep, setAsideForBudget } from "./step-rows.ts";
import { lockTasks, markWaiting } from "./task-rows.ts";

export interface BudgetWorld {
  registry: Registry;
  budgets: StandingBudgets;
  estimates: Estimates;
}
/** A step and who is to do it. */
interface Wanted {
  step: ReadyStep;
  agentId: string;
}
/** Until a budget that never begins anew by itself is raised. */
const FAR_OFF = Date.parse("9999-12-31T00:00:00Z");

/** @returns what is held for those that may begin, by choice (none: no budget is about it), and those that may not. */
export async function holdBudgets<Choice extends Wanted>(
  world: BudgetWorld,
  tx: Tx,
  chosen: readonly Choice[],
  now: number,
  draft: Draft,
): Promise<{ holds: Map<Choice, Hold>; refused: Map<Choice, NoRoom> }> {
  const subjects = new Map(chosen.map((one) => [one, subjectsOf(world, one)]));
  await lockLedger(tx, draft, now, [], [...new Set([...subjects.values()].flat())]);
  const bySubject = new Map<string, BudgetRow[]>();
  for (const row of draft.ledger.rows.values()) bySubject.set(row.subject, [...(bySubject.get(row.subject) ?? []), row]);
  const holds = new Map<Choice, Hold>();
  const refused = new Map<Choice, NoRoom>();
  for (const one of chosen) {
    const rows = (subjects.get(one) ?? []).flatMap((subject) => bySubject.get(subject) ?? []);
    const known = rows.length === 0 ? undefined : world.registry.find(one.agentId);
    if (!known) continue;
    const amount = fit(rows, await world.estimates.of(tx, known, parseRouteKey(one.step.route_key).requirements, now));
    if ("budget" in amount) {
      refused.set(one, amount);
      noteRefusal(draft, one, amount);
      continue;
    }
    for (const row of rows) {
      hold(row, amount);
      draft.ledger.changed.add(row);
    }
    const limited = KINDS.filter((kind) => rows.some((row) => row[`limit_${kind}`] !== null));
    holds.set(one, { budgets: rows.map(({ id }) => id), amount, limited, rate: toRate(known) });
  }
  // However many of them found room: those who did not wait until something changes.
  for (const { budget } of refused.values()) if (!budget.subject.startsWith("agent:")) budget.waiting = 1;
  return { holds, refused };
}
/** A task's own first: what it ends waits for nobody. */
function subjectsOf({ budgets }: BudgetWorld, { step, agentId }: Wanted): string[] {
  const standing = [`agent:${agentId}`, `project:${step.project_id ?? DEFAULT_PROJECT}`, "everything"].filter(budgets.has);
  return step.task_spec.includes('"budget"') ? [toTaskBudgetId(step.task_id), ...standing] : standing;
}
function noteRefusal(draft: Draft, { agentId, step }: Wanted, { budget, detail, othersHold }: NoRoom): void {
  draft.ledger.changed.add(budget);
  if (!othersHold) noteStop(draft, budget, detail, { taskId: step.task_id });
  if (budget.subject.startsWith("agent:")) addLoad(draft, agentId, { parking: { for: "budget", until: budget.renews_at ?? FAR_OFF, reason: detail } });
}

/** Writes what follows for those that may not begin and stand in no line any more. What was begun in this turn has been put back by now. */
export async function giveUpForBudget(tx: Tx, refused: ReadonlyMap<Wanted, NoRoom>, now: number, draft: Draft): Promise<void> {
  const ended = new Map<string, Failure>();
  const aside: { task_id: string; step_id: string; budget_id: string; reason: string }[] = [];
  const waiting = new Map<string, string[]>();
  for (const [{ step }, { budget, detail, othersHold }] of refused) {
    if (budget.subject.startsWith("agent:")) continue;
    if (isTaskOwn(budget) && !othersHold) {
      ended.set(step.task_id, { kind: "budget", detail, stepId: step.step_id });
      continue;
    }
    aside.push({ task_id: step.task_id, step_id: step.step_id, budget_id: budget.id, reason: detail });
    waiting.set(detail, [...(waiting.get(detail) ?? []), step.task_id]);
  }
  if (aside.length > 0) await setAsideForBudget(tx, aside);
  for (const [detail, ids] of waiting) await noteBudgetWaiting(tx, [...new Set(ids)], detail, draft);
  for (const task of ended.size === 0 ? [] : await lockTasks(tx, [...ended.keys()])) {
    const failure = ended.get(task.id);
    if (failure && task.completed_at === null) await failTask(tx, task, failure, "The task's budget is used up.", now, draft);
  }
}
export async function noteBudgetWaiting(tx: Tx, taskIds: readonly string[], detail: string, draft: Draft): Promise<void> {
  const waitingFor: WaitingFor = { kind: "budget", detail };
  for (const { id, started_at } of await markWaiting(tx, taskIds, JSON.stringify(waitingFor))) {
    countMove(draft, started_at === null ? "queued" : "executing", "waiting");
    draft.events.push({ type: "task.waiting", taskId: id, data: { ...waitingFor } });
  }
}
