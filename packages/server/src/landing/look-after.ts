// Landings that wait for something outside of their queue are looked at now and then, by every server; what is done with one may be done again, and by several at once.
import { Refusal } from "@baton/contract";
import type { PlacedLanding } from "./landing-rows.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { isHere } from "./repository.ts";

/** Of these, those whose repository is on this machine. One that is refused waits until the next time. @param waiting what the log says of it. */
export async function lookAfterEach<Row extends PlacedLanding>(
  world: LandingsWorld,
  rows: readonly Row[],
  waiting: string,
  lookAfter: (row: Row) => Promise<unknown>,
): Promise<void> {
  for (const row of rows) {
    if (!(await isHere(row))) continue;
    await lookAfter(row).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      world.log.info({ landingId: row.id, error: error.message }, waiting);
    });
  }
}
