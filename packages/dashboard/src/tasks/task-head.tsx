// The top of a task's page: what it is, how it stands and why, and what can be done.
import type { Task } from "@baton/contract";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { BudgetLine } from "../budgets/budgets.tsx";
import { Chips } from "../ui/chip.tsx";
import { Icon } from "../ui/icon.tsx";
import { toMoney } from "../ui/money.ts";
import { StatusWord } from "../ui/status-mark.tsx";
import { Age, Elapsed } from "../ui/when.tsx";
import { TaskWorkspace } from "../workspaces/task-workspace.tsx";
import { TaskActions } from "./task-actions.tsx";
import { adviceAfter, adviceWhile } from "./what-next.ts";

export function TaskHead({ task }: { task: Task }) {
  const isToldBelow = task.reason === task.failure?.detail || task.reason === task.waitingFor?.detail;
  return (
    <header>
      <BackLink to="/tasks" />
      <div className="mt-3 flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
        <div className="min-w-0 flex-1 basis-80">
          <h1 className="text-2xl leading-tight">{task.title}</h1>
          {task.description !== task.title && <p className="mt-1.5 line-clamp-4 max-w-prose text-soft">{task.description}</p>}
          <p className="mt-3 flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <StatusWord status={task.status} />
            {!isToldBelow && <span className="text-soft">{task.reason}</span>}
          </p>
          <Facts task={task} />
        </div>
        <TaskActions task={task} />
      </div>
      {task.failure && (
        <Note tone="bad" title={task.failure.detail}>
          {adviceAfter(task.failure)}
        </Note>
      )}
      {task.waitingFor && (
        <Note tone="wait" title={task.waitingFor.detail}>
          {adviceWhile(task.waitingFor)}
        </Note>
      )}
    </header>
  );
}

const names = { "/tasks": "Tasks", "/agents": "Agents", "/workspaces": "Workspaces" } as const;
export const BackLink = ({ to }: { to: keyof typeof names }) => (
  <Link to={to} className="-ml-1 inline-flex items-center gap-1 rounded text-sm text-soft hover:text-ink">
    <Icon name="back" />
    {names[to]}
  </Link>
);

function Facts({ task }: { task: Task }) {
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-sm text-soft">
      <span>
        handed in <Age at={task.createdAt} suffix=" ago" />
      </span>
      {task.repository !== null && (
        <span>
          about <span className="text-ink [overflow-wrap:anywhere]">{task.repository}</span>
        </span>
      )}
      {task.startedAt !== null && (
        <span>
          {task.completedAt === null ? "running for " : "took "}
          <Elapsed from={task.startedAt} to={task.completedAt} />
        </span>
      )}
      <span>{task.priority} priority</span>
      <TaskWorkspace taskId={task.id} repository={task.repository} />
      {task.cost !== null && <span>{toMoney(task.cost)}</span>}
      {task.budget !== null && <BudgetLine budget={task.budget} />}
      <Chips label="Requirements" names={task.requirements} />
    </div>
  );
}

export function Note({ tone, title, children }: { tone: "bad" | "wait"; title: string; children: ReactNode }) {
  const look = tone === "bad" ? { box: "bg-bad-wash", text: "text-bad" } : { box: "bg-wait-wash", text: "text-wait" };
  return (
    <div className={`mt-4 max-w-3xl rounded-md px-3.5 py-3 text-sm ${look.box}`}>
      <p className={`font-medium ${look.text}`}>{title}</p>
      <p className="mt-0.5 text-ink">{children}</p>
    </div>
  );
}
