// The first page: how things stand, a box to hand in work, the tasks, and who is here to do them.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Inbox } from "../approvals/inbox.tsx";
import { agentsQuery, taskPageQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Budgets } from "../budgets/budgets.tsx";
import { SubmitBox } from "../submit/submit-box.tsx";
import { AgentList } from "./agent-list.tsx";
import { AlertList } from "./alert-list.tsx";
import { FirstRun } from "./first-run.tsx";
import { Figures } from "./figures.tsx";
import { TaskList } from "./task-list.tsx";

export function OverviewPage() {
  const world = useWorld();
  const maySubmit = useMay("submitTask", "previewTask");
  const { data: agents } = useQuery(agentsQuery(world));
  const { data: tasks } = useQuery(taskPageQuery(world, {}, 0));
  useEffect(() => {
    document.title = "Baton";
  }, []);
  const isNothingHere = agents?.total === 0 && tasks?.total === 0;
  if (isNothingHere)
    return (
      <>
        <h1 className="sr-only">Overview</h1>
        <FirstRun />
      </>
    );
  return (
    <>
      <h1 className="sr-only">Overview</h1>
      <Figures />
      <div className="mt-6 empty:hidden">
        <Inbox most={2} />
      </div>
      <div className="mt-6 empty:hidden">
        <AlertList />
      </div>
      <div className="mt-6 empty:hidden">
        <Budgets />
      </div>
      {maySubmit && (
        <div className="mt-6">
          <SubmitBox />
        </div>
      )}
      <div className="mt-9 grid grid-cols-[minmax(0,1fr)] items-start gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <TaskList />
        <AgentList />
      </div>
    </>
  );
}
