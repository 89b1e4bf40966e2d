// Says that what stands on the page is not live any more, and from when it is. Not for a moment's break.
import { useEffect, useState } from "react";
import { useWorld } from "../api/world.ts";
import { toAge } from "../std/duration.ts";
import { useNow } from "../std/now.ts";
import { useObservable } from "../std/observable.ts";
import { Icon } from "../ui/icon.tsx";
import { toClock } from "../ui/when.tsx";

const MOMENT_MS = 1500;

export function LostBanner() {
  const { connection, queries } = useWorld();
  const { state, since } = useObservable(connection);
  const [lostFor, setLostFor] = useState<number | undefined>(undefined);
  useEffect(() => {
    if (state !== "lost") return undefined;
    const timer = setTimeout(() => setLostFor(since), MOMENT_MS);
    return () => clearTimeout(timer);
  }, [state, since]);
  const hasSeen = queries
    .getQueryCache()
    .getAll()
    .some(({ state: { data } }) => data !== undefined);
  const age = useNow((now) => toAge(now - since));
  if (state !== "lost" || lostFor !== since) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 border-b border-line bg-wait-wash px-4 py-2 text-sm sm:px-6">
      <span className="text-wait">
        <Icon name="warn" />
      </span>
      <span className="font-medium text-wait">Baton does not answer.</span>
      {!hasSeen && <span>There is nothing to show until it does.</span>}
      {hasSeen && (
        <span>
          What you see is how it was at {toClock(new Date(since).toISOString())}, {age === "now" ? "a moment" : age} ago. It goes on from there as soon as there
          is an answer.
        </span>
      )}
    </div>
  );
}
