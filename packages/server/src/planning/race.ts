// Race: several try the whole task at once; the first whose work passes its check wins, the others are cancelled.
import { type Growth, newStep, ofPart, openIds, type Pattern, type StepView, type View, widthOf } from "./pattern.ts";
import { reasonAgainst, standingOf, toVerify } from "./verdicts.ts";

const USUAL_WIDTH = 3;

export const race: Pattern = {
  plan: (task, candidates) => {
    const team = candidates.able(task.requirements).slice(0, widthOf(task, USUAL_WIDTH));
    const width = Math.max(1, team.length);
    const steps = Array.from({ length: width }, (_, at) =>
      newStep(`try-${at + 1}`, task, {
        title: `Try ${at + 1}`,
        part: "try",
        retries: task.coordination.retries ?? 0,
        outputSchema: task.coordination.outputSchema,
        preferred: team[at]?.id,
      }),
    );
    return { reason: `${width === 1 ? "Only one agent can try it" : `${width} try it at the same time`}; the first that passes wins.`, steps };
  },
  grow: (view) => {
    const tries = ofPart(view, "try").map((tried) => ({ tried, standing: standingOf(view, tried) }));
    const accepted = tries.filter(({ standing }) => standing === "accepted").map(({ tried }) => tried);
    if (accepted.length > 0) return win(view, firstOf(accepted), "passed first");
    const fresh = tries.filter(({ standing }) => standing === "to verify").map(({ tried }) => tried);
    if (fresh.length > 0)
      return { add: fresh.map((tried) => toVerify(view.task, tried)), cancel: [], why: `${fresh.map(({ id }) => id).join(", ")} is done and is verified.` };
    if (tries.some(({ standing }) => standing === "open" || standing === "verifying")) return undefined;
    const unverified = tries.filter(({ standing }) => standing === "unverified").map(({ tried }) => tried);
    if (unverified.length > 0) return win(view, firstOf(unverified), "was done first; nobody could verify it, and no other passed");
    return lose(view);
  },
};
const firstOf = (tries: readonly StepView[]): StepView => tries.reduce((first, one) => ((one.completedAt ?? 0) < (first.completedAt ?? 0) ? one : first));
const win = (view: View, winner: StepView, how: string): Growth => ({
  add: [],
  cancel: openIds(view),
  end: { result: winner.output },
  why: `${winner.id} ${how}.`,
});
/** Nobody passed: the task ends with the reason of each. */
export function lose(view: View): Growth {
  const tries = ofPart(view, "try");
  const failure = `None of ${tries.length} ${tries.length === 1 ? "try" : "tries"} passed. ${tries.map((tried) => `${tried.id}: ${reasonAgainst(view, tried).slice(0, 300)}`).join(" ")}`;
  const kind = tries.every((tried) => tried.status === "completed") ? "gate" : "agent_error";
  return { add: [], cancel: [], end: { failure, kind }, why: "Nobody passed." };
}
