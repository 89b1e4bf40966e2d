// What can be done to a task in its state. What cannot be taken back is asked for twice.
import type { Task, TaskStatus } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { taskQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

const actions = ["pause", "resume", "retry", "cancel"] as const;
type Action = (typeof actions)[number];

const allowed: Record<TaskStatus, readonly Action[]> = {
  queued: ["pause", "cancel"],
  planning: ["pause", "cancel"],
  executing: ["pause", "cancel"],
  waiting: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  failed: ["retry"],
  cancelled: ["retry"],
  completed: [],
};

/** What waits for work on the same files may go on without it. */
const mayDo = ({ status, waitingFor }: Task): readonly Action[] => (waitingFor?.kind === "conflict" ? ["resume", ...allowed[status]] : allowed[status]);

export function TaskActions({ task }: { task: Task }) {
  const world = useWorld();
  const mayAct = useMay("pauseTask", "resumeTask", "retryTask", "cancelTask");
  const [isAsking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: (action: Action) => {
      const client = world.client();
      const input = { params: { id: task.id } };
      return { pause: client.pauseTask, resume: client.resumeTask, retry: client.retryTask, cancel: client.cancelTask }[action](input);
    },
    onSuccess: (changed) => world.queries.setQueryData(taskQuery(world, task.id).queryKey, changed),
    // Refused because it moved on meanwhile: show where it is now.
    onError: () => world.queries.invalidateQueries({ queryKey: ["task", task.id] }),
  });
  if (!mayAct) return null;
  const running = task.steps.filter((step) => step.status === "running").length;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap gap-2 empty:hidden">
        {mayDo(task).map((action) => (
          <Button
            key={action}
            kind={action === "retry" || action === "resume" ? "main" : "plain"}
            disabled={act.isPending}
            onClick={() => (action === "cancel" ? setAsking(true) : act.mutate(action))}
            className="capitalize"
          >
            {action}
          </Button>
        ))}
      </div>
      {act.error && <ProblemNote error={act.error} />}
      {isAsking && (
        <Confirm
          title="Cancel this task?"
          action="Cancel the task"
          onLeave={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            act.mutate("cancel");
          }}
        >
          {running === 0
            ? "No further step is started."
            : running === 1
              ? "The agent at work is told to stop; what it has not handed over is lost."
              : `The ${running} agents at work are told to stop; what they have not handed over is lost.`}{" "}
          Completed steps keep their results, and you can retry later.
        </Confirm>
      )}
    </div>
  );
}
