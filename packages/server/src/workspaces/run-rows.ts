// SQL of the commands that were run to set workspaces up and to tear them down.
import type { Reader, Tx } from "../store/db.ts";
import { sql } from "../store/sql.ts";

export interface RunRow {
  seq: number;
  workspace_id: string;
  /** `setUp` or `tearDown`. */
  phase: string;
  command: string;
  ok: number;
  how: string;
  said: string;
  started_at: number;
  duration_ms: number;
}
export const insertRun = (tx: Tx, row: Omit<RunRow, "seq">): Promise<number> =>
  tx.run(sql`insert into workspace_runs (workspace_id, phase, command, ok, how, said, started_at, duration_ms)
    values (${row.workspace_id}, ${row.phase}, ${row.command}, ${row.ok}, ${row.how}, ${row.said}, ${row.started_at}, ${row.duration_ms})`);
export const selectRuns = (db: Reader, workspaceId: string, limit: number): Promise<RunRow[]> =>
  db.all(sql`select * from workspace_runs where workspace_id = ${workspaceId} order by seq limit ${limit}`);
