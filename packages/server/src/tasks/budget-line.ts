// Steps that wait for a budget, taken back into their lines when it has begun anew, was raised, or has room because attempts came to less than
// was held for them. A few at a time, the oldest first: whoever finds no room is set aside again, and then nobody is tried until something changes.
import { deleteBudget, selectToTry } from "../budgets/budgets.ts";
import { commitDraft, countMove, type Draft } from "./draft.ts";
import { lockLedger } from "./ledger.ts";
import { isWaitedFor, unparkBudgeted } from "./step-rows.ts";
import type { TakeOverWorld } from "./take-over.ts";
import { markUnwaiting } from "./task-rows.ts";

const STEPS_AT_ONCE = 20;
const BUDGETS_AT_ONCE = 100;

/** @returns the lines that have ready steps again. */
export async function takeBackBudgeted(world: TakeOverWorld): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { id } of await selectToTry(world.db, world.clock.now(), BUDGETS_AT_ONCE)) {
    const draft = await takeBackSome(world, id);
    for (const key of draft.ready) keys.add(key);
  }
  return keys;
}
const takeBackSome = (world: TakeOverWorld, id: string): Promise<Draft> =>
  commitDraft(world, async (tx, draft) => {
    const back = await unparkBudgeted(tx, id, STEPS_AT_ONCE);
    for (const { status } of await markUnwaiting(tx, [...new Set(back.map((row) => row.task_id))])) countMove(draft, "waiting", status as "queued");
    for (const { route_key } of back) draft.ready.add(route_key);
    await lockLedger(tx, draft, world.clock.now(), [id]);
    const row = draft.ledger.rows.get(id);
    if (!row) return;
    // Asked under its lock: whoever is set aside for it holds that lock until it can be seen.
    const isMore = await isWaitedFor(tx, id);
    const isRemoved = row.subject === "";
    row.waiting = !isMore ? 0 : back.length === STEPS_AT_ONCE && !isRemoved ? 1 : 2;
    draft.ledger.changed.add(row);
    if (!isRemoved || isMore) return;
    draft.ledger.changed.delete(row);
    await deleteBudget(tx, id);
  });
