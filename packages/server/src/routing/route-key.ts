// A demand as one string: steps that ask for the same stand in one line and are dealt with together.
import type { Demand } from "./agent-index.ts";

export function toRouteKey(demand: Demand): string {
  const excluded = demand.excluded && demand.excluded.length > 0 ? [...demand.excluded].sort() : undefined;
  return JSON.stringify([[...demand.requirements].sort(), demand.agent ?? null, ...(excluded ? [excluded] : [])]);
}
export function parseRouteKey(key: string): Demand {
  const [requirements, agent, excluded] = JSON.parse(key) as [string[], string | null, string[]?];
  return { requirements, ...(agent === null ? {} : { agent }), ...(excluded ? { excluded } : {}) };
}
