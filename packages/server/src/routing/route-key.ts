// A demand as one string: steps that ask for the same stand in one line and are dealt with together.
import type { Demand } from "./agent-index.ts";

export function toRouteKey(demand: Demand): string {
  const excluded = demand.excluded && demand.excluded.length > 0 ? [...demand.excluded].sort() : undefined;
  const key: unknown[] = [[...demand.requirements].sort(), demand.agent ?? null];
  if (excluded || demand.continues !== undefined) key.push(excluded ?? []);
  if (demand.continues !== undefined) key.push(demand.continues);
  return JSON.stringify(key);
}
export function parseRouteKey(key: string): Demand {
  const [requirements, agent, excluded, continues] = JSON.parse(key) as [string[], string | null, string[]?, string?];
  return {
    requirements,
    ...(agent === null ? {} : { agent }),
    ...(excluded && excluded.length > 0 ? { excluded } : {}),
    ...(continues === undefined ? {} : { continues }),
  };
}
