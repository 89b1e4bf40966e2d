// What a decision on an approval means, by people or by the passing of its time: a task begins once all it asks of people is given, and one no
// ends it. Told in the transaction that closes the approval, which happens once.
import type { TaskStatus } from "@baton/contract";
import { type ApprovalRow, BY_TIMEOUT, closeApproval, type Closing, selectDue, selectNamed, toDecided, toTimedOut } from "../approvals/approvals.ts";
import type { Db, Tx } from "../store/db.ts";
import { whyAsked } from "./asked.ts";
import { commitDraft, type Draft, type DraftWorld } from "./draft.ts";
import { failTask, moveTo } from "./move-task.ts";
import { releaseTask } from "./release.ts";
import { isHeld, type LockedTask, lockTasks, setAsked } from "./task-rows.ts";

const AT_ONCE = 100;

/** It is about a task as a whole, and not what an agent asked during an attempt. */
export const isOfTask = (kind: ApprovalRow["kind"]): boolean => kind === "named" || kind === "plan";

/** Ends what nobody decided in time, by what was said to happen then. Whichever server comes first does it. @returns what follows. */
export async function expireApprovals(world: DraftWorld & { db: Db }): Promise<Draft[]> {
  const now = world.clock.now();
  const drafts: Draft[] = [];
  for (const { id, kind, task_id, on_timeout } of await selectDue(world.db, now, AT_ONCE)) {
    const closing = toTimedOut({ on_timeout }, now);
    const draft = await commitDraft(world, async (tx, written) => {
      const [task] = task_id !== null && isOfTask(kind) ? await lockTasks(tx, [task_id]) : [];
      if (task) return void (await settleApproval(tx, task, id, closing, written));
      const closed = await closeApproval(tx, id, closing);
      if (closed) written.events.push(toDecided(closed));
    });
    drafts.push(draft);
  }
  return drafts;
}

/** @returns undefined when it was not open any more. */
export async function settleApproval(tx: Tx, task: LockedTask, id: string, closing: Closing, draft: Draft): Promise<ApprovalRow | undefined> {
  const row = await closeApproval(tx, id, closing);
  if (!row) return undefined;
  draft.events.push(toDecided(row));
  if (row.state !== "approved") {
    await failTask(tx, task, { kind: "gate", detail: whyNot(row) }, "A person did not let the task begin.", closing.at, draft);
    return row;
  }
  if (row.kind === "plan")
    draft.events.push({ type: "plan.approved", taskId: task.id, data: { decidedBy: row.decided_by, edited: false, steps: task.steps_total } });
  await goOnApproved(tx, row.kind === "plan" ? { ...task, review: null } : { ...task, approvals_needed: task.approvals_needed - 1 }, closing.at, draft);
  return row;
}
function whyNot({ kind, name, state, decided_by, comment }: ApprovalRow): string {
  const what = kind === "plan" ? "Its plan" : `The approval ${name}`;
  if (state === "expired") return `${what} was not given in time.`;
  return `${what} was denied${decided_by === BY_TIMEOUT ? " because nobody decided in time" : ` by ${decided_by}`}${comment === null ? "." : `: ${comment}`}`;
}
/** @param task with what was just given. It begins, unless something else of it is asked still, or it waits for other reasons. */
export async function goOnApproved(tx: Tx, task: LockedTask, now: number, draft: Draft): Promise<void> {
  const open = (await selectNamed(tx, task.id)).flatMap(({ state, name }) => (state === "open" && name !== null ? [name] : []));
  const waitingFor = whyAsked(task.review, open);
  await setAsked(tx, task, waitingFor && JSON.stringify(waitingFor));
  if (isHeld(task) || task.tasks_needed > 0) return;
  await moveTo(tx, task, (task.started_at === null ? "queued" : "executing") satisfies TaskStatus, draft);
  await releaseTask(tx, task, now, draft);
}
