// What one transaction is about to write besides rows of its own: facts, counts, loads, budgets. Gathered here, written by the draft.
import type { Spoken } from "../sessions/sessions.ts";
import type { TaskStatus } from "@baton/contract";
import type { Parking } from "../agents/agents.ts";
import type { Amount, BudgetRow } from "../budgets/budgets.ts";
import type { NewApprovalRow } from "../approvals/approvals.ts";
import type { NewEvent } from "../events/events.ts";
import type { Spent } from "./spending.ts";

export interface LoadDelta {
  active: number;
  completed: number;
  failed: number;
  durationMs: number;
  /** What its ended attempts say of whether it can be reached, in their order: `answered` begins a streak of failures anew. */
  signs: Sign[];
  /** Given nothing for a while, for a reason that does not lie in an outcome. */
  parking: Parking | undefined;
  /** A budget that it got no work for has room again. */
  hasBudget: boolean;
}
export type Sign = { kind: "answered" } | { kind: "unreachable" } | { kind: "no_quota"; until: number | undefined; detail: string };
export interface Charge {
  held: Amount;
  spent: Spent;
}
/** The budgets that one transaction touches. */
export interface Ledger {
  readonly rows: Map<string, BudgetRow>;
  /** Of budgets that are not locked yet, by their ids. */
  readonly charges: Map<string, Charge[]>;
  readonly changed: Set<BudgetRow>;
}
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
  /** What was said in sessions, in its order. */
  readonly spoken: Spoken[];
  readonly ledger: Ledger;
  /** What steps came to, by task and step: JSON. */
  readonly outputs: Map<string, Map<string, string>>;
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
  spoken: [],
  ledger: { rows: new Map(), charges: new Map(), changed: new Set() },
  outputs: new Map(),
});

/** Notes that a task went from one status to another; undefined: it is new. */
export function countMove(draft: Draft, from: TaskStatus | undefined, to: TaskStatus, n = 1): void {
  if (from === to) return;
  if (from !== undefined) draft.counts.set(from, (draft.counts.get(from) ?? 0) - n);
  draft.counts.set(to, (draft.counts.get(to) ?? 0) + n);
}
export function addLoad(draft: Draft, agentId: string, delta: Partial<LoadDelta>): void {
  const sum = draft.loads.get(agentId) ?? { active: 0, completed: 0, failed: 0, durationMs: 0, signs: [], parking: undefined, hasBudget: false };
  sum.active += delta.active ?? 0;
  sum.completed += delta.completed ?? 0;
  sum.failed += delta.failed ?? 0;
  sum.durationMs += delta.durationMs ?? 0;
  if (delta.signs) sum.signs.push(...delta.signs);
  sum.parking = delta.parking ?? sum.parking;
  sum.hasBudget ||= delta.hasBudget ?? false;
  draft.loads.set(agentId, sum);
}
