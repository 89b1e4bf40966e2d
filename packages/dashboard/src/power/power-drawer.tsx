// What goes on behind the page: events as they come, and the calls the page made, each as curl. Below the page, folded until asked for.
import { useState } from "react";
import { type LoggedCall, toCurl } from "../api/call-log.ts";
import { useIdentity } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { useObservable } from "../std/observable.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/snippet.tsx";
import { toClock } from "../ui/when.tsx";

type Shown = "events" | "calls" | undefined;
const SHOWN_CALLS = 40;

export default function PowerDrawer() {
  const [shown, setShown] = useState<Shown>(undefined);
  const toggle = (which: Shown) => setShown(shown === which ? undefined : which);
  return (
    <section
      aria-label="Behind the page"
      className="fixed inset-x-0 bottom-[calc(3.5rem+env(safe-area-inset-bottom))] z-10 border-t border-line bg-raised lg:bottom-0 lg:left-52"
    >
      <div className="flex gap-1 px-2 py-1">
        <Button kind="quiet" className="h-7 px-2" aria-expanded={shown === "events"} onClick={() => toggle("events")}>
          Events
        </Button>
        <Button kind="quiet" className="h-7 px-2" aria-expanded={shown === "calls"} onClick={() => toggle("calls")}>
          API calls
        </Button>
      </div>
      {shown !== undefined && (
        <section className="h-64 overflow-y-auto border-t border-line" aria-label={shown === "events" ? "Events" : "API calls"}>
          {shown === "events" ? <Events /> : <Calls />}
        </section>
      )}
    </section>
  );
}

function Events() {
  const events = useObservable(useWorld().recentEvents);
  if (events.length === 0) return <p className="p-4 text-sm text-soft">Nothing has happened since the page was opened.</p>;
  return (
    <ol className="divide-y divide-line font-mono text-xs">
      {events.map((event) => (
        <li key={event.seq}>
          <details>
            <summary className="flex gap-3 px-3 py-1">
              <span className="w-16 shrink-0 text-right text-soft">{event.seq}</span>
              <span className="w-16 shrink-0 text-soft">{toClock(event.at)}</span>
              <span className="w-40 shrink-0">{event.type}</span>
              <span className="min-w-0 truncate text-soft">{JSON.stringify({ ...idsOf(event), ...event.data })}</span>
            </summary>
            <pre className="px-3 py-2 whitespace-pre-wrap">{JSON.stringify(event, null, 2)}</pre>
          </details>
        </li>
      ))}
    </ol>
  );
}

const idsOf = ({ taskId, stepId, attemptId, agentId }: Record<"taskId" | "stepId" | "attemptId" | "agentId", string | null>): Record<string, string> =>
  Object.fromEntries(Object.entries({ taskId, stepId, attemptId, agentId }).filter((entry): entry is [string, string] => entry[1] !== null));

function Calls() {
  const calls = useObservable(useWorld().callLog.calls);
  const needsKey = useIdentity()?.kind !== "local";
  return (
    <ol className="divide-y divide-line font-mono text-xs">
      {calls.slice(0, SHOWN_CALLS).map((call) => (
        <CallRow key={call.n} call={call} needsKey={needsKey} />
      ))}
    </ol>
  );
}

const CallRow = ({ call, needsKey }: { call: LoggedCall; needsKey: boolean }) => (
  <li className="flex items-center gap-3 px-3 py-0.5">
    <span className="w-16 shrink-0 text-soft">{toClock(new Date(call.at).toISOString())}</span>
    <span className={`w-8 shrink-0 ${typeof call.status === "number" && call.status < 400 ? "" : "text-bad"}`}>{call.status}</span>
    <span className="w-14 shrink-0 text-right text-soft">{call.durationMs} ms</span>
    <span className="min-w-0 flex-1 truncate">
      {call.method} {call.path}
    </span>
    <CopyButton text={toCurl(call, needsKey)} what={`${call.method} ${call.path} as curl`} />
  </li>
);
