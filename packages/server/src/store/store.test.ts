// The suite on both stores, and what only one of them has: a file that belongs to one process, and connections that break.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import type { Db } from "./db.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.ts";
import { openPostgres } from "./postgres.ts";
import { sql } from "./sql.ts";
import { openSqlite } from "./sqlite.ts";
import { testStore } from "./store.testsuite.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-store-"));
afterAll(() => rmSync(directory, { recursive: true }));
const openFile = (name: string): Db => openSqlite({ file: join(directory, name), synchronous: "normal" });

testStore("SQLite in a file", async () => openFile("suite.db"));

describe("a SQLite file", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  /** A process that holds the file as a server does. Resolves when it has it. */
  async function holder(file: string): Promise<ChildProcess> {
    const program = `import { DatabaseSync } from "@photostructure/sqlite";
      const lock = new DatabaseSync(process.argv[1]);
      lock.exec("pragma locking_mode = exclusive; begin exclusive;");
      process.stdout.write("held");
      setInterval(() => lock.isOpen, 60_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, `${join(directory, file)}.lock`], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    return child;
  }

  test("that another process has is refused, with what to do about it", async () => {
    await openFile("held.db").close();
    await holder("held.db");
    expect(() => openFile("held.db")).toThrow(/Another Baton server is using .*held\.db.*DATABASE_URL/);
  });
  test("is free again as soon as the process that had it is killed", async () => {
    const child = await holder("freed.db");
    child.kill("SIGKILL");
    await once(child, "exit");
    await openFile("freed.db").close();
  });
  test("is refused a second time within one process too", async () => {
    const first = openFile("twice.db");
    expect(() => openFile("twice.db")).toThrow(/Another Baton server/);
    await first.close();
  });
});

/** Stands before Postgres and ends the next `n` connections with the first question asked on them. */
async function openBreakingProxy(target: string): Promise<{ url: string; breakNext(n: number): void; close(): Promise<void> }> {
  const { hostname, port, pathname, username } = new URL(target);
  const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
  const sockets = new Set<Socket>();
  let doomed = 0;
  const proxy = createServer((socket) => {
    const behind = connect(Number(port || 5432), hostname);
    const ends = doomed > 0;
    if (ends) doomed--;
    for (const one of [socket, behind]) sockets.add(one.on("error", () => undefined).on("close", () => [socket, behind].map((each) => each.destroy())));
    behind.on("data", (chunk) => {
      socket.write(chunk);
      if (ends && chunk.includes(readyForQuery)) socket.removeAllListeners("data").once("data", () => socket.destroy());
    });
    socket.on("data", (chunk) => behind.write(chunk));
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  return {
    url: `postgres://${username}@127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`,
    breakNext: (n) => (doomed = n),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await once(proxy.close(), "close");
    },
  };
}

