// From a task to its plan: steps, and what each needs. Pure: the same task and the same agents give the same plan.
import { type Issue, type ParsedTaskInput, Refusal, type StepInput } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";

export interface PlannedStep {
  id: string;
  title: string;
  description: string;
  /** Capability keys. */
  requirements: string[];
  agent: string | null;
  needs: string[];
  /** The step whose agent and conversation this one goes on with; among its needs. */
  continues: string | null;
  input: StepInput["input"];
  timeoutMs: number | null;
  retries: number | null;
}
export interface Plan {
  pattern: "single" | "steps";
  /** Why the plan looks like this, in a sentence. */
  reason: string;
  steps: PlannedStep[];
}
/** Whether some agent has all of these capabilities, available or not. */
export type CanCover = (requirements: readonly string[]) => boolean;

/** @throws Refusal `bad_input` when the steps are no plan: repeated ids, needs that do not exist, a circle. */
export function toPlan(task: ParsedTaskInput, canCover: CanCover): Plan {
  if (task.steps) {
    if (task.pattern === "single") refuse("body.pattern", "single has one step and takes no steps; leave steps out, or the pattern", ["steps"]);
    const given = task.steps.map(withContinued);
    checkNeeds(given);
    checkContinued(task.steps);
    const steps = given.map((step) => toStep(task, step));
    return { pattern: "steps", reason: `The task came with ${steps.length === 1 ? "one step" : `${steps.length} steps`}.`, steps };
  }
  if (task.pattern === "steps") refuse("body.steps", "the pattern steps needs them", undefined);
  const groups = task.pattern === "single" ? [keys(task.requirements)] : groupRequirements(keys(task.requirements), canCover);
  const steps = groups.map((requirements, at) => ({
    ...blank(groups.length === 1 ? "main" : `part-${at + 1}`, task),
    title: groups.length === 1 ? (task.title ?? firstLine(task.description)) : requirements.join(", "),
    requirements,
    needs: at === 0 ? [] : [`part-${at}`],
  }));
  const reason =
    groups.length === 1
      ? task.requirements.length === 0
        ? "Nothing in particular is required: one step for any agent."
        : "One step: its requirements are for one agent."
      : `No single agent has all ${task.requirements.length} requirements: ${groups.length} steps in the order given, each with what the one before produced.`;
  return { pattern: groups.length === 1 ? "single" : "steps", reason, steps };
}

/**
 * Requirements in their order, cut where no agent has the whole stretch: the fewest hand-overs that a left-to-right reading
 * allows. A requirement nobody has stands alone, so that the rest can begin.
 */
export function groupRequirements(requirements: readonly string[], canCover: CanCover): string[][] {
  if (requirements.length === 0) return [[]];
  const groups: string[][] = [];
  let group: string[] = [];
  for (const requirement of requirements) {
    if (group.length > 0 && !canCover([...group, requirement])) {
      groups.push(group);
      group = [];
    }
    group = [...group, requirement];
  }
  return [...groups, group];
}

const keys = (names: readonly string[]): string[] => [...new Set(names.map(toCapabilityKey))];
export const firstLine = (text: string): string => {
  const line = text.trim().split("\n", 1)[0] as string;
  return line.length > 100 ? `${line.slice(0, 99)}…` : line || "Untitled";
};
const blank = (id: string, task: ParsedTaskInput): PlannedStep => ({
  id,
  title: "",
  description: task.description,
  requirements: [],
  agent: null,
  needs: [],
  continues: null,
  input: undefined,
  timeoutMs: null,
  retries: null,
});
function toStep(task: ParsedTaskInput, step: StepInput): PlannedStep {
  return {
    id: step.id,
    title: step.title ?? step.id,
    description: step.description ?? task.description,
    requirements: keys(step.requirements),
    agent: step.agent ?? null,
    needs: [...new Set(step.needs)],
    continues: step.continues ?? null,
    input: step.input,
    timeoutMs: step.timeoutMs ?? null,
    retries: step.retries ?? null,
  };
}

/** What is to be gone on with must have been done first. */
const withContinued = (step: StepInput): StepInput => (step.continues === undefined ? step : { ...step, needs: [...step.needs, step.continues] });
function checkContinued(steps: readonly StepInput[]): void {
  steps.forEach((step, index) => {
    if (step.continues !== undefined && step.agent !== undefined)
      refuse(`body.steps[${index}].agent`, `a step that continues another is for that step's agent; leave out agent, or continues`, undefined);
  });
}
function checkNeeds(steps: readonly StepInput[]): void {
  const issues: Issue[] = [];
  const at = new Map<string, number>();
  steps.forEach((step, index) => {
    if (at.has(step.id)) issues.push({ path: `body.steps[${index}].id`, message: `${step.id} is the id of steps[${at.get(step.id)}] already` });
    else at.set(step.id, index);
  });
  steps.forEach((step, index) =>
    step.needs.forEach((need, position) => {
      const path = `body.steps[${index}].needs[${position}]`;
      if (need === step.id) issues.push({ path, message: "a step cannot need itself" });
      else if (!at.has(need)) issues.push({ path, message: `there is no step ${need}`, allowed: [...at.keys()].slice(0, 20) });
    }),
  );
  if (issues.length === 0) {
    const circle = findCircle(steps);
    if (circle) issues.push({ path: "body.steps", message: `these steps need each other in a circle: ${tellCircle(circle)}` });
  }
  if (issues.length > 0) throw new Refusal("bad_input", `The steps are no plan: ${issues[0]?.path} ${issues[0]?.message}.`, { issues: issues.slice(0, 20) });
}
/** `a needs b needs a`; the middle of a long one is left out. */
function tellCircle(circle: readonly string[]): string {
  const way = circle.length > 12 ? [...circle.slice(0, 6), "…", ...circle.slice(-5)] : circle;
  return [...way, circle[0]].join(" needs ");
}
/** Ids, each of which needs the next, and the last the first; undefined when there is no such circle. */
function findCircle(steps: readonly StepInput[]): string[] | undefined {
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
function walkCircle(steps: readonly StepInput[], remaining: ReadonlyMap<string, number>): string[] {
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
function refuse(path: string, message: string, allowed: string[] | undefined): never {
  throw new Refusal("bad_input", `${path}: ${message}.`, { issues: [{ path, message, ...(allowed ? { allowed } : {}) }] });
}
