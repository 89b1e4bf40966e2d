// The chain of the audit log, computed again entry by entry, and an entry as a line of a table. For whoever writes the log out and whoever reads that.
import { AUDIT_ROOT, type AuditEntry, auditText } from "./access.ts";

export interface AuditChain {
  readonly isWhole: boolean;
  /** In order. */
  add(entry: AuditEntry): void;
  document(): { ok: true; entries: number; hash: string } | { ok: false; brokenAt: number };
  words(): string;
}
/**
 * @param begins `anywhere`: with an entry that is not the first; what stood before it is not known.
 * @param sha256 in hexadecimal, of what is read as UTF-8
 */
export function openAuditChain(begins: "root" | "anywhere", sha256: (text: string) => string): AuditChain {
  let last: Pick<AuditEntry, "seq" | "hash"> | undefined = begins === "root" ? { seq: 0, hash: AUDIT_ROOT } : undefined;
  let entries = 0;
  let brokenAt: number | undefined;
  return {
    get isWhole(): boolean {
      return brokenAt === undefined;
    },
    add(entry: AuditEntry): void {
      const before = last ?? (entry.seq === 1 ? { seq: 0, hash: AUDIT_ROOT } : { seq: entry.seq - 1, hash: entry.previousHash });
      if (entry.seq !== before.seq + 1 || entry.previousHash !== before.hash || entry.hash !== sha256(auditText(entry))) brokenAt ??= before.seq + 1;
      last = entry;
      entries++;
    },
    document: () => (brokenAt === undefined ? { ok: true, entries, hash: last?.hash ?? AUDIT_ROOT } : { ok: false, brokenAt }),
    words: () =>
      brokenAt === undefined
        ? `${entries} entries, unbroken. The last hash is ${last?.hash ?? AUDIT_ROOT}.`
        : `The chain is broken at entry ${brokenAt}: it, or what stood before it, was altered or removed.`,
  };
}

const COLUMNS = ["seq", "at", "who", "role", "address", "action", "method", "path", "status", "fields", "changes", "previousHash", "hash"] as const;
export const AUDIT_CSV_HEAD = COLUMNS.join(",");
/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function toAuditCsv(entry: AuditEntry): string {
  const cells = COLUMNS.map((name) => (typeof entry[name] === "object" ? JSON.stringify(entry[name]) : String(entry[name])));
  return cells
    .map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell))
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",");
}
