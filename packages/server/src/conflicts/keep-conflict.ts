// Writing down what two workspaces were found to have in common. May be done again, and by several servers at once: what is known already is written by nobody,
// and told by nobody.
import { ALL_PROJECTS, type Json, type OverlappingFile } from "@baton/contract";
import { tryAgain, type Tx } from "../store/db.ts";
import { type Next, nextConflict } from "./conflict-machine.ts";
import { acceptedOf, type ConflictRow, countLive, filesOf, insertConflict, lockPair, type NewConflict, type Pair, updateConflict } from "./conflict-rows.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { findOwners } from "./to-conflict.ts";

type Keeping = Pick<ConflictsWorld, "db" | "clock" | "newId" | "events">;
export interface Finding extends Pair {
  repositoryId: string;
  /** The workspace whose edit was seen last. */
  secondId: string;
  /** The worst first; empty: nothing overlaps. */
  files: readonly OverlappingFile[];
  /** Since when both are as they were found. */
  seenAt: number;
}
type Written = "told" | "kept" | "stale";
const MAX_FILES = 200;
const MAX_TOLD = 20;

export const toPair = (one: string, other: string): Pair => (one < other ? { a_id: one, b_id: other } : { a_id: other, b_id: one });

/**
 * Of two that are not both live any more, it is gone, whatever was found.
 * @returns false when somebody has written of the two since they were looked at: what was found may be of the past, and they are to be looked at anew.
 */
export const keepFinding = async (world: Keeping, finding: Finding): Promise<boolean> => (await keep(world, finding, finding)) !== "stale";
/** One of the two has landed or is not there any more. */
export const endConflict = (world: Keeping, pair: Pair): Promise<Written> => keep(world, pair, undefined);

async function keep(world: Keeping, pair: Pair, finding: Finding | undefined): Promise<Written> {
  const written = await tryAgain(world.db, () => world.db.transaction((tx) => write(world, tx, pair, finding)));
  if (written === "told") world.events.committed();
  return written;
}
async function write(world: Keeping, tx: Tx, pair: Pair, finding: Finding | undefined): Promise<Written> {
  const row = await lockPair(tx, pair);
  if (row && finding && finding.seenAt < row.updated_at) return "stale";
  const found = (await countLive(tx, pair)) === 2 ? finding : undefined;
  const next = nextConflict(row && { state: row.state as Next["state"], files: filesOf(row), accepted: acceptedOf(row)?.files }, found?.files);
  if (next === undefined) return "kept";
  const now = world.clock.now();
  const after = { ...(row ?? toNew(world, finding as Finding, now)), ...toFacts(row, next, found), updated_at: now };
  if (row === undefined) {
    // Another server was quicker: what it found is compared with what this one did.
    if (!(await insertConflict(tx, after))) return write(world, tx, pair, finding);
  } else if (isSame(row, after as ConflictRow)) return "kept";
  else await updateConflict(tx, after as ConflictRow);
  if (next.tell === undefined) return "kept";
  // Of one that has eased it is told what it was about.
  const told = next.state === "eased" && row ? { ...after, files: row.files, file_count: row.file_count } : after;
  tx.leave(world.events.append(tx, [{ type: next.tell, data: await toData(tx, told) }]));
  return "told";
}
const toNew = ({ newId }: Keeping, { a_id, b_id, repositoryId, secondId }: Finding, now: number): NewConflict => ({
  id: newId(),
  repository_id: repositoryId,
  a_id,
  b_id,
  second_id: secondId,
  state: "open",
  severity: null,
  files: "[]",
  file_count: 0,
  accepted: null,
  version: 0,
  told: 0,
  created_at: now,
  updated_at: now,
});
function toFacts(row: ConflictRow | undefined, { state, tell }: Next, found: Finding | undefined): Partial<ConflictRow> {
  const isNew = tell === "conflict.detected" || tell === "conflict.worsened";
  return {
    state,
    accepted: state === "resolved" ? (row?.accepted ?? null) : null,
    version: (row?.version ?? 0) + (isNew ? 1 : 0),
    // What overlapped last stays readable in one that is gone.
    ...(found === undefined
      ? {}
      : { severity: found.files[0]?.severity ?? null, files: JSON.stringify(found.files.slice(0, MAX_FILES)), file_count: found.files.length }),
    ...(found !== undefined && isNew ? { second_id: found.secondId } : {}),
  };
}
const isSame = (row: ConflictRow, after: ConflictRow): boolean => row.state === after.state && row.files === after.files && row.file_count === after.file_count;
/** What the log tells. Where it is about two projects it is neither's alone. */
export async function toData(tx: Tx, row: NewConflict): Promise<Record<string, Json>> {
  const owners = (await findOwners(tx, [row])).get(row.id) ?? [];
  const [one, other] = owners;
  return {
    projectId: one !== undefined && one.whose === other?.whose ? one.whose : ALL_PROJECTS,
    conflictId: row.id,
    severity: row.severity,
    files: filesOf(row)
      .slice(0, MAX_TOLD)
      .map(({ path }) => path),
    fileCount: row.file_count,
    owners: owners.map(({ workspaceId, taskId, agentId }) => ({ workspaceId, taskId, agentId })),
  };
}
