// SQL of what belongs to a session: its turns, what is pinned, and how agents go on with conversations of their own.
import type { TurnRole } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { oneOf, rows, sql } from "../store/sql.ts";

export interface TurnRow {
  session_id: string;
  n: number;
  role: TurnRole;
  content: string;
  /** Bytes of its content. */
  size: number;
  agent_id: string | null;
  task_id: string | null;
  /** JSON. */
  metadata: string;
  /** Under which it was handed in, to tell repetitions. */
  idempotency_key: string | null;
  at: number;
}
const TURN = {
  session_id: "text",
  n: "int",
  role: "text",
  content: "text",
  size: "int",
  agent_id: "text",
  task_id: "text",
  metadata: "text",
  idempotency_key: "text",
  at: "int",
} as const;
export const insertTurns = (tx: Tx, turns: readonly TurnRow[]): Promise<number> =>
  tx.run(sql`insert into session_turns (session_id, n, role, content, size, agent_id, task_id, metadata, idempotency_key, at)
    select session_id, n, role, content, size, agent_id, task_id, metadata, idempotency_key, at from ${rows(
      "x",
      TURN,
      turns.map((turn) => ({ ...turn })),
    )}`);
export const selectAfter = (db: Reader, sessionId: string, after: number, limit: number): Promise<TurnRow[]> =>
  db.all(sql`select * from session_turns where session_id = ${sessionId} and n > ${after} order by n limit ${limit}`);
/** The newest first. */
export const selectBefore = (db: Reader, sessionId: string, before: number, limit: number): Promise<TurnRow[]> =>
  db.all(sql`select * from session_turns where session_id = ${sessionId} and n < ${before} order by n desc limit ${limit}`);
export const selectTurn = async (db: Reader, sessionId: string, n: number): Promise<TurnRow | undefined> =>
  (await db.all<TurnRow>(sql`select * from session_turns where session_id = ${sessionId} and n = ${n}`))[0];
export const selectTurnByKey = async (db: Reader, sessionId: string, key: string): Promise<TurnRow | undefined> =>
  (await db.all<TurnRow>(sql`select * from session_turns where session_id = ${sessionId} and idempotency_key = ${key}`))[0];
export type SpokenFor = Pick<TurnRow, "session_id" | "task_id" | "role" | "n">;
/** Which of these tasks were asked, and answered, and where. */
export const selectSpokenFor = (db: Reader, taskIds: readonly string[]): Promise<SpokenFor[]> =>
  db.all(sql`select session_id, task_id, role, n from session_turns where task_id ${oneOf(taskIds)} and task_id is not null`);
export async function sumSizes(db: Reader, sessionId: string, after: number): Promise<number> {
  const found = await db.all<{ n: number | null }>(sql`select sum(size) as n from session_turns where session_id = ${sessionId} and n > ${after}`);
  return Number(found[0]?.n ?? 0);
}

export interface PinRow {
  session_id: string;
  id: string;
  content: string;
  turn: number | null;
  at: number;
}
export const insertPin = (tx: Tx, row: PinRow): Promise<number> =>
  tx.run(sql`insert into session_pins (session_id, id, content, turn, at) values (${row.session_id}, ${row.id}, ${row.content}, ${row.turn}, ${row.at})`);
export const deletePin = (tx: Tx, sessionId: string, id: string): Promise<number> =>
  tx.run(sql`delete from session_pins where session_id = ${sessionId} and id = ${id}`);
/** In the order they were pinned: ids that Baton gives sort by time. */
export const selectPins = (db: Reader, sessionId: string): Promise<PinRow[]> =>
  db.all(sql`select * from session_pins where session_id = ${sessionId} order by id`);

export interface ConversationRow {
  session_id: string;
  agent_id: string;
  conversation: string;
  /** It was told, or has heard, the turns up to this one. */
  seen: number;
  /** What came of this task it said itself. */
  task_id: string;
  at: number;
}
const CONVERSATION = { session_id: "text", agent_id: "text", conversation: "text", seen: "int", task_id: "text", at: "int" } as const;
export const putConversations = (tx: Tx, held: readonly ConversationRow[]): Promise<number> =>
  tx.run(sql`insert into session_conversations (session_id, agent_id, conversation, seen, task_id, at) select session_id, agent_id, conversation, seen, task_id, at
    from ${rows(
      "x",
      CONVERSATION,
      held.map((one) => ({ ...one })),
    )} where true
    on conflict (session_id, agent_id) do update set conversation = excluded.conversation, seen = excluded.seen, task_id = excluded.task_id, at = excluded.at`);
/** The newest first. */
export const selectConversations = (db: Reader, sessionId: string): Promise<ConversationRow[]> =>
  db.all(sql`select * from session_conversations where session_id = ${sessionId} order by at desc, agent_id`);
