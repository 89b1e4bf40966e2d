// What must hold of the store once everything is quiet, whoever was killed when. Read from the rows, not through the program.
import type { Event } from "@baton/contract";
import type { Reader } from "../../packages/server/src/store/db.ts";
import { sql } from "../../packages/server/src/store/sql.ts";
import type { Executions } from "./agents.ts";
import { checkBudgets } from "./check-budgets.ts";
import type { HandedIn } from "./workload.ts";

export interface Fault {
  what: string;
  taskId?: string | undefined;
}
interface TaskFacts {
  id: string;
  status: string;
  idempotency_key: string | null;
}
const ENDS = ["task.completed", "task.failed", "task.cancelled"];

/** Every acknowledged task is there once and ended once per run; tasks nobody cancelled completed. */
export async function checkTasks(store: Reader, handedIn: readonly HandedIn[]): Promise<Fault[]> {
  const rows = await store.all<TaskFacts>(sql`select id, status, idempotency_key from tasks`);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const faults: Fault[] = [];
  if (rows.length !== handedIn.length) faults.push({ what: `${handedIn.length} tasks were acknowledged, ${rows.length} are stored.` });
  for (const { id, key, cancelled } of handedIn) {
    const row = byId.get(id);
    const expected = cancelled ? "cancelled" : "completed";
    if (!row) faults.push({ what: `Task ${key} was acknowledged and is not stored.`, taskId: id });
    else if (row.status !== expected) faults.push({ what: `Task ${key} is ${row.status}, not ${expected}.`, taskId: id });
  }
  const ends = await store.all<{ task_id: string; ends: number; runs: number }>(sql`select task_id,
      sum(case when type in ('task.completed', 'task.failed', 'task.cancelled') then 1 else 0 end) as ends,
      sum(case when type in ('task.submitted', 'task.retried') then 1 else 0 end) as runs
    from events where task_id is not null group by task_id`);
  for (const { task_id, ends: told, runs } of ends)
    if (Number(told) !== Number(runs)) faults.push({ what: `The log tells of ${runs} runs and ${told} ends.`, taskId: task_id });
  return faults;
}

/**
 * No step has two results, and the one it has is of the attempt that held the lease. (An attempt may complete for nothing
 * when its task was cancelled meanwhile; when that is retried, another one completes the step.)
 */
export async function checkResults(store: Reader, executions: Executions): Promise<Fault[]> {
  const faults: Fault[] = [];
  const twice = await store.all<{ task_id: string; step_id: string; n: number }>(sql`select e.task_id, e.step_id, a.number, count(*) as n
    from events e join attempts a on a.id = e.attempt_id where e.type = 'attempt.completed' group by e.task_id, e.step_id, a.number having count(*) > 1`);
  for (const { task_id, step_id, n } of twice) faults.push({ what: `One attempt of step ${step_id} completed ${n} times.`, taskId: task_id });
  const both = await store.all<{ task_id: string; step_id: string }>(sql`select a.task_id, a.step_id from attempts a
    join task_steps s on s.task_id = a.task_id and s.step_id = a.step_id where a.state = 'completed' and s.status = 'completed' and a.number <> s.attempt
      and not exists (select 1 from events e where e.task_id = a.task_id and e.type = 'task.retried')`);
  for (const { task_id, step_id } of both) faults.push({ what: `Step ${step_id} completed in another attempt than its last.`, taskId: task_id });
  const steps = await store.all<{
    task_id: string;
    step_id: string;
    spec: string;
    output: string;
    attempt_id: string | null;
  }>(sql`select s.task_id, s.step_id, s.spec, s.output, a.id as attempt_id
    from task_steps s left join attempts a on a.task_id = s.task_id and a.step_id = s.step_id and a.number = s.attempt and a.state = 'completed' where s.status = 'completed'`);
  for (const step of steps) faults.push(...checkOutput(step, executions));
  return faults;
}
function checkOutput(step: { task_id: string; step_id: string; spec: string; output: string; attempt_id: string | null }, executions: Executions): Fault[] {
  const { attemptId, execution } = JSON.parse(step.output) as { attemptId?: string; execution?: number };
  const { description } = JSON.parse(step.spec) as { description: string };
  const about = { taskId: step.task_id };
  if (step.attempt_id === null) return [{ what: `Step ${step.step_id} completed and its attempt did not.`, ...about }];
  if (attemptId !== undefined && attemptId !== step.attempt_id)
    return [{ what: `Step ${step.step_id} has the output of attempt ${attemptId}, its own is ${step.attempt_id}.`, ...about }];
  if (execution !== undefined && !executions.get(description)?.includes(execution))
    return [{ what: `Nobody produced the output of step ${step.step_id}: ${step.output}`, ...about }];
  return [];
}

