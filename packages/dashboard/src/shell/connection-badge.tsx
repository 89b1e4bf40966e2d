// Whether what the page shows is live. Says so only while the event stream is open.
import { type Connection, useWorld } from "../api/world.ts";
import { useNow } from "../std/now.ts";
import { useObservable } from "../std/observable.ts";
import { toClock } from "../ui/when.tsx";
import { toAge } from "../std/duration.ts";

const looks: Record<Connection["state"], { word: string; text: string; dot: string }> = {
  connecting: { word: "Connecting", text: "text-soft", dot: "bg-faint animate-breathe" },
  live: { word: "Live", text: "text-accent", dot: "bg-accent" },
  lost: { word: "Reconnecting", text: "text-wait", dot: "bg-wait animate-breathe" },
  locked: { word: "Locked", text: "text-bad", dot: "bg-bad" },
};

export function ConnectionBadge() {
  const { state, since } = useObservable(useWorld().connection);
  const age = useNow((now) => toAge(now - since));
  const { word, text, dot } = looks[state];
  const clock = toClock(new Date(since).toISOString());
  const detail = { connecting: "", live: `since ${clock.slice(0, 5)}`, lost: `no news for ${age === "now" ? "a moment" : age}`, locked: "log in to go on" }[
    state
  ];
  return (
    <span className="flex items-center gap-2 text-sm whitespace-nowrap" title={`${word} since ${clock}`}>
      <span className={`size-2 rounded-full ${dot}`} />
      <output className={`font-medium ${text}`}>{word}</output>
      <span className="hidden text-soft sm:inline lg:hidden">{detail}</span>
    </span>
  );
}
