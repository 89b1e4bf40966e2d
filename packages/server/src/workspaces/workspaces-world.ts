// What the room needs of the world, and the turns that things take which must not happen at once.
import type { EventLog } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import type { Git } from "./git.ts";

export interface WorkspacesWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  log: Log;
  events: EventLog;
  git: Git;
  workspaces: Workspaces;
}
/** What of the room lives. */
export interface Workspaces {
  /** Where work trees are made. */
  directory: string;
  serverName: string;
  /** One after another, of all that have the same key. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function openTurns(): Workspaces["inTurn"] {
  const turns = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const done = (turns.get(key) ?? Promise.resolve()).then(work, work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    turns.set(key, settled);
    void settled.then(() => turns.get(key) === settled && turns.delete(key));
    return done;
  };
}
