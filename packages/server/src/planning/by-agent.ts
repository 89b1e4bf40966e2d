// A plan made by an agent: its first step asks for the steps. What it answers was checked before (a plan that can end, of capabilities
// that exist, of bounded size) and sent back once; when it still is none, the deterministic plan is used, and said so.
import type { PartAnswer } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";
import { askFor, idOf } from "./ask.ts";
import { groupRequirements } from "./group-requirements.ts";
import { clip, type Growth, isOpen, newStep, ofPart, type Pattern, type PlannedStep, type PlanTask, type StepView, type View } from "./pattern.ts";
import { outputOf } from "./pattern.ts";

/** @param planner an agent's id or name; undefined: whoever has the capability `planning`. */
export function askForPlan(task: PlanTask, planner: string | undefined, capabilities: readonly string[]): PlannedStep {
  return newStep("plan", task, {
    title: "Plan the task",
    description: askFor(
      "plan",
      task,
      "Plan the task: the steps it takes, what each needs to be able to do, and which need others first. What agents can do is in the input.",
    ),
    requirements: planner === undefined ? ["planning"] : [],
    agent: planner ?? null,
    input: { type: "planning", capabilities: [...capabilities], requirements: task.requirements, payload: "$.task.payload" },
    answers: "plan",
    part: "plan",
    role: "coordinator",
  });
}
export const planned: Pattern = {
  plan: (task) => ({ reason: "An agent plans it.", steps: [askForPlan(task, undefined, [])] }),
  grow: (view) => {
    const [plan] = ofPart(view, "plan");
    if (!plan || isOpen(plan) || view.steps.length > 1) return undefined;
    return plan.status === "completed" ? toSteps(view.task, plan) : fallBack(view, plan);
  },
};
function toSteps(task: PlanTask, plan: StepView): Growth {
  const { steps, reason } = plan.output as PartAnswer<"plan">;
  // A step of the plan that is called like the step that made it would be that one.
  const given = new Set(steps.map(idOf));
  let free = 1;
  while (given.has(`${plan.id}-${free}`)) free++;
  const idFor = (id: string): string => (id === plan.id ? `${id}-${free}` : id);
  const add = steps.map((step, at) =>
    newStep(idFor(idOf(step, at)), task, {
      title: step.title ?? clip(step.description, 100),
      description: step.description,
      requirements: [...new Set(step.requirements.map(toCapabilityKey))],
      onFailure: "fail",
      part: "work",
      ...startOf(plan, step.needs.map(idFor)),
    }),
  );
  return { add, cancel: [], why: `The plan has ${add.length} ${add.length === 1 ? "step" : "steps"}${reason === undefined ? "." : `: ${clip(reason, 500)}`}` };
}
/** What needs nothing comes after the plan, and is given what the task was given instead of the plan. */
const startOf = (plan: StepView, needs: string[]): Pick<PlannedStep, "needs" | "input"> =>
  needs.length > 0 ? { needs, input: undefined } : { needs: [plan.id], input: "$.task.payload" };
function fallBack({ task, candidates }: View, plan: StepView): Growth {
  const groups = groupRequirements(task.requirements, candidates.canCover);
  const add = groups.map((requirements, at) =>
    newStep(`part-${at + 1}`, task, {
      title: requirements.join(", ") || task.title,
      requirements,
      onFailure: "fail",
      part: "work",
      ...(at === 0 ? startOf(plan, []) : { needs: [`part-${at}`], input: outputOf(`part-${at}`) }),
    }),
  );
  return { add, cancel: [], why: `The agent's plan could not be used (${clip(plan.failure ?? "", 300)}): the requirements give the plan instead.` };
}
