// Nobody is asked any more about what does not land: open approvals are withdrawn, reviews cancelled.
import { type Landing, Refusal } from "@baton/contract";
import { closeApproval, toDecided } from "../approvals/approvals.ts";
import { cancelTask } from "../tasks/tasks.ts";
import type { LandingsWorld } from "./landings-world.ts";

export async function withdrawAsked(world: LandingsWorld, { asked }: Pick<Landing, "asked">): Promise<void> {
  for (const { kind, id } of asked.filter(({ state }) => state === "open")) {
    if (kind === "approval") await withdraw(world, id);
    else
      await cancelTask(world, id).catch((error: unknown) => {
        // It has ended, or was not handed in yet and never will be.
        if (!(error instanceof Refusal) || error.code === "unavailable") throw error;
      });
  }
}
async function withdraw(world: LandingsWorld, id: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    const closed = await closeApproval(tx, id, { state: "withdrawn", comment: null, by: null, at: world.clock.now() });
    if (closed) await world.events.append(tx, [toDecided(closed)]);
  });
  world.events.committed();
}
