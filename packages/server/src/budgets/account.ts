// The account of a budget: what it has room for, what is held and used, and when it warns and stops. Pure: works on its row, times are given.
import { KINDS, type Amount, type BudgetRow, type Kind } from "./budget-rows.ts";
import { describeAmount, describeBudget, describeRenewal } from "./budget-words.ts";

export const DAY_MS = 86_400_000;
/** What an attempt is expected to come to. Of what is only guessed, what is left will do. */
export interface Want {
  amount: Amount;
  guessed: Record<Kind, boolean>;
  /** How the amounts are known, in words. */
  why: Record<Kind, string>;
}
export interface NoRoom {
  budget: BudgetRow;
  detail: string;
  /** Attempts under way hold some of it: when they end there may be room. */
  othersHold: boolean;
}
/** Midnight UTC. */
export const periodOf = (period: string, now: number): Pick<BudgetRow, "period_start" | "renews_at"> =>
  period === "day" ? { period_start: now - (now % DAY_MS), renews_at: now - (now % DAY_MS) + DAY_MS } : { period_start: now, renews_at: null };

/** Begins anew when its period is over: what attempts under way hold stays held. @returns whether it did. */
export function renew(row: BudgetRow, now: number): boolean {
  if (row.renews_at === null || now < row.renews_at) return false;
  for (const kind of KINDS) row[`used_${kind}`] = 0;
  Object.assign(row, periodOf(row.period, now), { guessed_usd: 0, guessed_tokens: 0, warned: 0, stopped: 0 });
  return true;
}
/** @param own what of it is held by whoever asks. */
export function roomIn(row: BudgetRow, kind: Kind, own = 0): number {
  const limit = row[`limit_${kind}`];
  return limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - row[`used_${kind}`] - (row[`held_${kind}`] - own));
}
export const hasRoom = (row: BudgetRow): boolean => KINDS.every((kind) => roomIn(row, kind) > 0);

/** What all of these budgets hold for the attempt; or the first that has no room for it. */
export function fit(budgets: readonly BudgetRow[], { amount, guessed, why }: Want): Amount | NoRoom {
  const held = { ...amount };
  for (const budget of budgets)
    for (const kind of KINDS) {
      const room = roomIn(budget, kind);
      if (amount[kind] === 0 || amount[kind] <= room) continue;
      if (room > 0 && guessed[kind]) held[kind] = Math.min(held[kind], room);
      else return { budget, detail: describeNoRoom(budget, kind, amount[kind], why[kind]), othersHold: budget.held_attempts > 0 };
    }
  return held;
}
function describeNoRoom(budget: BudgetRow, kind: Kind, wanted: number, why: string): string {
  const [used, held, limit] = [budget[`used_${kind}`], budget[`held_${kind}`], budget[`limit_${kind}`] as number];
  const what = describeBudget(budget);
  if (used >= limit) return `${what} is used up: ${describeAmount(kind, used)} of ${describeAmount(kind, limit)}. ${describeRenewal(budget)}`;
  const forOthers = held > 0 ? `, and ${describeAmount(kind, held)} reserved for attempts under way` : "";
  const next = kind === "attempts" ? "" : ` The next attempt is expected to take ${describeAmount(kind, wanted)} (${why}).`;
  return `${what} has no room: ${describeAmount(kind, used)} of ${describeAmount(kind, limit)} used${forOthers}.${next} ${describeRenewal(budget)}`;
}
export function hold(row: BudgetRow, amount: Amount): void {
  for (const kind of KINDS) row[`held_${kind}`] += amount[kind];
  row.stopped = 0;
  // There was room for one more: perhaps for those that wait, too.
  if (row.waiting === 1) row.waiting = 2;
}
/** Its limits are others now: it warns anew, and whoever waited for it is tried again. */
export function limitBudget(row: BudgetRow, now: number): void {
  Object.assign(row, { updated_at: now, warned: 0, stopped: hasRoom(row) ? 0 : row.stopped, waiting: row.waiting > 0 ? 2 : 0 });
}
/** What was held is given back, and what was spent is used. */
export function charge(row: BudgetRow, held: Amount, spent: Amount, guessed: { usd: number; tokens: number }): void {
  for (const kind of KINDS) {
    row[`held_${kind}`] -= held[kind];
    row[`used_${kind}`] += spent[kind];
  }
  row.guessed_usd += guessed.usd;
  row.guessed_tokens += guessed.tokens;
  if (row.waiting === 1) row.waiting = 2;
}
/** Which limit is spent as far as it warns, once until it begins anew or changes. @param more what attempts under way have spent. */
export function warnOf(row: BudgetRow, more: Partial<Amount> = {}): Kind | undefined {
  if (row.warned === 1) return undefined;
  const kind = KINDS.find((one) => {
    const limit = row[`limit_${one}`];
    return limit !== null && row[`used_${one}`] + (more[one] ?? 0) >= row.warn_at * limit;
  });
  if (kind !== undefined) row.warned = 1;
  return kind;
}
