// Contexts of many conversations, by the reading that a step's beginning does: no agent and no socket takes part.
import { importBuilt } from "./built.mjs";
import { startBaton } from "./start.mjs";

const TURNS = 20;
const AT_ONCE = 500;

/** @returns milliseconds of each context, after a tenth as many that do not count */
export async function sessions({ place, sessions: count, samples }) {
  const baton = await startBaton(place);
  try {
    await fill(baton.world.db, count);
    const { getContext } = await importBuilt("sessions/sessions.js");
    const values = [];
    for (let number = -samples / 10; number < samples; number++) {
      const id = `session-${((number + samples) * 7919) % count}`;
      const from = performance.now();
      const context = await getContext(baton.world, id, undefined);
      const ms = performance.now() - from;
      if (context.turns.length !== TURNS) throw new Error(`${context.turns.length} turns were told of ${id}.`);
      if (number >= 0) values.push(ms);
    }
    return { values };
  } finally {
    await baton.stop();
  }
}

async function fill(db, count) {
  const { insertSession } = await importBuilt("sessions/session-rows.js");
  const { insertTurns, insertPin } = await importBuilt("sessions/turn-rows.js");
  const { sql } = await importBuilt("store/sql.js");
  const at = Date.now();
  for (let first = 0; first < count; first += AT_ONCE)
    await db.transaction(async (tx) => {
      const ids = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, n) => `session-${first + n}`);
      for (const id of ids) {
        await insertSession(tx, { id, title: null, user_id: null, metadata: "{}", window_turns: TURNS, window_tokens: 8000, created_at: at });
        await insertPin(tx, { session_id: id, id: "pin", content: "The cache is written in Rust.", turn: null, at });
      }
      await insertTurns(
        tx,
        ids.flatMap((id) => Array.from({ length: TURNS }, (_, n) => toTurn(id, n + 1, at))),
      );
    });
  await db.transaction((tx) => tx.run(sql`update sessions set turns = ${TURNS}`));
}
const toTurn = (id, n, at) => ({
  session_id: id,
  n,
  role: n % 2 === 1 ? "user" : "assistant",
  content: `${n} `.padEnd(400, "words "),
  size: 400,
  agent_id: null,
  task_id: null,
  metadata: "{}",
  idempotency_key: null,
  at,
});
