// Who leads: agents with the role come first, then those who can plan or coordinate, then the best for the task.
import type { Candidate, Candidates, PlanTask } from "./pattern.ts";

const LEADING = ["coordination", "planning"];

export function coordinatorOf(candidates: Candidates, task: PlanTask): Candidate | undefined {
  const all = candidates.able([]);
  const available = (one: Candidate): boolean => one.available;
  const led = [all.filter(({ role }) => role === "coordinator"), all.filter((one) => LEADING.some((key) => one.capabilities.includes(key)))];
  for (const group of [...led, candidates.able(task.requirements), all]) {
    const found = group.find(available);
    if (found) return found;
  }
  return undefined;
}
