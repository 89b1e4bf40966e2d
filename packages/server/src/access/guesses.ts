// How many wrong passwords are looked at, over all servers of a store: counted in it before they are judged, so that many at once are counted, too.
// What locks out strangers does not lock out who a name belongs to: from where they logged in lately, the guesses of others do not count.
import { Refusal } from "@baton/contract";
import type { Clock } from "../std/clock.ts";
import { type Db, tryAgain } from "../store/db.ts";
import { hashOf } from "./accounts.ts";
import * as rows from "./guess-rows.ts";

const WINDOW_MS = 60_000;
/** In a window: for one name from one network, from one network whatever the name, and for one name from networks that are strange to it. */
const MOST = { pair: 10, network: 30, name: 100 };
const FAMILIAR_MS = 30 * 86_400_000;
const KEPT_MS = 3_600_000;

/** Where somebody tries to log in, and as whom. `network` as callers are counted: an address, or a /64 of IPv6. */
export interface Guess {
  name: string;
  network: string;
}
/** Calls `attempt`, which throws the refusal `unauthorized` where the password is wrong. @throws Refusal `too_many_requests` */
export type Guessed = <T>(guess: Guess, attempt: () => Promise<T>) => Promise<T>;

export function openGuesses({ db, clock }: { db: Db; clock: Clock }): Guessed {
  const write: Db["transaction"] = (work) => tryAgain(db, () => db.transaction(work));
  return async ({ name, network }, attempt) => {
    const now = clock.now();
    const [pair, familiar] = [placeOf("pair", name, network), placeOf("familiar", name, network)];
    const places = new Map([
      [pair, MOST.pair],
      [placeOf("network", network), MOST.network],
      [placeOf("name", name), MOST.name],
    ]);
    const known = await rows.selectGuesses(db, [...places.keys(), familiar], now);
    if (known.some(({ place }) => place === familiar)) places.delete(placeOf("name", name));
    refuseFull(known, now, (place) => (places.get(place) ?? Infinity) - 1);
    const counted = await write(async (tx) => {
      await rows.deleteGuesses(tx, now - KEPT_MS);
      return rows.countGuess(tx, [...places.keys()], now, now + WINDOW_MS);
    });
    refuseFull(counted, now, (place) => places.get(place) ?? Infinity);
    try {
      const done = await attempt();
      await write(async (tx) => {
        await rows.uncountGuess(tx, [...places.keys()]);
        await rows.setPlace(tx, { place: pair, wrong: 0, until: now });
        await rows.setPlace(tx, { place: familiar, wrong: 0, until: now + FAMILIAR_MS });
      });
      return done;
    } catch (error) {
      // Not for what they are to blame for.
      if (!(error instanceof Refusal && error.code === "unauthorized")) await write((tx) => rows.uncountGuess(tx, [...places.keys()]));
      throw error;
    }
  };
}
const placeOf = (...parts: readonly string[]): string => hashOf(JSON.stringify(parts));
function refuseFull(found: readonly rows.GuessRow[], now: number, mostAt: (place: string) => number): void {
  const full = found.filter(({ place, wrong }) => wrong > mostAt(place)).map(({ until }) => until);
  if (full.length === 0) return;
  const retryAfterSeconds = Math.max(1, Math.ceil((Math.max(...full) - now) / 1000));
  throw new Refusal("too_many_requests", "Too many wrong passwords came from here, or for this name. Wait before the next try.", { retryAfterSeconds });
}
