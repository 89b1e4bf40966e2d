// Hierarchical: a coordinator splits the task, workers do the parts side by side, the coordinator reviews and sends back or accepts, a
// bounded number of times, and combines. Where the coordinator's answer cannot be used, code decides, and says so.
import type { PartAnswer, Json } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";
import { askFor, idOf } from "./ask.ts";
import { groupRequirements } from "./group-requirements.ts";
import {
  type Candidates,
  clip,
  type Growth,
  isOpen,
  newStep,
  numberIn,
  ofPart,
  outputOf,
  type Pattern,
  type PlannedStep,
  type PlanTask,
  type StepView,
  type View,
  widthOf,
} from "./pattern.ts";
import { coordinatorOf } from "./team.ts";

const USUAL_TEAM = 5;
const USUAL_ROUNDS = 2;

export const hierarchical: Pattern = {
  plan: (task, candidates) => {
    const coordinator = coordinatorOf(candidates, task);
    const workers = workersOf(task, candidates);
    const split = newStep("split", task, {
      title: "Split the task",
      description: askFor("split", task, "Split the task into subtasks that others can do side by side. Who there is and what they can do is in the input."),
      requirements: [],
      input: { type: "task_decomposition", available_workers: workers.map(({ name, capabilities }) => ({ name, capabilities })), payload: "$.task.payload" },
      answers: "split",
      part: "split",
      role: "coordinator",
      preferred: coordinator?.id,
    });
    return {
      reason: `${coordinator ? `${coordinator.name} coordinates` : "Whoever can coordinates"}; up to ${Math.max(1, workers.length)} workers do the parts.`,
      steps: [split],
    };
  },
  grow: (view) => {
    const [split] = ofPart(view, "split");
    if (!split || isOpen(split)) return undefined;
    const works = ofPart(view, "work");
    if (works.length === 0) return spread(view, split);
    if (works.some(isOpen)) return undefined;
    const latest = latestOf(works);
    const reviews = ofPart(view, "review");
    const review = reviews.at(-1);
    const newest = Math.max(...works.map(({ round }) => round));
    if (!review || review.round < newest) return nobodyDid(latest) ?? toReview(view, split, latest, newest);
    if (isOpen(review)) return undefined;
    const [combined] = ofPart(view, "combine");
    if (!combined) return afterReview(view, split, latest, review);
    if (isOpen(combined)) return undefined;
    if (combined.status === "completed") return { add: [], cancel: [], end: { result: combined.output }, why: "The results are combined." };
    const result = Object.fromEntries(latest.filter(isDone).map(({ id, output }) => [id, output]));
    return {
      add: [],
      cancel: [],
      end: { result },
      why: `The results could not be combined (${clip(combined.failure ?? "", 200)}): they are given as they are.`,
    };
  },
};
const isDone = ({ status }: StepView): boolean => status === "completed";

function spread(view: View, split: StepView): Growth {
  const { task } = view;
  const answered = isDone(split) ? (split.output as PartAnswer<"split">).subtasks : undefined;
  const pieces = answered ?? fallback(view);
  const idAt = new Map(pieces.map((piece, at) => [idOf(piece, at), `work-${at + 1}`]));
  const add = pieces.map((piece, at) =>
    newStep(`work-${at + 1}`, task, {
      title: piece.title ?? clip(piece.description, 100),
      description: piece.description,
      requirements: [...new Set(piece.requirements.map(toCapabilityKey))],
      needs: ["split", ...piece.needs.flatMap((need) => idAt.get(need) ?? [])],
      input: { type: "subtask", payload: "$.task.payload", ...inputsFrom(piece.needs.flatMap((need) => idAt.get(need) ?? [])) },
      outputSchema: task.coordination.outputSchema,
      part: "work",
      role: "worker",
      round: 1,
    }),
  );
  const why = answered
    ? `The coordinator split the task into ${add.length}.`
    : `The coordinator's split could not be used (${clip(split.failure ?? "", 200)}): one subtask for each requirement instead.`;
  return { add, cancel: [], why };
}
const inputsFrom = (ids: readonly string[]): { inputs?: Json } => (ids.length === 0 ? {} : { inputs: Object.fromEntries(ids.map((id) => [id, outputOf(id)])) });
function fallback({ task, candidates }: View): PartAnswer<"split">["subtasks"] {
  return groupRequirements(task.requirements, candidates.canCover).map((requirements) => ({ description: task.description, requirements, needs: [] }));
}
const pieceOf = ({ id }: StepView): number => numberIn(id);
/** Of each subtask the newest try, in the order of the subtasks. */
function latestOf(works: readonly StepView[]): StepView[] {
  const latest = new Map<number, StepView>();
  for (const work of works) if ((latest.get(pieceOf(work))?.round ?? 0) < work.round) latest.set(pieceOf(work), work);
  return [...latest].sort(([a], [b]) => a - b).map(([, work]) => work);
}
function nobodyDid(latest: readonly StepView[]): Growth | undefined {
  if (latest.some(isDone)) return undefined;
  const failure = `None of ${latest.length} subtasks was done. ${latest.map(({ id, failure }) => `${id}: ${clip(failure ?? "", 200)}`).join(" ")}`;
  return { add: [], cancel: [], end: { failure, kind: "agent_error" }, why: "No subtask was done." };
}
const resultsOf = (latest: readonly StepView[]): Json =>
  Object.fromEntries(latest.map((work) => [work.id, isDone(work) ? { status: "done", output: outputOf(work.id) } : { status: "failed" }]));
