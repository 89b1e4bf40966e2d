// The bare limit on SQLite: the same loop as on Postgres, in this process, with the pragmas that Baton uses.
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { sortedId } from "../harness/sorted-id.mjs";
import { batches } from "../harness/waiting.mjs";

export const settings = "@photostructure/sqlite 1.2.1, WAL, synchronous FULL: insert, claim, complete 500 rows a transaction, an event row each";
const schema = `
  create table if not exists jobs (seq integer primary key, id text not null unique, payload text not null, state text not null default 'queued', claimed_at integer, done_at integer);
  create index if not exists jobs_queued on jobs (seq) where state = 'queued';
  create table if not exists events (seq integer primary key, job_id text not null, type text not null, at integer not null);`;

export async function open({ directory }) {
  const database = connect(directory);
  const statements = prepare(database);
  const countDone = database.prepare("select count(*) as done from jobs where state = 'done'");
  return {
    recorded: async () => countDone.get().done,
    async carryOut(count) {
      for (const numbers of batches(count, 500)) enqueue(database, statements, numbers);
      for (let done = 0; done < count; ) {
        done += complete(database, statements, statements.claim.all(Date.now()));
        await new Promise(setImmediate);
      }
    },
    async createToStart() {
      const from = performance.now();
      enqueue(database, statements, [0]);
      await new Promise(setImmediate);
      const claimed = statements.claim.all(Date.now());
      const start = performance.now();
      complete(database, statements, claimed);
      return start - from;
    },
    close: async () => database.close(),
  };
}

function connect(directory) {
  const database = new DatabaseSync(join(directory, "bare.db"));
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536; pragma wal_autocheckpoint = 4000;");
  database.exec(schema);
  return database;
}

const prepare = (database) => ({
  enqueue: database.prepare("insert into jobs (id, payload) values (?, ?)"),
  claim: database.prepare(
    "update jobs set state = 'running', claimed_at = ? where seq in (select seq from jobs where state = 'queued' order by seq limit 500) returning seq, id, payload",
  ),
  complete: database.prepare("update jobs set state = 'done', done_at = ? where seq in (select value from json_each(?)) and state = 'running'"),
  event: database.prepare("insert into events (job_id, type, at) values (?, 'job.completed', ?)"),
});

function enqueue(database, statements, numbers) {
  database.exec("begin immediate");
  for (const number of numbers) statements.enqueue.run(sortedId(), JSON.stringify({ number }));
  database.exec("commit");
}

function complete(database, statements, claimed) {
  const now = Date.now();
  database.exec("begin immediate");
  statements.complete.run(now, JSON.stringify(claimed.map((row) => row.seq)));
  for (const row of claimed) statements.event.run(row.id, now);
  database.exec("commit");
  return claimed.length;
}

/** Adds `count` finished jobs at once. */
export async function fill({ directory }, count) {
  const database = connect(directory);
  database.exec("begin");
  database
    .prepare(
      `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ?)
      insert into jobs (id, payload, state, claimed_at, done_at) select printf('%032x', n), '{}', 'done', 0, 0 from numbers`,
    )
    .run(count);
  database.exec("insert into events (job_id, type, at) select id, 'job.completed', 0 from jobs; commit; pragma wal_checkpoint(truncate);");
  database.close();
}
