// What tests need from outside the repository, if it is there: Postgres, Redis, tmux, Chromium. Absent ones skip the tests that need them,
// by `describe.skipIf(...)`; where BATON_REQUIRE_SERVICES=1 (CI) an absent one is a failure.
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { connect as connectAmqp } from "amqplib";
import postgres from "postgres";
import { afterAll } from "vitest";

const WAIT_MS = 2_000;
const HOST = "127.0.0.1";

/** The service, or undefined when it is absent and may be. @throws where services are required. */
function present<T>(name: string, found: T | undefined, how: string): T | undefined {
  if (found === undefined && process.env["BATON_REQUIRE_SERVICES"] === "1") throw new Error(`${name} is required here and was not found: ${how}`);
  return found;
}

/** The URL of a Postgres where databases may be created: BATON_TEST_POSTGRES, else one on 127.0.0.1:5432 that trusts us. */
export async function postgresUrl(): Promise<string | undefined> {
  const given = process.env["BATON_TEST_POSTGRES"];
  const candidates = given === undefined ? ["postgres", "root"].map((user) => `postgres://${user}@${HOST}:5432/postgres`) : [given];
  for (const url of candidates) if (await mayCreateDatabases(url)) return url;
  return present("Postgres", undefined, `nobody who may create databases got in at ${candidates.join(" or ")}. Start it, or set BATON_TEST_POSTGRES.`);
}

async function mayCreateDatabases(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: WAIT_MS / 1000 });
  try {
    const rows = await sql`select 1 from pg_roles where rolname = current_user and rolcreatedb`;
    return rows.length === 1;
  } catch {
    // Not running, or not for us: either way it is not here.
    return false;
  } finally {
    await sql.end();
  }
}

/** The URL of a Redis: BATON_TEST_REDIS, else one on 127.0.0.1:6379. Use keys of your own: it is shared. */
export async function redisUrl(): Promise<string | undefined> {
  const url = process.env["BATON_TEST_REDIS"] ?? `redis://${HOST}:6379`;
  const { hostname, port } = new URL(url);
  return present("Redis", (await answersPing(hostname, Number(port || 6379))) ? url : undefined, `${url} does not answer PING.`);
}

/** The URL of a RabbitMQ: BATON_TEST_AMQP, else one on 127.0.0.1:5672 that knows the guest. Use exchanges of your own: it is shared. */
export async function amqpUrl(): Promise<string | undefined> {
  const url = process.env["BATON_TEST_AMQP"] ?? `amqp://guest:guest@${HOST}:5672`;
  const found = await connectAmqp(url, { timeout: WAIT_MS }).then(
    async (connection) => {
      await connection.close();
      return url;
    },
    () => undefined,
  );
  return present("RabbitMQ", found, `nobody got in at ${new URL(url).host}. Start it, or set BATON_TEST_AMQP.`);
}

function answersPing(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: WAIT_MS }, () => socket.write("PING\r\n"));
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("data", (chunk) => end(chunk.toString().startsWith("+PONG")));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

export function chromiumPath(): string | undefined {
  const found = [process.env["BATON_TEST_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path !== undefined && existsSync(path));
  return present("Chromium", found, "install Debian's package chromium, or set BATON_TEST_CHROMIUM to its path.");
}

export function tmuxPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return present(
    "tmux",
    folders.map((folder) => join(folder, "tmux")).find((path) => existsSync(path)),
    "install Debian's package tmux.",
  );
}

let created = 0;
/** Hundreds of schemas are thousands of files, and the disk may be busy with what others do. */
const DROP_MS = 180_000;
/**
 * A fresh, empty database for one test file, dropped when the file is done. Call it while the file is collected, not inside a test.
 * The name holds this process and a counter, so that files running at once do not meet.
 */
export async function createDatabase(server: string): Promise<string> {
  const name = `baton_test_${process.pid}_${++created}_${performance.timeOrigin.toString(36).replace(/\W/g, "")}`;
  // Asked for before anything is awaited: once a file is collected, it takes no more hooks.
  afterAll(() => asAdmin(server, (sql) => sql`drop database if exists ${sql(name)} with (force)`), DROP_MS);
  await asAdmin(server, (sql) => sql`create database ${sql(name)}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin(server: string, statement: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(server, { max: 1, onnotice: () => undefined });
  try {
    await statement(sql);
  } finally {
    await sql.end();
  }
}
