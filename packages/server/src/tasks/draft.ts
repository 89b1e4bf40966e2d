// What one transaction is about to write besides rows of its own: facts, counts, loads. Written last, in one order, so that
// servers never wait for each other in a circle: tasks, steps, attempts, then loads by id, counts, and the log.
import type { TaskStatus } from "@baton/contract";
import { type LoadRow, lockLoads, type Registry, updateLoads } from "../agents/agents.ts";
import type { EventLog, NewEvent } from "../events/events.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import { updateCounts } from "./task-rows.ts";

export interface LoadDelta {
  active: number;
  completed: number;
  failed: number;
  durationMs: number;
}
export interface Draft {
  readonly events: NewEvent[];
  readonly counts: Map<string, number>;
  readonly loads: Map<string, LoadDelta>;
  /** Keys of steps that became ready. */
  readonly ready: Set<string>;
  /** Attempts to be stopped, by worker: ours at once, others' by signal. */
  readonly stopped: { id: string; worker: string }[];
  /** Tasks in which perhaps nothing can go on by itself now. */
  readonly perhapsWaiting: Set<string>;
}
export const newDraft = (): Draft => ({ events: [], counts: new Map(), loads: new Map(), ready: new Set(), stopped: [], perhapsWaiting: new Set() });

/** Notes that a task went from one status to another; undefined: it is new. */
export function countMove(draft: Draft, from: TaskStatus | undefined, to: TaskStatus, n = 1): void {
  if (from === to) return;
  if (from !== undefined) draft.counts.set(from, (draft.counts.get(from) ?? 0) - n);
  draft.counts.set(to, (draft.counts.get(to) ?? 0) + n);
}
export function addLoad(draft: Draft, agentId: string, delta: Partial<LoadDelta>): void {
  const sum = draft.loads.get(agentId) ?? { active: 0, completed: 0, failed: 0, durationMs: 0 };
  sum.active += delta.active ?? 0;
  sum.completed += delta.completed ?? 0;
  sum.failed += delta.failed ?? 0;
  sum.durationMs += delta.durationMs ?? 0;
  draft.loads.set(agentId, sum);
}

/** Locks the loads the draft touches. @returns them as they are now. */
export async function lockDraftLoads(tx: Tx, draft: Draft): Promise<Map<string, LoadRow>> {
  const locked = draft.loads.size === 0 ? [] : await lockLoads(tx, [...draft.loads.keys()]);
  return new Map(locked.map((load) => [load.agent_id, load]));
}
/** Writes loads, counts and events, together with the commit. @returns the loads as written, to be put into the registry once committed. */
export function writeDraft(tx: Tx, draft: Draft, locked: Map<string, LoadRow>, events: EventLog): LoadRow[] {
  const loads: LoadRow[] = [];
  for (const [id, delta] of draft.loads) {
    const load = locked.get(id);
    // The agent was removed meanwhile: nothing is left to count.
    if (!load) continue;
    loads.push({
      agent_id: id,
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
  tx.leave(events.append(tx, draft.events));
  return loads;
}
/** A transaction that ends with a draft: for the rare commands that do not go through the turn. */
export async function commitDraft(world: { db: Db; events: EventLog; registry: Registry }, work: (tx: Tx, draft: Draft) => Promise<void>): Promise<Draft> {
  const attempt = () =>
    world.db.transaction(async (tx) => {
      const draft = newDraft();
      await work(tx, draft);
      return { draft, loads: writeDraft(tx, draft, await lockDraftLoads(tx, draft), world.events) };
    });
  // A deadlock or a broken connection passes, and whoever asked should not have to know of it.
  const { draft, loads } = await tryAgain(world.db, attempt);
  world.registry.putLoads(loads);
  world.events.committed();
  return draft;
}
