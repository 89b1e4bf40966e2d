// What is said in sessions by tasks: what was asked when one is handed in, what came of it when it ends, and which agent holds the conversation
// now. Written in the transaction that makes it true, so that it is there once, whatever dies.
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import { eventDataOf, lockSessions, type SessionRow, updateStates } from "./session-rows.ts";
import { type ConversationRow, insertTurns, putConversations, selectSpokenFor, type SpokenFor, sumSizes, type TurnRow } from "./turn-rows.ts";

interface Of {
  sessionId: string;
  taskId: string;
}
export type Spoken =
  | (Of & { kind: "asked"; content: string })
  /** `result`: JSON, when it went well. `failure`: in words, when not. */
  | (Of & { kind: "answered"; result: string | null; failure: string | null; agentId: string | undefined })
  /** The agent can go on from here with a conversation of its own. */
  | (Of & { kind: "held"; agentId: string; conversation: string })
  /** The task makes a summary of the turns up to this one; its answer is that. */
  | (Of & { kind: "summarizing"; upTo: number });

const MAX_CONTENT = 100_000;
const MAX_SUMMARY = 8000;

/** Sessions that are gone by now are passed over. Locks sessions, by id. @returns the facts of it. */
export async function writeSpoken(tx: Tx, spoken: readonly Spoken[], now: number): Promise<NewEvent[]> {
  if (spoken.length === 0) return [];
  const [locked, known] = await Promise.all([
    lockSessions(tx, [...new Set(spoken.map((one) => one.sessionId))]),
    selectSpokenFor(tx, [...new Set(spoken.map((one) => one.taskId))]),
  ]);
  const sessions = new Map(locked.map((session) => [session.id, session]));
  const book: Book = { turns: [], held: [], events: [], known, now };
  for (const one of spoken) {
    const session = sessions.get(one.sessionId);
    if (session) await writeOne(tx, book, session, one);
  }
  for (const session of locked) noteLength(session);
  if (book.turns.length > 0) await insertTurns(tx, book.turns);
  if (book.held.length > 0) await putConversations(tx, book.held);
  if (locked.length > 0) await updateStates(tx, locked);
  return book.events;
}
export interface Book {
  turns: TurnRow[];
  held: ConversationRow[];
  events: NewEvent[];
  known: SpokenFor[];
  now: number;
}
async function writeOne(tx: Tx, book: Book, session: SessionRow, one: Spoken): Promise<void> {
  if (one.kind === "asked") say(book, session, { ...one, role: "user" });
  else if (one.kind === "summarizing") Object.assign(session, { summary_task: one.taskId, summary_task_upto: one.upTo, summary_due: null });
  else if (one.kind === "held") {
    const seen = [...book.known, ...book.turns].find((turn) => turn.task_id === one.taskId && turn.role === "user")?.n;
    if (seen !== undefined)
      book.held.push({ session_id: session.id, agent_id: one.agentId, conversation: one.conversation, seen, task_id: one.taskId, at: book.now });
  } else if (session.summary_task === one.taskId) await endSummary(tx, book, session, one);
  else if (one.failure === null) say(book, session, { ...one, role: "assistant", content: toWords(one.result) });
  else say(book, session, { ...one, role: "system", content: `What was asked could not be done: ${one.failure}` });
}
interface NewTurn {
  role: TurnRow["role"];
  content: string;
  taskId?: string | undefined;
  agentId?: string | undefined;
  metadata?: string;
  idempotencyKey?: string | undefined;
}
export function say(book: Book, session: SessionRow, { role, content, taskId, agentId, metadata = "{}", idempotencyKey }: NewTurn): void {
  // It failed, was tried again and failed again: said once.
  if (taskId !== undefined && book.known.some((turn) => turn.task_id === taskId && turn.role === role)) return;
  const text = content.length <= MAX_CONTENT ? content : `${content.slice(0, MAX_CONTENT - 100).toWellFormed()} … (cut here; the task has all of it)`;
  const size = Buffer.byteLength(text);
  const n = ++session.turns;
  session.open_bytes += size;
  session.last_activity_at = book.now;
  book.turns.push({
    session_id: session.id,
    n,
    role,
    content: text,
    size,
    agent_id: agentId ?? null,
    task_id: taskId ?? null,
    metadata,
    idempotency_key: idempotencyKey ?? null,
    at: book.now,
  });
  book.events.push({ type: "session.turn_added", taskId, agentId, data: { ...eventDataOf(session), n, role } });
}
async function endSummary(tx: Tx, book: Book, session: SessionRow, { taskId, result, failure }: Extract<Spoken, { kind: "answered" }>): Promise<void> {
  const upTo = session.summary_task_upto as number;
  Object.assign(session, { summary_task: null, summary_task_upto: null });
  const text = toWords(result).trim();
  // The next turn asks for one again.
  if (failure !== null || text === "" || upTo <= session.summary_upto) return;
  Object.assign(session, { summary: text.slice(0, MAX_SUMMARY).toWellFormed(), summary_upto: upTo, summary_at: book.now });
  const fresh = book.turns.filter((turn) => turn.session_id === session.id).reduce((sum, turn) => sum + turn.size, 0);
  session.open_bytes = (await sumSizes(tx, session.id, upTo)) + fresh;
  book.events.push({ type: "session.summarized", taskId, data: { ...eventDataOf(session), upTo } });
}
/** Turns fall out of the window, or are about to: time to sum them up. Half a window at a time, so that not every turn asks for a summary. */
export function noteLength(session: SessionRow): void {
  const open = session.turns - session.summary_upto;
  const isLong = open > session.window_turns || session.open_bytes > session.window_tokens * 4;
  if (isLong && open > 1 && session.summary_task === null && session.expired_at === null) session.summary_due = 1;
}
/** An agent's answer as a turn: text as it is, everything else as JSON. */
function toWords(result: string | null): string {
  const value: unknown = result === null ? null : JSON.parse(result);
  if (typeof value === "string") return value;
  return value === null ? "(It answered nothing.)" : JSON.stringify(value, null, 2);
}