const tellFailed = (latest: readonly StepView[]): string =>
  latest
    .filter((work) => !isDone(work))
    .map((work) => `\n${work.id} failed: ${clip(work.failure ?? "", 500)}`)
    .join("");

function toReview({ task }: View, split: StepView, latest: readonly StepView[], round: number): Growth {
  const what =
    "Review what the workers produced; it is in the input, by subtask. Accept it, or name the subtasks that have to be done again, with what is wrong.";
  const review = newStep(`review-${round}`, task, {
    title: `Review, round ${round}`,
    description: askFor("review", task, what + tellFailed(latest)),
    requirements: [],
    needs: latest.map(({ id }) => id),
    input: { type: "review", results: resultsOf(latest) },
    answers: "review",
    part: "review",
    role: "coordinator",
    round,
    preferred: split.agent ?? undefined,
  });
  return { add: [review], cancel: [], why: `All subtasks have ended; round ${round} is reviewed.` };
}
function afterReview(view: View, split: StepView, latest: readonly StepView[], review: StepView): Growth {
  const bound = view.task.coordination.rounds ?? USUAL_ROUNDS;
  if (!isDone(review))
    return toCombine(view, split, latest, `The review could not be used (${clip(review.failure ?? "", 200)}): what was done is taken as it is.`);
  const answer = review.output as PartAnswer<"review">;
  if (answer.accepted) return toCombine(view, split, latest, "The coordinator accepted.");
  if (review.round > bound) return toCombine(view, split, latest, `The coordinator did not accept, but ${bound} rounds of doing again are all there are.`);
  const again = toAgain(view, latest, answer, review);
  return { add: again, cancel: [], why: `The coordinator sent back ${again.map(({ id }) => `work-${numberIn(id)}`).join(", ")}.` };
}
/** What is named is done again; when nothing that exists is named, all of it. */
function toAgain({ task }: View, latest: readonly StepView[], answer: PartAnswer<"review">, review: StepView): PlannedStep[] {
  const named = latest.flatMap((work) => {
    const found = answer.revise.find(({ id }) => id === work.id || id === `work-${pieceOf(work)}` || id === String(pieceOf(work)));
    return found ? [{ work, feedback: found.feedback }] : [];
  });
  const chosen = named.length > 0 ? named : latest.map((work) => ({ work, feedback: answer.comment ?? "It was not accepted." }));
  return chosen.map(({ work, feedback }) =>
    newStep(`work-${pieceOf(work)}-${review.round + 1}`, task, {
      title: work.title,
      description: `${work.description}\n\nIt was done before and sent back: ${feedback}`,
      requirements: work.requirements,
      needs: [review.id],
      input: { type: "revision", payload: "$.task.payload", ...(isDone(work) ? { before: outputOf(work.id) } : {}) },
      outputSchema: task.coordination.outputSchema,
      part: "work",
      role: "worker",
      round: review.round + 1,
      ...(isDone(work) ? { preferred: work.agent ?? undefined, continues: work.id } : { excluded: work.agent === null ? [] : [work.agent] }),
    }),
  );
}
function toCombine({ task }: View, split: StepView, latest: readonly StepView[], why: string): Growth {
  const combine = newStep("combine", task, {
    title: "Combine the results",
    description: `Combine what the workers produced into one result of the task. It is in the input, by subtask.${tellFailed(latest)}\n\nThe task: ${task.description}`,
    requirements: [],
    needs: latest.map(({ id }) => id),
    input: { type: "result_aggregation", worker_results: resultsOf(latest) },
    part: "combine",
    role: "coordinator",
    preferred: split.agent ?? undefined,
  });
  return { add: [combine], cancel: [], why };
}
function workersOf(task: PlanTask, candidates: Candidates) {
  const coordinator = coordinatorOf(candidates, task);
  return candidates
    .able([])
    .filter(({ id }) => id !== coordinator?.id)
    .slice(0, Math.max(1, widthOf(task, USUAL_TEAM) - 1));
}
