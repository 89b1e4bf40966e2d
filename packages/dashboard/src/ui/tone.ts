// What a status looks like: one tone and one shape for each word, so that colour never tells it alone.
import type { AgentStatus, AttemptState, StepStatus, TaskStatus } from "@baton/contract";

export type Tone = "quiet" | "active" | "done" | "wait" | "bad";
export type Shape = "ring" | "pulse" | "check" | "cross" | "bars" | "clock" | "slash" | "dashed";
export type Status = TaskStatus | StepStatus | AttemptState | AgentStatus["state"];

const looks: Record<Status, readonly [Tone, Shape]> = {
  queued: ["quiet", "ring"],
  planning: ["active", "pulse"],
  executing: ["active", "pulse"],
  running: ["active", "pulse"],
  busy: ["active", "pulse"],
  ready: ["active", "ring"],
  idle: ["active", "ring"],
  blocked: ["quiet", "dashed"],
  delayed: ["wait", "clock"],
  waiting: ["wait", "clock"],
  held: ["wait", "bars"],
  parked: ["wait", "clock"],
  paused: ["wait", "bars"],
  draining: ["wait", "clock"],
  completed: ["done", "check"],
  failed: ["bad", "cross"],
  error: ["bad", "cross"],
  lost: ["bad", "dashed"],
  cancelled: ["quiet", "slash"],
  skipped: ["quiet", "slash"],
  disabled: ["quiet", "slash"],
  offline: ["quiet", "dashed"],
};

export const toTone = (status: Status): Tone => looks[status][0];
export const toShape = (status: Status): Shape => looks[status][1];

export const toneText: Record<Tone, string> = { quiet: "text-soft", active: "text-accent", done: "text-ink", wait: "text-wait", bad: "text-bad" };
