// Gates that ask somebody: an agent that reviews a change against a checklist, a person who approves it. They are asked one after the other, about the commit that
// is to land, once the gates that need nobody have let it through; meanwhile others land. What they say is in the row, and becomes part of the verdict on the tree
// that is judged after that. Whoever comes after a crash goes on: the id of a review's task is in the row before the task is there.
import { ALL_PROJECTS, type AskedGate, type GateOf, type GateResult, parse, Refusal, taskInput } from "@baton/contract";
import { BY_TIMEOUT, insertApprovals, selectApproval, toOpened } from "../approvals/approvals.ts";
import type { NewEvent } from "../events/events.ts";
import { type DefinedGate, failureSignature, tail } from "../gates/gates.ts";
import type { Tx } from "../store/db.ts";
import { isTerminal, submitTask } from "../tasks/tasks.ts";
import { tell } from "./change-landing.ts";
import { findTask } from "./give-back.ts";
import { toEvent } from "./hold.ts";
import { type LandingRow, lockLanding, type PlacedLanding, selectAsking, updateLanding } from "./landing-rows.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { lookAfterEach } from "./look-after.ts";

type Asking = GateOf<"review"> | GateOf<"approval">;
/** In the row, with the gate as it was when it was asked. */
type Ask = AskedGate & { gate: Asking };
type Answer = Pick<AskedGate, "reason" | "detail"> & { state: "pass" | "fail" | "misconfigured" };
const MAX_DIFF = 60_000;
const MAX_DETAIL = 8000;

export const needsNobody = ({ gate }: DefinedGate): boolean => gate.kind !== "review" && gate.kind !== "approval";
/** What was said of this commit by these very gates stays said. Reviews come before people. */
export function toAsks(row: Pick<LandingRow, "asked">, gates: readonly DefinedGate[], commit: string): AskedGate[] {
  const before = JSON.parse(row.asked) as Ask[];
  const fresh = gates.flatMap(({ origin, gate }): Ask[] => {
    if (gate.kind !== "review" && gate.kind !== "approval") return [];
    const isSame = (one: Ask): boolean =>
      one.commit === commit && one.origin === origin && one.state !== "open" && JSON.stringify(one.gate) === JSON.stringify(gate);
    return [
      before.find(isSame) ?? { name: gate.name, kind: gate.kind, origin, commit, state: "waiting", id: "", reason: "It was not asked yet.", detail: "", gate },
    ];
  });
  return [...fresh.filter(({ kind }) => kind === "review"), ...fresh.filter(({ kind }) => kind === "approval")];
}
export const answersOf = (landingId: string, asks: readonly AskedGate[]): GateResult[] =>
  asks.map(({ name, kind, origin, state, reason, detail }) => ({
    name,
    kind,
    origin,
    state: state === "waiting" || state === "open" ? "skipped" : state,
    reason: state === "waiting" ? "It was not asked: what came before did not pass." : reason,
    detail,
    signature: state === "fail" ? failureSignature(`${origin} ${name}\n${reason}\n${detail}`) : null,
    landingId,
    runs: [],
  }));
export function toAskingReason(asks: readonly AskedGate[]): string {
  const open = asks.find(({ state }) => state === "open");
  if (!open) return "It is judged again.";
  return open.kind === "review" ? `It is reviewed in task ${open.id} (gate ${open.name}).` : `It waits for the approval ${open.name} (${open.id}).`;
}
/** Asks whoever is next. @returns the events that tell of it. */
export async function openAsk({ newId }: { newId(): string }, tx: Tx, row: LandingRow, asks: readonly AskedGate[], now: number): Promise<NewEvent[]> {
  const next = asks.find(({ state }) => state === "waiting") as Ask | undefined;
  if (!next) return [];
  Object.assign(next, { state: "open", id: newId(), reason: "" });
  row.asked = JSON.stringify(asks);
  if (next.kind === "review") return [];
  const approval = {
    id: next.id,
    kind: "named" as const,
    name: next.name,
    title: `${row.source} needs the approval ${next.name} before it lands on ${row.target}.`.slice(0, 1000),
    detail: JSON.stringify({ landingId: row.id, repository: row.repository, source: row.source, target: row.target, commit: next.commit }),
    created_at: now,
    expires_at: now + next.gate.timeoutMs,
    on_timeout: "reject" as const,
    project: row.project,
    task_id: null,
    step_id: null,
    attempt_id: null,
    fence: null,
    ask_key: null,
    agent_id: null,
    offer: null,
  };
  await insertApprovals(tx, [approval]);
  return [toOpened(approval)];
}

/** Hands in what is to be reviewed, and takes up what was answered. May be done by several at once. */
export async function lookAfterAsking(world: LandingsWorld): Promise<void> {
  await lookAfterEach(world, await selectAsking(world.db), "a landing about which somebody is asked waits", (row) => lookAfter(world, row));
}
async function lookAfter(world: LandingsWorld, row: PlacedLanding): Promise<void> {
  const open = (JSON.parse(row.asked) as Ask[]).find(({ state }) => state === "open");
  const answer = open && (await (open.gate.kind === "review" ? reviewOf(world, row, open, open.gate) : approvalOf(world, open)));
  if (open === undefined || answer !== undefined) await takeUp(world, row.id, open?.id, answer);
}
async function takeUp(world: LandingsWorld, id: string, askId: string | undefined, answer: Answer | undefined): Promise<void> {
  await world.db.transaction(async (tx) => {
    const row = await lockLanding(tx, id);
    if (row?.state !== "asking") return;
    const asks = JSON.parse(row.asked) as Ask[];
    const open = asks.find(({ state }) => state === "open");
    // Somebody else was quicker.
    if (open?.id !== askId) return;
    if (open) Object.assign(open, answer);
    row.asked = JSON.stringify(asks);
    const now = world.clock.now();
    const events = answer?.state === "pass" ? await openAsk(world, tx, row, asks, now) : [];
    const isOver = !asks.some(({ state }) => state === "open");
    Object.assign(row, isOver ? { state: "queued", reason: "It was answered; it is judged with that." } : { reason: toAskingReason(asks) }, {
      updated_at: now,
    });
    await updateLanding(tx, row);
    await world.events.append(tx, [...events, toEvent(isOver ? "landing.queued" : "landing.asking", row, { reason: row.reason })]);
  });
  tell(world);
}

