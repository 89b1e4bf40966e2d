// Many finished tasks at once: one task is really carried out, then its rows are copied set-based under other ids, so that
// what fills the tables is what Baton itself would have written.
import { openQueue } from "./queue.mjs";

const prefix = "00000000-0000-7000-8000-";

/**
 * @param numbers how this store says "the numbers 1 to count" (`from`) and one of them as 12 hex digits (`hex`)
 * @param connect opens the store when no server uses it: `{all(text), run(text)}`
 */
export async function cloneFinished(place, count, numbers, connect) {
  await carryOutOne(place);
  const store = await connect();
  const [{ id }] = await store.all("select id from tasks");
  const [{ n: eventsEach, first }] = await store.all(`select count(*) as n, min(seq) as first from events where task_id = '${id}'`);
  const [{ seq: last }] = await store.all("select seq from event_head");
  const renamed = (column) => `replace(t.${column}, '${id}', '${prefix}' || ${numbers.hex})`;
  const clone = (table, changed) => copyRows(store, { table, of: table === "tasks" ? "id" : "task_id", id, changed, numbers: numbers.from });
  await clone("tasks", { id: renamed("id"), seq: undefined });
  await clone("task_steps", { task_id: renamed("task_id") });
  await clone("attempts", { id: renamed("id"), task_id: renamed("task_id") });
  const seq = `${last} + (n - 1) * ${eventsEach} + (t.seq - ${first}) + 1`;
  await clone("events", { seq, task_id: renamed("task_id"), attempt_id: renamed("attempt_id") });
  await store.run(`update event_head set seq = ${Number(last) + count * Number(eventsEach)}`);
  await store.run(`update task_counts set n = n + ${count} where status = 'completed'`);
  await store.run(`update agent_loads set completed = completed + ${count}`);
}

async function carryOutOne(place) {
  const queue = await openQueue(place);
  await queue.carryOut(1);
  await queue.close();
}

/** Every column as it is but those in `changed`: an expression over `t` and `n`, or undefined where the store numbers by itself. */
async function copyRows(store, { table, of, id, changed, numbers }) {
  const [row] = await store.all(`select * from ${table} where ${of} = '${id}'`);
  const columns = Object.keys(row).filter((column) => !(column in changed) || changed[column] !== undefined);
  const values = columns.map((column) => changed[column] ?? `t.${column}`);
  await store.run(`insert into ${table} (${columns.join(", ")}) select ${values.join(", ")} from ${numbers} cross join ${table} t where t.${of} = '${id}'`);
}
