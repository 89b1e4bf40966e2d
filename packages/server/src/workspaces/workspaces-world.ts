// What the room needs of the world, and the turns that things take which must not happen at once.
import type { EventLog } from "../events/events.ts";
import type { Programs } from "../programs/programs.ts";
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
  programs: Programs;
  workspaces: Workspaces;
}
export interface WorkspaceSettings {
  /** What this machine is called: its ports are shared by all servers on it. */
  host: string;
  /** Of which workspaces get theirs, both ends included. */
  ports: { from: number; to: number };
  /** In megabytes of 1,000,000 bytes: above which no more are made on this server. undefined: there is no such limit. */
  maxDiskMb: number | undefined;
  /** Not used for so long, one whose work has landed, or that has none, is removed. */
  retentionMs: number;
  /** Where commands get a HOME, which is removed when they end. */
  scratchDirectory: string;
}
/** What of the room lives. */
export interface Workspaces {
  /** Where work trees are made. */
  directory: string;
  serverName: string;
  settings: WorkspaceSettings;
  /** Ended when this server stops: what tears workspaces down stops, and is begun again by the next. */
  ending: AbortSignal;
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
