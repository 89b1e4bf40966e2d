// What one transaction is about to write besides rows of its own: facts, counts, loads. Written last, in one order, so that
// servers never wait for each other in a circle: tasks, steps, attempts, then loads by id, counts, and the log.
import type { TaskStatus } from "@baton/contract";
import { type LoadRow, lockLoads, type Parking, parkingAfterFailures, parkingWithoutQuota, type Registry, updateLoads } from "../agents/agents.ts";
import { insertApprovals, type NewApprovalRow, toOpened } from "../approvals/approvals.ts";
import type { EventLog, NewEvent } from "../events/events.ts";
import { type Clock, iso } from "../std/clock.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import { updateCounts } from "./task-rows.ts";

export interface LoadDelta {
  active: number;
  completed: number;
  failed: number;
  durationMs: number;
  /** What its ended attempts say of whether it can be reached, in their order: `answered` begins a streak of failures anew. */
  signs: Sign[];
  /** Given nothing for a while, for a reason that does not lie in an outcome. */
  parking: Parking | undefined;
}
export type Sign = { kind: "answered" } | { kind: "unreachable" } | { kind: "no_quota"; until: number | undefined; detail: string };
export interface Draft {
  readonly events: NewEvent[];
  readonly counts: Map<string, number>;
  readonly loads: Map<string, LoadDelta>;
  /** Keys of steps that became ready. */
  readonly ready: Set<string>;
  /** Attempts to be stopped, by worker: ours at once, others' by signal. */
  readonly stopped: { id: string; worker: string }[];
  /** Approvals to be opened. */
  readonly opened: Opening[];
  /** Tasks in which perhaps nothing can go on by itself now. */
  readonly perhapsWaiting: Set<string>;
}
/** An approval about a task as a whole. */
export type Opening = Pick<NewApprovalRow, "kind" | "name" | "title" | "detail" | "created_at" | "expires_at" | "on_timeout"> & { task_id: string };
export const newDraft = (): Draft => ({
  events: [],
  counts: new Map(),
  loads: new Map(),
  ready: new Set(),
  stopped: [],
  opened: [],
  perhapsWaiting: new Set(),
});

/** Notes that a task went from one status to another; undefined: it is new. */
export function countMove(draft: Draft, from: TaskStatus | undefined, to: TaskStatus, n = 1): void {
  if (from === to) return;
  if (from !== undefined) draft.counts.set(from, (draft.counts.get(from) ?? 0) - n);
  draft.counts.set(to, (draft.counts.get(to) ?? 0) + n);
}
export function addLoad(draft: Draft, agentId: string, delta: Partial<LoadDelta>): void {
  const sum = draft.loads.get(agentId) ?? { active: 0, completed: 0, failed: 0, durationMs: 0, signs: [], parking: undefined };
  sum.active += delta.active ?? 0;
  sum.completed += delta.completed ?? 0;
  sum.failed += delta.failed ?? 0;
  sum.durationMs += delta.durationMs ?? 0;
  if (delta.signs) sum.signs.push(...delta.signs);
  sum.parking = delta.parking ?? sum.parking;
  draft.loads.set(agentId, sum);
}

export interface DraftWorld {
  events: EventLog;
  registry: Registry;
  clock: Clock;
  newId(): string;
}
/** Locks the loads the draft touches. @returns them as they are now. */
export async function lockDraftLoads(tx: Tx, draft: Draft): Promise<Map<string, LoadRow>> {
  const locked = draft.loads.size === 0 ? [] : await lockLoads(tx, [...draft.loads.keys()]);
  return new Map(locked.map((load) => [load.agent_id, load]));
}
/** Writes loads, counts and events, together with the commit. @returns the loads as written, to be put into the registry once committed. */
export function writeDraft(tx: Tx, draft: Draft, locked: Map<string, LoadRow>, world: DraftWorld): LoadRow[] {
  const now = world.clock.now();
  if (draft.opened.length > 0) {
    const opened = draft.opened.map(
      (one): NewApprovalRow => ({ ...one, id: world.newId(), step_id: null, attempt_id: null, fence: null, agent_id: null, offer: null }),
    );
    tx.leave(insertApprovals(tx, opened));
    draft.events.push(...opened.map(toOpened));
  }
  const loads: LoadRow[] = [];
  for (const [id, delta] of draft.loads) {
    const load = locked.get(id);
    // The agent was removed meanwhile: nothing is left to count.
    if (!load) continue;
    loads.push({
      ...(delta.signs.length === 0 && !delta.parking ? load : judgeSigns(world.registry, load, delta, now, draft)),
      active: load.active + delta.active,
      completed: load.completed + delta.completed,
      failed: load.failed + delta.failed,
      duration_ms: load.duration_ms + delta.durationMs,
    });
  }
  const counts = [...draft.counts].filter(([, n]) => n !== 0).map(([status, n]) => ({ status, n }));
  counts.sort((a, b) => (a.status < b.status ? -1 : 1));
  if (loads.length > 0) tx.leave(updateLoads(tx, loads));
  if (counts.length > 0) tx.leave(updateCounts(tx, counts));
  tx.leave(world.events.append(tx, draft.events));
  return loads;
}
/** The load with its streak of failures and its parking as they are after these attempts. */
function judgeSigns(registry: Registry, load: LoadRow, { signs, parking }: LoadDelta, now: number, draft: Draft): LoadRow {
  const known = registry.find(load.agent_id);
  const brakes = known?.brakes ?? {};
  // Whether an agent that dials in can be reached is known by its connection.
  const dialsIn = known?.connector.kind === "dialin";
  let { streak } = load;
  let parked = parking;
  for (const sign of signs) {
    if (sign.kind === "unreachable" && dialsIn) continue;
    streak = sign.kind === "answered" ? 0 : streak + 1;
    if (sign.kind === "answered") parked = parking;
    else if (sign.kind === "unreachable") parked = parkingAfterFailures(brakes, streak, now) ?? parked;
    else parked = parkingWithoutQuota(streak - 1, sign.until, sign.detail, now);
  }
  if (!parked) return { ...load, streak };
  draft.events.push({ type: "agent.parked", agentId: load.agent_id, data: { for: parked.for, until: iso(parked.until), reason: parked.reason } });
  return { ...load, streak, parked_until: parked.until, parked_for: parked.for, parked_reason: parked.reason };
}
/** A transaction that ends with a draft: for the rare commands that do not go through the turn. */
export async function commitDraft(world: DraftWorld & { db: Db }, work: (tx: Tx, draft: Draft) => Promise<void>): Promise<Draft> {
  const attempt = () =>
    world.db.transaction(async (tx) => {
      const draft = newDraft();
      await work(tx, draft);
      return { draft, loads: writeDraft(tx, draft, await lockDraftLoads(tx, draft), world) };
    });
  // A deadlock or a broken connection passes, and whoever asked should not have to know of it.
  const { draft, loads } = await tryAgain(world.db, attempt);
  world.registry.putLoads(loads);
  world.events.committed();
  return draft;
}