const url = await postgresUrl();
if (url === undefined) describe.skip("the store on Postgres", () => test("skipped: no Postgres answers here"));
else {
  const database = await createDatabase(url);
  const breakable = await createDatabase(url);
  const shared = await createDatabase(url);
  testStore("Postgres", () => openPostgres({ url: database, maxConnections: 4 }));

  describe("Postgres", () => {
    test("runs migrations once when two servers start at once", async () => {
      const servers = await Promise.all([1, 2, 3].map(() => openPostgres({ url: shared, maxConnections: 3 })));
      const applied = await Promise.all(servers.map((server) => migrate(server, 1)));
      expect(applied.sort((a, b) => a - b)).toEqual([0, 0, migrations.length]);
      await Promise.all(servers.map((server) => server.close()));
    });
    test("that does not know the database is a refusal that names the setting", async () => {
      const absent = new URL(shared);
      absent.pathname = "/baton_no_such_database";
      const opening = openPostgres({ url: absent.href, maxConnections: 3 });
      await expect(opening).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/"baton_no_such_database" does not exist.*DATABASE_URL/),
      });
    });
    test("hints reach other servers", async () => {
      const [one, other] = await Promise.all([1, 2].map(() => openPostgres({ url: shared, maxConnections: 3 })) as [Promise<Db>, Promise<Db>]);
      const heard = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no hint came")), 5000);
        other
          .onNotify("baton_test", () => {
            clearTimeout(timer);
            resolve();
          })
          .then(() => one.notify("baton_test"), reject);
      });
      await heard;
      await Promise.all([one.close(), other.close()]);
    });
  });

  describe("a Postgres connection that breaks", () => {
    const breakAll = async (): Promise<void> => {
      const admin = postgres(breakable, { max: 1 });
      await admin`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      await admin.end();
    };
    const opened: Db[] = [];
    const open = async (): Promise<Db> => {
      const db = await openPostgres({ url: breakable, maxConnections: 3 });
      opened.push(db);
      await db.transaction((tx) => tx.run(sql`create table if not exists things (n int)`));
      await db.transaction((tx) => tx.run(sql`delete from things`));
      return db;
    };
    afterEach(async () => {
      for (const db of opened.splice(0)) await db.close();
    });
    const left = (db: Db) => db.all<{ n: number }>(sql`select n from things order by n`);

    test("between two statements takes back all of the transaction, and is said to be passing", async () => {
      const db = await open();
      const broken = db.transaction(async (tx) => {
        await tx.run(sql`insert into things values (1)`);
        await breakAll();
        await tx.run(sql`insert into things values (2)`);
        await tx.run(sql`insert into things values (3)`);
      });
      const error: unknown = await broken.catch((reason: unknown) => reason);
      expect(db.isTransient(error)).toBe(true);
      await db.transaction((tx) => tx.run(sql`insert into things values (4)`));
      expect(await left(db)).toEqual([{ n: 4 }]);
    });
    test("while a statement runs fails that statement and those behind it at once", async () => {
      const db = await open();
      const broken = db.transaction(async (tx) => {
        await tx.run(sql`insert into things values (1)`);
        const settled = Promise.allSettled([
          tx.all(sql`select pg_sleep(20)`),
          tx.run(sql`insert into things values (2)`),
          tx.run(sql`insert into things values (3)`),
        ]);
        await breakAll();
        expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
        await tx.run(sql`insert into things values (4)`);
      });
      expect(db.isTransient(await broken.catch((reason: unknown) => reason))).toBe(true);
      expect(await db.transaction((tx) => tx.all(sql`select n from things`))).toEqual([]);
    });
    test("of a server that stands still is ended by the store, and its locks are others' to take", async () => {
      const other = await open();
      await other.transaction((tx) => tx.run(sql`insert into things values (1)`));
      const still = await openPostgres({ url: breakable, maxConnections: 3, abandonedMs: 200 });
      opened.push(still);
      let goOn: () => void = () => undefined;
      const standsStill = new Promise<void>((resolve) => (goOn = resolve));
      let begin: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const abandoned = still.transaction(async (tx) => {
        await tx.run(sql`update things set n = 2`);
        begin();
        await standsStill;
        await tx.run(sql`update things set n = 3`);
      });
      const ended = abandoned.then(
        () => undefined,
        (error: unknown) => error,
      );
      await begun;
      await other.transaction((tx) => tx.run(sql`update things set n = n + 10`));
      goOn();
      expect(still.isTransient(await ended)).toBe(true);
      expect(await left(other)).toEqual([{ n: 11 }]);
    });
    test("as soon as it is open is asked for again, whoever asked", async () => {
      const { url, breakNext, close } = await openBreakingProxy(breakable);
      breakNext(1);
      const db = await openPostgres({ url, maxConnections: 3 });
      breakNext(1);
      const error: unknown = await db.transaction((tx) => tx.all(sql`select 1`)).catch((reason: unknown) => reason);
      expect(db.isTransient(error)).toBe(true);
      expect(await db.transaction((tx) => tx.all(sql`select 1 as n`))).toEqual([{ n: 1 }]);
      await db.close();
      await close();
    });
    test("while nobody uses it is not noticed", async () => {
      const db = await open();
      await Promise.all([1, 2].map((n) => db.transaction((tx) => tx.run(sql`insert into things values (${n})`))));
      await breakAll();
      await db.transaction((tx) => tx.run(sql`insert into things values (3)`));
      expect(await left(db)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });
  });
}
