// One event as one line, for logs, pipes and `baton events`.
import type { Event } from "@baton/contract";
import { plain } from "../print/text.ts";
import type { Paint } from "../terminal.ts";
import { stateColour } from "../print/state-colour.ts";

const LONGEST = 300;

export function eventLine(event: Event, paint: Paint): string {
  const subject = [event.taskId, event.stepId, event.agentId].filter((part) => part !== null).join(" ");
  const colour = stateColour(paint, event.type.split(".")[1] ?? "");
  return `${paint.dim(event.at.slice(11, 23))} ${paint.dim(String(event.seq).padStart(6))}  ${colour(event.type.padEnd(20))} ${plain(subject)}${detailOf(event, paint)}`;
}

function detailOf({ data }: Event, paint: Paint): string {
  const told = Object.entries(data).flatMap(([name, value]) => (typeof value === "object" ? [] : [`${name}=${String(value)}`]));
  return told.length === 0 ? "" : `  ${paint.dim(plain(told.join(" ")).slice(0, LONGEST))}`;
}
