// A task's plan as lines of text: who does each step, how far it is, and why it stands where it stands. Pure.
import type { Step, Task } from "@baton/contract";
import stringWidth from "string-width";
import { stateColour } from "../print/state-colour.ts";
import { duration, fit, pad, percent, plain } from "../print/text.ts";
import type { Paint } from "../terminal.ts";

export interface View {
  width: number;
  paint: Paint;
  now: number;
  /** Most lines for steps; what is left out is counted. */
  height: number;
  /** Counts up while the view lives, to turn the mark of what runs. */
  frame: number;
}

const FRAMES = ["◐", "◓", "◑", "◒"];
const MARKS: Record<Step["status"], string> = {
  blocked: "·",
  ready: "○",
  delayed: "↻",
  waiting: "…",
  held: "‖",
  running: "◐",
  completed: "✓",
  failed: "✗",
  skipped: "–",
  cancelled: "–",
};
/** What has the first claim to a line when there are more steps than lines. */
const URGENCY: Step["status"][] = ["failed", "running", "waiting", "delayed", "ready", "held", "blocked", "completed", "skipped", "cancelled"];

export function planLines(task: Task, view: View): string[] {
  const steps = mostUrgent(task.steps, view.height);
  const names = Math.min(28, Math.floor(view.width / 3), Math.max(4, ...steps.map(({ id }) => stringWidth(plain(id)))));
  const left = task.steps.length - steps.length;
  return [headline(task, view), ...steps.map((step) => stepLine(step, names, view)), ...(left > 0 ? [view.paint.dim(`  and ${left} more`)] : [])];
}

function mostUrgent(steps: readonly Step[], height: number): Step[] {
  if (steps.length <= height) return [...steps];
  const kept = new Set([...steps].sort((one, other) => URGENCY.indexOf(one.status) - URGENCY.indexOf(other.status)).slice(0, Math.max(1, height - 1)));
  return steps.filter((step) => kept.has(step));
}

function headline(task: Task, { width, paint, now }: View): string {
  const took = duration((task.completedAt === null ? now : Date.parse(task.completedAt)) - Date.parse(task.createdAt));
  const figures = `${task.stepsDone}/${task.stepsTotal}  ${took}`;
  const why = task.waitingFor === null ? task.reason : `${task.waitingFor.kind}: ${task.waitingFor.detail}`;
  const room = width - stringWidth(`  ${task.status}  ${figures}`);
  // The title comes first; the reason gets what it leaves, and at least a third.
  const title = fit(plain(task.title), Math.max(Math.min(room, 16), Math.floor((room * 2) / 3)));
  const end = fit(plain(why), room - stringWidth(title) - 2);
  return `${paint.bold(title)}  ${stateColour(paint, task.status)(task.status)}  ${figures}${end === "" ? "" : `  ${paint.dim(end)}`}`;
}

function stepLine(step: Step, names: number, view: View): string {
  const { paint } = view;
  const colour = stateColour(paint, step.status);
  const mark = step.status === "running" ? (FRAMES[view.frame % FRAMES.length] ?? "") : MARKS[step.status];
  const id = pad(fit(plain(step.id), names), names);
  const status = pad(step.status, 9);
  const took = elapsed(step, view.now);
  const room = view.width - names - stringWidth(took) - 17;
  const detail = pad(fit(detailOf(step), room), room);
  return `${colour(mark)} ${id}  ${colour(status)}  ${step.status === "running" ? detail : paint.dim(detail)}  ${took}`.trimEnd();
}

function elapsed({ startedAt, completedAt }: Step, now: number): string {
  if (startedAt === null) return "";
  return duration((completedAt === null ? now : Date.parse(completedAt)) - Date.parse(startedAt));
}

/** Who works on it and how far, or why nobody does. */
function detailOf(step: Step): string {
  const attempt = step.attempts.at(-1);
  const again = attempt !== undefined && attempt.number > 1 ? `try ${attempt.number}` : undefined;
  if (step.status === "running" && attempt !== undefined) {
    const { fraction, message } = attempt.progress ?? {};
    return joined([attempt.assignment.agentName, again, fraction === undefined ? undefined : percent(fraction), message ?? attempt.assignment.reasons[0]]);
  }
  return step.status === "completed" && attempt !== undefined ? joined([attempt.assignment.agentName, again]) : joined([step.reason]);
}

const joined = (parts: (string | undefined)[]): string => plain(parts.filter((part) => part !== undefined && part !== "").join(" · "));
