// The newest tasks; all of them have a page of their own.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { taskPageQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { FirstTask } from "./first-task.tsx";
import { TaskRow } from "./task-row.tsx";

const SHOWN = 15;

export function TaskList() {
  const { data, error, refetch } = useQuery(taskPageQuery(useWorld(), {}, 0));
  const tasks = data?.items.slice(0, SHOWN);
  return (
    <Section
      title="Tasks"
      aside={
        data !== undefined && data.total > 0 ? (
          <Link to="/tasks" className="rounded text-sm text-soft hover:text-ink">
            All {data.total.toLocaleString()}
          </Link>
        ) : undefined
      }
    >
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
      {tasks?.length === 0 && <FirstTask />}
      {!tasks && !error && (
        <Panel>
          <Loading what="tasks" className="h-96" />
        </Panel>
      )}
    </Section>
  );
}
