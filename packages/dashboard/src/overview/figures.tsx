// The four figures that tell how things stand, each with what one would ask next.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SystemStatus, TaskSummary } from "@baton/contract";
import type { ReactNode } from "react";
import { newestTasksQuery, systemQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { useNow } from "../std/now.ts";
import { type Tone, toneText } from "../ui/tone.ts";
import type { TaskShow } from "../tasks/task-search.ts";
import { MOST_LISTED } from "./to-alerts.ts";

/** More than this many done today are told as "100+": the API counts by status, not by day. */
const MOST_COUNTED = 100;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function Figures() {
  const world = useWorld();
  const { data: system } = useQuery(systemQuery(world));
  const { data: waiting } = useQuery(newestTasksQuery(world, "waiting", 20));
  const { data: done } = useQuery(newestTasksQuery(world, "completed", MOST_COUNTED));
  const { data: failed } = useQuery(newestTasksQuery(world, "failed", MOST_LISTED));
  const minute = useNow((now) => Math.floor(now / MINUTE_MS));
  const today = done?.items.filter(isToday).length;
  const lastHour = done?.items.filter(({ completedAt }) => completedAt !== null && minute * MINUTE_MS - Date.parse(completedAt) < HOUR_MS).length;
  return (
    <dl className="grid grid-cols-2 overflow-hidden rounded-lg border border-line bg-line gap-px lg:grid-cols-4">
      <Figure name="Running" show="active" value={sum(system, "planning", "executing")} tone="active">
        {system && running(system)}
      </Figure>
      <Figure name="Waiting" show="waiting" value={waiting?.total} tone="wait">
        {waiting && (waiting.total === 0 ? "nobody waits" : toWhy(waiting.items))}
      </Figure>
      <Figure name="Done today" show="completed" value={today === MOST_COUNTED ? `${today}+` : today} tone="done">
        {done && `${lastHour === MOST_COUNTED ? `${lastHour}+` : lastHour} in the last hour, ${done.total.toLocaleString()} in all`}
      </Figure>
      <Figure name="Failed" show="failed" value={failed?.total} tone="bad">
        {failed && (failed.items[0] ? `last: ${failed.items[0].title}` : "none")}
      </Figure>
    </dl>
  );
}

function Figure({ name, value, tone, show, children }: { name: string; value: number | string | undefined; tone: Tone; show: TaskShow; children: ReactNode }) {
  return (
    <div className="relative bg-raised px-4 py-3.5 has-[a:hover]:bg-paper sm:px-5">
      <dt className="text-sm text-soft">
        <Link to="/tasks" search={{ show }} className="after:absolute after:inset-0">
          {name}
        </Link>
      </dt>
      <dd
        className={`mt-0.5 text-[1.9rem] leading-10 font-medium tracking-tight [font-variant-numeric:normal] ${value === 0 || value === undefined ? "text-soft" : toneText[tone]}`}
      >
        {value ?? "–"}
      </dd>
      <dd className="line-clamp-2 min-h-[1.3rem] text-sm text-soft xl:line-clamp-1">{children}</dd>
    </div>
  );
}

function running(system: SystemStatus): string {
  const queued = system.tasks["queued"] ?? 0;
  const steps = system.attemptsRunning === 1 ? "1 step at work" : `${system.attemptsRunning} steps at work`;
  return queued === 0 ? steps : `${steps}, ${queued} queued`;
}

const whats: Record<string, string> = {
  agent: "for an agent",
  approval: "for approval",
  conflict: "for other work",
  quota: "for a quota",
  budget: "for budget",
  dependency: "for another task",
  schedule: "for its time",
};

/** `2 for an agent, 1 for approval`. */
function toWhy(tasks: TaskSummary[]): string {
  const counts = new Map<string, number>();
  for (const { waitingFor } of tasks) {
    const kind = waitingFor?.kind ?? "unknown";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${whats[kind] ?? `for ${kind}`}`).join(", ");
}

const sum = (system: SystemStatus | undefined, ...statuses: string[]): number | undefined =>
  system && statuses.reduce((total, status) => total + (system.tasks[status] ?? 0), 0);

const isToday = (task: TaskSummary): boolean => task.completedAt !== null && new Date(task.completedAt).toDateString() === new Date().toDateString();
