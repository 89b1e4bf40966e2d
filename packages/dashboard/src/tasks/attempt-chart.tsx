// Every attempt of a task on one line of time: what ran beside what, what was tried again, and where the time went.
import type { Attempt, Step } from "@baton/contract";
import { toDuration } from "../std/duration.ts";
import { useNow } from "../std/now.ts";
import { Panel, Section } from "../ui/section.tsx";
import { type Tone, toTone } from "../ui/tone.ts";

const fills: Record<Tone, string> = { quiet: "bg-faint", active: "bg-accent", done: "bg-soft", wait: "bg-wait", bad: "bg-bad" };
const MOST = 60;

export function AttemptChart({ steps, onSelect }: { steps: Step[]; onSelect: (stepId: string) => void }) {
  const rows = steps
    .flatMap((step) => step.attempts.map((attempt) => ({ step, attempt })))
    .toSorted((a, b) => a.attempt.startedAt.localeCompare(b.attempt.startedAt));
  const isRunning = rows.some(({ attempt }) => attempt.endedAt === null);
  // To the second while something runs; otherwise it stands still.
  const now = useNow((time) => (isRunning ? time : 0));
  if (rows.length < 2) return null;
  const from = Math.min(...rows.map(({ attempt }) => Date.parse(attempt.startedAt)));
  const to = Math.max(from + 1, ...rows.map(({ attempt }) => (attempt.endedAt === null ? now : Date.parse(attempt.endedAt))));
  const toPart = (at: number): number => ((at - from) / (to - from)) * 100;
  return (
    <Section title="Timeline" aside={<span className="text-sm text-soft">{toDuration(to - from)} from the first to the last</span>}>
      <Panel className="px-4 py-3">
        <ol className="space-y-1">
          {rows.slice(-MOST).map(({ step, attempt }) => {
            const end = attempt.endedAt === null ? now : Date.parse(attempt.endedAt);
            const left = toPart(Date.parse(attempt.startedAt));
            return (
              <li
                key={attempt.id}
                className="grid grid-cols-[minmax(0,9rem)_minmax(0,1fr)_4.5rem] items-center gap-x-3 text-sm sm:grid-cols-[minmax(0,14rem)_minmax(0,1fr)_4.5rem]"
              >
                <button type="button" onClick={() => onSelect(step.id)} className="min-h-6 truncate text-left hover:underline">
                  {step.title}
                  <span className="text-soft">
                    {attempt.number > 1 ? ` #${attempt.number}` : ""} · {attempt.assignment.agentName}
                  </span>
                </button>
                <span className="relative block h-2 rounded-full bg-sunken" title={toTitle(attempt)}>
                  <span
                    className={`absolute inset-y-0 min-w-1 rounded-full ${fills[toTone(attempt.state)]}`}
                    style={{ left: `${left}%`, width: `${Math.max(0, toPart(end) - left)}%` }}
                  />
                </span>
                <span className="text-right text-xs whitespace-nowrap text-soft">
                  <span className="sr-only">{attempt.state}, </span>
                  {toDuration(end - Date.parse(attempt.startedAt))}
                </span>
              </li>
            );
          })}
        </ol>
        {rows.length > MOST && (
          <p className="mt-2 text-xs text-soft">
            the last {MOST} of {rows.length}
          </p>
        )}
      </Panel>
    </Section>
  );
}

const toTitle = ({ state, startedAt, endedAt, outcome }: Attempt): string => {
  const why = outcome?.ok === false ? `: ${outcome.detail}` : "";
  return `${state}${why}, from ${startedAt}${endedAt === null ? "" : ` to ${endedAt}`}`;
};
