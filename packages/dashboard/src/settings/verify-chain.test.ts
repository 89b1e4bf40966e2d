import { createHash } from "node:crypto";
import { AUDIT_ROOT, type AuditEntry, auditText } from "@baton/contract";
import { expect, test } from "vitest";
import { verifyChain } from "./verify-chain.ts";

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const said = {
      seq,
      at: "2026-01-01T00:00:00.000Z",
      who: "ada",
      role: "admin",
      address: "127.0.0.1",
      action: "createUser",
      method: "POST",
      path: "/api/v1/users",
      status: 201,
      fields: ["name"],
      changes: null,
    };
    const open = { ...said, previousHash: entries.at(-1)?.hash ?? AUDIT_ROOT };
    entries.push({ ...open, hash: createHash("sha256").update(auditText(open)).digest("hex") });
  }
  return entries;
}
const readFrom = (entries: AuditEntry[]) => async (after: number) => entries.filter(({ seq }) => seq > after).slice(0, 3);

test("a chain that nobody touched is whole, read in any number of pages", async () => {
  const progress: number[] = [];
  expect(await verifyChain(readFrom(chain(7)), (entries) => progress.push(entries))).toEqual({ isWhole: true, entries: 7 });
  expect(progress).toEqual([3, 6, 7]);
});

test("an entry that was altered is found, and one that was taken away", async () => {
  const altered = chain(7).map((entry) => (entry.seq === 4 ? { ...entry, who: "eve" } : entry));
  expect(await verifyChain(readFrom(altered), () => undefined)).toEqual({ isWhole: false, brokenAt: 4 });
  expect(await verifyChain(readFrom(chain(7).filter(({ seq }) => seq !== 5)), () => undefined)).toEqual({ isWhole: false, brokenAt: 5 });
});
