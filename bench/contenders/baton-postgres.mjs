// Baton on Postgres, with its default settings.
import { Client } from "pg";
import { cloneFinished } from "../baton/clone-finished.mjs";
import { how, openQueue } from "../baton/queue.mjs";
import { settle } from "../harness/postgres.mjs";

export const settings = how;
export const open = openQueue;

export async function fill(place, count) {
  const client = new Client({ connectionString: place.url });
  const numbers = { from: `generate_series(1, ${count}) as numbers(n)`, hex: "lpad(to_hex(n), 12, '0')" };
  await cloneFinished(place, count, numbers, async () => {
    await client.connect();
    return { all: async (text) => (await client.query(text)).rows, run: (text) => client.query(text) };
  });
  await settle(client);
  await client.end();
}
