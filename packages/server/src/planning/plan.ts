// From a task to its plan: steps, and what each needs. Pure: the same task and the same agents give the same plan.
import { type Issue, MAX_ITEMS, parse, type ParsedTaskInput, type PlanTemplate, Refusal, type StepInput, taskInput } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";
import { askForPlan } from "./by-agent.ts";
import { choosePattern } from "./auto.ts";
import { inferRequirements } from "./infer-requirements.ts";
import { groupRequirements } from "./group-requirements.ts";
import { type Candidates, newStep, type PlannedStep, type PlanTask } from "./pattern.ts";
import { patternTable, settingsOf } from "./patterns.ts";
import { chain } from "./pipeline.ts";
import { expandTemplate } from "./expand-template.ts";
import { findCircle, tellCircle } from "./step-graph.ts";
import { countItems } from "./swarm.ts";

export interface Plan {
  pattern: string;
  /** Why the plan looks like this, in a sentence. */
  reason: string;
  steps: PlannedStep[];
}

/**
 * What a task without requirements asks for is found in its words. @returns also all that is required.
 * @throws Refusal `bad_input` when the steps are no plan: repeated ids, needs that do not exist, a circle; or when the pattern does not go with what is said.
 */
export function toPlan(input: ParsedTaskInput, candidates: Candidates, template?: PlanTemplate): Plan & { requirements: string[] } {
  const { requirements, reason } = inferRequirements(input, candidates) ?? { requirements: input.requirements, reason: undefined };
  const plan = planOf({ ...input, requirements }, candidates, template);
  return { ...plan, requirements, reason: reason === undefined ? plan.reason : `${reason} ${plan.reason}` };
}
function planOf(input: ParsedTaskInput, candidates: Candidates, template: PlanTemplate | undefined): Plan {
  const task = toPlanTask(input);
  if (input.plan !== undefined && template) return fromTemplate(input, task, template);
  if (input.inputs !== undefined) refuse("body.inputs", "are for a plan of the library; name it in plan", undefined);
  if (input.planning !== undefined) return byAgent(input, task, input.planning, candidates);
  if (input.pattern === "auto" || (input.pattern === undefined && input.coordination !== undefined && !input.steps)) return chosen(input, task, candidates);
  checkSettings(input, input.pattern ?? (input.steps ? "steps" : "single"));
  if (input.steps) return withSteps(input, task, input.steps);
  if (input.pattern === "steps") refuse("body.steps", "the pattern steps needs them", undefined);
  if (input.pattern === undefined || input.pattern === "single") return plain(input.pattern, task, candidates);
  return ofPattern(input.pattern, task, candidates);
}
/** The three ways to plan exclude each other. */
function refuseBeside(input: ParsedTaskInput, name: "plan" | "planning"): void {
  for (const other of ["steps", "pattern", "coordination", name === "plan" ? "planning" : "plan"] as const)
    if (input[other] !== undefined) refuse(`body.${other}`, `does not go with ${name}, which makes the plan; leave one of them out`, undefined);
}
function fromTemplate(input: ParsedTaskInput, task: PlanTask, template: PlanTemplate): Plan {
  refuseBeside(input, "plan");
  const { steps, told } = expandTemplate(template, input.inputs ?? {});
  return { ...withSteps(input, task, steps), reason: `The plan ${template.name}${told === "" ? "" : ` with ${told}`}.` };
}
function byAgent(input: ParsedTaskInput, task: PlanTask, planner: string, candidates: Candidates): Plan {
  refuseBeside(input, "planning");
  const anybody = planner === "agent";
  if (anybody && !candidates.canCover(["planning"])) {
    const plan = plain(undefined, task, candidates);
    return { ...plan, reason: `No agent has the capability planning. ${plan.reason}` };
  }
  const capabilities = [...new Set(candidates.able([]).flatMap((one) => one.capabilities))].sort();
  const steps = [askForPlan(task, anybody ? undefined : planner, capabilities)];
  return { pattern: "planned", reason: anybody ? "An agent that can plan makes the plan." : `${planner} makes the plan.`, steps };
}
/** Steps that a person gives a task that is there already. @throws Refusal `bad_input`. */
export function toGivenSteps(
  { title, description, tools }: { title: string; description: string; tools: string[] },
  given: readonly StepInput[],
): PlannedStep[] {
  const input = parse(taskInput, { description, title, tools }, "task");
  return withSteps(input, toPlanTask(input), given).steps;
}
function chosen(input: ParsedTaskInput, task: PlanTask, candidates: Candidates): Plan {
  if (input.steps) return withSteps(input, task, input.steps);
  const { pattern, why } = choosePattern(task, input.priority, candidates);
  const plan = pattern === "single" ? plain("single", task, candidates) : ofPattern(pattern, task, candidates);
  return { ...plan, reason: `Chosen because ${why}. ${plan.reason}` };
}
function ofPattern(pattern: keyof typeof patternTable, task: PlanTask, candidates: Candidates): Plan {
  const items = pattern === "swarm" ? countItems(task) : 0;
  if (items > MAX_ITEMS) refuse("body.payload", `holds ${items} items; a swarm takes at most ${MAX_ITEMS}`, undefined);
  return { pattern, ...patternTable[pattern].plan(task, candidates) };
}
function withSteps(input: ParsedTaskInput, task: PlanTask, given: readonly StepInput[]): Plan {
  const { pattern = "steps" } = input;
  if (pattern !== "steps" && pattern !== "pipeline" && pattern !== "auto")
    refuse(
      "body.pattern",
      `${pattern} ${pattern === "single" ? "has one step and" : "makes its own steps and"} takes no steps; leave steps out, or the pattern`,
      ["steps", "pipeline"],
    );
  const ordered = pattern === "pipeline" ? given.findIndex((step) => step.needs.length > 0) : -1;
  if (ordered >= 0) refuse(`body.steps[${ordered}].needs`, "the stages of a pipeline come one after another as they stand; leave needs out", undefined);
  const whole = given.map(withContinued);
  checkNeeds(whole);
  checkContinued(given);
  const steps = whole.map((step) => toStep(input, task, step));
  if (pattern !== "pipeline") return { pattern: "steps", reason: `The task came with ${steps.length === 1 ? "one step" : `${steps.length} steps`}.`, steps };
  return { pattern, reason: `${steps.length} stages, each fed by the one before.`, steps: chain(steps.map((step) => ({ ...step, part: "stage" }))) };
}
/** One step for one agent; without a pattern as many, one after the other, as it takes. */
function plain(pattern: "single" | undefined, task: PlanTask, { canCover }: Candidates): Plan {
  const groups = pattern === "single" ? [task.requirements] : groupRequirements(task.requirements, canCover);
  const { outputSchema } = task.coordination;
  const steps = groups.map((requirements, at) =>
    newStep(groups.length === 1 ? "main" : `part-${at + 1}`, task, {
      title: groups.length === 1 ? task.title : requirements.join(", "),
      requirements,
      needs: at === 0 ? [] : [`part-${at}`],
      onFailure: "fail",
      ...(outputSchema ? { outputSchema } : {}),
    }),
  );
  const reason =
    groups.length === 1
      ? task.requirements.length === 0
        ? "Nothing in particular is required: one step for any agent."
        : "One step: its requirements are for one agent."
      : `No single agent has all ${task.requirements.length} requirements: ${groups.length} steps in the order given, each with what the one before produced.`;
  return { pattern: groups.length === 1 ? "single" : "steps", reason, steps };
}

