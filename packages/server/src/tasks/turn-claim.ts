// The part of a turn that hands ready steps to agents: lines of equal demand are read in order of priority and age, an agent
// is chosen for each step, its place is reserved, and the attempt is written under this server's lease.
import { type LoadRow, lockFreeLoads, lockLoads, type Registry, type Reservation } from "../agents/agents.ts";
import type { Demand } from "../routing/agent-index.ts";
import { type ChoiceFacts, mainReason, toFacts, whyNobody } from "../routing/assignment.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import { usablePlaces } from "../routing/score.ts";
import type { Tx } from "../store/db.ts";
import { insertAttempts, SIGNAL, toAttemptId } from "./attempt-rows.ts";
import { isLimited, mayBegin } from "./attempt-rate.ts";
import { type BudgetWorld, giveUpForBudget, holdBudgets, noteBudgetWaiting } from "./turn-budget.ts";
import { openSlots } from "./slots.ts";
import { addLoad, countMove, type Draft } from "./draft.ts";
import type { Hold } from "./spending.ts";
import type { Lines } from "./lines.ts";
import { lockReady, parkReady, type ReadyStep, selectKeys, selectSetAside, startSteps, unparkWaiting, unstartSteps } from "./step-rows.ts";
import { markUnwaiting, markWaiting, startTasks, unstartTasks } from "./task-rows.ts";

export interface Claim {
  attemptId: string;
  agentId: string;
  step: ReadyStep;
  number: number;
  startedAt: number;
  /** What budgets hold for it. */
  hold?: Hold | undefined;
  /** The server that carries it out: another one when the agent is connected there. */
  worker: string;
  /** Outputs of steps of its task that this very turn settled, by step: they need not be read again. */
  outputs: ReadonlyMap<string, string> | undefined;
}
export interface ClaimWorld extends BudgetWorld {
  /** What this turn takes and gives back before it commits. */
  places: Reservation;
  server: string;
}
/** A step and who is to do it. `begun`: it is written as running already. */
export interface Choice {
  step: ReadyStep;
  agentId: string;
  facts: ChoiceFacts;
  begun: boolean;
}
const PARKED_AT_ONCE = 1000;

