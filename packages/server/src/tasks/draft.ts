// What one transaction is about to write besides rows of its own: facts, counts, loads. Written last, in one order, so that
// servers never wait for each other in a circle: tasks, steps, attempts, then loads by id, budgets, sessions by id, counts, and the log.
import { type LoadRow, lockLoads, parkingAfterFailures, parkingWithoutQuota, type Registry, updateLoads } from "../agents/agents.ts";
import { insertApprovals, type NewApprovalRow, toOpened } from "../approvals/approvals.ts";
import type { EventLog } from "../events/events.ts";
import { type Clock, iso } from "../std/clock.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import { writeSpoken } from "../sessions/sessions.ts";
import { type Draft, type LoadDelta, newDraft } from "./draft-entries.ts";
import { lockLedger, tellLedger, writeLedger } from "./ledger.ts";
import { updateCounts } from "./task-rows.ts";

export { addLoad, countMove, type Draft, newDraft, type Opening, type Sign } from "./draft-entries.ts";

export interface DraftWorld {
  events: EventLog;
  registry: Registry;
  clock: Clock;
  newId(): string;
}
/** Locks the loads the draft touches. @returns them as they are now. */
async function lockDraftLoads(tx: Tx, draft: Draft): Promise<Map<string, LoadRow>> {
  const locked = draft.loads.size === 0 ? [] : await lockLoads(tx, [...draft.loads.keys()]);
  return new Map(locked.map((load) => [load.agent_id, load]));
}
/** The same, and the budgets it charges. */
export async function lockDraft(tx: Tx, draft: Draft, now: number): Promise<Map<string, LoadRow>> {
  const locked = await lockDraftLoads(tx, draft);
  await lockLedger(tx, draft, now);
  return locked;
}
/** Writes what was said, loads, budgets, counts and events, together with the commit. @returns the loads as written, to be put into the registry once committed. */
export async function writeDraft(tx: Tx, draft: Draft, locked: Map<string, LoadRow>, world: DraftWorld): Promise<LoadRow[]> {
  const now = world.clock.now();
  if (draft.spoken.length > 0) draft.events.push(...(await writeSpoken(tx, draft.spoken, now)));
  if (draft.opened.length > 0) {
    const opened = draft.opened.map(
      (one): NewApprovalRow => ({ ...one, id: world.newId(), step_id: null, attempt_id: null, fence: null, ask_key: null, agent_id: null, offer: null }),
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
      ...(delta.signs.length === 0 && !delta.parking && !delta.hasBudget ? load : judgeSigns(world.registry, load, delta, now, draft)),
      active: load.active + delta.active,
      completed: load.completed + delta.completed,
      failed: load.failed + delta.failed,
      duration_ms: load.duration_ms + delta.durationMs,
    });
  }
  const counts = [...draft.counts].filter(([, n]) => n !== 0).map(([status, n]) => ({ status, n }));
  counts.sort((a, b) => (a.status < b.status ? -1 : 1));
  if (loads.length > 0) tx.leave(updateLoads(tx, loads));
  writeLedger(tx, draft);
  if (counts.length > 0) tx.leave(updateCounts(tx, counts));
  tx.leave(world.events.append(tx, draft.events));
  return loads;
}
/** The load with its streak of failures and its parking as they are after these attempts. */
function judgeSigns(registry: Registry, load: LoadRow, { signs, parking, hasBudget }: LoadDelta, now: number, draft: Draft): LoadRow {
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
  if (!parked && hasBudget && load.parked_for === "budget") return { ...load, streak, parked_until: null, parked_for: null, parked_reason: null };
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
      return { draft, loads: await writeDraft(tx, draft, await lockDraft(tx, draft, world.clock.now()), world) };
    });
  // A deadlock or a broken connection passes, and whoever asked should not have to know of it.
  const { draft, loads } = await tryAgain(world.db, attempt);
  world.registry.putLoads(loads);
  world.events.committed();
  tellLedger(world.db, draft);
  return draft;
}
