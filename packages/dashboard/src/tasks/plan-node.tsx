// One step in the graph.
import type { Step } from "@baton/contract";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { StatusMark } from "../ui/status-mark.tsx";
import { Elapsed } from "../ui/when.tsx";
import type { Arrangement } from "./plan-layout.ts";

export type PlanNode = Node<{ step: Step; arrangement: Arrangement; isGrown: boolean; isCritical: boolean }, "step">;

export function PlanNodeView({ data: { step, arrangement, isGrown, isCritical }, selected }: NodeProps<PlanNode>) {
  const attempt = step.attempts.at(-1);
  const isFaint = step.status === "blocked" || step.status === "skipped" || step.status === "cancelled";
  return (
    <div
      data-step={step.id}
      data-status={step.status}
      className={`relative flex h-full flex-col justify-center overflow-hidden rounded-md border bg-raised px-3 text-left ${selected ? "border-accent ring-1 ring-accent" : isFaint ? "border-dashed border-edge" : isCritical ? "border-ink" : "border-edge"}`}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} className="opacity-0" />
      <div className="flex items-center gap-2">
        <StatusMark status={step.status} />
        <span className={`line-clamp-2 text-sm leading-tight font-medium ${isFaint ? "text-soft" : ""}`}>
          {step.title}
          {isGrown && (
            <span className="ml-1.5 rounded bg-accent-wash px-1 text-xs font-normal text-accent" title="Added while the task ran">
              grown
            </span>
          )}
          <span className="sr-only">{attempt ? `${step.status}, by` : step.status}</span>
        </span>
      </div>
      <div className="mt-1 flex items-center justify-between gap-2 pl-6 text-xs text-soft">
        <span className="truncate">
          {attempt?.assignment.agentName ?? step.agent ?? (step.requirements.join(", ") || <span aria-hidden="true">{step.status}</span>)}
        </span>
        {step.startedAt !== null && (
          <span aria-hidden="true">
            <Elapsed from={step.startedAt} to={step.completedAt ?? attempt?.endedAt ?? null} />
          </span>
        )}
      </div>
      {step.status === "running" && <Progress fraction={attempt?.progress?.fraction} />}
      <Handle type="source" position={arrangement === "wide" ? Position.Right : Position.Left} isConnectable={false} className="opacity-0" />
    </div>
  );
}

function Progress({ fraction }: { fraction: number | undefined }) {
  return (
    <span className="absolute inset-x-0 bottom-0 h-[3px] bg-accent-wash">
      {fraction === undefined ? (
        <span className="block h-full w-1/3 animate-drift bg-accent" />
      ) : (
        <span className="block h-full bg-accent transition-[width] duration-500" style={{ width: `${fraction * 100}%` }} />
      )}
    </span>
  );
}
