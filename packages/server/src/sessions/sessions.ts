// Sessions: conversations with people. A session is active until nothing was said in it for a day, then expired: it can be read, and takes
// nothing more, until it is removed. What tasks say in it is in `spoken`; what agents are told of it in `context`.
import { DEFAULT_PROJECT, type ParsedSessionInput, Refusal, type Session, type SessionPatch, type SessionSummary } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Scope } from "../store/scope.ts";
import { change, getSessionRow, refuseClosed, type SessionsWorld, standing, write } from "./change-session.ts";
import { toPin } from "./pins.ts";
import { deleteSessions, eventDataOf, insertSession, type SessionFilter, type SessionRow, selectSessionPage, updateDetails } from "./session-rows.ts";
import { selectConversations, selectPins } from "./turn-rows.ts";

export type { SessionSettings, SessionsWorld } from "./change-session.ts";
export { selectToSummarize } from "./session-rows.ts";
export { readTaskContext } from "./read-context.ts";
export { type Spoken, writeSpoken } from "./spoken.ts";
export { toSummaryJob } from "./summary-job.ts";
export { addTurn, getContext, listTurns } from "./turns.ts";
export { addPin, removePin } from "./pins.ts";
export { openSessionSweep } from "./sweep.ts";

export interface Entered {
  /** null: the default one's. */
  project: string | null;
  holder: string | undefined;
}
/** For a task that is about to be handed in. @returns whose it is, and who holds the conversation, if somebody does. @throws Refusal `not_found`, `conflict`. */
export async function enterSession(world: Pick<SessionsWorld, "db" | "clock" | "settings">, id: string): Promise<Entered> {
  const row = await getSessionRow(world, id);
  refuseClosed(world, row);
  return { project: row.project_id, holder: (await selectConversations(world.db, id))[0]?.agent_id };
}
const toSummary = (world: Pick<SessionsWorld, "clock" | "settings">, row: SessionRow): SessionSummary => ({
  id: row.id,
  seq: row.seq,
  title: row.title,
  projectId: row.project_id,
  userId: row.user_id,
  metadata: JSON.parse(row.metadata),
  window: { turns: row.window_turns, tokens: row.window_tokens },
  ...standing(world, row),
  turns: row.turns,
  createdAt: iso(row.created_at),
  lastActivityAt: iso(row.last_activity_at),
});
/** @throws Refusal `not_found`. */
export async function getSession(world: SessionsWorld, id: string): Promise<Session> {
  const [row, pins, held] = await Promise.all([getSessionRow(world, id), selectPins(world.db, id), selectConversations(world.db, id)]);
  return {
    ...toSummary(world, row),
    pins: pins.map(toPin),
    summary: row.summary === null ? null : { text: row.summary, upTo: row.summary_upto, at: iso(row.summary_at as number) },
    holders: held.map((one) => ({ agentId: one.agent_id, at: iso(one.at) })),
  };
}
/** The newest first, from a cursor. Whether one has expired is as the sweep last saw it. */
export async function listSessions(
  world: SessionsWorld,
  scope: Scope,
  { cursor, limit, ...filter }: { cursor?: number | undefined; limit: number } & SessionFilter,
): Promise<{ items: SessionSummary[]; nextCursor: number | null }> {
  const found = await selectSessionPage(world.db, scope, filter, cursor, limit);
  return { items: found.map((row) => toSummary(world, row)), nextCursor: found.length < limit ? null : (found.at(-1)?.seq ?? null) };
}
/** @throws Refusal `name_taken` when there is one with this id. */
export async function createSession(world: SessionsWorld, input: ParsedSessionInput): Promise<Session> {
  const row = {
    id: input.id ?? world.newId(),
    title: input.title ?? null,
    project_id: input.projectId === undefined || input.projectId === DEFAULT_PROJECT ? null : input.projectId,
    user_id: input.userId ?? null,
    metadata: JSON.stringify(input.metadata),
    window_turns: input.window.turns,
    window_tokens: input.window.tokens,
    created_at: world.clock.now(),
  };
  await write(world, async (tx) => {
    if (!(await insertSession(tx, row))) throw new Refusal("name_taken", `There is a session ${row.id} already. Leave the id out, or choose another.`);
    return [{ type: "session.created", data: { ...eventDataOf(row), title: row.title, userId: row.user_id } }];
  });
  return getSession(world, row.id);
}
/** @throws Refusal `not_found`. */
export async function patchSession(world: SessionsWorld, id: string, patch: SessionPatch): Promise<Session> {
  await change(world, id, async (tx, row) => {
    if (patch.title !== undefined) row.title = patch.title;
    if (patch.metadata !== undefined) row.metadata = JSON.stringify(patch.metadata);
    if (patch.window !== undefined) Object.assign(row, { window_turns: patch.window.turns, window_tokens: patch.window.tokens });
    await updateDetails(tx, row);
    return [{ type: "session.updated", data: { ...eventDataOf(row), fields: Object.keys(patch) } }];
  });
  return getSession(world, id);
}
/** Its tasks stay. @throws Refusal `not_found`. */
export const removeSession = (world: SessionsWorld, id: string): Promise<void> =>
  change(world, id, async (tx, row) => {
    await deleteSessions(tx, [id]);
    return [{ type: "session.removed", data: { ...eventDataOf(row), reason: "It was removed." } }];
  });
