// Escalation: the cheapest who can do it tries first; what it produced is checked, and only when it does not pass the next one is asked,
// told what went wrong. Bounded by the number of tries, and by the task's budget.
import {
  type Candidate,
  type Candidates,
  clip,
  type Growth,
  newStep,
  ofPart,
  outputOf,
  type Pattern,
  type PlannedStep,
  type PlanTask,
  type StepView,
  type View,
  widthOf,
} from "./pattern.ts";
import { lose } from "./race.ts";
import { reasonAgainst, standingOf, toVerify } from "./verdicts.ts";

const USUAL_TRIES = 3;

export const escalation: Pattern = {
  plan: (task, candidates) => {
    const [first] = cheapestFirst(candidates, task, []);
    const told = first ? `${first.name} first${first.price === null ? "" : `, at ${first.price}`}` : "whoever can do it first";
    return {
      reason: `The cheapest who can do it begins (${told}); the next is asked only when that does not pass.`,
      steps: [toTry(task, 1, first, undefined, "")],
    };
  },
  grow: (view) => {
    const tries = ofPart(view, "try");
    const last = tries.at(-1) as StepView;
    const standing = standingOf(view, last);
    if (standing === "open" || standing === "verifying") return undefined;
    if (standing === "to verify") return { add: [toVerify(view.task, last)], cancel: [], why: `${last.id} is done and is verified.` };
    if (standing === "accepted") return { add: [], cancel: [], end: { result: last.output }, why: `${last.id} passed.` };
    return next(view, tries, last) ?? giveUp(view, tries);
  },
};
function next(view: View, tries: readonly StepView[], last: StepView): Growth | undefined {
  const { task, overspent } = view;
  if (overspent !== undefined) {
    const failure = `${overspent} ${lastWords(view, last)}`;
    return { add: [], cancel: [], end: { failure, kind: "budget" }, why: overspent };
  }
  if (tries.length >= widthOf(task, USUAL_TRIES)) return undefined;
  const asked = tries.flatMap((tried) => tried.agent ?? []);
  const [following] = cheapestFirst(view.candidates, task, asked);
  if (!following) return undefined;
  const why = `${last.id} did not pass: ${clip(reasonAgainst(view, last), 300)} ${following.name} is asked next.`;
  return { add: [toTry(task, tries.length + 1, following, last, reasonAgainst(view, last), asked)], cancel: [], why };
}
/** Nobody is left to ask. What was done and could not be verified counts rather than nothing. */
function giveUp(view: View, tries: readonly StepView[]): Growth {
  const unverified = tries.find((tried) => standingOf(view, tried) === "unverified");
  if (!unverified) return lose(view);
  return { add: [], cancel: [], end: { result: unverified.output }, why: `${unverified.id} is taken unverified: nobody could verify it, and no other passed.` };
}
const lastWords = (view: View, last: StepView): string => `${last.id}: ${clip(reasonAgainst(view, last), 300)}`;
/** Who was not asked yet: those who may take work first, the cheapest first, those without a price last. */
function cheapestFirst(candidates: Candidates, task: PlanTask, asked: readonly string[]): Candidate[] {
  const price = ({ price: given }: Candidate): number => given ?? Number.MAX_VALUE;
  const left = candidates.able(task.requirements).filter(({ id }) => !asked.includes(id));
  return left
    .map((one, at) => ({ one, at }))
    .sort((a, b) => Number(b.one.available) - Number(a.one.available) || price(a.one) - price(b.one) || a.at - b.at)
    .map(({ one }) => one);
}
function toTry(
  task: PlanTask,
  number: number,
  candidate: Candidate | undefined,
  last: StepView | undefined,
  reason: string,
  asked: string[] = [],
): PlannedStep {
  const told = last ? { description: `${task.description}\n\nAn earlier try did not pass: ${clip(reason, 2000)}` } : {};
  const before = last?.status === "completed" ? { payload: "$.task.payload", earlier: outputOf(last.id) } : undefined;
  return newStep(`try-${number}`, task, {
    title: `Try ${number}`,
    ...told,
    input: before ?? "$.task.payload",
    part: "try",
    round: number,
    retries: task.coordination.retries ?? 0,
    outputSchema: task.coordination.outputSchema,
    preferred: candidate?.id,
    excluded: asked,
    needs: [],
  });
}
