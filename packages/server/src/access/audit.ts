// The audit log: every change and every denial, in one chain. Entries are written together, a moment after their answers: what a server
// that is killed had not written yet is lost (what it changed is in the event log, which is written with the change).
import { createHash } from "node:crypto";
import { type AuditEntry, auditText } from "@baton/contract";
import { type Clock, iso } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { type Db, tryAgain } from "../store/db.ts";
import { type AuditRow, insertAudit, lockHead, moveHead, selectAudit, selectHead } from "./audit-rows.ts";

export type Observed = Omit<AuditEntry, "seq" | "at" | "previousHash" | "hash">;
export interface Audit {
  record(observed: Observed): void;
  list(query: { after: number; limit: number; who?: string | undefined }): Promise<{ items: AuditEntry[]; nextCursor: number }>;
  /** All after a number up to what there is now, a page at a time, in order. */
  pages(after: number): AsyncGenerator<AuditEntry[], void, undefined>;
  /** Writes what waits. */
  close(): Promise<void>;
}
const GATHER_MS = 50;
/** While the store cannot be reached. Beyond it the oldest are dropped, and the log of the server says how many. */
const MAX_WAITING = 20_000;
const MAX_AT_ONCE = 500;
const RETRY_MS = 1000;

export function openAudit(world: { db: Db; clock: Clock; log: Log }): Audit {
  let waiting: (Observed & { at: number })[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  const flush = (): Promise<void> => (writing = writing.then(writeAll));
  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_AT_ONCE);
      try {
        await tryAgain(world.db, () => write(world.db, batch));
      } catch (error) {
        world.log.error({ err: error }, "the audit log could not be written; it is tried again");
        if (!closed) schedule(RETRY_MS);
        return;
      }
      waiting = waiting.slice(batch.length);
    }
  }
  function schedule(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms);
  }
  return {
    record: (observed) => {
      waiting.push({ ...observed, at: world.clock.now() });
      if (waiting.length > MAX_WAITING) {
        waiting.splice(MAX_AT_ONCE, 1);
        world.log.error({ action: observed.action }, "an entry of the audit log was dropped: the store does not take them");
      }
      schedule(GATHER_MS);
    },
    list: async ({ after, limit, who }) => {
      await flush();
      const found = await selectAudit(world.db, { after, limit, who });
      return { items: found.map(toEntry), nextCursor: found.at(-1)?.seq ?? after };
    },
    pages: async function* (after) {
      await flush();
      const end = await selectHead(world.db);
      for (let last = after; last < end; ) {
        const found = await selectAudit(world.db, { after: last, limit: Math.min(MAX_AT_ONCE, end - last) });
        yield found.map(toEntry);
        last = found.at(-1)?.seq ?? end;
      }
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await flush();
    },
  };
}
const write = (db: Db, batch: readonly (Observed & { at: number })[]): Promise<void> =>
  db.transaction(async (tx) => {
    let { seq, hash } = await lockHead(tx);
    const entries: AuditRow[] = batch.map((one) => {
      const previousHash = hash;
      seq++;
      hash = createHash("sha256")
        .update(auditText({ ...one, seq, at: iso(one.at), previousHash }))
        .digest("hex");
      const { at, who, role, address, action, method, path, status, fields, changes } = one;
      return {
        seq,
        at,
        who,
        role,
        address,
        action,
        method,
        path,
        status,
        fields: JSON.stringify(fields),
        changes: changes === null ? null : JSON.stringify(changes),
        previous_hash: previousHash,
        hash,
      };
    });
    await insertAudit(tx, entries);
    await moveHead(tx, seq, hash);
  });
const toEntry = ({ previous_hash, fields, changes, at, ...row }: AuditRow): AuditEntry => ({
  ...row,
  seq: Number(row.seq),
  at: iso(at),
  fields: JSON.parse(fields) as string[],
  changes: changes === null ? null : (JSON.parse(changes) as AuditEntry["changes"]),
  previousHash: previous_hash,
});
