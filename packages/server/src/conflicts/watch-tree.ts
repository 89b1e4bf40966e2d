// Notifications that something below a directory has changed, from the operating system: one watch a directory where it is Linux, none a file. They are
// hints, which may be lost: in directories that are made and filled in one go, and when very many come at once. Whoever needs the truth reads again.
import { lstat } from "node:fs/promises";
import type { AsyncSubscription, Event } from "@parcel/watcher";
import type { Log } from "../std/log.ts";

export interface TreeWatch {
  close(): Promise<void>;
}
export interface Watched {
  path: string;
  /** Directories that are not looked at, absolute. */
  ignore: readonly string[];
  /** `hasNew`: directories were made, in which changes may go unnoticed until it is watched anew. */
  changed(hasNew: boolean): void;
  /** It is not watched any more. */
  failed(): void;
}
/** More than this, and a directory is taken to be among them. */
const MAX_LOOKED_AT = 100;

/** @returns undefined when it cannot be watched: too many watches, or no watcher for this system. */
export async function watchTree(log: Log, { path, ignore, changed, failed }: Watched): Promise<TreeWatch | undefined> {
  try {
    // Loaded when it is needed: there are systems it is not built for.
    const { subscribe } = await import("@parcel/watcher");
    const told = (failure: Error | null, events: Event[]): void => {
      if (failure === null) void hasDirectory(events).then(changed);
      else {
        log.warn({ error: failure.message, path }, "a work tree is not watched any more; it is looked at now and then");
        failed();
      }
    };
    return toWatch(log, await subscribe(path, told, { ignore: [...ignore] }), path);
  } catch (error) {
    log.warn({ error: String(error), path }, "a work tree cannot be watched; it is looked at now and then");
    return undefined;
  }
}
const toWatch = (log: Log, subscription: AsyncSubscription, path: string): TreeWatch => ({
  close: () =>
    subscription.unsubscribe().catch((error: unknown) => log.debug({ error: String(error), path }, "a watch could not be ended; its directory is gone")),
});
async function hasDirectory(events: readonly Event[]): Promise<boolean> {
  const made = events.filter(({ type }) => type === "create");
  if (made.length > MAX_LOOKED_AT) return true;
  const found = await Promise.all(
    made.map(({ path }) =>
      lstat(path).then(
        (facts) => facts.isDirectory(),
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
