// Approvals: questions that only a person may answer. One is opened in the transaction that makes its task wait, decided once by
// whoever is first, and told to whoever waits through the log, on whichever server that is.
import { type Approval, type ApprovalDecision, type Page, Refusal } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { iso, isoOrNull, type Clock } from "../std/clock.ts";
import type { Db } from "../store/db.ts";
import { checkRemember, insertRemembered } from "./rules.ts";
import {
  type ApprovalFilter,
  type ApprovalRow,
  closeApproval,
  type Closing,
  countApprovals,
  selectApproval,
  selectApprovalPage,
  selectOpenOfAgent,
} from "./approval-rows.ts";

export {
  type ApprovalRow,
  carryQuestions,
  closeApproval,
  closePlanApproval,
  type Closing,
  countOpen,
  insertApprovals,
  type NewApprovalRow,
  nextToExpire,
  selectApproval,
  selectAsked,
  selectDue,
  selectForsaken,
  selectNamed,
  withdrawIfForsaken,
  withdrawOfTasks,
} from "./approval-rows.ts";

export { findRules, listRules, removeRule } from "./rules.ts";

/** By whom, when nobody decided in time. */
export const BY_TIMEOUT = "timeout";

export interface ApprovalsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  events: EventLog;
}

export const toApproval = (row: ApprovalRow): Approval => ({
  id: row.id,
  seq: row.seq,
  kind: row.kind,
  name: row.name,
  state: row.state,
  title: row.title,
  detail: JSON.parse(row.detail),
  offer: row.offer === null ? null : JSON.parse(row.offer),
  taskId: row.task_id,
  stepId: row.step_id,
  attemptId: row.attempt_id,
  agentId: row.agent_id,
  comment: row.comment,
  decidedBy: row.decided_by,
  createdAt: iso(row.created_at),
  expiresAt: isoOrNull(row.expires_at),
  onTimeout: row.on_timeout,
  decidedAt: isoOrNull(row.decided_at),
});
/** What the log says of a decision: who and how, not what was said. */
export const toDecided = (row: ApprovalRow): NewEvent => ({
  type: "approval.decided",
  ...idsOf(row),
  data: { approvalId: row.id, state: row.state, by: row.decided_by, ...(row.name === null ? {} : { name: row.name }) },
});
export const toOpened = (row: Pick<ApprovalRow, "id" | "kind" | "name" | "title" | Ids>): NewEvent => ({
  type: "approval.opened",
  ...idsOf(row),
  data: { approvalId: row.id, kind: row.kind, title: row.title.slice(0, 500), ...(row.name === null ? {} : { name: row.name }) },
});
export const toClosing = ({ decision, comment }: ApprovalDecision, by: string, at: number): Closing => ({
  state: decision === "approve" ? "approved" : "rejected",
  comment: comment ?? null,
  by,
  at,
});
/** When nobody decided in time. */
export const toTimedOut = ({ on_timeout }: Pick<ApprovalRow, "on_timeout">, at: number): Closing => ({
  state: on_timeout === "approve" ? "approved" : "expired",
  comment: null,
  by: BY_TIMEOUT,
  at,
});
export const refuseDecided = ({ id, state, decided_by }: Pick<ApprovalRow, "id" | "state" | "decided_by">): Refusal =>
  new Refusal("conflict", `Approval ${id} is ${state} already${decided_by === null ? "" : `, by ${decided_by}`}; it can be decided once.`);
type Ids = "task_id" | "step_id" | "attempt_id" | "agent_id";
const idsOf = (row: Pick<ApprovalRow, Ids>) => ({
  taskId: row.task_id ?? undefined,
  stepId: row.step_id ?? undefined,
  attemptId: row.attempt_id ?? undefined,
  agentId: row.agent_id ?? undefined,
});

