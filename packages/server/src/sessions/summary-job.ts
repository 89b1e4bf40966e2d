// What an agent is asked when turns of a session are to be summed up. The control plane calls no model: it is a task like any other.
import type { TaskInput } from "@baton/contract";
import type { Reader } from "../store/db.ts";
import type { SessionRow } from "./session-rows.ts";
import { selectAfter, type TurnRow } from "./turn-rows.ts";

const MAX_TURN = 4000;
const MOST_TURNS = 400;
const MAX_DESCRIPTION = 90_000;

/** The older half of what no summary stands for yet, and what was summed up before. The same rows make the same job. */
export async function toSummaryJob(db: Reader, session: SessionRow): Promise<{ upTo: number; task: TaskInput }> {
  const goal = Math.min(
    session.turns - 1,
    session.summary_upto + MOST_TURNS,
    Math.max(session.summary_upto + 1, session.turns - Math.ceil(session.window_turns / 2)),
  );
  const turns = await selectAfter(db, session.id, session.summary_upto, goal - session.summary_upto);
  const parts = [
    "Sum up this conversation for somebody who is to go on with it. Keep what was asked for, decided and found out, names, numbers and paths, and what is still open. Answer with the summary alone, in at most 400 words.",
  ];
  if (session.summary !== null) parts.push(`What came before, summed up:\n${session.summary}`);
  let upTo = session.summary_upto;
  let size = parts.join("").length;
  for (const turn of turns) {
    const line = toLine(turn);
    if (size + line.length > MAX_DESCRIPTION) break;
    parts.push(line);
    size += line.length;
    upTo = turn.n;
  }
  return {
    upTo,
    task: {
      title: `Sum up a conversation to turn ${upTo}`,
      description: parts.join("\n\n"),
      type: "session_summary",
      requirements: ["summarization"],
      sessionId: session.id,
      priority: "low",
    },
  };
}
const toLine = ({ role, content }: TurnRow): string =>
  `[${role}]\n${content.length <= MAX_TURN ? content : `${content.slice(0, MAX_TURN).toWellFormed()} … (cut here)`}`;
