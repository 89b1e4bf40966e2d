// How a plan is staggered: each step one level after the last of the steps it needs. Pure.

interface Staggered {
  id: string;
  needs: string[];
}

/** Level, from 0, to the ids of its steps. A dependency that is not in the plan, or part of a circle, counts for nothing. */
export function toLevels(steps: readonly Staggered[]): Map<number, string[]> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const found = new Map<string, number>();
  const levelOf = (id: string): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    found.set(id, 0);
    const level = Math.max(-1, ...(byId.get(id)?.needs ?? []).filter((need) => byId.has(need)).map(levelOf)) + 1;
    found.set(id, level);
    return level;
  };
  const levels = new Map<number, string[]>();
  for (const { id } of steps) levels.set(levelOf(id), [...(levels.get(levelOf(id)) ?? []), id]);
  return levels;
}
