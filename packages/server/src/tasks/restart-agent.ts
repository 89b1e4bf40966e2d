// An agent whose programs are ours is restarted: what it works on ends, on whatever server, and its steps go back without losing a try.
import type { KnownAgent } from "../agents/agents.ts";
import { signalRestart } from "./attempt-rows.ts";
import type { CommandWorld } from "./commands.ts";

/** Nothing, for an agent of a kind that is not restarted by ending its attempts. */
export async function giveBackWork(world: CommandWorld, { row, connector }: KnownAgent): Promise<void> {
  if (world.connectorOf(connector.kind).restarts !== true) return;
  const told = await world.db.transaction((tx) => signalRestart(tx, row.id));
  const ours = world.dispatcher.lease();
  const ids = told.filter(({ worker }) => worker === ours).map(({ id }) => id);
  world.dispatcher.attempts.stop(ids, "restarted");
  if (told.length > ids.length) world.dispatcher.callOthers();
}
