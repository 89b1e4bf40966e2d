// What clients of the hub tell each other, put into the log: from there every server tells its own.
import { type Json, Refusal } from "@baton/contract";
import type { MessagesWorld } from "./messages-world.ts";

const MAX_BYTES = 64 * 1024;

/** @throws Refusal `too_large`. */
export async function tellHub(world: MessagesWorld, told: { target: string; group: string | null; arguments: Json[] }): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(told));
  if (bytes > MAX_BYTES) throw new Refusal("too_large", `What is told has ${bytes} bytes as JSON; ${MAX_BYTES} are allowed. Send it as a message or a task.`);
  await world.db.transaction((tx) => world.events.append(tx, [{ type: "hub.told", data: told }]));
  world.events.committed();
}
