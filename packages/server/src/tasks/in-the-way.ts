// Policy `queue`: of two tasks that are about the same files of a repository, the one that was handed in later waits until the other has landed or ended.
//
// It waits before it begins, for a task that says it is about the same files, and for a work tree in which they are changed; and between its steps, for a work
// tree that its own has come to overlap with. What runs is never broken off. A task waits for older ones only, so that no two wait for each other, and no
// longer than a limit; then it goes on, and the log says why.
import type { TaskStatus, WaitingFor } from "@baton/contract";
import {
  findDeclaring,
  findObserved,
  forgetEnded,
  insertDeclared,
  listStanding,
  lockRepositories,
  type Sees,
  sharedOf,
  type Sight,
  toAbout,
  foreseeOf,
} from "../conflicts/conflicts.ts";
import type { NewEvent } from "../events/events.ts";
import type { Db, Reader, Tx } from "../store/db.ts";
import { findWorkspace } from "../workspaces/workspaces.ts";
import { commitDraft, countMove, type Draft, type DraftWorld } from "./draft.ts";
import { moveTo } from "./move-task.ts";
import { releaseTask } from "./release.ts";
import { holdReady, selectSteps, tellSteps } from "./step-rows.ts";
import { openLineCount } from "./slots.ts";
import type { Submission, TaskSpec } from "./submission.ts";
import { NEWS } from "./work.ts";
import { isAsked, type LockedTask, lockTasks, markWaiting, selectInTheWay, selectTasks, setDeclares, setInTheWay, type TaskRow } from "./task-rows.ts";

/** For whom a task waits. */
export interface InTheWay {
  since: number;
  taskId: string | null;
  /** Null: it has none, or none that is known. */
  workspaceId: string | null;
  files: string[];
  /** For people: whose it is, where that is of the same project. */
  detail: string;
}
type Found = Omit<InTheWay, "since">;
export type WayWorld = DraftWorld & { db: Db; sight: Sight };
type Waiter = Pick<TaskRow, "id" | "seq" | "project_id" | "spec">;
const AT_ONCE = 200;
const MAX_FILES = 20;

const parseInTheWay = (text: string): InTheWay => JSON.parse(text) as InTheWay;
export const toConflictWait = ({ in_the_way }: Pick<TaskRow, "in_the_way">): WaitingFor | null =>
  in_the_way === null ? null : { kind: "conflict", detail: parseInTheWay(in_the_way).detail };

/** Of its own work nobody waits: it goes on where that is. */
const toWaiter = (row: Waiter) => {
  const spec = JSON.parse(row.spec) as TaskSpec;
  return { row, about: spec.place === undefined ? toAbout(spec) : undefined };
};
/** Who is in the way of a task that has not begun; undefined: nobody. */
export async function findBefore(db: Reader, sight: Sees, row: Waiter): Promise<Found | undefined> {
  const { about } = toWaiter(row);
  if (about === undefined) return undefined;
  const [declared] = await findDeclaring(db, about, row.seq);
  if (declared) return toFound(row, declared.task, null, declared.files);
  for (const { owner, files } of await findObserved(db, sight, about)) {
    const other = await findOlder(db, row, owner.taskId);
    if (other) return toFound(row, other, owner.workspaceId, files);
  }
  return undefined;
}
/** What has failed or was cancelled lands no more. */
async function findOlder(db: Reader, row: Pick<Waiter, "id" | "seq">, taskId: string | null): Promise<TaskRow | undefined> {
  const [other] = taskId === null || taskId === row.id ? [] : await selectTasks(db, [taskId]);
  return other === undefined || other.seq >= row.seq || other.status === "failed" || other.status === "cancelled" ? undefined : other;
}
function toFound(row: Pick<Waiter, "project_id">, other: Pick<TaskRow, "id" | "title" | "project_id">, workspaceId: string | null, files: string[]): Found {
  const whose = other.project_id === row.project_id ? `task ${other.id} (${other.title})` : "work of another project";
  const named = files.slice(0, 3).join(", ") + (files.length > 3 ? ` and ${files.length - 3} more` : "");
  const until = workspaceId === null ? "it has ended and what it changed has landed" : "what it changed has landed";
  return {
    taskId: other.id,
    workspaceId,
    files: files.slice(0, MAX_FILES),
    detail: `Waits until ${whose} is out of its way: both are about ${named}. It goes on once ${until}.`,
  };
}

/**
 * Keeps what these tasks say they are about, with who is in the way of each where tasks wait for that, and tells what was foreseen. In the transaction that
 * stores them, before their steps are. @returns the events that tell of it.
 */
