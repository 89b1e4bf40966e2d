// The tasks by how they stand, one column each, the newest on top.
import type { TaskSummary } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { boardColumnQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Segments } from "../ui/bar.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { Age } from "../ui/when.tsx";
import { type TaskSearch, toTaskFilter } from "./task-search.ts";

const columns = [
  { name: "Queued", show: "active", status: "queued,planning", empty: "Nothing waits for its turn." },
  { name: "At work", show: "active", status: "executing", empty: "Nobody is at work." },
  { name: "Waiting", show: "waiting", status: "waiting,paused", empty: "Nothing waits for anybody." },
  { name: "Done", show: "completed", status: "completed", empty: "Nothing is done yet." },
  { name: "Failed", show: "failed", status: "failed,cancelled", empty: "Nothing failed." },
] as const;

export const TaskBoard = ({ search }: { search: TaskSearch }) => (
  <section className="-mx-4 overflow-x-auto px-4 pb-3 sm:mx-0 sm:px-0" aria-label="Board">
    <div className="grid min-w-max grid-cols-5 items-start gap-3 xl:min-w-0">
      {columns.map((column) => (
        <Column key={column.name} column={column} search={search} />
      ))}
    </div>
  </section>
);

function Column({ column: { name, show, status, empty }, search }: { column: (typeof columns)[number]; search: TaskSearch }) {
  const { data, error, refetch } = useQuery(boardColumnQuery(useWorld(), { ...toTaskFilter(search), status }));
  return (
    <section aria-label={name} className="w-64 rounded-lg bg-sunken p-2 xl:w-auto">
      <h2 className="flex items-baseline justify-between px-2 pt-1 pb-2 text-sm">
        <Link to="/tasks" search={toListSearch(search, show)} className="hover:underline">
          {name}
        </Link>
        <span className="font-normal text-soft">{data?.total.toLocaleString()}</span>
      </h2>
      {error && data === undefined && <ProblemNote error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className="px-2 py-4 text-sm text-soft">{empty}</p>}
      <ul className="space-y-2">
        {data?.items.map((task) => (
          <Card key={task.id} task={task} />
        ))}
      </ul>
      {data !== undefined && data.total > data.items.length && (
        <p className="px-2 pt-3 pb-1 text-xs text-soft">and {(data.total - data.items.length).toLocaleString()} older</p>
      )}
    </section>
  );
}

function toListSearch({ view: _, ...rest }: TaskSearch, show: NonNullable<TaskSearch["show"]>): TaskSearch {
  return { ...rest, show };
}

function Card({ task }: { task: TaskSummary }) {
  const tone = toTone(task.status);
  const why = task.waitingFor?.detail ?? task.failure?.detail ?? task.reason;
  return (
    <li data-row className="relative rounded-md border border-line bg-raised p-3 hover:border-edge">
      <div className="flex items-start gap-2">
        <span className="mt-0.5">
          <StatusMark status={task.status} />
        </span>
        <Link to="/tasks/$taskId" params={{ taskId: task.id }} className="line-clamp-2 text-sm font-medium after:absolute after:inset-0">
          {task.title}
          <span className="sr-only">, {task.status}</span>
        </Link>
      </div>
      {why !== "" && <p className={`mt-1.5 line-clamp-2 text-xs ${tone === "wait" || tone === "bad" ? toneText[tone] : "text-soft"}`}>{why}</p>}
      <div className="mt-2.5 flex items-center gap-3 text-xs text-soft">
        <Segments done={task.stepsDone} total={task.stepsTotal} tone="done" label={`${task.stepsDone} of ${task.stepsTotal} steps done`} />
        <Age at={task.createdAt} />
      </div>
    </li>
  );
}
