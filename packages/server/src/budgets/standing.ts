// Of whom there are standing budgets, in memory: what none of them is about costs nothing to begin. The store is the truth; this copy
// is read anew when hinted and at every poll, so that another server heeds a new budget within a poll.
import type { Db } from "../store/db.ts";
import { selectSubjects } from "./budget-rows.ts";

export interface StandingBudgets {
  has(subject: string): boolean;
  refresh(): Promise<void>;
}
export const BUDGETS_CHANNEL = "baton_budgets";

export async function openStandingBudgets(db: Db): Promise<StandingBudgets> {
  let subjects = new Set<string>();
  const refresh = async (): Promise<void> => {
    subjects = new Set((await selectSubjects(db)).map(({ subject }) => subject));
  };
  await refresh();
  return { has: (subject) => subjects.has(subject), refresh };
}
