// Conflicts as they are told: owners and reasons are derived when somebody asks.
import { type Conflict, type ConflictOwner, type ConflictQuery, type OverlappingFile, type Page, Refusal } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Db, Reader } from "../store/db.ts";
import type { Scope } from "../store/scope.ts";
import { acceptedOf, type ConflictRow, filesOf, type FoundConflict, type OwnerRow, selectConflict, selectConflictPage, selectOwners } from "./conflict-rows.ts";

export type FoundOwner = ConflictOwner & { project: string | null; whose: string };
type Of = Pick<ConflictRow, "id" | "a_id" | "b_id" | "second_id">;
/** By the id of the conflict; the one whose edit made it what it is comes last. */
export async function findOwners(db: Reader, rows: readonly Of[]): Promise<Map<string, FoundOwner[]>> {
  const owners = new Map((await selectOwners(db, [...new Set(rows.flatMap(({ a_id, b_id }) => [a_id, b_id]))])).map((row) => [row.id, toOwner(row)]));
  return new Map(
    rows.map(({ id, a_id, b_id, second_id }) => {
      const order = second_id === a_id ? [b_id, a_id] : [a_id, b_id];
      return [id, order.flatMap((workspaceId) => owners.get(workspaceId) ?? [])];
    }),
  );
}
export const toOwner = ({ id, kind, task_id, agent_id, path, branch, visit_task_id, visit_agent_id, project_id, project }: OwnerRow): FoundOwner => ({
  workspaceId: id,
  kind: kind as ConflictOwner["kind"],
  taskId: task_id ?? visit_task_id,
  agentId: agent_id ?? visit_agent_id,
  path,
  branch,
  project: project_id,
  whose: project,
});

function toConflict(row: FoundConflict, owners: readonly FoundOwner[]): Conflict {
  const accepted = acceptedOf(row);
  const files = filesOf(row);
  return {
    id: row.id,
    seq: row.seq,
    repository: { id: row.repository_id, path: row.repository_path },
    state: row.state as Conflict["state"],
    reason: toReason(row, files),
    severity: row.severity as Conflict["severity"],
    files,
    fileCount: row.file_count,
    owners: owners.map(({ project: _, whose: __, ...owner }) => owner),
    resolution: accepted === undefined ? null : { by: accepted.by, note: accepted.note, at: iso(accepted.at) },
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}
function toReason(row: ConflictRow, files: readonly OverlappingFile[]): string {
  if (row.state === "gone") return "One of the two has landed, or its work tree is not there any more.";
  if (row.state === "eased") return "Their changes overlap no longer.";
  const told = toWords(files, row.file_count);
  const accepted = acceptedOf(row);
  return accepted === undefined ? told : `${accepted.by} said that it is taken care of; it opens again when it gets worse. ${told}`;
}
/** What overlaps, in a sentence. */
export function toWords(files: readonly OverlappingFile[], count: number): string {
  const [worst] = files;
  if (worst === undefined) return "Nothing overlaps now.";
  const names = files
    .filter(({ severity }) => severity === worst.severity)
    .slice(0, 3)
    .map(({ path, lines: [first] }) => (first === undefined ? path : `${path} (line ${first.from}${first.to > first.from ? `–${first.to}` : ""})`));
  const what = { merge: "Merging the two fails in", lines: "Both changed the same lines of", file: "Both changed, in places apart," }[worst.severity];
  return `${what} ${names.join(", ")}${count > names.length ? `; ${count} files overlap in all` : ""}.`;
}

/** @throws Refusal `not_found`. */
export async function getConflict({ db }: { db: Db }, id: string): Promise<Conflict> {
  const row = await selectConflict(db, id);
  if (!row) throw missing(id);
  return toConflict(row, (await findOwners(db, [row])).get(row.id) ?? []);
}
export const missing = (id: string): Refusal => new Refusal("not_found", `There is no conflict ${id}. GET /api/v1/conflicts lists them.`);
export async function listConflicts({ db }: { db: Db }, scope: Scope, { limit, offset, ...filter }: ConflictQuery): Promise<Page<Conflict>> {
  const page = await selectConflictPage(db, { ...filter, scope }, limit, offset);
  const owners = await findOwners(db, page.items);
  return { ...page, items: page.items.map((row) => toConflict(row, owners.get(row.id) ?? [])) };
}
