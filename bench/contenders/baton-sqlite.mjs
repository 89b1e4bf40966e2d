// Baton on SQLite, with its default settings: every commit is synced to the disk.
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { cloneFinished } from "../baton/clone-finished.mjs";
import { how, openQueue } from "../baton/queue.mjs";

export const settings = how;
export const open = openQueue;

export async function fill(place, count) {
  let database;
  const numbers = {
    from: `(with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count}) select n from numbers) as numbers`,
    hex: "printf('%012x', n)",
  };
  await cloneFinished(place, count, numbers, async () => {
    database = new DatabaseSync(join(place.directory, "baton.db"));
    return { all: async (text) => database.prepare(text).all(), run: async (text) => database.exec(text) };
  });
  database.exec("pragma wal_checkpoint(truncate)");
  database.close();
}
