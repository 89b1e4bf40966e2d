// Postgres for the peers, the bare limit and Baton: a private server with Debian's binaries and the default settings
// (fsync on, synchronous_commit on, shared_buffers 128 MB), else the one at DATABASE_URL or 127.0.0.1:5432.
import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, freePort, startProcess } from "./owned-process.mjs";
import { until } from "./waiting.mjs";

/** @returns `{version, freshDatabase(), stop()}`, or `{missing: why}` when there is no Postgres to be had. */
export async function startPostgres() {
  const binaries = findBinaries();
  const server = binaries === undefined ? borrowServer() : await startPrivateServer(binaries);
  const { Client } = await import("pg");
  const client = new Client({ connectionString: server.url });
  try {
    await client.connect();
  } catch (error) {
    await server.stop();
    return { missing: `no Postgres binaries in /usr/lib/postgresql and none answers at ${server.url}: ${error.message}` };
  }
  const version = (await client.query("show server_version")).rows[0].server_version.split(" ")[0];
  const created = [];
  return {
    version,
    kind: server.kind,
    async freshDatabase() {
      const name = `baton_bench_${process.pid}_${created.length + 1}`;
      await client.query(`create database ${name}`);
      created.push(name);
      return { url: withDatabase(server.url, name), drop: () => client.query(`drop database if exists ${name} with (force)`) };
    },
    async stop() {
      for (const name of created) await client.query(`drop database if exists ${name} with (force)`);
      await client.end();
      await server.stop();
    },
  };
}

/** After rows were inserted in bulk: statistics and visibility as autovacuum leaves them, and no checkpoint of theirs in a measured window. */
export async function settle(client) {
  await client.query("vacuum (analyze)");
  const { rows } = await client.query("select current_setting('is_superuser') = 'on' as allowed");
  if (rows[0].allowed) await client.query("checkpoint");
}

function findBinaries() {
  const home = "/usr/lib/postgresql";
  if (!existsSync(home)) return undefined;
  const versions = readdirSync(home).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(home, version, "bin")).find((directory) => existsSync(join(directory, "initdb")));
}

/** A server that refuses to run as root runs as Debian's user for it. */
function owner() {
  if (process.getuid() !== 0) return {};
  const ask = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: ask("-u"), gid: ask("-g") };
}

async function startPrivateServer(binaries) {
  const who = owner();
  const home = mkdtempSync(join(tmpdir(), "baton-bench-postgres-"));
  if (who.uid !== undefined) chownSync(home, who.uid, who.gid);
  const data = join(home, "data");
  execFileSync(join(binaries, "initdb"), ["-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C.UTF-8"], { ...who, cwd: home, stdio: "pipe" });
  const port = await freePort();
  const running = startProcess(
    join(binaries, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${home}`],
    { ...who, cwd: home },
  );
  const server = {
    kind: "private",
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    async stop() {
      await endProcess(running, "SIGINT");
      rmSync(home, { recursive: true, force: true });
    },
  };
  try {
    await until(() => isReady(binaries, port, running), { everyMs: 50, timeoutMs: 30_000, what: "the private Postgres" });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

function isReady(binaries, port, { child, said }) {
  if (child.exitCode !== null) throw new Error(`The private Postgres ended with code ${child.exitCode}: ${said()}`);
  return spawnSync(join(binaries, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]).status === 0;
}

function borrowServer() {
  return { kind: "borrowed", url: process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres", stop: async () => undefined };
}

function withDatabase(url, name) {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
