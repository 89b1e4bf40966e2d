// SQL of the audit log and of its head, which stays locked from its reading until the commit: one chain over all servers.
import type { Reader, Tx } from "../store/db.ts";
import { forUpdate, join, rows, sql } from "../store/sql.ts";

export interface AuditRow {
  seq: number;
  at: number;
  who: string;
  role: string;
  address: string;
  action: string;
  method: string;
  path: string;
  status: number;
  /** JSON: a list of names. */
  fields: string;
  /** JSON. */
  changes: string | null;
  previous_hash: string;
  hash: string;
}
const COLUMNS = {
  seq: "int",
  at: "int",
  who: "text",
  role: "text",
  address: "text",
  action: "text",
  method: "text",
  path: "text",
  status: "int",
  fields: "text",
  changes: "text",
  previous_hash: "text",
  hash: "text",
} as const;

export const lockHead = async (tx: Tx): Promise<{ seq: number; hash: string }> => {
  const [head] = await tx.all<{ seq: number; hash: string }>(sql`select seq, hash from audit_head where one = 1${forUpdate}`);
  if (head === undefined) throw new Error("The audit log has lost its head.");
  return head;
};
export const insertAudit = (tx: Tx, entries: readonly AuditRow[]): Promise<number> =>
  tx.run(sql`insert into audit (seq, at, who, role, address, action, method, path, status, fields, changes, previous_hash, hash)
    select seq, at, who, role, address, action, method, path, status, fields, changes, previous_hash, hash from ${rows(
      "x",
      COLUMNS,
      entries.map((entry) => ({ ...entry })),
    )}`);
export const selectHead = async (db: Reader): Promise<number> => Number((await db.all<{ seq: number }>(sql`select seq from audit_head where one = 1`))[0]?.seq);
export const moveHead = (tx: Tx, seq: number, hash: string): Promise<number> => tx.run(sql`update audit_head set seq = ${seq}, hash = ${hash} where one = 1`);
export const selectAudit = (db: Reader, { after, limit, who }: { after: number; limit: number; who?: string | undefined }): Promise<AuditRow[]> =>
  db.all<AuditRow>(
    sql`select * from audit where ${join([sql`seq > ${after}`, ...(who === undefined ? [] : [sql`who = ${who}`])], " and ")} order by seq limit ${limit}`,
  );
