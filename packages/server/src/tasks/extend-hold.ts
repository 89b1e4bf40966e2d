// More for an attempt that goes over what is held for it: half as much again as it has spent, or what its budgets have left. Under their locks, so
// that attempts side by side, on whichever servers, never hold more together than there is.
import { type Amount, type BudgetRow, describeAmount, describeBudget, describeRenewal, type Kind, roomIn } from "../budgets/budgets.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import { lockHold, writeHolds } from "./attempt-rows.ts";
import { commitDraft, type DraftWorld } from "./draft.ts";
import type { Going } from "./going.ts";
import { lockLedger, noteStop, noteWarning } from "./ledger.ts";
import type { Hold } from "./spending.ts";
import { lockTasks } from "./task-rows.ts";

const MORE = 1.5;

/** @returns what is held now; why nothing more is; undefined when the store did not answer. */
export async function extendHold(
  world: DraftWorld & { db: Db; log: Log },
  { attemptId, fence, worker, agentId, step }: Going,
  spent: Amount,
): Promise<Amount | string | undefined> {
  let answer: Amount | string = spent;
  try {
    await commitDraft(world, async (tx, draft) => {
      await lockTasks(tx, [step.task_id]);
      const text = await lockHold(tx, attemptId, fence, worker);
      // It is not carried out here any more, which its end will tell.
      if (text === undefined) return;
      const hold = JSON.parse(text) as Hold;
      await lockLedger(tx, draft, world.clock.now(), hold.budgets);
      const rows = hold.budgets.flatMap((id) => draft.ledger.rows.get(id) ?? []);
      const amount = { ...hold.amount };
      for (const kind of hold.limited.filter((one) => spent[one] > hold.amount[one])) {
        const tight = rows.find((row) => roomIn(row, kind, hold.amount[kind]) < spent[kind]);
        if (tight) {
          answer = describeOverspent(tight, kind, spent[kind], hold.amount[kind]);
          return noteStop(draft, tight, answer, { taskId: step.task_id, agentId });
        }
        amount[kind] = Math.min(Math.round(spent[kind] * MORE), ...rows.map((row) => roomIn(row, kind, hold.amount[kind])));
      }
      for (const row of rows) {
        for (const kind of hold.limited) row[`held_${kind}`] += amount[kind] - hold.amount[kind];
        draft.ledger.changed.add(row);
        noteWarning(draft, row, spent);
      }
      tx.leave(writeHolds(tx, [{ id: attemptId, hold: JSON.stringify({ ...hold, amount } satisfies Hold) }]));
      answer = amount;
    });
    return answer;
  } catch (error) {
    world.log.warn({ error: String(error), attemptId }, "more could not be reserved for an attempt; it is asked for again");
    return undefined;
  }
}
function describeOverspent(row: BudgetRow, kind: Kind, spent: number, own: number): string {
  const [used, limit] = [row[`used_${kind}`], row[`limit_${kind}`] as number];
  const others = row[`held_${kind}`] - own;
  const before = used > 0 ? `, ${describeAmount(kind, used)} were used before` : "";
  const beside = others > 0 ? `, ${describeAmount(kind, others)} are reserved for others` : "";
  return `${describeBudget(row)} of ${describeAmount(kind, limit)} is used up: this attempt has spent ${describeAmount(kind, spent)}${before}${beside}. ${describeRenewal(row)}`;
}
