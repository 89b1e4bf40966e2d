// SQL of budgets: what they limit, what is used and held, and whether steps wait for them.
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, within } from "../store/scope.ts";
import { forUpdate, join, oneOf, rows, type Sql, sql } from "../store/sql.ts";

/** usd: in billionths of a dollar. */
export const KINDS = ["usd", "tokens", "ms", "attempts"] as const;
export type Kind = (typeof KINDS)[number];
export type Amount = Record<Kind, number>;

type Counters = Record<`used_${Kind}` | `held_${Kind}`, number> & Record<`limit_${Kind}`, number | null>;
export interface BudgetRow extends Counters {
  seq: number;
  id: string;
  name: string;
  /** `everything`, or `agent:`, `project:`, `task:` and an id; empty: it was removed, and steps that waited for it go on. */
  subject: string;
  /** Whose it is; `*`: of none, for who is in all. */
  project: string;
  period: string;
  warn_at: number;
  guessed_usd: number;
  guessed_tokens: number;
  period_start: number;
  renews_at: number | null;
  warned: number;
  stopped: number;
  /** 0: no step waits for it; 1: some do; 2: some do, and it is worth trying whether there is room by now. */
  waiting: number;
  created_at: number;
  updated_at: number;
}
export type NewBudgetRow = Omit<BudgetRow, "seq" | "guessed_usd" | "guessed_tokens" | "warned" | "stopped" | "waiting" | `used_${Kind}` | `held_${Kind}`>;
const NEW = {
  id: "text",
  name: "text",
  subject: "text",
  project: "text",
  period: "text",
  limit_usd: "int",
  limit_tokens: "int",
  limit_ms: "int",
  limit_attempts: "int",
  warn_at: "real",
  period_start: "int",
  renews_at: "int",
  created_at: "int",
  updated_at: "int",
} as const;
/** @returns how many are new: a name that is taken is passed over. */
export const insertBudgets = (tx: Tx, budgets: readonly NewBudgetRow[]): Promise<number> =>
  tx.run(sql`insert into budgets (id, name, subject, project, period, limit_usd, limit_tokens, limit_ms, limit_attempts, warn_at, period_start, renews_at, created_at, updated_at)
    select id, name, subject, project, period, limit_usd, limit_tokens, limit_ms, limit_attempts, warn_at, period_start, renews_at, created_at, updated_at
    from ${rows("x", NEW, budgets)} where true on conflict do nothing`);
const CHANGE = {
  id: "text",
  name: "text",
  subject: "text",
  limit_usd: "int",
  limit_tokens: "int",
  limit_ms: "int",
  limit_attempts: "int",
  warn_at: "real",
  used_usd: "int",
  used_tokens: "int",
  used_ms: "int",
  used_attempts: "int",
  held_usd: "int",
  held_tokens: "int",
  held_ms: "int",
  held_attempts: "int",
  guessed_usd: "int",
  guessed_tokens: "int",
  period_start: "int",
  renews_at: "int",
  warned: "int",
  stopped: "int",
  waiting: "int",
  updated_at: "int",
} as const;
export const updateBudgets = (tx: Tx, budgets: readonly BudgetRow[]): Promise<number> =>
  tx.run(sql`update budgets set name = x.name, subject = x.subject, limit_usd = x.limit_usd, limit_tokens = x.limit_tokens, limit_ms = x.limit_ms, limit_attempts = x.limit_attempts, warn_at = x.warn_at,
      used_usd = x.used_usd, used_tokens = x.used_tokens, used_ms = x.used_ms, used_attempts = x.used_attempts,
      held_usd = x.held_usd, held_tokens = x.held_tokens, held_ms = x.held_ms, held_attempts = x.held_attempts, guessed_usd = x.guessed_usd, guessed_tokens = x.guessed_tokens,
      period_start = x.period_start, renews_at = x.renews_at, warned = x.warned, stopped = x.stopped, waiting = x.waiting, updated_at = x.updated_at
    from ${rows(
      "x",
      CHANGE,
      budgets.map((budget) => ({ ...budget })),
    )} where budgets.id = x.id`);
/** In the order of ids, so that two servers never wait for each other. */
export const lockBudgets = (tx: Tx, ids: readonly string[], subjects: readonly string[]): Promise<BudgetRow[]> =>
  tx.all(sql`select * from budgets where id ${oneOf(ids)} or subject ${oneOf(subjects)} order by id${forUpdate}`);
export const deleteBudget = (tx: Tx, id: string): Promise<number> => tx.run(sql`delete from budgets where id = ${id}`);

export const selectBudget = async (db: Reader, idOrName: string): Promise<BudgetRow | undefined> =>
  (
    await db.all<BudgetRow>(
      sql`select * from budgets where (id = ${idOrName} or name = ${idOrName}) and subject <> '' order by case when id = ${idOrName} then 0 else 1 end limit 1`,
    )
  )[0];
export interface BudgetFilter {
  /** `everything` alone, or the word before the colon of the subject; undefined: every standing one. */
  scope: string | undefined;
  /** What comes after the colon. */
  subject: string | undefined;
}
/** Ranges of the subject's index. */
function conditionOf({ scope, subject }: BudgetFilter): Sql {
  if (subject !== undefined) return sql`subject ${oneOf(scope === undefined ? [`agent:${subject}`, `project:${subject}`] : [`${scope}:${subject}`])}`;
  const of = (word: string): Sql => sql`subject >= ${`${word}:`} and subject < ${`${word};`}`;
  if (scope === "everything") return sql`subject = 'everything'`;
  if (scope !== undefined) return of(scope);
  return sql`(subject = 'everything' or (${join([of("agent")], " and ")}) or (${join([of("project")], " and ")}))`;
}
const where = (scope: Scope, filter: BudgetFilter): Sql => join([sql`where ${conditionOf(filter)}`, ...within(scope, sql`project`)], " and ");
export const selectBudgetPage = (db: Reader, scope: Scope, filter: BudgetFilter, limit: number, offset: number): Promise<BudgetRow[]> =>
  db.all(sql`select * from budgets ${where(scope, filter)} order by seq limit ${limit} offset ${offset}`);
export const countBudgets = async (db: Reader, scope: Scope, filter: BudgetFilter): Promise<number> =>
  (await db.all<{ n: number }>(sql`select count(*) as n from budgets ${where(scope, filter)}`))[0]?.n ?? 0;
/** Of whom standing budgets are. */
export const selectSubjects = (db: Reader): Promise<{ subject: string }[]> =>
  db.all(sql`select distinct subject from budgets where ${conditionOf({ scope: undefined, subject: undefined })}`);
/** Those that steps wait for and that have begun anew, or may have room by now. */
export const selectToTry = (db: Reader, now: number, limit: number): Promise<{ id: string }[]> =>
  db.all(sql`select id from budgets where waiting > 0 and (waiting = 2 or renews_at <= ${now}) order by waiting limit ${limit}`);
/** When the next one that steps wait for begins anew. */
export const nextToRenew = async (db: Reader): Promise<number | undefined> =>
  (await db.all<{ at: number | null }>(sql`select min(renews_at) as at from budgets where waiting > 0`))[0]?.at ?? undefined;
