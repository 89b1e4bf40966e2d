// Schedules: tasks that are handed in by themselves. A schedule keeps when it is due next; whoever finds it due hands its task in under
// a key made of the schedule and that time, and moves it on: of several servers one does, and a crash between the two repeats nothing.
import { DEFAULT_PROJECT, type Page, type ParsedScheduleInput, Refusal, type Schedule, type SchedulePatch, type TaskInput } from "@baton/contract";
import type { EventLog } from "../events/events.ts";
import { iso, isoOrNull, type Clock } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
import type { Db, Reader } from "../store/db.ts";
import type { Scope } from "../store/scope.ts";
import { refuseChecks, submitUnparsed, type TasksWorld } from "../tasks/tasks.ts";
import {
  countSchedules,
  deleteSchedule,
  eventDataOf,
  insertSchedule,
  lockSchedule,
  type ScheduleRow,
  selectSchedule,
  selectSchedulePage,
  updateSchedule,
} from "./schedule-rows.ts";
import { nextTime } from "./when.ts";

export { openScheduler, type Scheduler } from "./scheduler.ts";

type ScheduledTask = ParsedScheduleInput["task"];
export interface SchedulesWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  events: EventLog;
}
const toSchedule = (row: ScheduleRow): Schedule => ({
  id: row.id,
  seq: row.seq,
  name: row.name,
  projectId: row.project_id,
  cron: row.cron,
  at: isoOrNull(row.at),
  timezone: row.timezone,
  task: JSON.parse(row.task),
  catchUp: row.catch_up as Schedule["catchUp"],
  overlap: row.overlap as Schedule["overlap"],
  enabled: row.enabled === 1,
  nextAt: row.enabled === 1 ? isoOrNull(row.next_at) : null,
  reason: reasonOf(row),
  lastAt: isoOrNull(row.last_at),
  lastTaskId: row.last_task_id,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
const reasonOf = ({ enabled, next_at, at }: ScheduleRow): string =>
  enabled !== 1
    ? "It is switched off."
    : next_at !== null
      ? "It waits for its time."
      : at !== null
        ? "Its time has passed."
        : "Its expression names no time that is to come.";

async function getRow({ db }: { db: Reader }, idOrName: string): Promise<ScheduleRow> {
  const row = await selectSchedule(db, idOrName);
  if (!row) throw new Refusal("not_found", `There is no schedule ${idOrName}. GET /api/v1/schedules lists them.`);
  return row;
}
/** By id or name. @throws Refusal `not_found`. */
export const getSchedule = async (world: SchedulesWorld, idOrName: string): Promise<Schedule> => toSchedule(await getRow(world, idOrName));
export async function listSchedules({ db }: SchedulesWorld, scope: Scope, { limit, offset }: { limit: number; offset: number }): Promise<Page<Schedule>> {
  const [rows, total] = await Promise.all([selectSchedulePage(db, scope, limit, offset), countSchedules(db, scope)]);
  return { items: rows.map(toSchedule), total, limit, offset };
}

function checkTiming({ cron, at }: { cron: string | null; at: number | null }): void {
  if ((cron === null) === (at === null)) {
    const message = "give either cron or at, and not both";
    throw new Refusal("bad_input", `body.cron: ${message}.`, { issues: [{ path: "body.cron", message }] });
  }
}
/** Every task of a schedule is its project's. @throws Refusal `bad_input` when the task says another. */
function withProject(task: ScheduledTask, project: string | null): string {
  const own = project ?? DEFAULT_PROJECT;
  if (task.projectId !== undefined && task.projectId !== own) {
    const issue = { path: "body.task.projectId", message: `is another project's than its schedule's, which is ${own}` };
    throw new Refusal("bad_input", `${issue.path} ${issue.message}.`, { issues: [issue] });
  }
  return JSON.stringify(project === null ? task : { ...task, projectId: project });
}
/** Whoever stores a schedule stands for the checks its task names; whoever runs it need not. */
interface StoreOptions {
  mayCheck?: boolean | undefined;
}
const AS_STORED = { mayCheck: true };
/** @throws Refusal `name_taken`; `bad_input` for a time that cannot be read or has passed; `forbidden` for a check by somebody who may not name one. */
export async function createSchedule(world: SchedulesWorld, input: ParsedScheduleInput, { mayCheck = false }: StoreOptions = {}): Promise<Schedule> {
  refuseChecks(input.task, mayCheck, "body.task");
  const now = world.clock.now();
  const timing = { cron: input.cron ?? null, at: input.at === undefined ? null : Date.parse(input.at), timezone: input.timezone };
  checkTiming(timing);
  const next = nextTime(timing, now);
  if (next === null)
    throw new Refusal("bad_input", "body.at: this time has passed.", {
      issues: [{ path: timing.at === null ? "body.cron" : "body.at", message: "names no time that is to come" }],
    });
  const named = input.projectId ?? input.task.projectId;
  const project_id = named === DEFAULT_PROJECT ? null : (named ?? null);
  const row = {
    id: world.newId(),
    name: input.name,
    project_id,
    ...timing,
    task: withProject(input.task, project_id),
    catch_up: input.catchUp,
    overlap: input.overlap,
    enabled: input.enabled ? 1 : 0,
    next_at: next,
    last_at: null,
    last_task_id: null,
    created_at: now,
    updated_at: now,
  };
  await world.db.transaction(async (tx) => {
    if (!(await insertSchedule(tx, row)))
      throw new Refusal("name_taken", `There is a schedule named ${row.name} already. Choose another name, or PATCH that one.`);
    await world.events.append(tx, [{ type: "schedule.created", data: eventDataOf(row) }]);
  });
  world.events.committed();
  return getSchedule(world, row.id);
}
/** What is given changes; times are counted from now. @throws Refusal `not_found`, `bad_input`, `forbidden`. */
export async function patchSchedule(
  world: SchedulesWorld,
  idOrName: string,
  patch: SchedulePatch,
  { mayCheck = false, saw }: StoreOptions & { saw?: Saw<Schedule> } = {},
): Promise<Schedule> {
  refuseChecks(patch.task ?? {}, mayCheck, "body.task");
  const now = world.clock.now();
  const changed = await world.db.transaction(async (tx) => {
    const stored = await lockSchedule(tx, (await getRow({ db: tx }, idOrName)).id);
    if (!stored) throw new Refusal("not_found", `Schedule ${idOrName} was removed just now.`);
    const row = { ...stored, updated_at: now };
    // A new way to tell the time takes the place of the old one.
    if (patch.cron !== undefined) Object.assign(row, { cron: patch.cron, at: null });
    if (patch.at !== undefined) Object.assign(row, { at: Date.parse(patch.at), ...(patch.cron === undefined ? { cron: null } : {}) });
    if (patch.timezone !== undefined) row.timezone = patch.timezone;
    if (patch.task !== undefined) row.task = withProject(patch.task, row.project_id);
    if (patch.catchUp !== undefined) row.catch_up = patch.catchUp;
    if (patch.overlap !== undefined) row.overlap = patch.overlap;
    if (patch.enabled !== undefined) row.enabled = patch.enabled ? 1 : 0;
    checkTiming(row);
    row.next_at = nextTime(row, now);
    await updateSchedule(tx, row);
    saw?.(toSchedule(stored), toSchedule(row));
    await world.events.append(tx, [{ type: "schedule.updated", data: { ...eventDataOf(row), fields: Object.keys(patch) } }]);
    return row;
  });
  world.events.committed();
  return getSchedule(world, changed.id);
}
export async function removeSchedule(world: SchedulesWorld, idOrName: string, saw?: Saw<Schedule>): Promise<void> {
  const { id } = await getRow(world, idOrName);
  await world.db.transaction(async (tx) => {
    const removed = await deleteSchedule(tx, id);
    if (!removed) return;
    saw?.(toSchedule(removed), undefined);
    await world.events.append(tx, [{ type: "schedule.removed", data: eventDataOf(removed) }]);
  });
  world.events.committed();
}
/** Hands its task in now, besides its times. @returns the task's id. */
export async function runSchedule(world: SchedulesWorld & TasksWorld, idOrName: string): Promise<string> {
  const row = await getRow(world, idOrName);
  return (await submitUnparsed(world, JSON.parse(row.task) as TaskInput, AS_STORED)).id;
}
