// A budget for a task that is there already, or other limits for the one it has. Nothing begins by that: steps that wait for its budget go on when
// there is room, and a task that its budget ended goes on when somebody retries it.
import { Refusal, type TaskBudget } from "@baton/contract";
import { BUDGETS_CHANNEL, insertBudgets, limitBudget, lockBudgets, toTaskBudgetRow, updateBudgets } from "../budgets/budgets.ts";
import type { Tx } from "../store/db.ts";
import { type CommandWorld, command } from "./commands.ts";
import { toEvent } from "./ledger.ts";
import type { TaskSpec } from "./submission.ts";
import { selectTasks, setTaskSpec, type TaskRow } from "./task-rows.ts";

/** All its limits: what is not given is not limited. @throws Refusal `not_found`; `conflict` when it has completed. */
export async function setTaskBudget(world: CommandWorld, id: string, given: TaskBudget): Promise<void> {
  await command(world, id, async (tx, task, draft, now) => {
    if (task.status === "completed") throw new Refusal("conflict", `Task ${task.id} has completed; nothing of it begins any more that a budget could limit.`);
    const [row] = await selectTasks(tx, [task.id]);
    const spec = JSON.parse(row?.spec ?? "{}") as TaskSpec;
    const about = { id: task.id, project_id: row?.project_id ?? null };
    await setTaskSpec(tx, task.id, JSON.stringify({ ...spec, constraints: { ...spec.constraints, budget: given } } satisfies TaskSpec));
    draft.events.push(await writeBudget(tx, about, given, now));
  });
  world.db.notify(BUDGETS_CHANNEL);
}
async function writeBudget(tx: Tx, task: Pick<TaskRow, "id" | "project_id">, given: TaskBudget, now: number) {
  const wanted = toTaskBudgetRow(task, given, now);
  const [known] = await lockBudgets(tx, [wanted.id], []);
  if (!known) {
    await insertBudgets(tx, [wanted]);
    return toEvent("budget.created", wanted, { scope: "task" });
  }
  const { limit_usd, limit_tokens, limit_ms, limit_attempts, warn_at } = wanted;
  Object.assign(known, { limit_usd, limit_tokens, limit_ms, limit_attempts, warn_at });
  limitBudget(known, now);
  await updateBudgets(tx, [known]);
  return toEvent("budget.updated", known, { fields: Object.keys(given).join(", ") });
}
