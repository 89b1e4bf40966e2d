// The load for the HTTP bench, in a process of its own: fifty connections, each asking again as soon as it was answered.
import { Pool } from "undici";

/** @returns `{values: ms of each request, perSecond}`; an answer that is not 201 ends it: a refusal is no throughput. */
export async function load({ url, connections, seconds, warmUpSeconds }) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  await lanes(pool, connections, warmUpSeconds);
  const from = performance.now();
  const values = await lanes(pool, connections, seconds);
  const perSecond = values.length / ((performance.now() - from) / 1000);
  await pool.close();
  return { values, perSecond };
}

async function lanes(pool, connections, seconds) {
  const values = [];
  const endAt = performance.now() + seconds * 1000;
  const lane = async () => {
    while (performance.now() < endAt) values.push(await submit(pool));
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return values;
}

const body = JSON.stringify({ description: "Do nothing, and say so.", requirements: ["noop"], payload: { number: 1 } });

async function submit(pool) {
  const from = performance.now();
  const answer = await pool.request({ method: "POST", path: "/api/v1/tasks", headers: { "content-type": "application/json" }, body });
  const text = await answer.body.text();
  const ms = performance.now() - from;
  if (answer.statusCode !== 201) throw new Error(`POST /api/v1/tasks answered ${answer.statusCode}: ${text.slice(0, 500)}`);
  return ms;
}
