// How a workspace stands, in a word with a mark.
import type { Workspace } from "@baton/contract";
import { StatusMark } from "../ui/status-mark.tsx";
import { type Status, toTone, toneText } from "../ui/tone.ts";

export type Standing = "in use" | "landed" | Workspace["state"];
/** What one wants to know first: somebody is in it, its work is where it was meant to be, or how it is kept. */
export const toStanding = ({ attempts, landed, state }: Workspace): Standing =>
  state !== "ready" ? state : attempts.length > 0 ? "in use" : landed === null ? "ready" : "landed";

const marks: Record<Standing, Status> = {
  "in use": "busy",
  landed: "completed",
  ready: "idle",
  creating: "planning",
  restoring: "executing",
  removing: "draining",
  removed: "skipped",
  lost: "lost",
};

export function StandingWord({ workspace }: { workspace: Workspace }) {
  const standing = toStanding(workspace);
  const mark = marks[standing];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${toneText[toTone(mark)]}`}>
      <StatusMark status={mark} />
      {standing}
    </span>
  );
}
