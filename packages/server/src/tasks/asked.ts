// What a task as a whole asks of people before anything of it begins: the approvals it requires, and a look at its plan. What is opened for
// that, and how it says why it waits.
import type { ParsedTaskInput, WaitingFor } from "@baton/contract";
import type { Opening } from "./draft.ts";
import type { TaskRow } from "./task-rows.ts";

type Constraints = ParsedTaskInput["constraints"];
interface AskingTask {
  id: string;
  title: string;
  description: string;
}
/** Of a step, what a person is shown to judge a plan. */
export interface ShownStep {
  id: string;
  title: string;
  requirements: string[];
  needs: string[];
}
const WEEK_MS = 7 * 86_400_000;
/** What nobody could read through is told by its beginning. */
const MAX_SHOWN_STEPS = 200;
const MAX_SHOWN_CHARS = 4000;

const opening = (task: AskingTask, { approvalTimeoutMs = WEEK_MS, onApprovalTimeout = "reject" }: Constraints, now: number) => ({
  task_id: task.id,
  created_at: now,
  expires_at: now + approvalTimeoutMs,
  on_timeout: onApprovalTimeout,
});
export const toNamedOpenings = (task: AskingTask, constraints: Constraints, names: readonly string[], now: number): Opening[] =>
  names.map((name) => ({
    ...opening(task, constraints, now),
    kind: "named",
    name,
    title: `“${task.title}” needs the approval ${name} before it begins.`,
    detail: JSON.stringify({ task: task.description.slice(0, MAX_SHOWN_CHARS).toWellFormed() }),
  }));
export const toPlanOpening = (task: AskingTask, constraints: Constraints, steps: readonly ShownStep[], now: number): Opening => ({
  ...opening(task, constraints, now),
  kind: "plan",
  name: null,
  title: `“${task.title}” waits with its plan of ${steps.length === 1 ? "one step" : `${steps.length} steps`}.`,
  detail: JSON.stringify({ steps: steps.slice(0, MAX_SHOWN_STEPS).map(({ id, title, requirements, needs }) => ({ id, title, requirements, needs })) }),
});

/** @param names of the approvals it requires and has not got. Null: nothing is asked of people. */
export function whyAsked(review: TaskRow["review"], names: readonly string[]): WaitingFor | null {
  const plan = review === "open" ? "Its plan waits for a person: approve it, give other steps, or cancel the task." : "";
  const named = names.length === 0 ? "" : `${names.length === 1 ? "The approval" : "The approvals"} ${names.join(", ")} must be given before it begins.`;
  return plan || named ? { kind: "approval", detail: [plan, named].filter((part) => part !== "").join(" ") } : null;
}
