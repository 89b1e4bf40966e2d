// What a pattern is: pure functions from a task and who is there to a plan, and from how the plan stands to what it grows by.
// No rows, no clock: what a pattern knows of time it is given. The same view gives the same growth, so that nothing grows twice.
import type { AnswerShape, Coordination, Json, ParsedTaskInput, Role, StepCheck, WorkspaceMode } from "@baton/contract";

/** What a step does in its pattern. */
export type Part =
  | "stage"
  | "split"
  | "work"
  | "review"
  | "combine"
  | "contribute"
  | "critique"
  | "synthesise"
  | "try"
  | "verify"
  | "discover"
  | "item"
  | "plan";
export interface PlannedStep {
  id: string;
  title: string;
  description: string;
  /** Capability keys. */
  requirements: string[];
  agent: string | null;
  needs: string[];
  /** The step whose agent and conversation this one goes on with; among its needs. With `preferred`, another agent may take it, which begins anew. */
  continues: string | null;
  input: Json | undefined;
  timeoutMs: number | null;
  retries: number | null;
  /** `absorb`: its failure does not fail the task; who needs it goes on with null. */
  onFailure: "fail" | "absorb";
  outputSchema?: Record<string, Json> | undefined;
  check?: StepCheck | undefined;
  gates?: ParsedTaskInput["gates"];
  /** Absent: the task's. */
  workspace?: WorkspaceMode | undefined;
  /** What its output must be, when its part is to steer. */
  answers?: AnswerShape | undefined;
  part?: Part | undefined;
  /** Agents with this role come first. */
  role?: Role | undefined;
  round?: number | undefined;
  /** An agent's id: nobody else gets it while that one may take work. */
  preferred?: string | undefined;
  /** Ids of agents that get it only when nobody else could. */
  excluded?: string[] | undefined;
  /** Tools it needs, as capability keys. */
  tools: string[];
}

/** Of a task, what patterns look at. */
export interface PlanTask {
  title: string;
  description: string;
  /** Capability keys. */
  requirements: string[];
  /** Capability keys of tools. */
  tools: string[];
  payload: Json;
  coordination: Coordination;
  maxAgents: number | null;
}
/** Somebody who could take part. */
export interface Candidate {
  id: string;
  name: string;
  role: string;
  capabilities: string[];
  /** What work with it costs, in whatever unit; null when nobody said. */
  price: number | null;
  available: boolean;
}
export interface Candidates {
  /** Those with all of these capabilities, at most 50: who may take work first, then the best. */
  able(requirements: readonly string[]): Candidate[];
  /** Whether some agent has all of these capabilities, available or not. */
  canCover(requirements: readonly string[]): boolean;
  /** Keys of capabilities made of just these stems of words that somebody has who may take work. */
  named(stems: readonly string[]): string[];
}

export type StepState = "open" | "running" | "completed" | "failed" | "cancelled";
export interface StepView {
  id: string;
  part: Part;
  round: number;
  title: string;
  description: string;
  requirements: string[];
  input: Json | undefined;
  status: StepState;
  /** Who does or did it, by id. */
  agent: string | null;
  output: Json;
  /** Why it failed. */
  failure: string | null;
  startedAt: number | null;
  completedAt: number | null;
  cost: { amount: number; currency: string } | null;
}
export interface View {
  task: PlanTask;
  /** In the order of the plan. */
  steps: StepView[];
  candidates: Candidates;
  now: number;
  /** That and how the task's budget is spent, in words. */
  overspent?: string | undefined;
}
export interface Growth {
  add: PlannedStep[];
  /** Steps that are not needed any more: what runs of them is told to stop. */
  cancel: string[];
  /** The task ends now, and what is open of it with it. */
  end?: { result: Json } | { failure: string; kind: "agent_error" | "gate" | "budget" };
  why: string;
  /** To be asked again then, though no step ended. */
  wakeAt?: number;
}
export interface Pattern {
  plan(task: PlanTask, candidates: Candidates): { reason: string; steps: PlannedStep[] };
  /** Asked whenever a step ended. Undefined: nothing changes. */
  grow(view: View): Growth | undefined;
  /** A part with so many steps that their outputs are read only when the task ends. */
  bulk?: Part;
}

/** Parts that steer and judge: they do not do the work, and need no tools for it. */
const STEERING: readonly (Part | undefined)[] = ["split", "review", "combine", "critique", "synthesise", "verify", "discover", "plan"];
/** A step of a pattern: the whole task, unless `more` says otherwise. */
export function newStep(id: string, task: PlanTask, { needs = [], ...more }: Partial<PlannedStep>): PlannedStep {
  return {
    id,
    title: id,
    description: task.description,
    requirements: task.requirements,
    tools: STEERING.includes(more.part) ? [] : task.tools,
    agent: null,
    // Agents may name one twice.
    needs: [...new Set(needs)],
    continues: null,
    input: undefined,
    timeoutMs: task.coordination.timeoutMs ?? null,
    retries: task.coordination.retries ?? null,
    onFailure: "absorb",
    ...more,
  };
}
/** How many may take part. */
export const widthOf = ({ coordination, maxAgents }: PlanTask, usual: number): number =>
  Math.min(coordination.agents ?? usual, maxAgents ?? Number.POSITIVE_INFINITY);
export const ofPart = (view: View, part: Part): StepView[] => view.steps.filter((step) => step.part === part);
export const isOpen = ({ status }: StepView): boolean => status === "open" || status === "running";
export const openIds = (view: View): string[] => view.steps.filter(isOpen).map((step) => step.id);
/** A reference to a step's output, filled in when the step that has it in its input begins. */
export const outputOf = (id: string, within = ""): string => `$.steps['${id}'].output${within}`;
export const clip = (text: string, max = 500): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);
/** The number in ids such as `work-3` and `work-3-2`. */
export const numberIn = (id: string): number => Number(id.split("-")[1]);