/** Nothing is held for work that has ended, and what is counted is what is there. */
export async function checkBooks(store: Reader): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const row of await store.all<{ id: string; task_id: string; worker: string }>(sql`select id, task_id, worker from attempts where state = 'running'`)) {
    faults.push({ what: `Attempt ${row.id} still runs, under ${row.worker}.`, taskId: row.task_id });
  }
  const loads = await store.all<{
    name: string;
    active: number;
    completed: number;
    failed: number;
    done: number;
    lost: number;
  }>(sql`select g.name, l.active, l.completed, l.failed,
      (select count(*) from attempts a where a.agent_id = g.id and a.state = 'completed') as done, (select count(*) from attempts a where a.agent_id = g.id and a.state = 'failed') as lost
    from agent_loads l join agents g on g.id = l.agent_id`);
  for (const load of loads) {
    if (Number(load.active) !== 0) faults.push({ what: `Agent ${load.name} counts ${load.active} attempts under way.` });
    if (Number(load.completed) !== Number(load.done))
      faults.push({ what: `Agent ${load.name} counts ${load.completed} completed attempts, it has ${load.done}.` });
    if (Number(load.failed) !== Number(load.lost)) faults.push({ what: `Agent ${load.name} counts ${load.failed} failed attempts, it has ${load.lost}.` });
  }
  const counted = await store.all<{ status: string; n: number; found: number }>(
    sql`select c.status, c.n, (select count(*) from tasks t where t.status = c.status) as found from task_counts c`,
  );
  for (const { status, n, found } of counted) if (Number(n) !== Number(found)) faults.push({ what: `${n} tasks are counted as ${status}, ${found} are.` });
  const steps = await store.all<{ task_id: string; step_id: string; status: string }>(
    sql`select task_id, step_id, status from task_steps where status not in ('completed', 'failed', 'skipped', 'cancelled')`,
  );
  for (const { task_id, step_id, status } of steps) faults.push({ what: `Step ${step_id} of an ended task is ${status}.`, taskId: task_id });
  return [...faults, ...(await checkBudgets(store))];
}

/** The log has every number once, and whoever followed it saw it in order, without a gap and without a repetition. */
export async function checkLog(store: Reader, followers: readonly { name: string; seen: readonly Event[] }[]): Promise<Fault[]> {
  const stored = await store.all<{ seq: number; type: string; task_id: string | null }>(sql`select seq, type, task_id from events order by seq`);
  const head = (await store.all<{ seq: number }>(sql`select seq from event_head`))[0]?.seq;
  const faults: Fault[] = [];
  const gap = stored.findIndex((event, at) => event.seq !== at + 1);
  if (gap >= 0) faults.push({ what: `The log has ${stored[gap]?.seq} in the place of ${gap + 1}.` });
  if (head !== stored.length) faults.push({ what: `The log counts ${head} events and has ${stored.length}.` });
  for (const { name, seen } of followers) {
    const wrong = seen.findIndex((event, at) => event.seq !== at + 1 || event.type !== stored[at]?.type || event.taskId !== stored[at]?.task_id);
    if (wrong >= 0) faults.push({ what: `${name} saw ${seen[wrong]?.seq} ${seen[wrong]?.type} as number ${wrong + 1}, which is ${stored[wrong]?.type}.` });
  }
  return faults;
}

/** A time in which no server was up. */
export interface Outage {
  from: number;
  to: number;
}
/**
 * Of each task, the longest time in which nothing happened to it; without the pauses between tries that were told, and
 * without outages and as long again after each: agents that dial in double their pauses between attempts to connect.
 */
export function longestSilences(events: readonly Event[], outages: readonly Outage[]): { taskId: string; ms: number; after: Event }[] {
  const last = new Map<string, Event>();
  const longest = new Map<string, { taskId: string; ms: number; after: Event }>();
  for (const event of events) {
    const { taskId } = event;
    if (taskId === null) continue;
    const before = last.get(taskId);
    last.set(taskId, event);
    if (!before || ENDS.includes(before.type)) continue;
    const [from, to] = [Date.parse(before.at), Date.parse(event.at)];
    const out = outages.reduce((sum, outage) => sum + Math.max(0, Math.min(to, 2 * outage.to - outage.from) - Math.max(from, outage.from)), 0);
    const ms = to - from - out - announcedPause(before);
    if (ms > (longest.get(taskId)?.ms ?? 0)) longest.set(taskId, { taskId, ms, after: before });
  }
  return [...longest.values()].sort((a, b) => b.ms - a.ms);
}
function announcedPause({ type, data }: Event): number {
  const seconds = type === "step.retrying" ? /Tried again in ([\d.]+) s/.exec(JSON.stringify(data["reason"]))?.[1] : undefined;
  return seconds === undefined ? 0 : Number(seconds) * 1000;
}

/** Everything that is known of one task, for whoever has to find out what went wrong. */
export async function historyOf(store: Reader, taskId: string): Promise<string> {
  const [task, steps, attempts, events] = await Promise.all([
    store.all<object>(
      sql`select id, title, status, waiting, failure, steps_total, steps_left, created_at, started_at, completed_at from tasks where id = ${taskId}`,
    ),
    store.all<object>(
      sql`select step_id, status, needs_left, route_key, attempt, retries_left, losses, reason, output, run_at from task_steps where task_id = ${taskId} order by position`,
    ),
    store.all<object>(
      sql`select id, step_id, number, fence, agent_id, worker, state, signal, outcome, started_at, ended_at from attempts where task_id = ${taskId} order by id`,
    ),
    store.all<object>(sql`select seq, at, type, step_id, attempt_id, data from events where task_id = ${taskId} order by seq`),
  ]);
  return [...task, ...steps, ...attempts, ...events].map((row) => JSON.stringify(row)).join("\n");
}
