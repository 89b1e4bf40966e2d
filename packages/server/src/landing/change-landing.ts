// What whoever watches over landings does to one that is in the queue, or was.
import { type AskedGate, type Landing, Refusal } from "@baton/contract";
import { getWorkspaceRow } from "../workspaces/workspaces.ts";
import { keep } from "./chain.ts";
import { toEvent } from "./hold.ts";
import { type LandingRow, lockLanding, selectLanding, updateLanding } from "./landing-rows.ts";
import { CHANNEL, type LandingsWorld } from "./landings-world.ts";
import { getLanding, missing } from "./to-landing.ts";
import { withdrawAsked } from "./withdraw-asked.ts";
import { commitOfWork } from "./work.ts";

const isOpen = ({ state }: LandingRow): boolean => state === "queued" || state === "judging" || state === "asking" || state === "moving";
/** Takes it out of the queue, also while it is judged. @throws Refusal `conflict` once it is being moved, or has ended. */
export async function cancelLanding(world: LandingsWorld, id: string, by: string): Promise<Landing> {
  const landing = await change(world, id, (row, now) => {
    if (row.state === "cancelled") return undefined;
    if (row.state !== "queued" && row.state !== "judging" && row.state !== "asking" && row.state !== "returned")
      throw new Refusal("conflict", `Landing ${id} is ${row.state}; only one that is queued, judged, asked about or returned can be cancelled.`);
    Object.assign(row, { state: "cancelled", reason: `It was cancelled by ${by}.`, updated_at: now });
    return toEvent("landing.cancelled", row, { by });
  });
  await withdrawAsked(world, landing);
  return landing;
}
/** Puts one that was refused, returned or cancelled at the end of the queue again; of a workspace, as that is now. @throws Refusal `conflict` for others. */
export async function retryLanding(world: LandingsWorld, id: string, reason = "It is tried again."): Promise<Landing> {
  const before = await selectLanding(world.db, id);
  if (!before) throw missing(id);
  if (before.state === "landed" || before.state === "proposed") throw new Refusal("conflict", `Landing ${id} is ${before.state}.`);
  const commit =
    isOpen(before) || before.workspace_id === null ? before.source_commit : await commitOfWork(world, await getWorkspaceRow(world, before.workspace_id));
  if (commit !== null && commit !== before.source_commit) await keep(world, before.repository, id, commit);
  return change(world, id, (row, now) => {
    if (row.state !== before.state || isOpen(row)) return undefined;
    // Of one that was told no somebody may say yes this time; what an agent mended is another commit, or as it was.
    if (row.state !== "returned") row.asked = JSON.stringify((JSON.parse(row.asked) as AskedGate[]).filter((one) => one.state === "pass"));
    Object.assign(row, { state: "queued", reason: "It waits for its turn.", failure: null, source_commit: commit, queued_at: now, updated_at: now });
    return toEvent("landing.queued", row, { source: row.source, reason });
  });
}
/** @param work what becomes of it, and the event that tells of it; undefined: nothing does. */
export async function change(
  world: LandingsWorld,
  id: string,
  work: (row: LandingRow, now: number) => ReturnType<typeof toEvent> | undefined,
): Promise<Landing> {
  await world.db.transaction(async (tx) => {
    const row = await lockLanding(tx, id);
    if (!row) throw missing(id);
    const event = work(row, world.clock.now());
    if (!event) return;
    await updateLanding(tx, row);
    await world.events.append(tx, [event]);
  });
  tell(world);
  return getLanding(world, id);
}
export function tell(world: LandingsWorld): void {
  world.events.committed();
  world.db.notify(CHANNEL);
}
