// One event as one line, for logs, pipes and `baton events`.
import type { Event } from "@baton/contract";
import { plain } from "../print/text.ts";
import type { Paint } from "../terminal.ts";
import { stateColour } from "../print/state-colour.ts";

const LONGEST = 300;

/** `inTask`: every event is of one task, which need not be said again. */
export function eventLine(event: Event, paint: Paint, { inTask }: { inTask: boolean }): string {
  // Within one task, the start of an attempt has said who does the step.
  const isTold = typeof event.data["agentName"] === "string" || (inTask && event.stepId !== null && event.type !== "attempt.started");
  const agent = isTold ? null : event.agentId;
  const subject = [inTask ? null : event.taskId, event.stepId, agent].filter((part) => part !== null).join(" ");
  const colour = stateColour(paint, event.type.split(".")[1] ?? "");
  const told = [plain(subject), detailOf(event, paint)].filter((part) => part !== "").join("  ");
  const number = inTask ? "" : ` ${paint.dim(String(event.seq).padStart(6))}`;
  return `${paint.dim(event.at.slice(11, 23))}${number}  ${colour(event.type.padEnd(told === "" ? 0 : 19))}${told === "" ? "" : `  ${told}`}`;
}

function detailOf({ data }: Event, paint: Paint): string {
  const told = Object.entries(data).flatMap(([name, value]) => (typeof value === "object" ? [] : [`${name}=${String(value)}`]));
  return told.length === 0 ? "" : paint.dim(plain(told.join(" ")).slice(0, LONGEST));
}
