// An event: a fact that happened, in order, in the log. Past tense. `seq` has no gaps and follows the order of commits.
import { z } from "zod";
import { instant, jsonObject, text } from "./json.ts";

export const eventTypes = [
  "task.submitted",
  "task.waiting",
  "task.paused",
  "task.resumed",
  "task.retried",
  "task.completed",
  "task.failed",
  "task.cancelled",
  "plan.grown",
  "plan.approved",
  "step.retrying",
  "step.failed",
  "attempt.started",
  "attempt.progressed",
  "attempt.updated",
  "attempt.adopted",
  "attempt.completed",
  "attempt.failed",
  "attempt.lost",
  "attempt.cancelled",
  "attempt.refused",
  "agent.registered",
  "agent.updated",
  "agent.removed",
  "agent.connected",
  "agent.disconnected",
  "agent.paused",
  "agent.resumed",
  "agent.draining",
  "agent.health_changed",
  "agent.parked",
  "agent.started",
  "agent.stopped",
  "approval.opened",
  "approval.decided",
  "approval.remembered",
  "approval.forgotten",
  "budget.created",
  "budget.updated",
  "budget.removed",
  "budget.warned",
  "budget.stopped",
  "budget.renewed",
  "schedule.created",
  "schedule.updated",
  "schedule.removed",
  "schedule.fired",
  "schedule.skipped",
  "session.created",
  "session.updated",
  "session.removed",
  "session.turn_added",
  "session.pinned",
  "session.unpinned",
  "session.summarized",
  "session.expired",
  "template.created",
  "template.updated",
  "template.removed",
] as const;
export type EventType = (typeof eventTypes)[number];

export const event = z.object({
  seq: z.number().int(),
  at: instant,
  type: z.enum(eventTypes),
  taskId: z.string().nullable(),
  stepId: z.string().nullable(),
  attemptId: z.string().nullable(),
  agentId: z.string().nullable(),
  data: jsonObject,
});
export type Event = z.infer<typeof event>;

export const eventsQuery = z.strictObject({
  /** Events with a greater seq. A stream without it starts now; a list without it starts at the beginning. */
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** One type, or the part before its dot with `.*`. */
  type: text(60).optional(),
  taskId: text(200).optional(),
  agentId: text(200).optional(),
});
export const eventPage = z.object({ items: z.array(event), nextCursor: z.number().int() });