const keys = (names: readonly string[]): string[] => [...new Set(names.map(toCapabilityKey))];
export const firstLine = (text: string): string => {
  const line = text.trim().split("\n", 1)[0] as string;
  return line.length > 100 ? `${line.slice(0, 99)}…` : line || "Untitled";
};
export const toPlanTask = (input: ParsedTaskInput): PlanTask => ({
  title: input.title ?? firstLine(input.description),
  description: input.description,
  requirements: keys(input.requirements),
  tools: keys(input.tools),
  payload: input.payload ?? null,
  coordination: input.coordination ?? {},
  maxAgents: input.constraints.maxAgents ?? null,
});
function toStep(input: ParsedTaskInput, task: PlanTask, step: StepInput): PlannedStep {
  return newStep(step.id, task, {
    title: step.title ?? step.id,
    description: step.description ?? input.description,
    requirements: keys(step.requirements),
    ...(step.tools === undefined ? {} : { tools: keys(step.tools) }),
    agent: step.agent ?? null,
    needs: [...new Set(step.needs)],
    continues: step.continues ?? null,
    input: step.input,
    timeoutMs: step.timeoutMs ?? task.coordination.timeoutMs ?? null,
    retries: step.retries ?? task.coordination.retries ?? null,
    onFailure: step.onFailure,
    ...(step.outputSchema ? { outputSchema: step.outputSchema } : {}),
    ...(step.check ? { check: step.check } : {}),
    ...(step.gates ? { gates: step.gates } : {}),
    ...(step.workspace === undefined ? {} : { workspace: step.workspace }),
  });
}
function checkSettings({ coordination = {} }: ParsedTaskInput, pattern: string): void {
  const known = settingsOf[pattern] ?? [];
  const stranger = (Object.keys(coordination) as (keyof typeof coordination)[]).find((name) => !known.includes(name));
  if (stranger !== undefined) refuse(`body.coordination.${stranger}`, `is not for the pattern ${pattern}`, [...known]);
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
export function refuse(path: string, message: string, allowed: string[] | undefined): never {
  throw new Refusal("bad_input", `${path}: ${message}.`, { issues: [{ path, message, ...(allowed ? { allowed } : {}) }] });
}
