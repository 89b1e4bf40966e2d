// A demand as one string: steps that ask for the same stand in one line and are dealt with together.
import type { Demand } from "./demand.ts";

export function toRouteKey(demand: Demand): string {
  const excluded = demand.excluded && demand.excluded.length > 0 ? [...demand.excluded].sort() : undefined;
  const { continues, preferred, holder, role, project } = demand;
  const tools = demand.tools && demand.tools.length > 0 ? [...demand.tools].sort() : undefined;
  const requirements = [...demand.requirements].sort();
  if (!excluded && !tools && (continues ?? preferred ?? holder ?? role ?? project) === undefined) return JSON.stringify([requirements, demand.agent ?? null]);
  // Rare wishes in one object at the end, so that the usual key stays short.
  const wish = JSON.stringify({ continues, preferred, holder, role, tools, project });
  const key: unknown[] = [requirements, demand.agent ?? null];
  if (excluded || wish !== "{}") key.push(excluded ?? []);
  if (wish !== "{}") key.push(JSON.parse(wish));
  return JSON.stringify(key);
}
export function parseRouteKey(key: string): Demand {
  const [requirements, agent, excluded, wish] = JSON.parse(key) as [
    string[],
    string | null,
    string[]?,
    (Pick<Demand, "continues" | "preferred" | "holder" | "role" | "tools" | "project"> | string)?,
  ];
  return {
    requirements,
    ...(agent === null ? {} : { agent }),
    ...(excluded && excluded.length > 0 ? { excluded } : {}),
    // Keys written before there were other wishes have the step to continue alone.
    ...(typeof wish === "string" ? { continues: wish } : wish),
  };
}
