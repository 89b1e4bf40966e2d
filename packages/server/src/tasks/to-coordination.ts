// The live coordination of a task: who has which part of its pattern, and how its plan grew.
import type { CoordinationView, Event } from "@baton/contract";
import type { AttemptRow } from "./attempt-rows.ts";
import type { StepSpec, TaskSpec } from "./submission.ts";
import type { StepRow } from "./step-rows.ts";
import type { TaskRow } from "./task-rows.ts";

export function toCoordination(row: TaskRow, steps: readonly StepRow[], attempts: readonly AttemptRow[], growth: readonly Event[]): CoordinationView | null {
  if (row.pattern === "single" || row.pattern === "steps") return null;
  const latest = new Map(attempts.map((attempt) => [attempt.step_id, attempt]));
  const participants = steps.map((step) => {
    const spec = JSON.parse(step.spec) as StepSpec;
    const attempt = latest.get(step.step_id);
    return {
      stepId: step.step_id,
      part: spec.part ?? "work",
      role: spec.role ?? null,
      round: spec.round ?? null,
      agentId: attempt?.agent_id ?? null,
      agentName: attempt ? (JSON.parse(attempt.assignment) as { agentName: string }).agentName : null,
      status: step.status,
    };
  });
  return {
    pattern: row.pattern,
    reason: (JSON.parse(row.spec) as TaskSpec).planReason,
    round: Math.max(0, ...participants.map(({ round }) => round ?? 0)),
    participants,
    growth: growth.map(({ at, data }) => ({ at, ...(data as { added: string[]; cancelled: string[]; why: string }) })),
  };
}
