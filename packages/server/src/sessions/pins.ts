// What is pinned to a session: facts in words, or turns. An agent is always told, however long ago it was said.
import { type Pin, type PinInput, Refusal } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Reader } from "../store/db.ts";
import { change, refuseClosed, type SessionsWorld } from "./change-session.ts";
import { eventDataOf } from "./session-rows.ts";
import { deletePin, insertPin, type PinRow, selectPins, selectTurn } from "./turn-rows.ts";

const MOST = 50;
/** Of all pins of a session together: they stand in every context. */
const MOST_BYTES = 16_384;
const MAX_PIN = 4000;

export const toPin = (row: PinRow): Pin => ({ id: row.id, content: row.content, turn: row.turn, createdAt: iso(row.at) });

/** The same thing again is the same pin. @throws Refusal `not_found`, `bad_input` for a turn that is not there, `conflict` when it has expired or too much is pinned. */
export async function addPin(world: SessionsWorld, sessionId: string, input: PinInput): Promise<{ pin: Pin; created: boolean }> {
  let answer: { pin: Pin; created: boolean } | undefined;
  await change(world, sessionId, async (tx, session) => {
    refuseClosed(world, session);
    const turn = "turn" in input ? input.turn : null;
    const content = "turn" in input ? await readTurn(tx, sessionId, input.turn) : input.content;
    const pins = await selectPins(tx, sessionId);
    const same = pins.find((one) => one.content === content && one.turn === turn);
    if (same) {
      answer = { pin: toPin(same), created: false };
      return [];
    }
    const bytes = pins.reduce((sum, one) => sum + Buffer.byteLength(one.content), Buffer.byteLength(content));
    if (pins.length >= MOST || bytes > MOST_BYTES)
      throw new Refusal(
        "conflict",
        `Session ${sessionId} has ${pins.length} pins; at most ${MOST}, of ${MOST_BYTES} bytes together, may be pinned. Take one away first.`,
      );
    const row = { session_id: sessionId, id: world.newId(), content, turn, at: world.clock.now() };
    await insertPin(tx, row);
    answer = { pin: toPin(row), created: true };
    return [{ type: "session.pinned", data: { ...eventDataOf(session), pinId: row.id } }];
  });
  return answer as { pin: Pin; created: boolean };
}
async function readTurn(db: Reader, sessionId: string, n: number): Promise<string> {
  const turn = await selectTurn(db, sessionId, n);
  if (turn) return turn.content.length <= MAX_PIN ? turn.content : `${turn.content.slice(0, MAX_PIN).toWellFormed()} … (cut here)`;
  const message = `the session has no turn ${n}`;
  throw new Refusal("bad_input", `body.turn: ${message}.`, { issues: [{ path: "body.turn", message }] });
}
/** @throws Refusal `not_found`. */
export const removePin = (world: SessionsWorld, sessionId: string, id: string): Promise<void> =>
  change(world, sessionId, async (tx, session) => {
    if ((await deletePin(tx, sessionId, id)) === 0) throw new Refusal("not_found", `Session ${sessionId} has no pin ${id}.`);
    return [{ type: "session.unpinned", data: { ...eventDataOf(session), pinId: id } }];
  });
