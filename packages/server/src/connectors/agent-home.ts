// Where an agent that keeps conversations keeps them: a HOME of its own that outlives its attempts, and working directories that are
// at the same path when a conversation goes on. On this machine only: another server of a cluster has homes of its own.
import { createHash } from "node:crypto";
import { createPlace, type Place } from "../programs/programs.ts";
import type { ConnectorAgent } from "./connector.ts";

/** The limit of a file's name is 255 bytes. */
const MAX_NAME = 200;

/** HOME as the agent's registration says it, else a directory of its own that is kept. */
export async function agentHome(homesDirectory: string, agent: ConnectorAgent): Promise<string> {
  return agent.environment["HOME"] ?? (await createPlace(homesDirectory, homeName(agent.id))).directory;
}
/** The prefix makes a plain name of an id such as `..`; what would be too long as a name is told by its hash. */
function homeName(agentId: string): string {
  const name = `agent-${agentId}`;
  return encodeURIComponent(name).length <= MAX_NAME ? name : `agent-${createHash("sha256").update(agentId).digest("hex")}`;
}

export interface SharedPlaces {
  /** The directory `name`, which others may be in at the same time. Its `remove` leaves it; with the last one it is removed. */
  enter(name: string): Promise<Place>;
}
export function openSharedPlaces(parent: string): SharedPlaces {
  const inside = new Map<string, number>();
  const removals = new Map<string, Promise<void>>();
  const leave = async (name: string, place: Place): Promise<void> => {
    const left = (inside.get(name) ?? 1) - 1;
    inside.set(name, left);
    if (left > 0) return;
    inside.delete(name);
    const removal = place.remove().finally(() => removals.delete(name));
    removals.set(name, removal);
    await removal;
  };
  return {
    enter: async (name) => {
      while (removals.has(name)) await removals.get(name)?.catch(() => undefined);
      inside.set(name, (inside.get(name) ?? 0) + 1);
      const place = await createPlace(parent, name);
      return { directory: place.directory, remove: () => leave(name, place) };
    },
  };
}
