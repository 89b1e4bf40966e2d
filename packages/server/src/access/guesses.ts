// How often wrong credentials may be shown from one place (an address, a name) before nothing is looked at for a while.
import { Refusal } from "@baton/contract";
import type { Clock } from "../std/clock.ts";

export interface Guesses {
  /** @throws Refusal `too_many_requests` */
  check(place: string): void;
  wrong(place: string): void;
}
const WINDOW_MS = 60_000;
/** The oldest are forgotten: whoever has so many addresses is held by the rate limit. */
const MAX_PLACES = 10_000;

export function openGuesses(clock: Clock, max: number): Guesses {
  const places = new Map<string, { wrong: number; until: number }>();
  const countAt = (place: string): { wrong: number; until: number } | undefined => {
    const known = places.get(place);
    if (known && known.until > clock.now()) return known;
    places.delete(place);
    return undefined;
  };
  return {
    check: (place) => {
      const known = countAt(place);
      if (known === undefined || known.wrong < max) return;
      const retryAfterSeconds = Math.max(1, Math.ceil((known.until - clock.now()) / 1000));
      throw new Refusal("too_many_requests", "Too many wrong credentials came from here. Wait before the next try.", { retryAfterSeconds });
    },
    wrong: (place) => {
      const known = countAt(place);
      if (known) known.wrong++;
      else places.set(place, { wrong: 1, until: clock.now() + WINDOW_MS });
      if (places.size > MAX_PLACES) places.delete(places.keys().next().value as string);
    },
  };
}
