// How well each pattern does: counted from the newest tasks, so that the cost has a bound and nothing is kept for it.
import { type CoordinationFigures, MOST_COUNTED } from "@baton/contract";
import type { Db } from "../store/db.ts";
import type { Scope } from "../store/scope.ts";
import { type PatternRow, selectPatternFigures } from "./task-rows.ts";

export async function getCoordinationFigures(
  { db }: { db: Db },
  scope: Scope,
  { since, until }: { since?: string | undefined; until?: string | undefined },
): Promise<CoordinationFigures> {
  const times = { since: since === undefined ? 0 : Date.parse(since), until: until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(until) };
  const rows = (await selectPatternFigures(db, scope, times, MOST_COUNTED)).map(toNumbers);
  const sum = (column: keyof Counts): number => rows.reduce((all, row) => all + row[column], 0);
  const inWindow = rows.filter((row) => row.tasks > 0);
  return {
    patterns: inWindow.map((row) => ({ pattern: row.pattern, ...toFigures(row), averageSteps: row.steps / row.tasks })),
    total: toFigures({ tasks: sum("tasks"), completed: sum("completed"), failed: sum("failed"), cancelled: sum("cancelled"), ms: sum("ms") }),
    isPartial: sum("looked_at") === MOST_COUNTED,
  };
}
type Counts = Omit<PatternRow, "pattern">;
/** Sums come as texts from Postgres. */
const toNumbers = ({ pattern, ...counts }: PatternRow): PatternRow =>
  ({ pattern, ...Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, Number(n)])) }) as PatternRow;
const toFigures = ({ tasks, completed, failed, cancelled, ms }: Pick<Counts, "tasks" | "completed" | "failed" | "cancelled" | "ms">) => ({
  tasks,
  completed,
  failed,
  cancelled,
  successRate: completed + failed === 0 ? null : completed / (completed + failed),
  averageDurationMs: completed === 0 ? null : ms / completed,
});