export interface Taken {
  claims: Claim[];
  /** The loads it locked, for the draft's end. */
  locked?: Map<string, LoadRow>;
  /** Lines of steps it read and left: while it had them locked, other turns may have taken these lines for empty. */
  left: Set<string>;
  /** A line may have steps left that could go now. */
  more: boolean;
}
export async function claimReady(
  world: ClaimWorld,
  tx: Tx,
  lines: Lines,
  limit: number,
  begun: readonly Choice[],
  now: number,
  draft: Draft,
): Promise<Taken & { locked: Map<string, LoadRow> }> {
  const { index } = world.registry;
  const asked = limit > 0 ? await linesToRead(world, tx, lines, limit, draft) : [];
  // Whoever ended something, or is the best for a line, is nearly always who gets it: locked along with the lines, instead of after.
  const likely = [...draft.loads.keys(), ...begun.map((one) => one.agentId), ...asked.flatMap(({ demand }) => index.choose(demand)?.agent.id ?? [])];
  const locking = likely.length === 0 ? [] : lockLoads(tx, [...new Set(likely)]);
  const [{ candidates, left, more }, loads] = await Promise.all([readLines(tx, lines, asked, limit), locking]);
  const locked = new Map(loads.map((load) => [load.agent_id, load]));
  const chosen: Choice[] = [...begun];
  const slots = await openSlots(tx, candidates);
  for (const step of candidates) {
    if (!slots.isFree(step)) continue;
    const demand = parseRouteKey(step.route_key);
    const choice = index.choose(demand);
    if (choice) {
      slots.take(step);
      chosen.push({ step, agentId: choice.agent.id, facts: toFacts(choice, demand, now), begun: false });
      world.places.add(choice.agent.id, 1);
    } else left.add(step.route_key);
  }
  for (const { agentId } of chosen) addLoad(draft, agentId, { active: 1 });
  await lockOthers(tx, locked, chosen);
  const held = await holdBack(world, tx, chosen, now, draft);
  const placed: Choice[] = [];
  const refused: Choice[] = [];
  for (const one of chosen) (!held.has(one) && keepsPlace(world.registry, draft, locked, one.agentId) ? placed : refused).push(one);
  const budgeted = await holdBudgets(world, tx, placed, now, draft);
  const kept = placed.filter((one) => !budgeted.refused.has(one));
  for (const [one, { budget }] of budgeted.refused) {
    addLoad(draft, one.agentId, { active: -1 });
    if (budget.subject.startsWith("agent:")) left.add(one.step.route_key);
  }
  for (const { step } of [...refused, ...budgeted.refused.keys()]) slots.giveBack(step);
  const { out, staying } = slots.settle(tx);
  for (const step of [...refused.map((one) => one.step), ...staying]) left.add(step.route_key);
  await putBack(tx, [...refused, ...budgeted.refused.keys()], kept, draft);
  if (budgeted.refused.size > 0) await giveUpForBudget(tx, budgeted.refused, now, draft);
  const claims = kept.map((choice): Claim => {
    const { step, agentId } = choice;
    const number = step.attempt + 1;
    const worker = workerFor(world, agentId);
    const outputs = draft.outputs.get(step.task_id);
    return {
      attemptId: toAttemptId(step.task_id, step.position, number),
      agentId,
      step,
      number,
      startedAt: now,
      hold: budgeted.holds.get(choice),
      worker,
      outputs,
    };
  });
  if (claims.length > 0) writeClaims(tx, world.server, claims, kept, now, draft);
  return { claims, locked, left, more: more && kept.length + out.length > 0 };
}
/** Loads that were not foreseen. Servers wait for loads in the order of their ids, and we hold some: the others we get only if nobody has them just then. */
async function lockOthers(tx: Tx, locked: Map<string, LoadRow>, chosen: readonly Choice[]): Promise<void> {
  const others = [...new Set(chosen.map((one) => one.agentId))].filter((id) => !locked.has(id));
  if (others.length === 0) return;
  for (const load of await lockFreeLoads(tx, others)) locked.set(load.agent_id, load);
}
/** An agent whose attempt found no quota gets nothing in this turn, at whose end it is parked. */
const EVERY_PLACE = 1_000_000;
/** Places that attempts ended in this turn give back are free for it. */
export function freePlaces({ places }: Pick<ClaimWorld, "places">, draft: Draft): void {
  for (const [id, { active, signs }] of draft.loads) places.add(id, signs.some((sign) => sign.kind === "no_quota") ? EVERY_PLACE : active);
}
const workerFor = (world: ClaimWorld, agentId: string): string => {
  const known = world.registry.find(agentId);
  return known?.connector.kind === "dialin" ? (known.row.connected_to ?? world.server) : world.server;
};
/** Choices that would go over what an agent may begin in a time; their places are given back, and the agent waits. */
async function holdBack({ registry }: ClaimWorld, tx: Tx, chosen: readonly Choice[], now: number, draft: Draft): Promise<Set<Choice>> {
  const limited = [...new Set(chosen.map((one) => one.agentId))].filter((id) => isLimited(registry.find(id)?.brakes));
  const held = new Set<Choice>();
  for (const id of limited) {
    const own = chosen.filter((one) => one.agentId === id);
    const { allowed, parking } = await mayBegin(tx, registry, id, own.length, now);
    for (const one of own.slice(allowed)) held.add(one);
    addLoad(draft, id, { active: -Math.max(0, own.length - allowed), ...(parking ? { parking } : {}) });
  }
  return held;
}
/** False, and the place given back, when other servers have filled the agent meanwhile. */
function keepsPlace(registry: Registry, draft: Draft, locked: Map<string, LoadRow>, agentId: string): boolean {
  const agent = registry.index.get(agentId);
  const load = locked.get(agentId);
  const delta = draft.loads.get(agentId);
  if (agent && load && delta && load.active + delta.active <= usablePlaces(agent.maxConcurrentTasks)) return true;
  addLoad(draft, agentId, { active: -1 });
  return false;
}

