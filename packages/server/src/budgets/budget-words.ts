// Budgets in words, and in the units people use.
import { ALL_PROJECTS, type Amounts, type Budget } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { BudgetRow, Kind } from "./budget-rows.ts";

export const NANOS = 1_000_000_000;
const round = (value: number): number => Number(value.toPrecision(6));

export function describeAmount(kind: Kind, value: number): string {
  if (kind === "usd") return `${round(value / NANOS)} USD`;
  if (kind === "ms") return `${round(value / 1000)} s`;
  return `${value.toLocaleString("en")} ${value === 1 ? kind.slice(0, -1) : kind}`;
}
export const isTaskOwn = ({ subject }: Pick<BudgetRow, "subject">): boolean => subject.startsWith("task:");
export const describeBudget = (row: Pick<BudgetRow, "name" | "subject" | "period">): string =>
  isTaskOwn(row) ? "The task's budget" : `Budget ${row.name}${row.period === "day" ? " of the day" : ""}`;
export function describeRenewal(row: Pick<BudgetRow, "subject" | "renews_at">): string {
  if (row.renews_at !== null) return `It begins anew at ${iso(row.renews_at)}.`;
  return isTaskOwn(row) ? "Raise it (PUT /api/v1/tasks/{id}/budget, baton tasks budget), then retry the task." : "It goes on when the budget is raised.";
}

/** What its events tell, so that those of its project hear them. */
export const eventDataOf = ({ id, name, project }: Pick<BudgetRow, "id" | "name" | "project">) => ({
  budgetId: id,
  name,
  ...(project === ALL_PROJECTS ? {} : { projectId: project }),
});

const toAmounts = (of: (kind: Kind) => number): Amounts => ({
  usd: of("usd") / NANOS,
  tokens: of("tokens"),
  seconds: of("ms") / 1000,
  attempts: of("attempts"),
});
const toLimits = (of: (kind: Kind) => number | null): Budget["limits"] => {
  const [usd, ms] = [of("usd"), of("ms")];
  return { usd: usd === null ? null : usd / NANOS, tokens: of("tokens"), seconds: ms === null ? null : ms / 1000, attempts: of("attempts") };
};
const scopeOf = (subject: string): Pick<Budget, "scope" | "subject"> => {
  const at = subject.indexOf(":");
  return at < 0 ? { scope: "everything", subject: null } : { scope: subject.slice(0, at) as Budget["scope"], subject: subject.slice(at + 1) };
};
export function toBudget(row: BudgetRow): Budget {
  const state = row.stopped === 1 ? "stopped" : row.warned === 1 ? "warned" : "open";
  const left = (kind: Kind): number | null => {
    const limit = row[`limit_${kind}`];
    return limit === null ? null : Math.max(0, limit - row[`used_${kind}`] - row[`held_${kind}`]);
  };
  return {
    id: row.id,
    seq: row.seq,
    name: row.name,
    ...scopeOf(row.subject),
    period: row.period as Budget["period"],
    limits: toLimits((kind) => row[`limit_${kind}`]),
    warnAt: row.warn_at,
    used: toAmounts((kind) => row[`used_${kind}`]),
    reserved: toAmounts((kind) => row[`held_${kind}`]),
    left: toLimits(left),
    guessed: { usd: row.guessed_usd / NANOS, tokens: row.guessed_tokens },
    state,
    reason: reasonOf(row, state),
    renewsAt: row.renews_at === null ? null : iso(row.renews_at),
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}
function reasonOf(row: BudgetRow, state: Budget["state"]): string {
  const guess = row.guessed_usd > 0 ? ` ${describeAmount("usd", row.guessed_usd)} of it nobody told: counted as declared, or by run rate.` : "";
  if (state === "stopped") return `It stops what it is for${row.waiting > 0 ? ", and steps wait for it" : ""}. ${describeRenewal(row)}${guess}`;
  return `${state === "warned" ? `More than ${Math.round(row.warn_at * 100)} % of it is used.` : "There is room."}${guess}`;
}
