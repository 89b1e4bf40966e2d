// The tasks, newest first, by what one wants to see of them.
import type { TaskSummary } from "@baton/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type TaskFilter, taskListQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { FirstTask } from "./first-task.tsx";
import { TaskRow } from "./task-row.tsx";
import { type TaskShow, taskShows } from "./task-shows.ts";

const filters: Record<TaskShow, TaskFilter> = {
  all: {},
  active: { status: "active" },
  waiting: { status: "waiting" },
  completed: { status: "completed" },
  failed: { status: "failed" },
};

export function TaskList() {
  const world = useWorld();
  const { show = "all" } = useSearch({ from: "/" });
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(taskListQuery(world, filters[show]));
  const tasks = data === undefined ? undefined : withoutTwins(data.pages.flatMap((page) => page.items));
  return (
    <Section title="Tasks" aside={<Shows current={show} />}>
      {error && <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />}
      {tasks && tasks.length > 0 && (
        <Panel className="overflow-hidden">
          <ul className="divide-y divide-line">
            {tasks.map((task) => (
              <TaskRow key={task.id} task={task} />
            ))}
          </ul>
        </Panel>
      )}
      {tasks?.length === 0 &&
        (show === "all" ? <FirstTask /> : <p className="rounded-lg border border-line bg-raised px-4 py-8 text-center text-sm text-soft">{empty[show]}</p>)}
      {!tasks && !error && (
        <Panel>
          <Loading what="tasks" className="h-96" />
        </Panel>
      )}
      {hasNextPage && (
        <div className="mt-4 text-center">
          <Button onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
            {isFetchingNextPage ? "Loading older tasks…" : "Show older tasks"}
          </Button>
        </div>
      )}
    </Section>
  );
}

const empty: Record<Exclude<TaskShow, "all">, string> = {
  active: "Nothing is under way.",
  waiting: "Nothing waits for anybody.",
  completed: "Nothing is completed yet.",
  failed: "Nothing failed.",
};

function Shows({ current }: { current: TaskShow }) {
  return (
    <nav aria-label="Which tasks" className="-mx-1 flex flex-wrap">
      {taskShows.map((show) => (
        <Link
          key={show}
          to="/"
          search={show === "all" ? {} : { show }}
          resetScroll={false}
          aria-current={show === current ? "page" : undefined}
          className={`rounded px-2 py-1 text-sm ${show === current ? "font-medium text-ink underline decoration-accent decoration-2 underline-offset-[6px]" : "text-soft hover:text-ink"}`}
        >
          {show}
        </Link>
      ))}
    </nav>
  );
}

/** A task handed in between two pages moves the ones before it: the last of a page may come again as the first of the next. */
function withoutTwins(tasks: TaskSummary[]): TaskSummary[] {
  return [...new Map(tasks.map((task) => [task.id, task])).values()];
}
