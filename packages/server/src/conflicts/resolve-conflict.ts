// A person, or somebody's program, says that a conflict is taken care of: they have seen it, and know how the two will come together.
import { type Conflict, type ConflictResolution, Refusal } from "@baton/contract";
import { type Accepted, type ConflictRow, filesOf, lockConflict, updateConflict } from "./conflict-rows.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { toData } from "./keep-conflict.ts";
import { getConflict, missing } from "./to-conflict.ts";

/** One that is resolved already stays as it was resolved. @throws Refusal `not_found`, `conflict` when nothing overlaps that could be resolved. */
export async function resolveConflict(
  world: Pick<ConflictsWorld, "db" | "clock" | "events">,
  id: string,
  { note }: ConflictResolution,
  by: string,
): Promise<Conflict> {
  await world.db.transaction(async (tx) => {
    const row = await lockConflict(tx, id);
    if (!row) throw missing(id);
    if (row.state === "resolved") return;
    if (row.state !== "open") throw new Refusal("conflict", `The conflict ${id} is ${row.state}: there is nothing to resolve.`);
    const now = world.clock.now();
    const accepted: Accepted = { by, note, at: now, files: filesOf(row).map(({ path, severity }) => ({ path, severity })) };
    const resolved: ConflictRow = { ...row, state: "resolved", accepted: JSON.stringify(accepted), updated_at: now };
    await updateConflict(tx, resolved);
    tx.leave(world.events.append(tx, [{ type: "conflict.resolved", data: { ...(await toData(tx, resolved)), by, note } }]));
  });
  world.events.committed();
  return getConflict(world, id);
}
