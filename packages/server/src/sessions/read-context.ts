// Reads what an agent is to be told of a session: a few ranges of keys, however many sessions and turns there are.
import type { ContextPreview, SessionContext } from "@baton/contract";
import type { Reader } from "../store/db.ts";
import { toContext, toTokens } from "./context.ts";
import { type SessionRow, selectSession } from "./session-rows.ts";
import { type ConversationRow, selectBefore, selectConversations, selectPins, selectSpokenFor } from "./turn-rows.ts";

export interface TaskContext {
  context: SessionContext;
  /** By which the agent can be asked to go on with its own conversation. */
  conversation: string | undefined;
}
/** For an agent that begins a task of a session. Undefined when the session is gone. @param resumes whether it may go on with a conversation of its own. */
export async function readTaskContext(
  db: Reader,
  sessionId: string,
  { taskId, agentId, resumes }: { taskId: string; agentId: string; resumes: boolean },
): Promise<TaskContext | undefined> {
  const [session, spoken, held] = await Promise.all([
    selectSession(db, sessionId),
    selectSpokenFor(db, [taskId]),
    resumes ? selectConversations(db, sessionId) : [],
  ]);
  const asked = spoken.find((turn) => turn.role === "user" && turn.session_id === sessionId);
  if (!session || !asked) return undefined;
  const own = held.find((one) => one.agent_id === agentId);
  return { context: await readContext(db, session, asked.n, agentId, own), conversation: own?.conversation };
}
/** As it would be for what is asked next. @param agentId who would be told; an agent that holds the conversation gets what is new to it. */
export async function previewContext(db: Reader, session: SessionRow, agentId: string | undefined): Promise<ContextPreview> {
  const own = agentId === undefined ? undefined : (await selectConversations(db, session.id)).find((one) => one.agent_id === agentId);
  const context = await readContext(db, session, session.turns + 1, agentId, own);
  return { ...context, approxTokens: toTokens(context.since ?? context.text) };
}
async function readContext(
  db: Reader,
  session: SessionRow,
  before: number,
  agentId: string | undefined,
  own: ConversationRow | undefined,
): Promise<SessionContext> {
  const [newest, pins] = await Promise.all([selectBefore(db, session.id, before, session.window_turns), selectPins(db, session.id)]);
  return toContext({
    sessionId: session.id,
    window: { turns: session.window_turns, tokens: session.window_tokens },
    pinned: pins.map(({ content }) => content),
    summary: session.summary === null ? null : { text: session.summary, upTo: session.summary_upto },
    newest,
    before,
    agentId,
    own,
  });
}
