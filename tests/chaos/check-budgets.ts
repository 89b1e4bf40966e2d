// What budgets count is what the attempts say: held for those that run, used by those that ended. Read from the rows.
import type { Reader } from "../../packages/server/src/store/db.ts";
import { sql } from "../../packages/server/src/store/sql.ts";

const KINDS = ["usd", "tokens", "ms", "attempts"] as const;
type Counters = Record<`used_${(typeof KINDS)[number]}` | `held_${(typeof KINDS)[number]}`, number>;
interface Hold {
  budgets: string[];
  amount: Record<(typeof KINDS)[number], number>;
  isSpent?: true;
}

/** What is used is only compared where no period has begun anew. */
export async function checkBudgets(store: Reader): Promise<{ what: string }[]> {
  // One statement each would see two moments of a store that is at work: the counters are looked at twice.
  const read = () =>
    store.all<Counters & { id: string; name: string; created_at: number; period_start: number }>(sql`select * from budgets where subject <> ''`);
  const attempts = await store.all<{ state: string; hold: string }>(sql`select state, hold from attempts where hold is not null`);
  const faults: { what: string }[] = [];
  for (const budget of await read()) {
    for (const kind of KINDS) {
      const sum = (isSpent: boolean): number =>
        attempts
          .map(({ hold }) => JSON.parse(hold) as Hold)
          .filter((hold) => hold.budgets.includes(budget.id) && (hold.isSpent ?? false) === isSpent)
          .reduce((total, { amount }) => total + amount[kind], 0);
      if (budget[`held_${kind}`] !== sum(false))
        faults.push({ what: `Budget ${budget.name} holds ${budget[`held_${kind}`]} ${kind}; its attempts under way hold ${sum(false)}.` });
      if (budget.period_start <= budget.created_at && budget[`used_${kind}`] !== sum(true))
        faults.push({ what: `Budget ${budget.name} counts ${budget[`used_${kind}`]} ${kind} as used; its attempts came to ${sum(true)}.` });
    }
  }
  for (const { state, hold } of attempts)
    if ((state === "running") === ((JSON.parse(hold) as Hold).isSpent ?? false)) faults.push({ what: `What is held for a ${state} attempt is ${hold}.` });
  return faults;
}
