// The bare limit on Postgres: what a queue could do here that knew nothing but rows. Callers' ids and payloads are enqueued
// 500 a statement; then one loop claims 500 with `for update skip locked`, and completes them, an event row each, in one more.
import { Client } from "pg";
import { settle } from "../harness/postgres.mjs";
import { sortedId } from "../harness/sorted-id.mjs";
import { batches, deferred } from "../harness/waiting.mjs";

export const settings = "pg 8.23.1, one connection: insert, claim, complete 500 rows a statement, an event row each";
const schema = `
  create table if not exists jobs (seq bigint generated always as identity primary key, id text not null unique, payload jsonb not null,
    state text not null default 'queued', claimed_at timestamptz, done_at timestamptz);
  create index if not exists jobs_queued on jobs (seq) where state = 'queued';
  create table if not exists events (seq bigint generated always as identity primary key, job_id text not null, type text not null, at timestamptz not null default now());`;
const enqueue = { name: "enqueue", text: "insert into jobs (id, payload) select * from unnest($1::text[], $2::jsonb[])" };
const claim = {
  name: "claim",
  text: `update jobs set state = 'running', claimed_at = now() where seq in
    (select seq from jobs where state = 'queued' order by seq limit 500 for update skip locked) returning seq, id, payload`,
};
const complete = {
  name: "complete",
  text: `with done as (update jobs set state = 'done', done_at = now() where seq = any($1) and state = 'running' returning id)
    insert into events (job_id, type) select id, 'job.completed' from done`,
};

export async function open({ url }) {
  const client = await connect(url);
  const producer = await connect(url);
  await client.query(schema);
  await client.query("listen jobs");
  return {
    recorded: async () => Number((await client.query("select count(*) from jobs where state = 'done'")).rows[0].count),
    async carryOut(count) {
      for (const numbers of batches(count, 500)) await client.query({ ...enqueue, values: toColumns(numbers) });
      for (let done = 0; done < count; ) done += await completeAll(client, await claimSome(client));
    },
    async createToStart() {
      const start = deferred();
      client.once("notification", () => void claimSome(client).then((claimed) => start.resolve({ at: performance.now(), claimed }), start.reject));
      const from = performance.now();
      await producer.query("with added as (insert into jobs (id, payload) values ($1, $2) returning id) select pg_notify('jobs', '') from added", [
        sortedId(),
        "{}",
      ]);
      const { at, claimed } = await start.promise;
      await completeAll(client, claimed);
      return at - from;
    },
    async close() {
      await client.end();
      await producer.end();
    },
  };
}

async function connect(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

const toColumns = (numbers) => [numbers.map(() => sortedId()), numbers.map((number) => JSON.stringify({ number }))];
const claimSome = async (client) => (await client.query(claim)).rows;

async function completeAll(client, claimed) {
  await client.query({ ...complete, values: [claimed.map((row) => row.seq)] });
  return claimed.length;
}

/** Adds `count` finished jobs at once. */
export async function fill({ url }, count) {
  const client = await connect(url);
  await client.query(schema);
  await client.query(`with added as (insert into jobs (id, payload, state, claimed_at, done_at)
      select lpad(to_hex(n), 32, '0'), '{}', 'done', now(), now() from generate_series(1, ${count}) n returning id)
    insert into events (job_id, type) select id, 'job.completed' from added`);
  await settle(client);
  await client.end();
}
