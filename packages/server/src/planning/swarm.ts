// Swarm: a pool of small items, given or discovered by a first step, each taken by whoever is free, so that the width follows the agents.
// It ends early when enough are done; an item that fails goes to another agent once, one that takes many times the median to a second
// one too, and the first to finish counts.
import type { PartAnswer, Json } from "@baton/contract";
import { MAX_ITEMS } from "@baton/contract";
import { askFor } from "./ask.ts";
import {
  clip,
  type Growth,
  isOpen,
  newStep,
  numberIn,
  ofPart,
  openIds,
  type Pattern,
  type PlannedStep,
  type PlanTask,
  type StepView,
  type View,
} from "./pattern.ts";

const USUAL_FACTOR = 3;
/** Below so many finished items a median says little. */
const LEAST_DONE = 3;
/** An item is not called late before this. */
const LEAST_LATE_MS = 1000;

export const swarm: Pattern = {
  bulk: "item",
  plan: (task) => {
    const { paths, requirements } = givenItems(task);
    if (paths.length > 0) return { reason: `${paths.length} items, each for whoever is free.`, steps: toItems(task, paths, []) };
    if (requirements.length > 0)
      return {
        reason: `${requirements.length} items, one for each requirement.`,
        steps: toItems(
          task,
          requirements.map(() => "$.task.payload"),
          [],
          requirements,
        ),
      };
    const discover = newStep("discover", task, {
      title: "Find the items",
      description: askFor("items", task, `List the items the task is to be done for, at most ${MAX_ITEMS}. Each is then done by itself.`),
      answers: "items",
      part: "discover",
      role: "coordinator",
    });
    return { reason: "A first step finds the items; then each is for whoever is free.", steps: [discover] };
  },
  grow: (view) => {
    const [discovery] = ofPart(view, "discover");
    const items = ofPart(view, "item");
    if (discovery && items.length === 0) return isOpen(discovery) ? undefined : spread(view, discovery);
    const groups = groupsOf(items);
    const done = groups.filter((group) => group.some(isDone));
    const enough = view.task.coordination.enough ?? groups.length;
    const failed = groups.filter((group) => group.length === 1 && group[0]?.status === "failed").map(([item]) => item as StepView);
    if (failed.length > 0 && done.length < enough) {
      const add = failed.map((item) => toSecond(view.task, item));
      return { add, cancel: [], why: `${failed.map(({ id }) => id).join(", ")} failed and goes to another agent.` };
    }
    const live = groups.filter((group) => !group.some(isDone) && group.some(isOpen));
    const beaten = groups.filter((group) => group.some(isDone)).flatMap((group) => group.filter(isOpen).map(({ id }) => id));
    if (done.length >= enough || live.length === 0) return finish(view, groups, done.length, Math.min(enough, groups.length));
    return watchStragglers(view, groups, live, beaten);
  },
};
const isDone = ({ status }: StepView): boolean => status === "completed";
/** Where the items stand in the payload; without any, several requirements are items of their own. */
function givenItems({ payload, requirements }: PlanTask): { paths: string[]; requirements: string[] } {
  const listed = typeof payload === "object" && payload !== null && !Array.isArray(payload) ? payload["items"] : undefined;
  const [items, where] = Array.isArray(payload) ? [payload, "$.task.payload"] : [Array.isArray(listed) ? listed : [], "$.task.payload.items"];
  if (items.length > 0) return { paths: items.map((_, at) => `${where}[${at}]`), requirements: [] };
  return { paths: [], requirements: requirements.length > 1 ? requirements : [] };
}
/** How many items a task brings with it; more than a swarm may have are refused at the door. */
export const countItems = (task: PlanTask): number => givenItems(task).paths.length;
const toItems = (task: PlanTask, paths: readonly Json[], needs: string[], requirements?: readonly string[]): PlannedStep[] =>
  paths.map((input, at) =>
    newStep(`item-${at + 1}`, task, {
      title: `Item ${at + 1} of ${paths.length}`,
      input,
      needs,
      retries: task.coordination.retries ?? 1,
      outputSchema: task.coordination.outputSchema,
      part: "item",
      role: "worker",
      ...(requirements ? { requirements: [requirements[at] as string] } : {}),
    }),
  );
