// Who is connected for long, by what: once that has ended, so does the connection. Looked at when a server hints that something ended, soon
// after a connection was opened (it may have ended just then), and from time to time, as logins and keys run out without a word.
import type { Log } from "../std/log.ts";
import { type AccountsWorld, ENDED } from "./accounts.ts";
import type { Identity } from "./identify.ts";
import { extendBrowserLogins, selectLasting, selectLastingKeys } from "./login-rows.ts";

export interface Standing {
  /** `end` is called once, when what they came in by counts no more. Returns what lets go of it; does nothing for who came in by what cannot end. */
  hold(identity: Identity | undefined, end: () => void): () => void;
  close(): Promise<void>;
}
type StandingWorld = Pick<AccountsWorld, "db" | "clock" | "sessionSeconds"> & { log: Log };
const SOON_MS = 250;
const LOOK_MS = 30_000;
/** Whoever has a token for longer connects again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export async function openStanding(world: StandingWorld): Promise<Standing> {
  const logins = new Map<string, Set<() => void>>();
  const keys = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  let due = Infinity;
  let isLooking = false;
  let isClosed = false;
  const within = (ms: number): void => {
    const at = performance.now() + ms;
    if (isClosed || at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(look, ms).unref();
  };
  function end(held: Map<string, Set<() => void>>, lasting: readonly string[], asked: readonly string[]): void {
    const stays = new Set(lasting);
    for (const id of asked) {
      if (stays.has(id)) continue;
      const ends = held.get(id);
      held.delete(id);
      for (const one of ends ?? []) one();
    }
  }
  async function lookAtAll(): Promise<void> {
    const now = world.clock.now();
    const [loginIds, keyIds] = [[...logins.keys()], [...keys.keys()]];
    // Whoever is connected uses their login.
    if (loginIds.length > 0) {
      end(logins, await selectLasting(world.db, loginIds, now), loginIds);
      const held = [...logins.keys()];
      if (held.length > 0) await world.db.transaction((tx) => extendBrowserLogins(tx, held, now, now + world.sessionSeconds * 1000));
    }
    if (keyIds.length > 0) end(keys, await selectLastingKeys(world.db, keyIds, now), keyIds);
  }
  function look(): void {
    clearTimeout(timer);
    due = Infinity;
    // What comes meanwhile is looked at after this.
    if (isLooking) return within(SOON_MS);
    isLooking = true;
    lookAtAll()
      .catch((error: unknown) => world.log.warn({ err: error }, "it could not be looked up whose logins have ended"))
      .finally(() => {
        isLooking = false;
        if (logins.size + keys.size > 0) within(LOOK_MS);
      })
      .catch((error: unknown) => world.log.error({ err: error }, "the watch over logins failed inside"));
  }
  const unlisten = await world.db.onNotify(ENDED, look);
  return {
    hold(identity, end) {
      const by = identity?.by;
      if (by === undefined) return () => undefined;
      if ("until" in by) {
        const timer = setTimeout(end, Math.min(Math.max(0, by.until - world.clock.now()), MAX_TIMER_MS)).unref();
        return () => clearTimeout(timer);
      }
      const [held, id] = "login" in by ? [logins, by.login] : [keys, by.key];
      const ends = held.get(id) ?? new Set();
      held.set(id, ends.add(end));
      within(SOON_MS);
      return () => {
        ends.delete(end);
        if (ends.size === 0 && held.get(id) === ends) held.delete(id);
      };
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await unlisten();
    },
  };
}
