// Work that did not land goes back to the agent that did it: as a task in the same work tree, with the same conversation. What it makes of it is queued again.
import { type Landing, type LandingFailure, Refusal } from "@baton/contract";
import { getTaskRow, giveBack, isTerminal } from "../tasks/tasks.ts";
import { change, retryLanding } from "./change-landing.ts";
import { toEvent } from "./hold.ts";
import { type LandingRow, selectReturned } from "./landing-rows.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { lookAfterEach } from "./look-after.ts";

/** May be done again, and by several at once: the id of the task is in the row before the task is there. */
export async function lookAfterReturned(world: LandingsWorld): Promise<void> {
  await lookAfterEach(world, await selectReturned(world.db), "a landing that was given back waits", (row) => lookAfter(world, row));
}
async function lookAfter(world: LandingsWorld, row: LandingRow): Promise<void> {
  const told = (JSON.parse(row.returns) as Landing["returns"]).at(-1);
  if (told === undefined || row.workspace_id === null) return refuse(world, row, "Nobody can be told.");
  const task = await findTask(world, told.taskId);
  if (task === undefined) {
    const rework = { id: told.taskId, title: `Mend ${row.source}, which does not land`.slice(0, 200), description: toWords(row), type: "landing" };
    await giveBack(world, row.workspace_id, rework).catch(async (error: unknown) => {
      if (!(error instanceof Refusal) || error.code === "unavailable") throw error;
      // Another server may have been quicker.
      if ((await findTask(world, told.taskId)) === undefined) await refuse(world, row, `It cannot be given back: ${error.message}`);
    });
  } else if (task.status === "completed") await retryLanding(world, row.id, "Its agent has mended it.");
  else if (isTerminal(task.status)) await refuse(world, row, `Its agent did not mend it: task ${told.taskId} is ${task.status}.`);
}
export const findTask = (world: LandingsWorld, id: string) =>
  getTaskRow(world, id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") return undefined;
    throw error;
  });
async function refuse(world: LandingsWorld, { id }: LandingRow, why: string): Promise<void> {
  await change(world, id, (row, now) => {
    if (row.state !== "returned") return undefined;
    const { kind, gates, files } = JSON.parse(row.failure ?? "{}") as LandingFailure;
    Object.assign(row, { state: "refused", reason: `${why} ${row.reason}`.slice(0, 2000), updated_at: now });
    return toEvent("landing.refused", row, { kind, gates, files: files.map(({ path }) => path), reason: row.reason });
  });
}
/** What the agent is told. */
function toWords({ target, failure, source }: LandingRow): string {
  const { kind, detail, files } = JSON.parse(failure ?? "{}") as LandingFailure;
  const head =
    kind === "conflict"
      ? `Your work on ${source} cannot be merged into ${target}, which has moved meanwhile. In this work tree, merge ${target} into what you have, resolve what conflicts, and keep what both sides meant.`
      : `Your work on ${source} was merged onto ${target} and did not pass what guards it. Mend it in this work tree.`;
  return [head, detail, ...files.map((file) => `${file.path}: ${file.detail}`), "When you are done it is tried again."].join("\n\n");
}
