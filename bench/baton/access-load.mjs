// The load for the bench of access, in a process of its own: one request at a time, every way in turn, so that a slow moment is everybody's; then
// fifty connections at once, a way at a time, in rounds.
import { Pool } from "undici";

const CONNECTIONS = 50;
const body = JSON.stringify({ description: "Do nothing, and say so.", requirements: ["noop"], payload: { number: 1 } });
const asks = { read: { method: "GET", path: "/api/v1/agents/noop" }, change: { method: "POST", path: "/api/v1/tasks", body } };

export async function load({ ways, samples, rounds, seconds }) {
  const all = Object.entries(ways).map(([name, { url, headers }]) => ({ name, headers, pool: new Pool(url, { connections: CONNECTIONS, pipelining: 1 }) }));
  const results = Object.fromEntries(all.map(({ name }) => [name, { read: [], change: [], perSecond: [] }]));
  for (let n = -samples / 10; n < samples; n++)
    // Not always the same one after the other.
    for (const kind of ["read", "change"])
      for (const way of n % 2 === 0 ? all : all.toReversed()) {
        const ms = await ask(way, asks[kind]);
        if (n >= 0) results[way.name][kind].push(ms);
      }
  for (let round = 0; round < rounds; round++) for (const way of all) results[way.name].perSecond.push(await rate(way, seconds));
  await Promise.all(all.map(({ pool }) => pool.close()));
  return results;
}

async function rate(way, seconds) {
  const from = performance.now();
  const endAt = from + seconds * 1000;
  let count = 0;
  const lane = async () => {
    for (; performance.now() < endAt; count++) await ask(way, asks.read);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return count / ((performance.now() - from) / 1000);
}

async function ask({ name, pool, headers }, { body, ...asked }) {
  const from = performance.now();
  const answer = await pool.request({ ...asked, ...(body ? { body } : {}), headers: body ? { ...headers, "content-type": "application/json" } : headers });
  const text = await answer.body.text();
  const ms = performance.now() - from;
  if (answer.statusCode >= 300) throw new Error(`${asked.method} ${asked.path} by ${name} answered ${answer.statusCode}: ${text.slice(0, 500)}`);
  return ms;
}
