// One task in the list.
import type { TaskSummary } from "@baton/contract";
import { Link } from "@tanstack/react-router";
import { type CSSProperties, useState } from "react";
import { Segments } from "../ui/bar.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { Age } from "../ui/when.tsx";

/** A task younger than this when it is first drawn has just come in. */
const NEW_MS = 4000;

/** `place`: in a list of which only a part is drawn. */
export function TaskRow({
  task,
  className = "relative",
  style,
  place,
}: {
  task: TaskSummary;
  className?: string;
  style?: CSSProperties;
  place?: { index: number; total: number };
}) {
  const [isNew] = useState(() => Date.now() - Date.parse(task.createdAt) < NEW_MS);
  const tone = toTone(task.status);
  const why = task.waitingFor?.detail ?? task.failure?.detail ?? task.reason;
  const isTroubled = task.waitingFor !== null || task.failure !== null;
  return (
    <li
      data-task={task.id}
      data-row
      style={style}
      aria-posinset={place === undefined ? undefined : place.index + 1}
      aria-setsize={place?.total}
      className={`grid ${className} ${isNew ? "animate-arrive" : ""} grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-x-3 gap-y-2 px-4 py-3 hover:bg-paper sm:grid-cols-[1rem_minmax(0,1fr)_7.5rem_4rem]`}
    >
      <span className="mt-1">
        <StatusMark status={task.status} />
      </span>
      <div className="min-w-0">
        <Link to="/tasks/$taskId" params={{ taskId: task.id }} className="block truncate font-medium after:absolute after:inset-0">
          {task.title}
        </Link>
        <p className={`text-sm text-soft sm:line-clamp-1 ${place === undefined ? "line-clamp-2" : "line-clamp-1"}`} title={why}>
          <span className={`font-medium ${toneText[tone]}`}>{task.status}</span>
          {why === "" ? null : <span className={isTroubled ? toneText[tone] : ""}> · {why}</span>}
        </p>
      </div>
      <div className="col-start-2 row-start-2 flex items-center gap-2 sm:col-start-3 sm:row-start-1 sm:h-6">
        <Segments
          done={task.stepsDone}
          total={task.stepsTotal}
          tone={tone === "wait" || tone === "quiet" ? "done" : tone}
          label={`${task.stepsDone} of ${task.stepsTotal} steps done`}
        />
        <span aria-hidden="true" className="min-w-[2.2rem] text-right text-xs whitespace-nowrap text-soft">
          {task.stepsDone}/{task.stepsTotal}
        </span>
      </div>
      <span className="relative text-right text-xs leading-6 text-soft">
        <Age at={task.createdAt} />
      </span>
    </li>
  );
}