function spread({ task }: View, discovery: StepView): Growth {
  if (!isDone(discovery)) {
    const why = `No items could be found (${clip(discovery.failure ?? "", 200)}): the task is one item.`;
    return { add: toItems(task, ["$.task.payload"], []), cancel: [], why };
  }
  const { items } = discovery.output as PartAnswer<"items">;
  const paths = items.map((_, at) => `$.steps['discover'].output.items[${at}]`);
  return { add: toItems(task, paths, [discovery.id]), cancel: [], why: `${items.length} items were found.` };
}
/** An item with its second issue, in the order of the items. */
function groupsOf(items: readonly StepView[]): StepView[][] {
  const groups = new Map<number, StepView[]>();
  for (const item of items) groups.set(numberIn(item.id), [...(groups.get(numberIn(item.id)) ?? []), item]);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}
function watchStragglers({ task, now }: View, groups: readonly StepView[][], live: readonly StepView[][], beaten: string[]): Growth | undefined {
  const took = groups.flatMap((group) => group.filter(isDone).map(durationOf)).sort((a, b) => a - b);
  const nothing = beaten.length === 0 ? undefined : { add: [], cancel: beaten, why: "Their items are done already." };
  if (took.length < LEAST_DONE) return nothing;
  const factor = task.coordination.stragglerFactor ?? USUAL_FACTOR;
  const median = took[Math.floor((took.length - 1) / 2)] as number;
  const lateAfter = Math.max(LEAST_LATE_MS, Math.round(factor * median));
  const singles = live.filter((group) => group.length === 1 && group[0]?.status === "running").map(([item]) => item as StepView);
  const late = singles.filter(({ startedAt }) => startedAt !== null && now - startedAt >= lateAfter);
  const add = late.map((item) => toSecond(task, item));
  const waits = singles.filter((item) => !late.includes(item)).map(({ startedAt }) => (startedAt ?? now) + lateAfter);
  const wakeAt = waits.length > 0 ? { wakeAt: Math.min(...waits) } : {};
  const why =
    add.length > 0
      ? `${late.map(({ id }) => id).join(", ")} took more than ${factor} times the median of ${median} ms and went to a second agent too.`
      : (nothing?.why ?? "");
  return { add, cancel: beaten, why, ...wakeAt };
}
const durationOf = ({ startedAt, completedAt }: StepView): number => (completedAt ?? 0) - (startedAt ?? 0);
const toSecond = (task: PlanTask, item: StepView): PlannedStep =>
  newStep(`${item.id}-again`, task, {
    title: `${item.title}, again`,
    requirements: item.requirements,
    description: item.description,
    input: item.input,
    retries: 0,
    outputSchema: task.coordination.outputSchema,
    part: "item",
    role: "worker",
    excluded: item.agent === null ? [] : [item.agent],
  });
function finish(view: View, groups: readonly StepView[][], done: number, enough: number): Growth {
  const failed = groups.flatMap((group, at) =>
    group.some(isDone) || group.some(isOpen) ? [] : [{ item: at + 1, detail: group.findLast((one) => one.failure !== null)?.failure ?? "" }],
  );
  if (done < enough) {
    const failure = `${done} of ${groups.length} items were done; ${enough} are needed. ${failed
      .slice(0, 5)
      .map(({ item, detail }) => `item-${item}: ${clip(detail, 200)}`)
      .join(" ")}`;
    return { add: [], cancel: [], end: { failure, kind: "agent_error" }, why: "Not enough items were done." };
  }
  const results: Json = groups.map((group) => group.find(isDone)?.output ?? null);
  const why = done < groups.length ? `${done} of ${groups.length} items are done, and that is enough.` : `All ${groups.length} items are done.`;
  return { add: [], cancel: openIds(view), end: { result: { results, done, total: groups.length, failed } }, why };
}
