// Tasks that are handed in by themselves: when next, what came of the last, and by whom they are changed.
import { type Schedule, scheduleInput } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useState } from "react";
import type { z } from "zod";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Age, toMoment } from "../ui/when.tsx";
import { schedulesQuery } from "./setting-queries.ts";

const SchemaEditor = lazy(() => import("../editor/schema-editor.tsx"));

export function Schedules() {
  const { data, error, refetch } = useQuery(schedulesQuery(useWorld()));
  const mayManage = useMay("createSchedule", "updateSchedule", "removeSchedule", "runSchedule");
  const [isAdding, setAdding] = useState(false);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="schedules" className="h-48" />;
  return (
    <Section
      title={data.total === 1 ? "1 schedule" : `${data.total} schedules`}
      aside={
        mayManage && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            Add a schedule
          </Button>
        )
      }
    >
      {data.items.length === 0 ? (
        <Empty title="Nothing is handed in by itself">A schedule hands in a task again and again, by a cron expression, or once at a time.</Empty>
      ) : (
        <Panel>
          <ul className="divide-y divide-line">
            {data.items.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} mayManage={mayManage} />
            ))}
          </ul>
        </Panel>
      )}
      {isAdding && <AddSchedule onLeave={() => setAdding(false)} />}
    </Section>
  );
}

function ScheduleRow({ schedule, mayManage }: { schedule: Schedule; mayManage: boolean }) {
  const world = useWorld();
  const navigate = useNavigate();
  const params = { id: schedule.id };
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["schedules"] });
  const change = useMutation({ mutationFn: (enabled: boolean) => world.client().updateSchedule({ params, body: { enabled } }), onSettled: refresh });
  const remove = useMutation({ mutationFn: () => world.client().removeSchedule({ params }), onSettled: refresh });
  const run = useMutation({
    mutationFn: () => world.client().runSchedule({ params }),
    onSuccess: ({ id }) => navigate({ to: "/tasks/$taskId", params: { taskId: id } }),
  });
  const error = change.error ?? remove.error ?? run.error;
  return (
    <li data-row className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium">
            {schedule.name} <code className="ml-1 font-mono text-xs font-normal text-soft">{schedule.cron ?? schedule.at}</code>{" "}
            <span className="text-xs font-normal text-soft">{schedule.timezone}</span>
          </p>
          <p className="text-soft">
            {schedule.nextAt === null ? schedule.reason : `next ${toMoment(schedule.nextAt)}`}
            {schedule.lastAt !== null && (
              <>
                {" · last "}
                <Age at={schedule.lastAt} suffix=" ago" />
              </>
            )}
            {schedule.lastTaskId !== null && (
              <>
                {" · "}
                <Link to="/tasks/$taskId" params={{ taskId: schedule.lastTaskId }} className="text-accent underline underline-offset-2">
                  its task
                </Link>
              </>
            )}
          </p>
        </div>
        {mayManage && (
          <>
            <Button disabled={run.isPending} onClick={() => run.mutate()}>
              Run now
            </Button>
            <Button disabled={change.isPending} onClick={() => change.mutate(!schedule.enabled)}>
              {schedule.enabled ? "Pause" : "Resume"}
            </Button>
            <Button
              kind="quiet"
              icon="trash"
              className="px-2.5"
              aria-label={`Remove ${schedule.name}`}
              disabled={remove.isPending}
              onClick={() => remove.mutate()}
            />
          </>
        )}
      </div>
      {error && <ProblemNote error={error} />}
    </li>
  );
}

const first = `name: nightly-review
cron: "0 3 * * *"
timezone: UTC
task:
  description: Review what was changed today.
`;

function AddSchedule({ onLeave }: { onLeave: () => void }) {
  const world = useWorld();
  const [text, setText] = useState(first);
  const [input, setInput] = useState<z.input<typeof scheduleInput> | undefined>(undefined);
  const add = useMutation({
    mutationFn: (body: z.input<typeof scheduleInput>) => world.client().createSchedule({ body }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["schedules"] }),
  });
  return (
    <Sheet title="Add a schedule" isWide onLeave={onLeave}>
      <div className="overflow-hidden rounded-md border border-line">
        <Suspense fallback={<Loading what="the editor" className="h-64" />}>
          <SchemaEditor label="Schedule" schema={scheduleInput} text={text} onText={setText} onValue={(value) => setInput(value as typeof input)} />
        </Suspense>
      </div>
      {add.error && <ProblemNote error={add.error} />}
      <Button kind="main" className="mt-4" disabled={input === undefined || add.isPending} onClick={() => input && add.mutate(input)}>
        Add
      </Button>
    </Sheet>
  );
}
