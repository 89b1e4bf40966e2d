// What would happen: the plan, who would do each step, and why. Nothing has been stored.
import type { Preview, Step } from "@baton/contract";
import { Suspense, lazy, useMemo } from "react";
import { Loading } from "../ui/section.tsx";
import { Icon } from "../ui/icon.tsx";
import { toDuration } from "../std/duration.ts";

const PlanGraph = lazy(() => import("../tasks/plan-graph.tsx"));

type PreviewStep = Preview["steps"][number];

export function PreviewPlan({ preview }: { preview: Preview }) {
  const steps = useMemo(() => preview.steps.map(toStep), [preview]);
  const titles = new Map(preview.steps.map((step) => [step.id, step.title]));
  return (
    <section aria-label="Preview" className="rounded-md border border-line bg-paper">
      <p className="border-b border-line px-4 py-2.5 text-sm text-soft">
        <span className="font-medium text-ink">{preview.steps.length === 1 ? "One step" : `${preview.steps.length} steps`}</span> · {preview.reason}
      </p>
      {preview.conflicts.length > 0 && (
        <ul aria-label="In the way" className="space-y-1 border-b border-line px-4 py-2.5 text-sm text-wait">
          {preview.conflicts.map(({ how, taskId, agentId, workspaceId, files }) => (
            <li key={`${how} ${taskId ?? workspaceId}`} className="[overflow-wrap:anywhere]">
              {taskId === null ? `The agent ${agentId ?? "of a work tree"}` : `The task ${taskId}`} {how === "observed" ? "has changed" : "is about"}{" "}
              {files.join(", ")}
            </li>
          ))}
        </ul>
      )}
      {preview.steps.length > 1 && (
        <div className="h-64 border-b border-line">
          <Suspense fallback={<Loading what="the plan" className="h-full" />}>
            <PlanGraph steps={steps} selected={undefined} onSelect={(id) => document.getElementById(`preview-${id}`)?.scrollIntoView({ block: "nearest" })} />
          </Suspense>
        </div>
      )}
      <ol className="divide-y divide-line">
        {preview.steps.map((step) => (
          <li key={step.id} id={`preview-${step.id}`} className="px-4 py-3">
            <p className="font-medium">{step.title}</p>
            {step.needs.length > 0 && <p className="text-xs text-soft">after {step.needs.map((need) => titles.get(need) ?? need).join(", ")}</p>}
            <Choice step={step} />
            <Tools step={step} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Choice({ step: { assignment, waitingFor } }: { step: PreviewStep }) {
  if (assignment === null) return <p className="mt-1 text-sm text-wait">Would wait: {waitingFor?.detail ?? "nobody can take it now"}</p>;
  const estimate = assignment.estimatedDurationMs;
  return (
    <div className="mt-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-2">
        <Icon name="arrow" size={14} />
        <span className="font-medium text-accent">{assignment.agentName}</span>
        <span className="text-soft">
          score {assignment.score.toFixed(2)}
          {estimate === null ? "" : `, about ${toDuration(estimate)}`}
        </span>
      </p>
      <ul className="mt-1 list-disc space-y-0.5 pl-5 text-soft marker:text-faint">
        {assignment.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {assignment.alternatives.length > 0 && (
        <p className="mt-1 text-soft">Else: {assignment.alternatives.map((other) => `${other.agentName} (${other.score.toFixed(2)})`).join(", ")}</p>
      )}
    </div>
  );
}

/** As it would stand in the graph, with who would do it. */
const toStep = ({ id, title, description, requirements, tools, needs, assignment }: PreviewStep): Step => ({
  id,
  title,
  description,
  requirements,
  tools,
  needs,
  agent: assignment?.agentName ?? null,
  continues: null,
  check: null,
  status: assignment === null ? "waiting" : needs.length === 0 ? "ready" : "blocked",
  reason: "",
  output: null,
  artifacts: [],
  attempts: [],
  startedAt: null,
  completedAt: null,
});

/** Tools and resources at hand: those that were asked for, and those found by what the step requires. */
function Tools({ step }: { step: PreviewStep }) {
  const found = [...step.availableTools, ...step.availableResources];
  if (found.length === 0) return null;
  return (
    <ul aria-label="Tools at hand" className="mt-1 space-y-0.5 text-sm text-soft">
      {found.map(({ serverId, serverName, name, uri, matches, asked, unavailable }) => (
        <li key={serverId + name + uri + matches}>
          {asked ? "With" : "Could ask for"} <span className="text-ink">{uri ?? name}</span> of {serverName}, found by {matches}
          {unavailable === null ? "" : `; ${serverName} ${unavailable}`}
        </li>
      ))}
    </ul>
  );
}
