// Hands in what sums up conversations that have grown beyond what is told of them: a task for an agent that can, as soon as there is one. Without
// one, nothing happens: older turns fall out of what is told, and that is said there.
import { parse, taskInput } from "@baton/contract";
import type { Registry } from "../agents/agents.ts";
import { selectToSummarize, toSummaryJob } from "../sessions/sessions.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import { toCandidates } from "./candidates.ts";
import { toSubmission } from "./submission.ts";
import type { Turn } from "./turn.ts";

export interface SummarizeWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  log: Log;
  registry: Registry;
  turn: Turn;
  lease(): string | undefined;
}
const AT_ONCE = 20;
/** Looked at for that: some are of projects where nobody sums up. */
const LOOKED_AT = 200;

/** Of several servers that find the same session due, one hands the task in: its key says what it sums up. */
export async function summarizeDue(world: SummarizeWorld): Promise<void> {
  const { db, turn, registry } = world;
  if (world.lease() === undefined) return;
  let left = AT_ONCE;
  for (const session of await selectToSummarize(db, LOOKED_AT)) {
    // What was said is told to nobody outside its project.
    const project = session.project_id ?? undefined;
    if (!registry.index.couldServe({ requirements: ["summarization"], project })) continue;
    if (--left < 0) return;
    const { upTo, task } = await toSummaryJob(db, session);
    const input = parse(taskInput, { ...task, ...(project === undefined ? {} : { projectId: project }) }, "body");
    const submission = toSubmission(input, world.newId(), world.clock.now(), toCandidates(registry.index, project), `session-summary/${session.id}/${upTo}`);
    const spoken = { kind: "summarizing" as const, sessionId: session.id, taskId: submission.task.id, upTo };
    await turn
      .submit({ ...submission, spoken })
      .catch((error: unknown) => world.log.warn({ sessionId: session.id, error: String(error) }, "a summary could not be asked for"));
  }
}
