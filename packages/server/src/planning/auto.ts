// The pattern for a task that leaves the choice to us. The rules are of the mission (R3-10, R3-11), with one before them: what one agent
// can do, and is not hard, is done by one.
import type { ParsedTaskInput, PatternName } from "@baton/contract";
import type { Candidates, PlanTask } from "./pattern.ts";
import { countItems } from "./swarm.ts";

const HARD_WORDS = ["integrate", "optimize", "analyze", "complex", "advanced", "comprehensive"];
export type Complexity = "low" | "medium" | "high";

/** Requirements, length, words that promise work, and urgency. */
export function complexityOf({ requirements, description }: PlanTask, priority: ParsedTaskInput["priority"]): Complexity {
  const text = description.toLowerCase();
  const urgency = priority === "critical" ? 2 : priority === "high" ? 1 : 0;
  const points = requirements.length + (description.length > 200 ? 1 : 0) + HARD_WORDS.filter((word) => text.includes(word)).length + urgency;
  return points <= 2 ? "low" : points <= 4 ? "medium" : "high";
}
export function choosePattern(
  task: PlanTask,
  priority: ParsedTaskInput["priority"],
  candidates: Candidates,
): { pattern: Exclude<PatternName, "auto" | "steps">; why: string } {
  const many = task.requirements.length;
  const complexity = complexityOf(task, priority);
  if (task.maxAgents === 1) return { pattern: "single", why: "only one agent may take part" };
  if (countItems(task) > 1) return { pattern: "swarm", why: "it brings a list of items" };
  if (/pipeline|sequential/i.test(task.description) && many > 1) return { pattern: "pipeline", why: "it speaks of a pipeline" };
  const covered = candidates.canCover(task.requirements);
  if (covered && complexity === "low" && task.coordination.agents === undefined)
    return { pattern: "single", why: "one agent can do it, and it is not complex" };
  if (covered && candidates.able(task.requirements).length < 2 && many < 2) return { pattern: "single", why: "only one agent can do it" };
  if (priority === "critical") {
    return many > 3
      ? { pattern: "hierarchical", why: "it is critical and asks for more than 3 capabilities" }
      : { pattern: "collaborative", why: "it is critical" };
  }
  if (complexity === "high") return { pattern: "hierarchical", why: "it is complex" };
  if (many > 4) return { pattern: "swarm", why: "it asks for more than 4 capabilities" };
  return { pattern: "collaborative", why: `it is of ${complexity} complexity` };
}
