// Collaborative: several do the same (or, when nobody can do all of it, complementary parts), criticise each other in rounds until they
// agree or the rounds are over, and a synthesiser merges. Who still disagrees is kept in the result.
import type { PartAnswer, Json } from "@baton/contract";
import { askFor } from "./ask.ts";
import { groupRequirements } from "./group-requirements.ts";
import {
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

const USUAL_TEAM = 3;
const USUAL_ROUNDS = 3;
const USUAL_AGREEMENT = 0.7;

export const collaborative: Pattern = {
  plan: (task, candidates) => {
    const groups = candidates.canCover(task.requirements) ? [] : groupRequirements(task.requirements, candidates.canCover);
    const steps =
      groups.length > 1
        ? toParts(task, groups)
        : toSame(
            task,
            candidates
              .able(task.requirements)
              .slice(0, widthOf(task, USUAL_TEAM))
              .map(({ id }) => id),
          );
    const reason =
      groups.length > 1 ? `No agent can do all of it: ${steps.length} do a part each` : `${steps.length} ${steps.length === 1 ? "does" : "do"} it side by side`;
    return { reason: `${reason}, and criticise each other until they agree to ${task.coordination.agreement ?? USUAL_AGREEMENT}.`, steps };
  },
  grow: (view) => {
    const contributed = ofPart(view, "contribute");
    if (contributed.some(isOpen)) return undefined;
    const good = contributed.filter(isDone);
    if (good.length === 0) return nobody(contributed);
    const critiques = ofPart(view, "critique");
    if (critiques.some(isOpen)) return undefined;
    const [synthesis] = ofPart(view, "synthesise");
    if (synthesis) return isOpen(synthesis) ? undefined : finish(view, good, critiques, synthesis);
    const round = Math.max(0, ...critiques.map((one) => one.round));
    const bound = view.task.coordination.rounds ?? USUAL_ROUNDS;
    const agreement = agreementOf(critiques, round);
    const limit = view.task.coordination.agreement ?? USUAL_AGREEMENT;
    if (good.length === 1) return alone(good[0] as StepView, contributed);
    if (round > 0 && agreement === null) return toSynthesis(view, good, critiques, "Nobody could criticise; what was contributed is merged as it is.");
    if (agreement !== null && agreement >= limit) return toSynthesis(view, good, critiques, `They agree (${agreement}).`);
    if (round >= bound)
      return toSynthesis(view, good, critiques, round === 0 ? "No critique was asked for." : `They do not agree (${agreement}) after ${round} rounds.`);
    return {
      add: good.map((one) => toCritique(view, good, critiques, one, round + 1)),
      cancel: [],
      why: round === 0 ? "All have contributed." : `They do not agree yet (${agreement}).`,
    };
  },
};
const isDone = ({ status }: StepView): boolean => status === "completed";
const toSame = (task: PlanTask, team: readonly string[]): PlannedStep[] =>
  Array.from({ length: Math.max(1, team.length) }, (_, at) => toContribution(task, at, { preferred: team[at] }));
const toParts = (task: PlanTask, groups: readonly string[][]): PlannedStep[] =>
  groups.map((requirements, at) =>
    toContribution(task, at, {
      requirements,
      description: `${task.description}\n\nYour part of it: ${requirements.join(", ")}. Others do the rest.`,
      role: "specialist",
    }),
  );
const toContribution = (task: PlanTask, at: number, more: Partial<PlannedStep>): PlannedStep =>
  newStep(`contribute-${at + 1}`, task, { title: `Contribution ${at + 1}`, part: "contribute", outputSchema: task.coordination.outputSchema, ...more });

function nobody(contributed: readonly StepView[]): Growth {
  const failure = `None of ${contributed.length} contributed. ${contributed.map(({ id, failure }) => `${id}: ${clip(failure ?? "", 200)}`).join(" ")}`;
  return { add: [], cancel: [], end: { failure, kind: "agent_error" }, why: "Nobody contributed." };
}
const alone = (only: StepView, contributed: readonly StepView[]): Growth => ({
  add: [],
  cancel: [],
  end: { result: { result: only.output, agreed: null, agreement: null, rounds: 0, dissent: [] } },
  why:
    contributed.length === 1
      ? "Only one agent could contribute: there is nobody to criticise it."
      : `Only ${only.id} came to something: there is nobody to criticise it.`,
});
/** How far they agree in this round, by those who answered; null when nobody did. */
function agreementOf(critiques: readonly StepView[], round: number): number | null {
  const said = critiques.filter((one) => one.round === round && isDone(one)).map((one) => (one.output as PartAnswer<"critique">).agreement);
  return said.length === 0 ? null : Math.round((said.reduce((sum, one) => sum + one, 0) / said.length) * 1000) / 1000;
}
const critiqueOf = (contribution: StepView, critiques: readonly StepView[], fits: (answer: PartAnswer<"critique">) => boolean): StepView | undefined =>
  critiques.findLast((one) => isDone(one) && numberIn(one.id) === numberIn(contribution.id) && fits(one.output as PartAnswer<"critique">));
/** The newest form of a contribution. */
function newestOf(contribution: StepView, critiques: readonly StepView[]): string {
  const revision = critiqueOf(contribution, critiques, ({ revised }) => revised !== undefined);
  return revision ? outputOf(revision.id, ".revised") : outputOf(contribution.id);
}
function toCritique({ task }: View, good: readonly StepView[], critiques: readonly StepView[], own: StepView, round: number): PlannedStep {
  const others = Object.fromEntries(good.filter((one) => one !== own).map((one) => [one.id, newestOf(one, critiques)]));
  const said: Json = Object.fromEntries(critiques.filter((one) => one.round === round - 1 && isDone(one)).map((one) => [one.id, outputOf(one.id, ".comment")]));
  const what = "Criticise what the others contributed, which is in the input beside your own, and say how far you agree with all of it: 1 is fully.";
  return newStep(`critique-${numberIn(own.id)}-${round}`, task, {
    title: `Critique by ${own.id}, round ${round}`,
    description: askFor("critique", task, what),
    requirements: [],
    needs: good.map(({ id }) => id),
    input: { type: "critique", yours: newestOf(own, critiques), others, ...(round > 1 ? { said } : {}) },
    answers: "critique",
    part: "critique",
    round,
    preferred: own.agent ?? undefined,
    ...(own.agent === null ? {} : { continues: own.id }),
  });
}
function toSynthesis({ task, candidates }: View, good: readonly StepView[], critiques: readonly StepView[], why: string): Growth {
  const step = newStep("synthesise", task, {
    title: "Merge the contributions",
    description: `Merge the contributions into one result of the task. They are in the input, with what was said of them.\n\nThe task: ${task.description}`,
    requirements: [],
    needs: [...good, ...critiques.filter(isDone)].map(({ id }) => id),
    input: {
      type: "synthesis",
      contributions: Object.fromEntries(good.map((one) => [one.id, newestOf(one, critiques)])),
      critiques: Object.fromEntries(critiques.filter(isDone).map((one) => [one.id, outputOf(one.id, ".comment")])),
    },
    part: "synthesise",
    role: "coordinator",
    preferred: coordinatorOf(candidates, task)?.id,
  });
  return { add: [step], cancel: [], why };
}
function finish(view: View, good: readonly StepView[], critiques: readonly StepView[], synthesis: StepView): Growth {
  const rounds = Math.max(0, ...critiques.map((one) => one.round));
  const agreement = agreementOf(critiques, rounds);
  const limit = view.task.coordination.agreement ?? USUAL_AGREEMENT;
  const dissent = critiques
    .filter((one) => one.round === rounds && isDone(one) && (one.output as PartAnswer<"critique">).agreement < limit)
    .map((one) => {
      const said = one.output as PartAnswer<"critique">;
      return { by: `contribute-${numberIn(one.id)}`, agent: one.agent, agreement: said.agreement, comment: said.comment ?? null };
    });
  const merged = isDone(synthesis);
  const result: Json = merged ? synthesis.output : Object.fromEntries(good.map((one) => [one.id, newestOutput(one, critiques)]));
  const whole: Json = { result, agreed: agreement === null ? null : agreement >= limit, agreement, rounds, dissent };
  const why = merged ? "The contributions are merged." : `They could not be merged (${clip(synthesis.failure ?? "", 200)}): they are given side by side.`;
  return { add: [], cancel: [], end: { result: whole }, why };
}
function newestOutput(contribution: StepView, critiques: readonly StepView[]): Json {
  const revision = critiqueOf(contribution, critiques, ({ revised }) => revised !== undefined);
  return revision ? ((revision.output as PartAnswer<"critique">).revised ?? null) : contribution.output;
}
