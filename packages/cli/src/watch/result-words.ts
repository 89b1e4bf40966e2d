// What came of a task, for a person: its result, what it left behind, or why it failed.
import type { Json, Task } from "@baton/contract";
import { duration, plain, plainLines } from "../print/text.ts";
import { stateColour } from "../print/state-colour.ts";
import type { Paint } from "../terminal.ts";

const MOST_LINES = 60;

export function resultWords(task: Task, paint: Paint): string {
  const colour = stateColour(paint, task.status);
  const took = task.completedAt === null ? "" : ` in ${duration(Date.parse(task.completedAt) - Date.parse(task.createdAt))}`;
  if (task.status !== "completed") return `${colour(task.status)}${took}: ${plain(whyOf(task))}`;
  const artifacts = task.steps.flatMap((step) =>
    step.artifacts.map(({ name, description }) => plain(`${step.id}/${name}${description === undefined ? "" : `  ${description}`}`)),
  );
  return [
    `${colour("completed")}${took}`,
    ...(task.result === null ? [] : ["", ...shortened(inText(task.result), task.id, paint)]),
    ...(artifacts.length === 0 ? [] : ["", paint.dim("artifacts"), ...artifacts.map((line) => `  ${line}`)]),
  ].join("\n");
}

function whyOf({ failure, reason }: Task): string {
  if (failure === null) return reason;
  return `${failure.detail} (${failure.kind}${failure.stepId === null ? "" : ` in step ${failure.stepId}`})`;
}

const inText = (result: Json): string => (typeof result === "string" ? result : JSON.stringify(result, null, 2));

function shortened(text: string, id: string, paint: Paint): string[] {
  const lines = plainLines(text).split("\n");
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), paint.dim(`and ${lines.length - MOST_LINES} more lines: baton tasks show ${id} --json`)];
}
