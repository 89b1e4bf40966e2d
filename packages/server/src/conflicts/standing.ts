// Conflicts that are open now, with whose they are: for whoever lets one of the two wait.
import type { Reader } from "../store/db.ts";
import { filesOf, selectOpen } from "./conflict-rows.ts";
import { findOwners, type FoundOwner } from "./to-conflict.ts";

export interface StandingConflict {
  owners: FoundOwner[];
  /** The worst first. */
  files: string[];
}
const AT_ONCE = 500;

/** The oldest first. */
export async function listStanding(db: Reader): Promise<StandingConflict[]> {
  const rows = await selectOpen(db, AT_ONCE);
  const owners = await findOwners(db, rows);
  return rows.map((row) => ({ owners: owners.get(row.id) ?? [], files: filesOf(row).map(({ path }) => path) }));
}
