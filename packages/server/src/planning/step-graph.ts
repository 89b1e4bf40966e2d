// Whether steps and what they need of each other are a plan: every id once, every need there, no circle.

export interface Node {
  id: string;
  needs: readonly string[];
}
/** What is wrong, in a sentence; undefined when all of it can be done in some order. */
export function graphProblem(nodes: readonly Node[]): string | undefined {
  const ids = new Set<string>();
  for (const { id } of nodes) {
    if (ids.has(id)) return `The id ${id} is used twice.`;
    ids.add(id);
  }
  for (const { id, needs } of nodes) {
    const missing = needs.find((need) => !ids.has(need));
    if (missing !== undefined) return `${id} needs ${missing}, which is not there.`;
  }
  const circle = findCircle(nodes);
  return circle && `These need each other in a circle: ${tellCircle(circle)}.`;
}
/** `a needs b needs a`; the middle of a long one is left out. */
export function tellCircle(circle: readonly string[]): string {
  const way = circle.length > 12 ? [...circle.slice(0, 6), "…", ...circle.slice(-5)] : circle;
  return [...way, circle[0]].join(" needs ");
}
/** Ids, each of which needs the next, and the last the first; undefined when there is no such circle. */
export function findCircle(steps: readonly Node[]): string[] | undefined {
  const open = new Map(steps.map((step) => [step.id, new Set(step.needs).size]));
  const neededBy = new Map<string, string[]>();
  for (const step of steps) for (const need of new Set(step.needs)) neededBy.set(need, [...(neededBy.get(need) ?? []), step.id]);
  const ready = steps.filter((step) => step.needs.length === 0).map((step) => step.id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    open.delete(id);
    for (const next of neededBy.get(id) ?? []) {
      const left = (open.get(next) as number) - 1;
      open.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return open.size > 0 ? walkCircle(steps, open) : undefined;
}
/** Every step that remains needs another that remains: whoever goes on from need to need comes round (Kahn left them). */
function walkCircle(steps: readonly Node[], remaining: ReadonlyMap<string, number>): string[] {
  const needOf = new Map(steps.map((step) => [step.id, step.needs.find((need) => remaining.has(need))]));
  const way: string[] = [];
  const seen = new Map<string, number>();
  let id = [...remaining.keys()][0];
  while (id !== undefined && !seen.has(id)) {
    seen.set(id, way.length);
    way.push(id);
    id = needOf.get(id);
  }
  return way.slice(id === undefined ? 0 : seen.get(id));
}
