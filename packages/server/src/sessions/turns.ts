// Turns as people and programs read and add them, beside those that tasks bring.
import { type ContextPreview, type ParsedTurnInput, Refusal, type SessionTurn } from "@baton/contract";
import { iso } from "../std/clock.ts";
import { change, getSessionRow, refuseClosed, type SessionsWorld } from "./change-session.ts";
import { previewContext } from "./read-context.ts";
import { updateStates } from "./session-rows.ts";
import { type Book, noteLength, say } from "./spoken.ts";
import { insertTurns, selectAfter, selectBefore, selectTurnByKey, type TurnRow } from "./turn-rows.ts";

const toTurn = (row: TurnRow): SessionTurn => ({
  id: `${row.session_id}.${row.n}`,
  n: row.n,
  role: row.role,
  content: row.content,
  agentId: row.agent_id,
  taskId: row.task_id,
  metadata: JSON.parse(row.metadata),
  createdAt: iso(row.at),
});
export interface TurnsQuery {
  limit: number;
  after?: number | undefined;
  before?: number | undefined;
}
/** In their order. @throws Refusal `not_found`. */
export async function listTurns(world: SessionsWorld, id: string, { limit, after, before }: TurnsQuery): Promise<{ items: SessionTurn[]; nextCursor: number }> {
  const { turns } = await getSessionRow(world, id);
  const found = after === undefined ? (await selectBefore(world.db, id, before ?? turns + 1, limit)).reverse() : await selectAfter(world.db, id, after, limit);
  const items = found.map(toTurn).filter((turn) => before === undefined || turn.n < before);
  return { items, nextCursor: items.at(-1)?.n ?? after ?? 0 };
}
/** The same key again is the same turn. @throws Refusal `not_found`, `conflict` when it has expired, `idempotency_mismatch`. */
export async function addTurn(
  world: SessionsWorld,
  id: string,
  input: ParsedTurnInput,
  idempotencyKey: string | undefined,
): Promise<{ turn: SessionTurn; created: boolean }> {
  let answer: { turn: SessionTurn; created: boolean } | undefined;
  await change(world, id, async (tx, session) => {
    const earlier = idempotencyKey === undefined ? undefined : await selectTurnByKey(tx, id, idempotencyKey);
    if (earlier) {
      answer = { turn: toTurn(sameOrRefuse(earlier, input)), created: false };
      return [];
    }
    refuseClosed(world, session);
    const book: Book = { turns: [], held: [], events: [], known: [], now: world.clock.now() };
    say(book, session, { ...input, metadata: JSON.stringify(input.metadata), idempotencyKey });
    noteLength(session);
    await insertTurns(tx, book.turns);
    await updateStates(tx, [session]);
    answer = { turn: toTurn(book.turns[0] as TurnRow), created: true };
    return book.events;
  });
  return answer as { turn: SessionTurn; created: boolean };
}
function sameOrRefuse(earlier: TurnRow, input: ParsedTurnInput): TurnRow {
  if (earlier.role === input.role && earlier.content === input.content && earlier.agent_id === (input.agentId ?? null)) return earlier;
  throw new Refusal("idempotency_mismatch", `This Idempotency-Key was used for turn ${earlier.n} with another content. Use a new key for a new turn.`);
}
/** What would be told of it to whoever is asked next. @throws Refusal `not_found`. */
export const getContext = async (world: SessionsWorld, id: string, agentId: string | undefined): Promise<ContextPreview> =>
  previewContext(world.db, await getSessionRow(world, id), agentId);
