// The list of tasks. However many there are, only the rows on the screen are drawn, and only their pages are asked for.
import type { TaskSummary } from "@baton/contract";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useRef, useState } from "react";
import { type TaskFilter, TASK_PAGE, taskPageQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { TaskRow } from "../overview/task-row.tsx";
import { LinkButton } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";

/** Of every row, so that the bar at the side tells the truth before the rows are known. */
const ROW = { narrow: 100, wide: 64 };
const NARROW = 640;

export function TaskTable({ filter, isFiltered }: { filter: TaskFilter; isFiltered: boolean }) {
  const { data: first, error, refetch } = useQuery(taskPageQuery(useWorld(), filter, 0));
  const maySubmit = useMay("submitTask");
  if (error && first === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (first === undefined) return <Loading what="tasks" className="h-96" />;
  if (first.total === 0)
    return isFiltered ? (
      <Empty icon="search" title="No task fits">
        Take a filter away, or search for other words: every task has them in its title or description.
      </Empty>
    ) : (
      <Empty
        icon="tasks"
        title="No task yet"
        action={
          maySubmit && (
            <LinkButton to="/tasks/new" kind="main" icon="plus">
              Hand in the first
            </LinkButton>
          )
        }
      >
        Say what should be done. Baton plans the steps, chooses an agent for each and says why, and shows it here as it happens.
      </Empty>
    );
  return (
    <>
      <p className="mb-2 text-sm text-soft" aria-live="polite">
        {first.total === 1 ? "1 task" : `${first.total.toLocaleString()} tasks`}, newest first
      </p>
      <Rows filter={filter} total={first.total} />
    </>
  );
}

function Rows({ filter, total }: { filter: TaskFilter; total: number }) {
  const world = useWorld();
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const height = window.innerWidth < NARROW ? ROW.narrow : ROW.wide;
  useLayoutEffect(() => setTop(frame.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({ count: total, estimateSize: () => height, overscan: 8, scrollMargin: top });
  const shown = rows.getVirtualItems();
  const pages = [...new Set(shown.map(({ index }) => Math.floor(index / TASK_PAGE)))];
  const answers = useQueries({ queries: pages.map((page) => taskPageQuery(world, filter, page)) });
  const find = (index: number) => answers[pages.indexOf(Math.floor(index / TASK_PAGE))]?.data?.items[index % TASK_PAGE];
  return (
    <div ref={frame}>
      <Panel className="overflow-hidden">
        <ul className="relative divide-y divide-line" style={{ height: rows.getTotalSize() }} aria-label="Tasks">
          {shown.map(({ index, start }) => {
            const task = find(index);
            return task === undefined ? (
              <li key={index} className="absolute inset-x-0 top-0 flex items-center gap-3 px-4" style={at(start - top, height)} aria-hidden="true">
                <span className="size-4 rounded-full bg-sunken" />
                <span className="h-3 w-2/5 rounded bg-sunken" />
              </li>
            ) : (
              <Row key={index} task={task} index={index} total={total} top={start - top} height={height} />
            );
          })}
        </ul>
      </Panel>
    </div>
  );
}

const at = (top: number, height: number) => ({ height, transform: `translateY(${top}px)` });
/** While one scrolls, those that stay on the screen are not drawn anew. */
const Row = memo(function Row({ task, index, total, top, height }: { task: TaskSummary; index: number; total: number; top: number; height: number }) {
  return <TaskRow task={task} className="absolute inset-x-0 top-0" style={at(top, height)} place={{ index, total }} />;
});
