// The longest way through a plan: the steps that decide when the task is done. Pure.

export interface TimedStep {
  id: string;
  needs: readonly string[];
  startedAt: string | null;
  completedAt: string | null;
  attempts: readonly { assignment: { estimatedDurationMs: number | null }; startedAt: string; durationMs: number | null }[];
}

/** Ids of its steps, in order. Empty for a plan in which every step is on it: then it tells nothing. */
export function toCriticalPath(steps: readonly TimedStep[], now: number): string[] {
  const known = steps.map((step) => durationOf(step, now)).filter((ms) => ms !== undefined);
  // A step nobody has begun counts like a middling one of those that were.
  const middling = known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)] ?? 1;
  const byId = new Map(steps.map((step) => [step.id, step]));
  const ends = new Map<string, { at: number; before: string | undefined }>();
  const endOf = (id: string): number => {
    const found = ends.get(id);
    if (found !== undefined) return found.at;
    ends.set(id, { at: 0, before: undefined });
    const step = byId.get(id);
    if (step === undefined) return 0;
    const needs = step.needs.filter((need) => byId.has(need));
    const before = needs.reduce<string | undefined>((latest, need) => (latest === undefined || endOf(need) > endOf(latest) ? need : latest), undefined);
    const at = (before === undefined ? 0 : endOf(before)) + Math.max(1, durationOf(step, now) ?? middling);
    ends.set(id, { at, before });
    return at;
  };
  const last = steps.reduce<string | undefined>((latest, { id }) => (latest === undefined || endOf(id) > endOf(latest) ? id : latest), undefined);
  const path: string[] = [];
  // A circle is no plan; what is refused elsewhere must not hang here.
  for (let at = last; at !== undefined && !path.includes(at); at = ends.get(at)?.before) path.unshift(at);
  return path.length === steps.length ? [] : path;
}

/** What it took, or has taken so far if that is more than was expected; undefined while nothing is known. */
function durationOf(step: TimedStep, now: number): number | undefined {
  if (step.startedAt !== null && step.completedAt !== null) return Date.parse(step.completedAt) - Date.parse(step.startedAt);
  const expected = step.attempts.at(-1)?.assignment.estimatedDurationMs ?? undefined;
  if (step.startedAt === null) return expected;
  return Math.max(now - Date.parse(step.startedAt), expected ?? 0);
}