/** Steps whose agent was filled by another server meanwhile stay in line; what was written as begun did not begin after all. */
async function putBack(tx: Tx, choices: readonly Choice[], kept: readonly Choice[], draft: Draft): Promise<void> {
  const begun = choices.filter((one) => one.begun).map(({ step }) => ({ task_id: step.task_id, step_id: step.step_id }));
  if (begun.length === 0) return;
  await unstartSteps(tx, begun);
  const going = new Set(kept.map(({ step }) => step.task_id));
  const idle = [...new Set(begun.map((step) => step.task_id))].filter((id) => !going.has(id));
  for (const _ of idle.length === 0 ? [] : await unstartTasks(tx, idle)) countMove(draft, "executing", "queued");
}
interface Asked {
  key: string;
  demand: Demand;
  places: number;
}
/** The lines that have somebody free, with how many steps they could take. Those nobody can serve are set aside. */
async function linesToRead(world: ClaimWorld, tx: Tx, lines: Lines, limit: number, draft: Draft): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const key of lines.keys()) {
    const demand = parseRouteKey(key);
    const places = world.registry.index.placesFor(demand, limit);
    if (places > 0) asked.push({ key, demand, places });
    else if (!world.registry.index.couldServe(demand)) await setAside(world, tx, lines, key, demand, draft);
  }
  return asked;
}
/** The first steps over all these lines, in order of priority and age. */
async function readLines(tx: Tx, lines: Lines, asked: readonly Asked[], limit: number): Promise<Omit<Taken, "claims"> & { candidates: ReadyStep[] }> {
  const read = await Promise.all(asked.map(({ key, places }) => lockReady(tx, key, places)));
  let more = false;
  asked.forEach(({ key, places }, at) => {
    if ((read[at] as ReadyStep[]).length < places) lines.remove(key);
    else more = true;
  });
  const found = read.flat();
  found.sort((a, b) => a.queue_key - b.queue_key || a.position - b.position);
  const left = new Set(found.slice(limit).map((step) => step.route_key));
  return { candidates: found.slice(0, limit), left, more: more || found.length > limit };
}
function writeClaims(tx: Tx, server: string, claims: readonly Claim[], choices: readonly Choice[], now: number, draft: Draft): void {
  const fromLine = claims.filter((_, at) => choices[at]?.begun === false);
  const first = new Map(fromLine.filter((claim) => claim.step.task_status !== "executing").map((claim) => [claim.step.task_id, claim.step.task_status]));
  for (const status of first.values()) countMove(draft, status as "queued", "executing");
  const started = fromLine.map(({ step, number }) => ({ task_id: step.task_id, step_id: step.step_id, attempt: number }));
  if (started.length > 0) tx.leave(startSteps(tx, now, started));
  if (first.size > 0) tx.leave(startTasks(tx, now, [...first.keys()]));
  tx.leave(
    insertAttempts(
      tx,
      claims.map(({ attemptId, agentId, step, number, worker, hold }, at) => ({
        id: attemptId,
        task_id: step.task_id,
        step_id: step.step_id,
        number,
        agent_id: agentId,
        worker,
        signal: worker === server ? SIGNAL.none : SIGNAL.takeUp,
        assignment: JSON.stringify(choices[at]?.facts),
        hold: hold === undefined ? null : JSON.stringify(hold),
        started_at: now,
      })),
    ),
  );
  claims.forEach(({ attemptId, agentId, step, number }, at) => {
    const { facts } = choices[at] as Choice;
    const data = { agentName: facts.agentName, number, score: facts.score, reason: mainReason(facts) };
    draft.events.push({ type: "attempt.started", taskId: step.task_id, stepId: step.step_id, attemptId, agentId, data });
  });
}

async function setAside(world: ClaimWorld, tx: Tx, lines: Lines, key: string, demand: Demand, draft: Draft): Promise<void> {
  const parked = await parkReady(tx, key, PARKED_AT_ONCE);
  if (parked.length < PARKED_AT_ONCE) lines.remove(key);
  await noteWaiting(world, tx, [...new Set(parked.map((row) => row.task_id))], demand, draft);
}
async function noteWaiting(world: ClaimWorld, tx: Tx, taskIds: readonly string[], demand: Demand, draft: Draft): Promise<void> {
  const waitingFor = whyNobody(world.registry.index, demand);
  if (!waitingFor || taskIds.length === 0) return;
  for (const { id, started_at } of await markWaiting(tx, taskIds, JSON.stringify(waitingFor))) {
    countMove(draft, started_at === null ? "queued" : "executing", "waiting");
    draft.events.push({ type: "task.waiting", taskId: id, data: { ...waitingFor } });
  }
}
/** Tasks of which one step ended while the others are set aside: they wait now, unless one of them has just begun. */
export async function recheckWaiting(world: ClaimWorld, tx: Tx, begun: readonly Claim[], draft: Draft): Promise<void> {
  for (const { step } of begun) draft.perhapsWaiting.delete(step.task_id);
  if (draft.perhapsWaiting.size === 0) return;
  for (const { task_id, route_key, no_budget } of await selectSetAside(tx, [...draft.perhapsWaiting])) {
    if (no_budget === null) await noteWaiting(world, tx, [task_id], parseRouteKey(route_key), draft);
    else await noteBudgetWaiting(tx, [task_id], no_budget, draft);
  }
}
/** Steps set aside whose line has somebody again become ready. */
export async function takeBackSetAside(world: ClaimWorld, tx: Tx, draft: Draft): Promise<void> {
  for (const key of await selectKeys(tx, "waiting")) {
    if (!world.registry.index.couldServe(parseRouteKey(key))) continue;
    const back = await unparkWaiting(tx, key, PARKED_AT_ONCE);
    for (const { status } of await markUnwaiting(tx, [...new Set(back.map((row) => row.task_id))])) countMove(draft, "waiting", status as "queued");
    draft.ready.add(key);
  }
}
