// What must hold of what people were asked and of checks, once everything is quiet. Read from the rows and the log.
import type { Event } from "@baton/contract";
import type { Reader } from "../../packages/server/src/store/db.ts";
import { sql } from "../../packages/server/src/store/sql.ts";
import type { Fault } from "./checks.ts";
import type { Decided } from "./deciders.ts";
import type { Asked, WaitingCrew } from "./waiting-work.ts";

interface ApprovalFacts {
  id: string;
  kind: string;
  name: string | null;
  state: string;
  title: string;
  task_id: string;
  comment: string | null;
}
const OF_TASK = ["named", "plan"];

/** Everything asked was decided once, as the log says; what a server said yes to is what is stored. */
export async function checkApprovals(store: Reader, acknowledged: readonly Decided[], events: readonly Event[]): Promise<Fault[]> {
  const rows = await store.all<ApprovalFacts>(sql`select id, kind, name, state, title, task_id, comment from approvals`);
  const faults: Fault[] = [];
  for (const { id, state, task_id: taskId, title } of rows) {
    const told = events.filter(({ type, data }) => type.startsWith("approval.") && data["approvalId"] === id);
    const decided = told.filter(({ type }) => type === "approval.decided");
    if (state === "open") faults.push({ what: `Approval ${id} (${title}) is open still.`, taskId });
    if (told.filter(({ type }) => type === "approval.opened").length !== 1)
      faults.push({ what: `The log does not tell once that approval ${id} was opened.`, taskId });
    // What its task withdraws as a whole is told by the end of the task.
    const isTold = decided.length === 1 && decided[0]?.data["state"] === state;
    if (!isTold && !(state === "withdrawn" && decided.length === 0))
      faults.push({ what: `Approval ${id} is ${state}; the log tells ${JSON.stringify(decided.map(({ data }) => data))}.`, taskId });
  }
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { approvalId, decision, comment } of acknowledged) {
    const row = byId.get(approvalId);
    const wanted = decision === "approve" ? "approved" : "rejected";
    if (row?.state !== wanted || row.comment !== comment)
      faults.push({ what: `"${comment}" was told that approval ${approvalId} is ${wanted}; it is ${row?.state} by "${row?.comment}".`, taskId: row?.task_id });
  }
  return faults;
}
/** Nothing of a task began before people had let it; and it ended as they wanted. */
export async function checkBeginnings(store: Reader, cancelled: ReadonlySet<string>, events: readonly Event[]): Promise<Fault[]> {
  const rows = await store.all<ApprovalFacts>(sql`select id, kind, name, state, title, task_id, comment from approvals where kind in ('named', 'plan')`);
  const tasks = await store.all<{ id: string; status: string; failure: string | null }>(sql`select id, status, failure from tasks`);
  const faults: Fault[] = [];
  const open = new Map<string, Set<unknown>>();
  const kinds = new Map(rows.map(({ id, kind }) => [id, kind]));
  for (const { type, taskId, data, seq } of events) {
    if (taskId === null) continue;
    const asked = open.get(taskId) ?? new Set();
    if (type === "approval.opened" && OF_TASK.includes(kinds.get(data["approvalId"] as string) ?? "")) open.set(taskId, asked.add(data["approvalId"]));
    else if (type === "approval.decided") asked.delete(data["approvalId"]);
    else if (type === "attempt.started" && asked.size > 0) faults.push({ what: `An attempt began (event ${seq}) before people had let it.`, taskId });
  }
  for (const { id, status, failure } of tasks) {
    // What was under way at six kills is taken for what kills servers.
    if (status === "failed" && failure?.includes("Lost its server 6 times")) continue;
    const isDenied = rows.some((row) => row.task_id === id && ["rejected", "expired"].includes(row.state));
    const expected = cancelled.has(id) ? "cancelled" : isDenied ? "failed" : "completed";
    if (status !== expected) faults.push({ what: `The task is ${status}, not ${expected}.`, taskId: id });
  }
  return faults;
}
/** No agent was told what nobody said, and what was said to a question that its agent still asked was told. */
export async function checkAnswers(store: Reader, asked: readonly Asked[]): Promise<Fault[]> {
  const rows = await store.all<ApprovalFacts>(sql`select id, kind, name, state, title, task_id, comment from approvals where kind = 'permission'`);
  const faults: Fault[] = [];
  for (const { title, answer } of asked) {
    const said = rows.filter((row) => row.title === title);
    const decided = said.filter(({ state }) => state !== "withdrawn");
    const taskId = said[0]?.task_id;
    if (decided.length > 1) faults.push({ what: `"${title}" was decided ${decided.length} times.`, taskId });
    const told = answer?.decision;
    const word = decided[0]?.state;
    if (told !== undefined && told !== "ended" && told !== word) faults.push({ what: `"${title}" was answered with ${told}; it is ${word}.`, taskId });
  }
  return faults;
}
/** Whoever counts as done under a check has passed it in the very attempt that counts, and had been told. */
export async function checkChecked(store: Reader, checks: ReturnType<WaitingCrew["checks"]>): Promise<Fault[]> {
  const steps = await store.all<{ task_id: string; output: string; attempt_id: string }>(sql`select s.task_id, s.output, a.id as attempt_id from task_steps s
    join attempts a on a.task_id = s.task_id and a.step_id = s.step_id and a.number = s.attempt where s.status = 'completed' and s.spec like '%"check"%'`);
  return steps.flatMap(({ task_id: taskId, output, attempt_id }) => {
    const passed = checks.some(({ attemptId, ended }) => attemptId === attempt_id && ended === "pass");
    const told = (JSON.parse(output) as { told?: boolean }).told === true;
    return passed && told
      ? []
      : [{ what: `A checked step completed with ${output} in attempt ${attempt_id}, whose check ${passed ? "passed" : "never did"}.`, taskId }];
  });
}
/** What a plan grew by, it grew by once. */
export function checkGrowth(events: readonly Event[]): Fault[] {
  const added = new Map<string, string[]>();
  for (const { type, taskId, data } of events)
    if (type === "plan.grown" && taskId !== null) added.set(taskId, [...(added.get(taskId) ?? []), ...(data as { added: string[] }).added]);
  return [...added].flatMap(([taskId, ids]) =>
    new Set(ids).size === ids.length ? [] : [{ what: `The plan grew twice by the same: ${ids.join(", ")}`, taskId }],
  );
}
