// The budgets that one transaction touches: locked once each, changed in memory, written with the draft. An attempt that ends gives back what
// was held for it and is charged for what it spent; the row of the attempt says so, so that counters can be compared with rows.
import type { NewEvent } from "../events/events.ts";
import {
  type Amount,
  type BudgetRow,
  BUDGETS_CHANNEL,
  charge,
  describeAmount,
  describeBudget,
  eventDataOf,
  hasRoom,
  type Kind,
  lockBudgets,
  renew,
  toTaskBudgetId,
  updateBudgets,
  warnOf,
} from "../budgets/budgets.ts";
import type { Db, Tx } from "../store/db.ts";
import { writeHolds } from "./attempt-rows.ts";
import { addLoad, type Charge, type Draft } from "./draft-entries.ts";
import { type Estimates, type Hold, type Spent, toSpent, type Told } from "./spending.ts";

/** Locks what is charged, and budgets of these ids and subjects. After tasks, steps, attempts and loads; before counts and the log. */
export async function lockLedger(tx: Tx, draft: Draft, now: number, ids: readonly string[] = [], subjects: readonly string[] = []): Promise<void> {
  await lockRows(tx, draft, now, [...ids, ...draft.ledger.charges.keys()], subjects);
  // One that was removed counts nothing any more.
  draft.ledger.charges.clear();
}
/** Of a task that is locked: nobody else has its own budget. */
export async function lockTaskBudget(tx: Tx, draft: Draft, now: number, taskId: string): Promise<BudgetRow | undefined> {
  const id = toTaskBudgetId(taskId);
  await lockRows(tx, draft, now, [id], []);
  return draft.ledger.rows.get(id);
}
async function lockRows(tx: Tx, draft: Draft, now: number, ids: readonly string[], subjects: readonly string[]): Promise<void> {
  const { rows, charges } = draft.ledger;
  const wanted = [...new Set(ids)].filter((id) => !rows.has(id));
  if (wanted.length > 0 || subjects.length > 0) for (const row of await lockBudgets(tx, wanted, subjects)) if (!rows.has(row.id)) addRow(draft, row, now);
  for (const [id, all] of charges) {
    const row = rows.get(id);
    if (!row) continue;
    for (const one of all) book(draft, row, one);
    charges.delete(id);
  }
}
function addRow(draft: Draft, row: BudgetRow, now: number): void {
  draft.ledger.rows.set(row.id, row);
  if (!renew(row, now)) return;
  draft.ledger.changed.add(row);
  draft.events.push(toEvent("budget.renewed", row, {}));
}
function book(draft: Draft, row: BudgetRow, { held, spent }: Charge): void {
  charge(row, held, spent.amount, spent.guessed);
  draft.ledger.changed.add(row);
  noteWarning(draft, row);
  // What it holds no more others may have: an agent that got no work for want of it gets work again.
  if (row.subject.startsWith("agent:") && hasRoom(row)) addLoad(draft, row.subject.slice("agent:".length), { hasBudget: true });
}
/** @param more what the attempts under way are known to have spent. */
export function noteWarning(draft: Draft, row: BudgetRow, more: Partial<Amount> = {}): void {
  const kind = warnOf(row, more);
  if (kind === undefined) return;
  draft.ledger.changed.add(row);
  draft.events.push(toEvent("budget.warned", row, { ...limitOf(row, kind, more[kind]), warnAt: row.warn_at }));
}
/** Once until it begins anew or has room again. */
export function noteStop(draft: Draft, row: BudgetRow, reason: string, more: { taskId?: string; agentId?: string } = {}): void {
  if (row.stopped === 1) return;
  row.stopped = 1;
  draft.ledger.changed.add(row);
  draft.events.push({ ...toEvent("budget.stopped", row, { reason }), ...more });
}
export const toEvent = (
  type: NewEvent["type"],
  row: Pick<BudgetRow, "id" | "name" | "subject" | "project">,
  data: Record<string, string | number>,
): NewEvent => ({
  type,
  ...(row.subject.startsWith("task:") ? { taskId: row.subject.slice("task:".length) } : {}),
  ...(row.subject.startsWith("agent:") ? { agentId: row.subject.slice("agent:".length) } : {}),
  data: { ...eventDataOf(row), ...data },
});
const limitOf = (row: BudgetRow, kind: Kind, more = 0): Record<string, string> => ({
  used: describeAmount(kind, row[`used_${kind}`] + more),
  limit: describeAmount(kind, row[`limit_${kind}`] as number),
  detail: `${describeBudget(row)}: ${describeAmount(kind, row[`used_${kind}`] + more)} of ${describeAmount(kind, row[`limit_${kind}`] as number)} are used.`,
});

/** An attempt that ended, as far as budgets are concerned. */
export interface Holder {
  attemptId: string;
  agentId: string;
  requirements: readonly string[];
  hold: Hold;
  told: Told;
  ms: number;
  /** `lost`: what it did until its server died nobody knows; it counts as what was held. `never`: no agent has seen it. */
  ran: "ended" | "completed" | "lost" | "never";
}
/** Charges the budgets of these attempts, as soon as they are locked. */
export function chargeHolds(tx: Tx, draft: Draft, holders: readonly Holder[], estimates: Estimates): void {
  const written = holders.map(({ attemptId, agentId, requirements, hold, told, ms, ran }) => {
    const spent = spentOf(hold, told, ms, ran);
    for (const id of hold.budgets) {
      const charges = draft.ledger.charges.get(id) ?? [];
      charges.push({ held: hold.amount, spent });
      draft.ledger.charges.set(id, charges);
    }
    if (ran === "completed") estimates.note(agentId, requirements, told, ms);
    return { id: attemptId, hold: JSON.stringify({ ...hold, amount: spent.amount, isSpent: true } satisfies Hold) };
  });
  if (written.length > 0) tx.leave(writeHolds(tx, written));
}
function spentOf(hold: Hold, told: Told, ms: number, ran: Holder["ran"]): Spent {
  if (ran === "never") return { amount: { usd: 0, tokens: 0, ms: 0, attempts: 0 }, guessed: { usd: 0, tokens: 0 } };
  if (ran !== "lost") return toSpent(hold.rate, told, ms);
  return { amount: { ...hold.amount, ms: Math.max(0, ms) }, guessed: { usd: hold.amount.usd, tokens: hold.amount.tokens } };
}
/** With the draft. */
export function writeLedger(tx: Tx, { ledger }: Draft): void {
  const changed = [...ledger.changed].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (changed.length > 0) tx.leave(updateBudgets(tx, changed));
}
/** After the commit: tells every server that steps which wait for a budget may have room now. */
export function tellLedger(db: Db, { ledger }: Draft): void {
  for (const { waiting } of ledger.changed) if (waiting === 2) return db.notify(BUDGETS_CHANNEL);
}
