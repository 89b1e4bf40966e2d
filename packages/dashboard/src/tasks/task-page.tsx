// One task: its plan as it happens, the step one looks at, the result, and everything that happened.
import type { Step, Task } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Suspense, lazy, useEffect, useMemo } from "react";
import { approvalsQuery, taskQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Inbox } from "../approvals/inbox.tsx";
import { RememberedRules } from "../approvals/remembered-rules.tsx";
import { OutputView } from "../output/output-view.tsx";
import { RawJson } from "../power/raw-json.tsx";
import { useNow } from "../std/now.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { EventLog } from "./event-log.tsx";
import { AttemptChart } from "./attempt-chart.tsx";
import { toCriticalPath } from "./critical-path.ts";
import { toLevels } from "./plan-levels.ts";
import { StepPanel } from "./step-panel.tsx";
import { BackLink, TaskHead } from "./task-head.tsx";
import { TeamView } from "./team-view.tsx";

const PlanReview = lazy(() => import("./plan-review.tsx"));
const PlanGraph = lazy(() => import("./plan-graph.tsx"));
/** How often the time that steps have taken so far may change what is critical. */
const MINUTE_MS = 60_000;
const route = getRouteApi("/tasks/$taskId");

export function TaskPage() {
  const { taskId } = route.useParams();
  const { data: task, error, refetch } = useQuery(taskQuery(useWorld(), taskId));
  useEffect(() => {
    document.title = task === undefined ? "Task · Baton" : `${task.title} · ${task.status} · Baton`;
  }, [task]);
  if (task !== undefined) return <TaskView task={task} />;
  return (
    <>
      <BackLink to="/tasks" />
      <h1 className="sr-only">Task {taskId}</h1>
      <div className="mt-6">{error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading what="the task" className="h-96" />}</div>
    </>
  );
}

function TaskView({ task }: { task: Task }) {
  const navigate = route.useNavigate();
  const { step: asked } = route.useSearch();
  const step = task.steps.find(({ id }) => id === asked) ?? mostTelling(task.steps);
  const grown = useMemo(() => task.coordination?.growth.flatMap(({ added }) => added) ?? [], [task.coordination]);
  const minute = useNow((now) => Math.floor(now / MINUTE_MS));
  const critical = useMemo(() => toCriticalPath(task.steps, minute * MINUTE_MS), [task.steps, minute]);
  const { data: approvals } = useQuery(approvalsQuery(useWorld(), task.id));
  const waitsWithPlan = approvals?.items.some(({ kind }) => kind === "plan") === true;
  const select = (id: string) => void navigate({ search: { step: id }, replace: true, resetScroll: false });
  return (
    <>
      <TaskHead task={task} />
      <div className="mt-6 empty:hidden">
        <Inbox taskId={task.id} />
      </div>
      <div className="mt-6 grid grid-cols-[minmax(0,1fr)] items-start gap-x-6 gap-y-8 xl:grid-cols-[minmax(0,1fr)_26rem] xl:grid-rows-[auto_1fr]">
        <div>
          <Section
            aside={critical.length > 0 && <span className="text-sm text-soft">bold: what decides when it is done</span>}
            title={`Plan: ${task.stepsDone} of ${task.stepsTotal} ${task.stepsTotal === 1 ? "step" : "steps"} done`}
          >
            <Panel className="h-(--tall) overflow-hidden md:h-(--wide)" style={roomFor(task.steps)}>
              <Suspense fallback={<Loading what="the plan" className="h-full" />}>
                <PlanGraph steps={task.steps} grown={grown} critical={critical} selected={step?.id} onSelect={select} />
              </Suspense>
            </Panel>
          </Section>
        </div>
        {step && (
          <StepPanel
            step={step}
            taskDescription={task.description}
            isResult={task.result !== null && JSON.stringify(step.output) === JSON.stringify(task.result)}
            key={step.id}
          />
        )}
        <div className="space-y-8">
          {waitsWithPlan && (
            <Suspense>
              <PlanReview taskId={task.id} steps={task.steps} />
            </Suspense>
          )}
          {task.result !== null && (
            <Section title="Result">
              <Panel className="p-5">
                <OutputView value={task.result} />
              </Panel>
            </Section>
          )}
          <AttemptChart steps={task.steps} onSelect={select} />
          {task.coordination !== null && <TeamView coordination={task.coordination} steps={task.steps} />}
          <RememberedRules of={{ taskId: task.id }} />
          <EventLog taskId={task.id} steps={task.steps} />
          <RawJson value={task} from={`/api/v1/tasks/${task.id}`} />
        </div>
      </div>
    </>
  );
}

/** Known before the graph is loaded, so that nothing moves when it comes: rows on a wide page, one column on a narrow one. */
function roomFor(steps: Step[]): Record<string, string> {
  const levels = toLevels(steps);
  const most = Math.max(1, ...[...levels.values()].map((level) => level.length));
  return { "--wide": `${Math.min(34, Math.max(12, 5 + most * 6.5))}rem`, "--tall": `${Math.min(72, 2 + steps.length * 6.5)}rem` };
}

/** What one would look at first: what failed, else what runs, else the last that has something to show. */
function mostTelling(steps: Step[]): Step | undefined {
  const first = (status: Step["status"]) => steps.find((step) => step.status === status);
  return first("failed") ?? first("running") ?? first("waiting") ?? steps.findLast((step) => step.status === "completed") ?? steps[0];
}