async function approvalOf({ db }: LandingsWorld, { id, name }: Ask): Promise<Answer | undefined> {
  const row = await selectApproval(db, id);
  if (row?.state === "open") return undefined;
  if (!row || row.state === "withdrawn") return { state: "misconfigured", reason: `The approval ${name} was withdrawn.`, detail: "" };
  const said = row.comment ?? "";
  if (row.state === "approved") return { state: "pass", reason: `Approved by ${row.decided_by}.`, detail: said };
  const isLate = row.state === "expired" || row.decided_by === BY_TIMEOUT;
  return { state: "fail", reason: isLate ? `Nobody gave the approval ${name} in time.` : `${row.decided_by} did not approve it.`, detail: said };
}

async function reviewOf(world: LandingsWorld, row: LandingRow, { id, commit, name }: Ask, gate: GateOf<"review">): Promise<Answer | undefined> {
  const task = await findTask(world, id);
  if (task === undefined) return handIn(world, row, id, commit, gate);
  if (!isTerminal(task.status)) return undefined;
  if (task.status !== "completed" || task.result === null)
    return { state: "misconfigured", reason: `The review ${name} came to nothing: task ${id} is ${task.status}.`, detail: "" };
  return toAnswer(gate.checklist, JSON.parse(task.result) as Reviewed, id);
}
interface Reviewed {
  points: { holds: boolean; why?: string }[];
}
/** Closed by default: one point that does not hold lets nothing through. Pure. */
export function toAnswer(checklist: readonly string[], { points }: Reviewed, taskId: string): Answer {
  const said = checklist.map((point, at) => ({ point, holds: points[at]?.holds === true, why: points[at]?.why ?? "" }));
  const wrong = said.filter(({ holds }) => !holds);
  const detail = tail((wrong.length > 0 ? wrong : said).map(({ point, why }) => `${point}${why === "" ? "" : `: ${why}`}`).join("\n"), MAX_DETAIL);
  if (wrong.length === 0)
    return { state: "pass", reason: `All ${said.length === 1 ? "of it" : `${said.length} points`} held in a review (task ${taskId}).`, detail };
  return { state: "fail", reason: `${wrong.length} of ${said.length} points did not hold in a review (task ${taskId}).`, detail };
}
const toSchema = (points: number) => ({
  type: "object",
  required: ["points"],
  properties: {
    points: {
      type: "array",
      minItems: points,
      maxItems: points,
      items: { type: "object", required: ["holds"], properties: { holds: { type: "boolean" }, why: { type: "string", maxLength: 2000 } } },
    },
  },
});
/** @returns why it cannot be handed in; undefined: it is. */
async function handIn(world: LandingsWorld, row: LandingRow, id: string, commit: string, gate: GateOf<"review">): Promise<Answer | undefined> {
  const { repository, source, target } = row;
  const diff = await world.git.run({
    cwd: repository,
    args: ["diff", "--no-ext-diff", "--no-textconv", "--no-color", `refs/heads/${target}...${commit}`, "--"],
    maxBytes: 64 << 20,
  });
  if (diff.code !== 0) return { state: "misconfigured", reason: "The change could not be read to be reviewed.", detail: diff.stderr.slice(0, MAX_DETAIL) };
  const isCut = diff.stdout.length > MAX_DIFF;
  const description = [
    `Review the change of ${source}, commit ${commit}, that is to land on ${target} of ${repository}. Change nothing. Say of each point, in this order, whether it holds, and why.`,
    gate.checklist.map((point, at) => `${at + 1}. ${point}`).join("\n"),
    'Answer with JSON alone: {"points": [{"holds": true, "why": "…"}, …]}, one entry for each point. What you cannot tell does not hold.',
    `${isCut ? `The first ${MAX_DIFF} characters of the change; \`git diff ${target}...${commit}\` has all of it` : "The change"}:\n\n${diff.stdout.slice(0, MAX_DIFF).toWellFormed()}`,
  ].join("\n\n");
  const step = { id: "review", timeoutMs: gate.timeoutMs, outputSchema: toSchema(gate.checklist.length) };
  const input = {
    id,
    title: `Review ${source} (gate ${gate.name})`.slice(0, 200),
    type: "review",
    description,
    repository,
    ...(row.project === ALL_PROJECTS ? {} : { projectId: row.project }),
    steps: [gate.agent === undefined ? { ...step, requirements: gate.requirements } : { ...step, agent: gate.agent }],
  };
  try {
    await submitTask(world, parse(taskInput, input, "body"));
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === "unavailable") throw error;
    // Another server may have been quicker.
    if ((await findTask(world, id)) === undefined)
      return { state: "misconfigured", reason: `It could not be handed in to be reviewed: ${error.message}`.slice(0, 1000), detail: "" };
  }
  return undefined;
}
