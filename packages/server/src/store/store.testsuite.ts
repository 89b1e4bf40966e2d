// What every store means by its port, and what it promises when something breaks.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Refusal } from "@baton/contract";
import type { Db } from "./db.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.ts";
import { eachOf, oneOf, rows, sql } from "./sql.ts";

const NOW = 1_700_000_000_000;
const AWKWARD = ["", "plain", 'O\'Neil "quoted"', "line\nbreak\ttab", "null", "{a,b}", "\\x41 \\ back", "żółć 漢字 👩‍👩‍👧‍👦 \u202e", "1e400", "$1 ? :x"];

/** `open` opens the same store each time it is called, as another server would, or as after a restart. */
export function testStore(store: string, open: () => Promise<Db>): void {
  describe(`the store on ${store}`, () => {
    let db: Db;
    beforeAll(async () => {
      db = await open();
      await db.transaction(async (tx) => {
        await tx.run(sql`create table things (id text primary key, note text, n bigint, x double precision)`);
      });
    });
    beforeEach(() => db.transaction((tx) => tx.run(sql`delete from things`)));
    afterAll(() => db.close());
    const put = (id: string, n: number | null = null) => db.transaction((tx) => tx.run(sql`insert into things (id, n) values (${id}, ${n})`));
    const ids = async () => (await db.all<{ id: string }>(sql`select id from things order by id`)).map((row) => row.id);

    test("what was written comes back the same: text of every kind, numbers up to 2^53, and null", async () => {
      const numbers = [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, NOW];
      for (const [at, text] of AWKWARD.entries()) {
        const n = numbers[at % numbers.length] as number;
        await db.transaction((tx) => tx.run(sql`insert into things (id, note, n, x) values (${String(at)}, ${text}, ${n}, ${at / 3})`));
        expect(await db.all(sql`select note, n, x from things where id = ${String(at)}`)).toEqual([{ note: text, n, x: at / 3 }]);
      }
      await db.transaction((tx) => tx.run(sql`insert into things (id, note, n, x) values ('nothing', ${null}, ${null}, ${null})`));
      expect(await db.all(sql`select note, n, x from things where id = 'nothing'`)).toEqual([{ note: null, n: null, x: null }]);
    });

    test("many rows travel as one parameter set and keep every value", async () => {
      const items = AWKWARD.map((note, at) => ({
        id: `r${at}`,
        note: at % 3 === 0 ? null : note,
        n: at % 2 === 0 ? null : Number.MAX_SAFE_INTEGER - at,
        x: at / 7,
      }));
      const inserted = await db.transaction((tx) =>
        tx.run(sql`insert into things (id, note, n, x) select id, note, n, x from ${rows("r", { id: "text", note: "text", n: "int", x: "real" }, items)}`),
      );
      expect(inserted).toBe(items.length);
      const stored = await db.all<(typeof items)[number]>(sql`select id, note, n, x from things`);
      expect(stored.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))).toEqual(items);
    });

    test("a statement over each of many rows, however many they are, does the same for every one and answers in their order", async () => {
      for (const count of [0, 1, 3, 64, 150]) {
        await db.transaction((tx) => tx.run(sql`delete from things`));
        const items = Array.from({ length: count }, (_, at) => ({
          id: `e${1000 + at}`,
          note: AWKWARD[at % AWKWARD.length] ?? null,
          n: at % 2 === 0 ? null : -at,
        }));
        const columns = { id: "text", note: "text", n: "int" } as const;
        const x = 7;
        await db.transaction(async (tx) => {
          const inserted = await tx.all(
            sql`insert into things (id, note, n, x) select id, note, n, ${x} from ${eachOf("r", columns, items)} returning id, note, n, x`,
          );
          expect(inserted).toEqual(items.map((item) => ({ ...item, x })));
          const changed = items.map(({ id }, at) => ({ id: at % 3 === 0 ? "absent" : id, n: at }));
          const updated = tx.run(
            sql`update things set n = r.n from ${eachOf("r", { id: "text", n: "int" }, changed)} where things.id = r.id and ${x} < things.x + 1`,
          );
          expect(await updated).toBe(changed.filter(({ id }) => id !== "absent").length);
        });
      }
    });

    test("no rows at all are no rows", async () => {
      expect(await db.transaction((tx) => tx.run(sql`insert into things (id) select id from ${rows("r", { id: "text" }, [])}`))).toBe(0);
    });

    test("one of many matches those and nothing else; one of none matches nothing", async () => {
      for (const id of ["a", "b", "c", "1"]) await put(id, id.charCodeAt(0));
      const found = async (values: (string | number)[], column: "id" | "n") =>
        (
          await db.all<{ id: string }>(
            column === "id" ? sql`select id from things where id ${oneOf(values)}` : sql`select id from things where n ${oneOf(values)}`,
          )
        )
          .map((row) => row.id)
          .sort();
      expect(await found(["a", "c", "zzz"], "id")).toEqual(["a", "c"]);
      expect(await found([97, 98], "n")).toEqual(["a", "b"]);
      expect(await found([], "id")).toEqual([]);
    });
    test("one of many takes every character for what it is", async () => {
      const odd = ['"', "\\", "a,b", "{}", "null", "line\nbreak", "'", "\\n", ""];
      for (const id of odd) await put(id);
      const found = await db.all<{ id: string }>(sql`select id from things where id ${oneOf(odd)}`);
      expect(found.map(({ id }) => id).sort()).toEqual([...odd].sort());
    });

    test("how many rows a statement changed is told", async () => {
      for (const id of ["a", "b", "c"]) await put(id);
      expect(await db.transaction((tx) => tx.run(sql`update things set n = 1 where id <> 'a'`))).toBe(2);
      expect(await db.transaction((tx) => tx.run(sql`delete from things where id = 'nobody'`))).toBe(0);
    });

    test("a transaction that throws leaves nothing, and throws on", async () => {
      await put("before");
      const failing = db.transaction(async (tx) => {
        await tx.run(sql`insert into things (id) values ('inside')`);
        await tx.run(sql`delete from things where id = 'before'`);
        throw new Error("stop");
      });
      await expect(failing).rejects.toThrow("stop");
      expect(await ids()).toEqual(["before"]);
    });

    test("a statement that fails takes back the whole transaction, and the next one works", async () => {
      await put("taken");
      const failing = db.transaction(async (tx) => {
        await tx.run(sql`insert into things (id) values ('first')`);
        await Promise.all([tx.run(sql`insert into things (id) values ('second')`), tx.run(sql`insert into things (id) values ('taken')`)]);
      });
      await expect(failing).rejects.toThrow();
      expect(await ids()).toEqual(["taken"]);
      await put("after");
      expect(await ids()).toEqual(["after", "taken"]);
    });

    test("statements issued together run in the order they were issued", async () => {
      const seen = await db.transaction(async (tx) => {
        const [, , found] = await Promise.all([
          tx.run(sql`insert into things (id, n) values ('a', 1)`),
          tx.run(sql`update things set n = n + 1 where id = 'a'`),
          tx.all<{ n: number }>(sql`select n from things where id = 'a'`),
        ]);
        return found;
      });
      expect(seen).toEqual([{ n: 2 }]);
    });

    test("what a transaction has not committed nobody else sees", async () => {
      await db.transaction(async (tx) => {
        await tx.run(sql`insert into things (id) values ('inside')`);
        expect(await ids()).toEqual([]);
      });
      expect(await ids()).toEqual(["inside"]);
    });

    test("fifty transactions at once that count up lose none", async () => {
      await put("counter", 0);
      await Promise.all(Array.from({ length: 50 }, () => db.transaction((tx) => tx.run(sql`update things set n = n + 1 where id = 'counter'`))));
      expect(await db.all(sql`select n from things`)).toEqual([{ n: 50 }]);
    });

    test("a hint reaches who listens, and nobody who stopped listening", async () => {
      let stopped = 0;
      const stop = await db.onNotify("baton_test", () => stopped++);
      await stop();
      const heardBefore = stopped;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no hint came")), 5000);
        db.onNotify("baton_test", () => {
          clearTimeout(timer);
          resolve();
        }).then(() => db.notify("baton_test"), reject);
      });
      expect(stopped).toBe(heardBefore);
    });

    test("migrations run once, and again change nothing", async () => {
      expect(await migrate(db, NOW)).toBe(migrations.length);
      expect(await migrate(db, NOW + 1)).toBe(0);
      expect(await db.all(sql`select version, applied_at from schema_migrations order by version`)).toEqual(
        migrations.map((_, at) => ({ version: at + 1, applied_at: NOW })),
      );
    });

    test("a schema newer than this program is refused, and left alone", async () => {
      await migrate(db, NOW);
      await db.transaction((tx) => tx.run(sql`insert into schema_migrations (version, name, applied_at) values (999, 'later', ${NOW})`));
      const refused = await migrate(db, NOW).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Refusal);
      expect((refused as Refusal).message).toContain("schema 999");
      await db.transaction((tx) => tx.run(sql`delete from schema_migrations where version = 999`));
    });
  });
}