export async function noteFiles(tx: Tx, sight: Sight, inserted: readonly Submission[], seqs: ReadonlyMap<string, number>, now: number): Promise<NewEvent[]> {
  const declaring = inserted.flatMap((one) => (one.about ? [{ one, about: one.about, seq: seqs.get(one.task.id) as number }] : []));
  if (declaring.length === 0) return [];
  await lockRepositories(
    tx,
    declaring.map(({ about }) => about.root),
  );
  await forgetEnded(tx);
  await insertDeclared(
    tx,
    declaring.flatMap(({ about, seq }) => about.paths.map((path) => ({ ...path, seq }))),
  );
  const events: NewEvent[] = [];
  for (const { one, about, seq } of declaring) {
    const { task } = one;
    const conflicts = await foreseeOf({ db: tx, sight }, { seq, projectId: task.project_id, about });
    if (conflicts.length > 0) events.push({ type: "conflict.foreseen", taskId: task.id, data: { conflicts } });
    const found = sight.policy === "queue" ? await findBefore(tx, sight, { ...task, seq }) : undefined;
    if (found) await holdFresh(tx, one, { ...found, since: now });
  }
  return events;
}
async function holdFresh(tx: Tx, one: Submission, inTheWay: InTheWay): Promise<void> {
  const { task, steps } = one;
  const text = JSON.stringify(inTheWay);
  await setInTheWay(tx, task.id, text, null);
  for (const step of steps) if (step.status === "ready") step.status = "held";
  one.isHeldBack = true;
  if (task.status === "waiting") return;
  Object.assign(task, { status: "waiting", waiting: JSON.stringify(toConflictWait({ in_the_way: text })) });
  await markWaiting(tx, [task.id], task.waiting as string);
}
/** A turn that is tried again finds them as they were handed in. */
export function undoHold(one: Submission): void {
  if (!one.isHeldBack) return;
  one.isHeldBack = false;
  if (isAsked(one.task) || one.dependsOn.length > 0) return;
  const inLine = openLineCount(one.task.max_running);
  for (const step of one.steps) if (step.status === "held") step.status = inLine(step.route_key);
  Object.assign(one.task, { status: "queued", waiting: null });
}
/** One that is tried again is about its files again. @returns who is in its way, as it is kept. */
export async function declareAgain({ sight, clock }: Pick<WayWorld, "sight" | "clock">, tx: Tx, id: string): Promise<string | null> {
  const [row] = await selectTasks(tx, [id]);
  const about = row && toWaiter(row).about;
  if (!row || !about) return null;
  await lockRepositories(tx, [about.root]);
  await insertDeclared(
    tx,
    about.paths.map((path) => ({ ...path, seq: row.seq })),
  );
  await setDeclares(tx, id);
  const found = sight.policy === "queue" ? await findBefore(tx, sight, row) : undefined;
  return found ? JSON.stringify({ ...found, since: clock.now() } satisfies InTheWay) : null;
}

/** Looks at all that wait and at all conflicts that are open. @returns what follows. */
export async function queueConflicts(world: WayWorld): Promise<Draft[]> {
  const drafts: Draft[] = [];
  await world.db.transaction((tx) => forgetEnded(tx));
  for (const row of await selectInTheWay(world.db, AT_ONCE)) {
    const draft = await lookAfter(world, row);
    if (draft) drafts.push(draft);
  }
  if (world.sight.policy === "queue") for (const found of await findMeeting(world.db)) drafts.push(await holdBack(world, found));
  return drafts;
}
async function lookAfter(world: WayWorld, row: TaskRow): Promise<Draft | undefined> {
  const before = parseInTheWay(row.in_the_way as string);
  const isOver = world.clock.now() - before.since >= world.sight.longestWaitMs;
  if (isOver || world.sight.policy !== "queue") {
    const why = isOver ? "It has waited as long as it may." : "Nobody waits for work on the same files any more (BATON_CONFLICTS).";
    return commitDraft(world, (tx, draft) => goOn(tx, row.id, { why, passes: true }, world.clock.now(), draft));
  }
  const now = (await findLeftBehind(world, row, before)) ?? (await findBefore(world.db, world.sight, row)) ?? (await findMeeting(world.db, row))[0]?.found;
  if (now === undefined) {
    const why = await whyClear(world.db, before);
    return commitDraft(world, (tx, draft) => goOn(tx, row.id, { ...why, passes: false }, world.clock.now(), draft));
  }
  const text = JSON.stringify({ ...now, since: before.since } satisfies InTheWay);
  if (text === row.in_the_way && row.status !== "executing") return undefined;
  return commitDraft(world, (tx, draft) => wait(tx, row.id, text, draft));
}
/** What the task it waits for has left in its work tree, until that has landed. Only who can read it may say that it is about something else. */
async function findLeftBehind({ db, sight }: WayWorld, row: TaskRow, { taskId, workspaceId }: InTheWay): Promise<Found | undefined> {
  const other = await findOlder(db, row, taskId);
  if (!other) return undefined;
  const left = await findWorkspace(db, workspaceId ?? other.id);
  if (!left || left.landed_at !== null || left.state === "removed" || left.state === "lost") return undefined;
  const { about } = toWaiter(row);
  const seen = sight.changesIn(left.repository_path, other.completed_at ?? 0).find((tree) => tree.workspaceId === left.id);
  const files = about === undefined || seen === undefined ? undefined : sharedOf(about.wanted, seen.paths);
  if (seen !== undefined && seen.readAt >= (other.completed_at ?? 0) && files?.length === 0) return undefined;
  // One that met it by what it changed is looked for among the conflicts.
  if (about === undefined) return undefined;
  return toFound(row, other, left.id, files?.length ? files : about.wanted);
}
/** Work trees that overlap: the later task of the two, and who is in its way. @param of this task alone. */
async function findMeeting(db: Db, of?: Waiter): Promise<{ row: TaskRow; found: Found }[]> {
  const met: { row: TaskRow; found: Found }[] = [];
  for (const { owners, files } of await listStanding(db)) {
    if (owners.length !== 2 || (of && !owners.some(({ taskId }) => taskId === of.id))) continue;
    const rows = await selectTasks(
      db,
      owners.flatMap(({ taskId }) => taskId ?? []),
    );
    const [one, later] = rows.sort((a, b) => a.seq - b.seq);
    const own = owners.find(({ taskId, kind }) => taskId === later?.id && kind === "task");
    const theirs = owners.find(({ taskId }) => taskId === one?.id);
    if (!one || !later || !own || !theirs || (of && later.id !== of.id) || later.completed_at !== null || later.passes === 1) continue;
    if (one.status === "failed" || one.status === "cancelled") continue;
    if (!of && later.in_the_way !== null) continue;
    // The radar sees it a moment later.
    if ((await findWorkspace(db, theirs.workspaceId))?.landed_at === null) met.push({ row: later, found: toFound(later, one, theirs.workspaceId, files) });
  }
  return met;
}
const holdBack = (world: WayWorld, { row, found }: { row: TaskRow; found: Found }): Promise<Draft> =>
  commitDraft(world, (tx, draft) => wait(tx, row.id, JSON.stringify({ ...found, since: world.clock.now() } satisfies InTheWay), draft));

