// How the agents a caller sees did over a time, from the rows of their attempts.
import type { Performance } from "@baton/contract";
import { agentsWithin } from "../agents/agents.ts";
import type { Scope } from "../store/scope.ts";
import { selectPerformance } from "./attempt-rows.ts";
import type { CommandWorld } from "./commands.ts";

const DAY_MS = 86_400_000;

export async function tellPerformance(world: CommandWorld, scope: Scope, query: { from?: string | undefined; to?: string | undefined }): Promise<Performance> {
  const to = query.to === undefined ? world.clock.now() : Date.parse(query.to);
  const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from);
  const known = new Map(agentsWithin(world, scope).map(({ row }) => [row.id, row.name]));
  const rows = known.size === 0 ? [] : await selectPerformance(world.db, scope, [...known.keys()], from, to);
  const sum = (field: "attempts" | "completed" | "ms"): number => rows.reduce((total, row) => total + Number(row[field]), 0);
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...toFigures(sum("attempts"), sum("completed"), sum("ms")),
    agents: rows.map((row) => ({
      agentId: row.agent_id,
      name: known.get(row.agent_id) ?? row.agent_id,
      ...toFigures(Number(row.attempts), Number(row.completed), Number(row.ms)),
    })),
  };
}
const toFigures = (attempts: number, completed: number, ms: number) => ({
  attempts,
  completed,
  successRate: attempts === 0 ? null : completed / attempts,
  averageDurationMs: attempts === 0 ? null : ms / attempts,
});