/** @throws Refusal `not_found`. */
export const getApproval = async (world: Pick<ApprovalsWorld, "db">, id: string): Promise<Approval> => toApproval(await getRow(world, id));
async function getRow({ db }: Pick<ApprovalsWorld, "db">, id: string): Promise<ApprovalRow> {
  const row = await selectApproval(db, id);
  if (!row) throw new Refusal("not_found", `There is no approval ${id}. GET /api/v1/approvals lists them.`);
  return row;
}
/** Whoever types would answer for a person, without anybody knowing who said so. @throws Refusal `conflict` while the agent waits for a person. */
export async function refuseWhileAsked({ db }: Pick<ApprovalsWorld, "db">, agentId: string): Promise<void> {
  const open = await selectOpenOfAgent(db, agentId);
  if (open)
    throw new Refusal(
      "conflict",
      `The agent waits for approval ${open.id} (${open.title.slice(0, 200)}). Decide that; nothing is typed into its terminal meanwhile.`,
    );
}
export async function listApprovals(
  { db }: ApprovalsWorld,
  { limit, offset, ...filter }: ApprovalFilter & { limit: number; offset: number },
): Promise<Page<Approval>> {
  const [rows, total] = await Promise.all([selectApprovalPage(db, filter, limit, offset), countApprovals(db, filter)]);
  return { items: rows.map(toApproval), total, limit, offset };
}
/** What an agent asked. @param by who decides, as the log and the row will say. @throws Refusal `not_found`, `conflict` when it is not open any more. */
export async function decideQuestion(world: ApprovalsWorld, id: string, decision: ApprovalDecision, by: string): Promise<Approval> {
  const closing = toClosing(decision, by, world.clock.now());
  const { remember } = decision;
  if (remember) checkRemember(await getRow(world, id), decision);
  const closed = await world.db.transaction(async (tx) => {
    const row = await closeApproval(tx, id, closing);
    if (row) await world.events.append(tx, [toDecided(row), ...(remember ? [await insertRemembered(tx, world.newId(), row, remember, closing.at)] : [])]);
    return row;
  });
  if (!closed) throw refuseDecided(await getRow(world, id));
  world.events.committed();
  return toApproval(closed);
}

export interface Decisions {
  /** Resolves with the row once it is not open any more; undefined when `signal` aborts first. */
  decided(id: string, signal: AbortSignal): Promise<ApprovalRow | undefined>;
  close(): void;
}
/** Watches the log for decisions while somebody waits for one. */
export function openDecisions({ db, events }: Pick<ApprovalsWorld, "db" | "events">): Decisions {
  const waiting = new Map<string, Set<() => void>>();
  let following: { end: AbortController; ready: Promise<void> } | undefined;
  function follow(): Promise<void> {
    following ??= startFollowing();
    return following.ready;
  }
  function startFollowing() {
    const end = new AbortController();
    let isReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    void (async () => {
      try {
        const after = await events.last();
        isReady();
        for await (const batch of events.follow({ after, filter: { type: "approval.*" }, signal: end.signal }))
          for (const { data } of batch) for (const wake of waiting.get(data["approvalId"] as string) ?? []) wake();
      } finally {
        // However it ended: whoever waits looks for itself, and starts anew.
        isReady();
        if (following?.end === end) following = undefined;
        for (const wakes of waiting.values()) for (const wake of wakes) wake();
      }
    })().catch(() => undefined);
    return { end, ready };
  }
  async function decided(id: string, signal: AbortSignal): Promise<ApprovalRow | undefined> {
    while (!signal.aborted) {
      await follow();
      const woken = once(waiting, id, signal);
      const row = await selectApproval(db, id).catch(() => undefined);
      if (row && row.state !== "open") {
        woken.cancel();
        return row;
      }
      await woken.promise;
    }
    return undefined;
  }
  return {
    decided: (id, signal) =>
      decided(id, signal).finally(() => {
        if (waiting.size === 0) following?.end.abort();
      }),
    close: () => following?.end.abort(),
  };
}
function once(waiting: Map<string, Set<() => void>>, id: string, signal: AbortSignal): { promise: Promise<void>; cancel(): void } {
  let cancel: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    const wakes = waiting.get(id) ?? new Set();
    cancel = () => {
      signal.removeEventListener("abort", cancel);
      wakes.delete(cancel);
      if (wakes.size === 0 && waiting.get(id) === wakes) waiting.delete(id);
      resolve();
    };
    waiting.set(id, wakes.add(cancel));
    signal.addEventListener("abort", cancel, { once: true });
  });
  return { promise, cancel };
}