/** Nothing more of it begins. What runs goes on; when nothing does, it waits. */
async function wait(tx: Tx, id: string, text: string, draft: Draft): Promise<void> {
  const [task] = await lockTasks(tx, [id]);
  if (!task || task.completed_at !== null) return;
  await setInTheWay(tx, id, text, null);
  if (task.paused === 0) await holdReady(tx, id);
  const waitingFor = toConflictWait({ in_the_way: text }) as WaitingFor;
  for (const { started_at } of await markWaiting(tx, [id], JSON.stringify(waitingFor))) {
    countMove(draft, started_at === null ? "queued" : "executing", "waiting");
    draft.events.push({ type: "task.waiting", taskId: id, data: { ...waitingFor } });
  }
}
interface Clear {
  why: string;
  /** What its agents are told of what came meanwhile. */
  news?: string | undefined;
  passes: boolean;
}
/** It waits for nobody on that account any more. */
export async function goOn(tx: Tx, id: string, { why, news, passes }: Clear, now: number, draft: Draft): Promise<void> {
  const [task] = await lockTasks(tx, [id]);
  if (!task || task.completed_at !== null || task.in_the_way === null) return;
  const { since, taskId, files } = parseInTheWay(task.in_the_way);
  await setInTheWay(tx, id, null, passes ? 1 : null);
  draft.events.push({ type: "conflict.passed", taskId: id, data: { why, waitedMs: now - since, files } });
  if (news !== undefined && taskId !== null && task.started_at !== null) await tellNext(tx, id, news);
  const free: LockedTask = { ...task, in_the_way: null };
  if (isAsked(task) || task.tasks_needed > 0 || task.paused === 1) return;
  if (task.status === "waiting") await moveTo(tx, task, (task.started_at === null ? "queued" : "executing") satisfies TaskStatus, draft);
  await releaseTask(tx, free, now, draft);
}
/** Whoever goes on in a work tree that began before that has to know. */
async function tellNext(tx: Tx, id: string, news: string): Promise<void> {
  const next = (await selectSteps(tx, id)).filter(({ status, needs_left }) => status === "held" && needs_left === 0);
  const told = next.map(({ task_id, step_id, feedback, told }) => ({
    task_id,
    step_id,
    feedback: feedback === null ? news : `${news}\n\n${feedback}`,
    told: told ?? "[]",
  }));
  if (told.length > 0) tx.leave(tellSteps(tx, told));
}
async function whyClear(db: Db, { taskId, workspaceId, files }: InTheWay): Promise<Pick<Clear, "why" | "news">> {
  const [other] = taskId === null ? [] : await selectTasks(db, [taskId]);
  const left = taskId === null ? undefined : await findWorkspace(db, workspaceId ?? taskId);
  if (left && left.landed_commit !== null) {
    const why = `What was in its way has landed on ${left.base_branch ?? "its branch"} (${left.landed_commit.slice(0, 12)}).`;
    return {
      why,
      news: `${NEWS}${why} It is about ${files.slice(0, MAX_FILES).join(", ")}: merge it into this work tree before you go on, and keep what both sides meant.`,
    };
  }
  return {
    why:
      other === undefined
        ? "What was in its way is gone."
        : `Task ${other.id}, which was in its way, is ${other.status}, and nothing of it is about the same files any more.`,
  };
}
