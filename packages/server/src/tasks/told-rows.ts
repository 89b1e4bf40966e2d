// SQL of what was asked of agents and what came of it.
import type { Reader } from "../store/db.ts";
import { oneOf, sql } from "../store/sql.ts";

export interface ToldRow {
  id: string;
  task_id: string;
  step_id: string;
  state: string;
  progress: string | null;
  outcome: string | null;
  started_at: number;
  ended_at: number | null;
  /** Of the step; its output only where this attempt made it. */
  spec: string;
  output: string | null;
  title: string;
  description: string;
}
export const selectTold = async (db: Reader, attemptIds: readonly string[]): Promise<ToldRow[]> =>
  attemptIds.length === 0
    ? []
    : db.all(sql`select a.id, a.task_id, a.step_id, a.state, a.progress, a.outcome, a.started_at, a.ended_at, s.spec, case when a.state = 'completed' then s.output end as output, t.title, t.description
        from attempts a join task_steps s on s.task_id = a.task_id and s.step_id = a.step_id join tasks t on t.id = a.task_id
        where a.id ${oneOf(attemptIds)} order by a.started_at, a.number`);
/** Steps of a task that have not begun. */
export const selectQueue = (db: Reader, taskId: string): Promise<{ step_id: string; spec: string; title: string }[]> =>
  db.all(sql`select s.step_id, s.spec, t.title from task_steps s join tasks t on t.id = s.task_id
    where s.task_id = ${taskId} and s.status in ('blocked', 'ready', 'delayed', 'waiting', 'held') order by s.position limit 100`);
