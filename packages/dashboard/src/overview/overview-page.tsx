// The first page: how things stand, a box to hand in work, the tasks, and who is here to do them.
import { useEffect } from "react";
import { Inbox } from "../approvals/inbox.tsx";
import { Budgets } from "../budgets/budgets.tsx";
import { SubmitBox } from "../submit/submit-box.tsx";
import { AgentList } from "./agent-list.tsx";
import { Figures } from "./figures.tsx";
import { TaskList } from "./task-list.tsx";

export function OverviewPage() {
  useEffect(() => {
    document.title = "Baton";
  }, []);
  return (
    <>
      <h1 className="sr-only">Overview</h1>
      <Figures />
      <div className="mt-6 empty:hidden">
        <Inbox />
      </div>
      <div className="mt-6 empty:hidden">
        <Budgets />
      </div>
      <div className="mt-6">
        <SubmitBox />
      </div>
      <div className="mt-9 grid grid-cols-[minmax(0,1fr)] items-start gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <TaskList />
        <AgentList />
      </div>
    </>
  );
}
