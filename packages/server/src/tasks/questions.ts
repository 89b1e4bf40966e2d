// Questions of agents at work: each opens an approval and makes its task wait, and both end when a person has answered, when nobody
// did in time, or when the attempt ends first. The attempt keeps its place and its clock meanwhile.
import type { ApprovalRule, TaskStatus, WaitingFor } from "@baton/contract";
import {
  type ApprovalRow,
  BY_TIMEOUT,
  closeApproval,
  countOpen,
  findRules,
  type Decisions,
  insertApprovals,
  type NewApprovalRow,
  openDecisions,
  selectApproval,
  selectAsked,
  selectForsaken,
  toDecided,
  toOpened,
  toTimedOut,
  withdrawIfForsaken,
} from "../approvals/approvals.ts";
import type { Answer, Question } from "../connectors/connector.ts";
import type { Registry } from "../agents/agents.ts";
import type { EventLog } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db, Tx } from "../store/db.ts";
import type { Going } from "./going.ts";
import { commitDraft, countMove, type Draft } from "./draft.ts";
import { lockTasks, markAsking, markUnwaiting } from "./task-rows.ts";

export interface QuestionsWorld {
  db: Db;
  clock: Clock;
  log: Log;
  newId(): string;
  events: EventLog;
  registry: Registry;
}
export interface Questions {
  /** Never rejects: a question that cannot be stored is answered as if nobody had. */
  ask(going: Going, question: Question, signal: AbortSignal): Promise<Answer>;
  /** What people said once and for all, for its task and its agent. */
  remembered(going: Going): Promise<ApprovalRule[]>;
  close(): void;
}
const WITHDRAWN = { state: "withdrawn", comment: null, by: null } as const;
const MAX_TITLE = 1000;
const MAX_DETAIL_CHARS = 200_000;

export function openQuestions(world: QuestionsWorld): Questions {
  const decisions: Decisions = openDecisions(world);
  return {
    ask: (going, question, signal) =>
      askPerson(world, decisions, going, question, signal).catch((error: unknown) => {
        world.log.error({ err: error, attemptId: going.attemptId }, "a question could not be asked");
        return { decision: "expired", comment: null };
      }),
    remembered: ({ step, agentId }) => findRules(world.db, step.task_id, agentId),
    close: () => decisions.close(),
  };
}

async function askPerson(world: QuestionsWorld, decisions: Decisions, going: Going, question: Question, ending: AbortSignal): Promise<Answer> {
  if (ending.aborted) return { decision: "ended", comment: null };
  const { task_id, step_id } = going.step;
  const opening: Opening = {
    id: world.newId(),
    going,
    question,
    agentName: world.registry.find(going.agentId)?.row.name ?? going.agentId,
    now: world.clock.now(),
  };
  let row: ApprovalRow | undefined;
  await commitDraft(world, async (tx, draft) => {
    row = await open(tx, draft, opening);
  });
  const id = row?.id ?? opening.id;
  if (row === undefined || row.state === "open") {
    const timeout = AbortSignal.timeout(Math.max(0, (row?.expires_at ?? opening.now + question.timeoutMs) - opening.now));
    row = await decisions.decided(id, AbortSignal.any([timeout, ending]));
  }
  await commitDraft(world, async (tx, draft) => {
    if (!row) {
      const at = world.clock.now();
      const closed = await closeApproval(tx, id, ending.aborted ? { ...WITHDRAWN, at } : toTimedOut({ on_timeout: question.onTimeout ?? "reject" }, at));
      if (closed) draft.events.push(toDecided(closed));
      // Somebody decided in this very moment.
      row = closed ?? (await selectApproval(tx, id));
    }
    await goOn(tx, draft, task_id);
  });
  const state = row?.state ?? "expired";
  if (state === "approved" || state === "rejected")
    return { decision: state, comment: row?.comment ?? null, ...(row?.decided_by === BY_TIMEOUT ? { byTimeout: true } : {}) };
  world.log.debug({ attemptId: going.attemptId, stepId: step_id, state }, "a question was not answered");
  return { decision: state === "withdrawn" ? "ended" : "expired", comment: null };
}

interface Opening {
  id: string;
  going: Going;
  question: Question;
  agentName: string;
  now: number;
}
/** @returns what was asked before by the same number, undefined when it is asked for the first time. */
async function open(tx: Tx, draft: Draft, opening: Opening): Promise<ApprovalRow | undefined> {
  const { going, question, agentName } = opening;
  const { task_id } = going.step;
  const [task] = await lockTasks(tx, [task_id]);
  const asked = question.key === undefined ? undefined : await selectAsked(tx, task_id, going.attemptId, question.key);
  const known = asked?.state === "withdrawn" ? undefined : asked;
  if (known && known.state !== "open") return known;
  if (!known) {
    const row = toRow(opening);
    await insertApprovals(tx, [row]);
    draft.events.push(toOpened(row));
  }
  const waitingFor: WaitingFor = { kind: "approval", detail: `${agentName} asks: ${toTitle(question)}` };
  for (const _ of task ? await markAsking(tx, task_id, JSON.stringify(waitingFor)) : []) {
    countMove(draft, task?.status as TaskStatus, "waiting");
    draft.events.push({ type: "task.waiting", taskId: task_id, data: { ...waitingFor } });
  }
  return known;
}
const toTitle = ({ title }: Question): string => title.slice(0, MAX_TITLE).toWellFormed();
function toRow({ id, going, question, now }: Opening): NewApprovalRow {
  const text = JSON.stringify(question.detail);
  return {
    id,
    kind: question.kind,
    name: null,
    title: toTitle(question),
    // What nobody could read through is told by its beginning.
    detail: text.length <= MAX_DETAIL_CHARS ? text : JSON.stringify({ shortened: text.slice(0, MAX_DETAIL_CHARS).toWellFormed() }),
    offer: question.offer === undefined ? null : JSON.stringify(question.offer),
    task_id: going.step.task_id,
    step_id: going.step.step_id,
    attempt_id: going.attemptId,
    fence: going.fence,
    ask_key: question.key ?? null,
    agent_id: going.agentId,
    created_at: now,
    expires_at: now + question.timeoutMs,
    on_timeout: question.onTimeout ?? "reject",
  };
}
/** A task that waited for a person goes on, unless something else of it is asked still. */
async function goOn(tx: Tx, draft: Draft, taskId: string): Promise<void> {
  await lockTasks(tx, [taskId]);
  if ((await countOpen(tx, taskId)) > 0) return;
  for (const { status } of await markUnwaiting(tx, [taskId])) countMove(draft, "waiting", status as TaskStatus);
}

/** Withdraws what attempts asked whose server went away. */
export async function withdrawForsaken(world: QuestionsWorld): Promise<void> {
  const forsaken = await selectForsaken(world.db, 100);
  if (forsaken.length === 0) return;
  await commitDraft(world, async (tx, draft) => {
    const taskIds = [...new Set(forsaken.flatMap((row) => (row.task_id === null ? [] : [row.task_id])))].sort();
    await lockTasks(tx, taskIds);
    for (const { id } of forsaken) {
      const closed = await withdrawIfForsaken(tx, id, world.clock.now());
      if (closed) draft.events.push(toDecided(closed));
    }
    for (const taskId of taskIds) await goOn(tx, draft, taskId);
  });
}
