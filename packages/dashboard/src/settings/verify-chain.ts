// Computes the chain of the audit log again, entry by entry, from the first one.
import { AUDIT_ROOT, type AuditEntry, auditText } from "@baton/contract";

export type Verdict = { isWhole: true; entries: number } | { isWhole: false; brokenAt: number };

/** `read`: entries after a number, in order; none at the end. `onProgress` is told how many are right so far. */
export async function verifyChain(read: (after: number) => Promise<readonly AuditEntry[]>, onProgress: (entries: number) => void): Promise<Verdict> {
  let [after, previousHash] = [0, AUDIT_ROOT];
  for (;;) {
    const entries = await read(after);
    if (entries.length === 0) return { isWhole: true, entries: after };
    for (const entry of entries) {
      const hash = await sha256(auditText(entry));
      if (entry.seq !== after + 1 || entry.previousHash !== previousHash || entry.hash !== hash) return { isWhole: false, brokenAt: after + 1 };
      [after, previousHash] = [entry.seq, hash];
    }
    onProgress(after);
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
