// Everything that happened to a task, newest first.
import type { Event, Step } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { taskEventsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { toClock } from "../ui/when.tsx";

const SHOWN = 12;

export function EventLog({ taskId, steps }: { taskId: string; steps: Step[] }) {
  const { data, error, refetch } = useQuery(taskEventsQuery(useWorld(), taskId));
  const [isWhole, setWhole] = useState(false);
  const titles = new Map(steps.map((step) => [step.id, step.title]));
  const events = data?.toReversed() ?? [];
  return (
    <Section title="What happened" aside={data && <span className="text-sm text-soft">{events.length === 1 ? "1 event" : `${events.length} events`}</span>}>
      {error && <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />}
      {!data && !error && <Loading what="events" className="h-48" />}
      {events.length > 0 && (
        <Panel className="py-2">
          <ol>
            {(isWhole ? events : events.slice(0, SHOWN)).map((event) => (
              <EventRow key={event.seq} event={event} step={event.stepId === null ? undefined : (titles.get(event.stepId) ?? event.stepId)} />
            ))}
          </ol>
        </Panel>
      )}
      {events.length > SHOWN && (
        <div className="mt-3 text-center">
          <Button kind="quiet" onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Show the newest" : `Show all ${events.length}`}
          </Button>
        </div>
      )}
    </Section>
  );
}

function EventRow({ event, step }: { event: Event; step: string | undefined }) {
  const said = toSaid(event);
  return (
    <li className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-3 px-4 py-1 text-sm sm:grid-cols-[4.5rem_11rem_minmax(0,1fr)]">
      <time dateTime={event.at} className="text-soft">
        {toClock(event.at)}
      </time>
      <span>{event.type}</span>
      <span className="col-start-2 truncate text-soft sm:col-start-3" title={said}>
        {[step, said].filter(Boolean).join(" · ")}
      </span>
    </li>
  );
}

/** The sentence an event carries, whichever field it is in. */
function toSaid({ data }: Event): string {
  for (const field of ["reason", "detail", "message", "agentName"]) {
    const value = data[field];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}
