// Postgres and Redis of a test's own, on ports of their own, to be killed and started again as it likes.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";

export interface PrivateServer {
  readonly name: string;
  readonly url: string;
  readonly isUp: boolean;
  /** Resolves when it answers. What it kept is there again. */
  start(): Promise<void>;
  /** kill -9. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ends it, and takes away all it kept. */
  remove(): Promise<void>;
}
interface Kind {
  name: string;
  url: string;
  folder: string;
  launch(): ChildProcess;
  answers(child: ChildProcess): Promise<boolean>;
}
const START_MS = 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function serverOf({ name, url, folder, launch, answers }: Kind): PrivateServer {
  let child: ChildProcess | undefined;
  let isUp = false;
  let isRemoved = false;
  const kill = async (): Promise<void> => {
    isUp = false;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return {
    name,
    url,
    get isUp() {
      return isUp;
    },
    start: async () => {
      const deadline = Date.now() + START_MS;
      // Children of one that was killed may hold what it needs for a moment longer: it ends, and is started again.
      do {
        if (!child || child.exitCode !== null || child.signalCode !== null) child = launch();
        await pause(20);
        isUp = await answers(child);
      } while (!isUp && !isRemoved && Date.now() < deadline);
      if (!isUp) throw new Error(`${name} did not answer at ${url} within ${START_MS} ms.`);
    },
    kill,
    remove: async () => {
      isRemoved = true;
      await kill();
      // Its children may still write for a moment.
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

export async function openRedis(): Promise<PrivateServer> {
  const folder = mkdtempSync(join(tmpdir(), "baton-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const launch = (): ChildProcess =>
    spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""], { stdio: ["ignore", "ignore", "inherit"] });
  const answers = async (): Promise<boolean> => spawnSync("redis-cli", ["-p", String(port), "ping"], { encoding: "utf8" }).stdout.trim() === "PONG";
  return serverOf({ name: "redis", url, folder, launch, answers });
}

const DEBIAN = "/usr/lib/postgresql";
/** The folder of its programs: where Debian has them. */
function postgresPrograms(): string {
  const newest = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  if (newest === undefined) throw new Error(`There is no Postgres in ${DEBIAN}.`);
  return join(DEBIAN, newest, "bin");
}
/** It refuses to run as root: then it runs as the user that Debian's package made. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}
export async function openPostgresServer(): Promise<PrivateServer> {
  const [programs, user] = [postgresPrograms(), postgresUser()];
  const folder = mkdtempSync(join(tmpdir(), "baton-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  const port = await freePort();
  const data = join(folder, "data");
  const asUser = { cwd: folder, env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" }, ...user };
  const made = spawnSync(join(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], { ...asUser, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  // Killing a process loses nothing that it has handed to the system: without fsync it is as durable here, and the disk is not kept busy.
  const options = [`-p${port}`, `-k${folder}`, "-clisten_addresses=127.0.0.1", "-cfsync=off", "-cmax_connections=60", "-clogging_collector=off"];
  const launch = (): ChildProcess => spawn(join(programs, "postgres"), ["-D", data, ...options], { ...asUser, stdio: "ignore" });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const answers = async (): Promise<boolean> => {
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
    try {
      await sql`select 1`;
      return true;
    } catch {
      // Starting, recovering, or not there: asked again.
      return false;
    } finally {
      await sql.end({ timeout: 0 });
    }
  };
  return serverOf({ name: "postgres", url, folder, launch, answers });
}
