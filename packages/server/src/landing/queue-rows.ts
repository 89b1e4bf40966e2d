// SQL of the queues of landings, one a repository. Whoever works on a queue holds it under its server's lease, with a fence that rises whenever it
// changes hands: what a former holder writes is refused.
import type { Reader, Tx } from "../store/db.ts";
import { forUpdate, sql } from "../store/sql.ts";

export interface QueueRow {
  seq: number;
  id: string;
  /** The path by which everybody names it: of its main work tree, or of itself when it has none. */
  repository: string;
  git_directory: string;
  /** What lies in the repository itself, so that another one at the same path of another machine is told from it. */
  mark: string;
  worker: string | null;
  fence: number;
  batch_limit: number | null;
  failed_tree: string | null;
  created_by: string;
  created_at: number;
}
export const insertQueue = (tx: Tx, row: Omit<QueueRow, "seq" | "worker" | "fence" | "batch_limit" | "failed_tree">): Promise<number> =>
  tx.run(sql`insert into landing_queues (id, repository, git_directory, mark, fence, created_by, created_at)
    values (${row.id}, ${row.repository}, ${row.git_directory}, ${row.mark}, 0, ${row.created_by}, ${row.created_at}) on conflict do nothing`);
export const selectQueue = async (db: Reader, repository: string): Promise<QueueRow | undefined> =>
  (await db.all<QueueRow>(sql`select * from landing_queues where repository = ${repository}`))[0];
/** With something to do, and held by nobody whose lease is good. */
export const selectClaimable = (db: Reader, now: number): Promise<QueueRow[]> =>
  db.all(sql`select * from landing_queues where id in (select queue_id from landings where state in ('queued', 'judging', 'moving'))
    and (worker is null or not exists (select 1 from servers where servers.id = landing_queues.worker and servers.lease_until >= ${now})) order by seq limit 100`);
/** @returns whether it is held now. */
export const claimQueue = async (tx: Tx, { id, fence }: Pick<QueueRow, "id" | "fence">, worker: string): Promise<boolean> =>
  (await tx.run(sql`update landing_queues set worker = ${worker}, fence = fence + 1 where id = ${id} and fence = ${fence}`)) === 1;
/** Under the row's lock until the transaction ends. */
export const holdQueue = async (tx: Tx, id: string, worker: string, fence: number): Promise<QueueRow | undefined> =>
  (await tx.all<QueueRow>(sql`select * from landing_queues where id = ${id} and worker = ${worker} and fence = ${fence}${forUpdate}`))[0];
export const releaseQueue = (tx: Tx, id: string, worker: string, fence: number): Promise<number> =>
  tx.run(sql`update landing_queues set worker = null where id = ${id} and worker = ${worker} and fence = ${fence}`);
export const setSuspicion = (tx: Tx, id: string, limit: number | null, failedTree: string | null): Promise<number> =>
  tx.run(sql`update landing_queues set batch_limit = ${limit}, failed_tree = ${failedTree} where id = ${id}`);
